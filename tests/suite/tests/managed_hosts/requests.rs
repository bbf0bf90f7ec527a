//! What is sent, host by host and id by id.

use entrada_core::{Environment, ErrorKind, ManagedIdentityCredential, ManagedIdentityId, Route};
use entrada_emulator::world as w;

use super::support::{HOSTS, Host, Outcome, SECRET, Says, ask, identities, says, token};

/// The parameters for client, object and resource ids; nothing where a host refuses them.
fn names(host: Host) -> [Option<&'static str>; 3] {
    match host {
        Host::Imds | Host::Arc => [Some("client_id"), Some("object_id"), Some("msi_res_id")],
        Host::AppService => [Some("client_id"), Some("object_id"), Some("mi_res_id")],
        Host::MachineLearning => [Some("clientid"), None, None],
        Host::ServiceFabric | Host::CloudShell => [None, None, None],
    }
}

fn version(host: Host) -> Option<&'static str> {
    match host {
        Host::Imds => Some("2018-02-01"),
        Host::AppService => Some("2019-08-01"),
        Host::Arc => Some("2020-06-01"),
        Host::ServiceFabric => Some("2019-07-01-preview"),
        Host::MachineLearning => Some("2017-09-01"),
        Host::CloudShell => None,
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn well() -> [Says; 1] {
    [token(r#""expires_in":3600"#)]
}

#[test]
fn every_host_and_every_id() {
    for host in HOSTS {
        for (number, identity) in identities().iter().enumerate() {
            let case = format!("{host:?} {identity}");
            let outcome = ask(host, &host.credential(identity), &well());
            let name = number.checked_sub(1).map(|index| names(host)[index]);
            if name == Some(None) {
                let error = outcome.result.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Configuration, "{case}");
                assert!(error.remedy().is_some() && outcome.sent.is_empty(), "{case}");
                continue;
            }
            assert_eq!(outcome.result.unwrap().source(), "managed-identity", "{case}");
            let mut expected = version(host).map_or_else(String::new, |version| {
                format!("api-version={version}&resource=https%3A%2F%2Fvault.azure.net")
            });
            if host == Host::AppService {
                expected.insert_str(0, "x=1&");
            }
            if let Some(Some(name)) = name {
                let id = [w::USER_IDENTITY, w::USER_IDENTITY_OBJECT, w::USER_IDENTITY_RESOURCE][number - 1];
                expected.push_str(&format!("&{name}={}", encoded(id)));
            }
            for sent in &outcome.sent {
                assert_eq!(sent.query(), expected, "{case}");
            }
        }
    }
}

#[test]
fn method_headers_body_and_route() {
    for host in HOSTS {
        let outcome = ask(host, &host.credential(&ManagedIdentityId::SystemAssigned), &well());
        let sent = outcome.sent.last().unwrap();
        let (method, body) = match host {
            Host::CloudShell => ("POST", "resource=https%3A%2F%2Fvault.azure.net"),
            _ => ("GET", ""),
        };
        assert_eq!((sent.method.as_str(), sent.body.as_str()), (method, body), "{host:?}");
        let header = |name, wanted: bool, value| {
            assert_eq!(sent.header(name), wanted.then_some(value), "{host:?} {name}");
        };
        header("x-identity-header", host == Host::AppService, SECRET);
        header("secret", matches!(host, Host::ServiceFabric | Host::MachineLearning), SECRET);
        let metadata = [Host::Imds, Host::Arc, Host::CloudShell, Host::AppService].contains(&host);
        header("metadata", metadata, "true");
        header("content-type", host == Host::CloudShell, "application/x-www-form-urlencoded");
        header("authorization", host == Host::Arc, "Basic canary-arc-key-0123456789");
        for sent in &outcome.sent {
            match host {
                Host::ServiceFabric => assert!(matches!(sent.route, Route::Pinned(pin) if pin[0] == 0xa9)),
                _ => assert_eq!(sent.route, Route::Local, "{host:?}"),
            }
        }
    }
}

#[test]
fn a_client_id_that_the_environment_names() {
    for host in HOSTS {
        let identity = ManagedIdentityId::client_id(w::USER_IDENTITY).unwrap();
        let outcome = ask(host, &host.credential(&identity).named_by_environment(), &well());
        assert!(outcome.result.is_ok(), "{host:?}");
        let sent = outcome.sent.last().unwrap();
        let named = format!("{}{}", sent.url, sent.body).contains(w::USER_IDENTITY);
        assert_eq!(named, names(host)[0].is_some(), "{host:?}");
    }
}

fn compute(default: Option<&str>, identity: ManagedIdentityId) -> ManagedIdentityCredential {
    let environment = Host::MachineLearning.environment();
    let environment: Environment = match default {
        Some(value) => environment.with("DEFAULT_IDENTITY_CLIENT_ID", value),
        None => environment,
    };
    ManagedIdentityCredential::new(&environment, identity)
}

#[test]
fn on_a_compute_instance_the_default_identity_is_named() {
    let ask = |credential: &ManagedIdentityCredential| ask(Host::MachineLearning, credential, &well());
    let system = ManagedIdentityId::SystemAssigned;
    for (default, named) in
        [(None, false), (Some(""), false), (Some("clientid"), false), (Some(w::USER_IDENTITY), true)]
    {
        let credential = compute(default, system.clone());
        let outcome = ask(&credential);
        let expected = format!("&clientid={}", w::USER_IDENTITY);
        assert_eq!(outcome.sent[0].query().contains(&expected), named, "{default:?}");
        assert_eq!(outcome.sent[0].query().contains("clientid"), named, "{default:?}");
        // Who does not want to guess gets nothing where nobody named an identity, and sends nothing.
        let outcome = ask(&credential.refusing_to_guess());
        match named {
            true => assert!(outcome.result.is_ok()),
            false => {
                assert_eq!(outcome.result.unwrap_err().kind(), ErrorKind::Configuration);
                assert!(outcome.sent.is_empty());
            }
        }
    }
    let other = ManagedIdentityId::client_id(w::SYSTEM_IDENTITY).unwrap();
    let outcome = ask(&compute(Some(w::USER_IDENTITY), other).refusing_to_guess());
    assert!(outcome.sent[0].query().ends_with(w::SYSTEM_IDENTITY), "{:?}", outcome.sent);
}

#[test]
fn never_for_a_person() {
    let system = ManagedIdentityId::SystemAssigned;
    let shell = Host::CloudShell.credential(&system).refusing_to_guess();
    let outcome = ask(Host::CloudShell, &shell, &well());
    assert_eq!(outcome.result.unwrap_err().kind(), ErrorKind::Configuration);
    assert!(outcome.sent.is_empty());
    for host in HOSTS.into_iter().filter(|host| *host != Host::CloudShell) {
        let credential = || match host {
            Host::MachineLearning => compute(Some(w::USER_IDENTITY), system.clone()),
            _ => host.credential(&system),
        };
        // That compute says which identity it wants.
        let named = host == Host::MachineLearning;
        for (claims, kind) in [
            (r#"{"scp":"user_impersonation","upn":"ada@contoso.example"}"#, Some(ErrorKind::Refused)),
            (r#"{"idtyp":"user","appid":"c"}"#, Some(ErrorKind::Refused)),
            (r#"{"appid":"c","oid":"o"}"#, None),
            ("no claims", None),
        ] {
            let reply = [telling(claims)];
            let strict = ask(host, &credential().refusing_to_guess(), &reply);
            assert_eq!(strict.result.err().map(|error| error.kind()), kind, "{host:?} {claims}");
            let taken = ask(host, &credential(), &reply).result.map_err(|error| error.kind());
            assert_eq!(taken.err(), kind.filter(|_| named), "{host:?} {claims}");
        }
    }
}

#[test]
fn the_token_of_a_person_is_not_that_of_an_identity_that_was_named() {
    let reply = telling(r#"{"scp":"user_impersonation","upn":"ada@contoso.example"}"#);
    let refused = |outcome: Outcome, variable: &str| {
        let error = outcome.result.unwrap_err();
        assert!(outcome.sent[0].query().contains(w::USER_IDENTITY), "{:?}", outcome.sent);
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        assert!(error.remedy().unwrap().starts_with(variable), "{error}");
    };
    let client_id = || ManagedIdentityId::client_id(w::USER_IDENTITY).unwrap();
    for host in HOSTS.into_iter().filter(|host| !matches!(host, Host::CloudShell | Host::ServiceFabric)) {
        // Azure Arc has to confirm the identity first, and did not.
        if host == Host::Arc {
            continue;
        }
        let named = || host.credential(&client_id());
        let replies = std::slice::from_ref(&reply);
        refused(ask(host, &named(), replies), "assign the identity");
        refused(ask(host, &named().named_by_environment(), replies), "AZURE_CLIENT_ID");
    }
    let compute = compute(Some(w::USER_IDENTITY), ManagedIdentityId::SystemAssigned);
    refused(ask(Host::MachineLearning, &compute, std::slice::from_ref(&reply)), "DEFAULT_IDENTITY_CLIENT_ID");
    // Cloud Shell knows no names, and AZURE_CLIENT_ID may be meant for somebody else.
    let shell = Host::CloudShell.credential(&client_id()).named_by_environment();
    assert!(ask(Host::CloudShell, &shell, &[reply]).result.is_ok());
}

/// A reply whose token has these claims.
fn telling(claims: &str) -> Says {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let token = format!("{}.{}.x", encode("{}"), encode(claims));
    says(200, format!(r#"{{"access_token":"{token}","expires_in":60}}"#))
}

#[test]
fn whose_token_it_is() {
    let identity = ManagedIdentityId::SystemAssigned;
    for (claims, app, name) in [
        (r#"{"scp":"x","upn":"ada@contoso.example"}"#, Some(false), Some("ada@contoso.example")),
        (r#"{"idtyp":"app","appid":"c"}"#, Some(true), None),
    ] {
        let outcome = ask(Host::MachineLearning, &compute(None, identity.clone()), &[telling(claims)]);
        let told = outcome.result.unwrap().identity().clone();
        assert_eq!((told.is_app, told.username.as_deref()), (app, name));
    }
}
