use serde_json::json;

use super::*;

const LOGIN: &str = "activeDirectoryEndpointUrl";
const ARM: &str = "resourceManagerEndpointUrl";

fn with(pairs: &[(&str, Value)]) -> Result<AuthFile, Error> {
    let mut document =
        json!({ "clientId": "app", "clientSecret": "canary", "tenantId": "contoso.com", "x": 1 });
    for (name, value) in pairs {
        document[*name] = value.clone();
    }
    AuthFile::parse(document.to_string().as_bytes(), PlainHttp::OnLoopback)
}

fn at(login: &str, arm: &str) -> Result<AuthFile, Error> {
    with(&[(LOGIN, login.into()), (ARM, arm.into())])
}

fn authority(address: &str) -> Authority {
    Authority::new(address, PlainHttp::OnLoopback).unwrap()
}

#[test]
fn every_cloud_with_slashes_or_without() {
    // As the tool writes them, and as the sample of the document has them.
    for (login, arm, cloud) in [
        ("https://login.microsoftonline.com", "https://management.azure.com/", Cloud::PUBLIC),
        ("https://login.microsoftonline.com/", "https://management.azure.com", Cloud::PUBLIC),
        ("https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn", Cloud::CHINA),
        ("https://login.microsoftonline.us", "https://management.usgovcloudapi.net/", Cloud::US_GOVERNMENT),
    ] {
        let file = at(login, arm).unwrap();
        assert_eq!(file.authority(None).unwrap().cloud(), Some(cloud));
        let manager = file.resource_manager(None).unwrap();
        assert_eq!(format!("https://{}", manager.endpoint().host()), cloud.resource_manager.unwrap());
        assert_eq!(manager.request().scopes().joined(), cloud.resource_manager_scope.unwrap());
    }
    let of_manager = with(&[(ARM, "https://management.usgovcloudapi.net/".into())]).unwrap();
    assert_eq!(of_manager.authority(None).unwrap().cloud(), Some(Cloud::US_GOVERNMENT));
    assert_eq!(with(&[]).unwrap().authority(None).unwrap().cloud(), Some(Cloud::PUBLIC));
}

#[test]
fn both_forms_and_both_proofs() {
    let plain = br#"{"appId":"app","displayName":"ml-auth","password":"canary","tenant":"contoso.com"}"#;
    let file = AuthFile::parse(plain, PlainHttp::Refused).unwrap();
    assert_eq!((file.client_id(), file.tenant().as_str()), ("app", "contoso.com"));
    assert!(matches!(file.proof(), AuthProof::Secret(secret) if secret.expose() == "canary"));
    assert!(!format!("{file:?}").contains("canary"));
    let certified = with(&[("clientSecret", Value::Null), ("clientCertificate", "/a.pem".into())]).unwrap();
    assert!(matches!(certified.proof(), AuthProof::Certificate(path) if path.as_os_str() == "/a.pem"));
    assert_eq!(certified.credential(authority("public")).unwrap().name(), "client-certificate");
    assert_eq!(with(&[]).unwrap().credential(authority("public")).unwrap().name(), "client-secret");
    let marked = [b"\xef\xbb\xbf".as_slice(), plain].concat();
    assert!(AuthFile::parse(&marked, PlainHttp::Refused).is_ok());
}

#[test]
fn the_secret_goes_to_no_host_of_the_files_own_choosing() {
    for (login, arm) in [
        ("https://login.microsoftonline.com.evil.example", "https://management.azure.com"),
        ("https://evil.example", "https://management.azure.com"),
        ("https://login.microsoftonline.com", "https://management.azure.com.evil.example"),
        ("https://evil.example", "https://evil.example"),
    ] {
        let file = at(login, arm).unwrap();
        let errors = [file.authority(None).err(), file.resource_manager(None).err()];
        let error = errors.into_iter().flatten().next().expect("one of them is refused");
        assert_eq!(error.kind(), ErrorKind::Configuration, "{login} {arm}");
        assert!(!error.to_string().contains("canary"));
    }
    for (login, arm) in [
        ("http://login.microsoftonline.com", "https://management.azure.com"),
        ("https://u@login.microsoftonline.com", "https://management.azure.com"),
        ("https://login.microsoftonline.com", "https://management.chinacloudapi.cn"),
        ("https://login.microsoftonline.de", "https://management.microsoftazure.de"),
    ] {
        assert!(at(login, arm).is_err(), "{login} {arm}");
    }
    // What is configured as well is trusted; what is configured otherwise is a contradiction.
    let own = at("https://login.private.example", "https://arm.private.example/").unwrap();
    assert!(own.authority(Some(&authority("https://login.private.example"))).is_ok());
    assert!(own.authority(Some(&authority("https://other.example"))).is_err());
    assert!(own.authority(Some(&authority("public"))).is_err());
    let manager = |address: &str| {
        let endpoint = Endpoint::authority(address, PlainHttp::OnLoopback).unwrap();
        ResourceManager::of_cloud(Cloud::PUBLIC).unwrap().at(endpoint)
    };
    assert!(own.resource_manager(Some(&manager("https://arm.private.example"))).is_ok());
    assert!(own.resource_manager(Some(&manager("https://arm.private.example:8443"))).is_err());
    let public = at("https://login.microsoftonline.com", "https://management.azure.com/").unwrap();
    assert!(public.authority(Some(&authority("usgov"))).is_err());
    assert!(public.resource_manager(Some(&manager("https://management.usgovcloudapi.net"))).is_err());
    // An emulator on this machine plays the public cloud, and no other.
    let emulator = "http://127.0.0.1:1";
    assert!(public.authority(Some(&authority(emulator))).unwrap().host().is_loopback());
    assert!(public.resource_manager(Some(&manager(emulator))).unwrap().endpoint().is_loopback());
    let china = at("https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn").unwrap();
    assert!(china.authority(Some(&authority(emulator))).is_err());
    assert!(china.resource_manager(Some(&manager(emulator))).is_err());
}

#[test]
fn what_is_wrong_is_said() {
    for (pairs, said) in [
        (&[("clientId", Value::Null)][..], "lacks clientId"),
        (&[("tenantId", "".into())], "tenantId is empty"),
        (&[("tenantId", "a b".into())], "tenant id"),
        (&[("clientSecret", "<client-secret>".into())], "placeholder"),
        (&[("clientSecret", 7.into())], "not a text"),
        (&[("clientSecret", Value::Null)], "lacks clientSecret"),
        (&[("clientSecret", Value::Null), ("clientCertificate", Value::Null)], "does not say where"),
        (&[("clientCertificate", "/a.pem".into())], "both"),
    ] {
        let error = with(pairs).unwrap_err();
        assert!(error.to_string().contains(said), "{pairs:?}: {error}");
    }
    let wide: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(AuthFile::parse(&wide, PlainHttp::Refused).unwrap_err().to_string().contains("UTF-16"));
}
