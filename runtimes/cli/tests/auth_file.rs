//! An app by its file, as `az ad sp create-for-rbac --json-auth` prints it.

#![cfg(unix)]

mod support;

use entrada_emulator::{Config, world};
use serde_json::json;
use support::asking::{is_app, is_usage};
use support::{Files, address, at, emulator, run, run_with_input};

/// A service principal's file, as `az ad sp create-for-rbac --json-auth` prints it.
fn auth_file(pairs: &[(&str, serde_json::Value)]) -> String {
    let mut document = json!({
        "clientId": world::APP, "clientSecret": world::SECRET, "subscriptionId": world::SUBSCRIPTION,
        "tenantId": world::TENANT,
        "activeDirectoryEndpointUrl": "https://login.microsoftonline.com",
        "resourceManagerEndpointUrl": "https://management.azure.com/",
        "managementEndpointUrl": "https://management.core.windows.net/",
    });
    for (name, value) in pairs {
        document[*name] = value.clone();
    }
    format!("{document:#}")
}

#[test]
fn a_service_principals_file() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let file = files.put("sp.json", auth_file(&[]));
    let fixed = ["token", "--resource", "https://management.azure.com", "--error-format", "json"];
    let ask = |more: &[&str]| run(at(&server), fixed.iter().chain(more));
    // The emulator plays the public cloud; the variables are not asked, nor is the chain.
    is_app(&ask(&["--auth-file", &file]), "client-secret", world::APP_OBJECT);
    is_app(
        &ask(&["--auth-file", &file, "--credential", "client-secret"]),
        "client-secret",
        world::APP_OBJECT,
    );
    let input = auth_file(&[]);
    let piped = run_with_input(at(&server), fixed.iter().chain(&["--auth-file", "-"]), &input);
    is_app(&piped, "client-secret", world::APP_OBJECT);
    let pem = files.put("client.pem", world::CERTIFICATE_PEM);
    let certified = [
        ("clientId", json!(world::CERTIFICATE_APP)),
        ("clientSecret", json!(null)),
        ("clientCertificate", json!(pem)),
    ];
    let certified = files.put("certified.json", auth_file(&certified));
    is_app(&ask(&["--auth-file", &certified]), "client-certificate", world::CERTIFICATE_APP_OBJECT);
    let names = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP, "-w", world::WORKSPACE];
    let show = ["workspace", "show", "-o", "json", "--auth-file", &file];
    let shown = run(at(&server), show.iter().chain(&names));
    assert_eq!(shown.json()["identity"]["objectId"], world::APP_OBJECT, "{shown:?}");
    let scope = format!("/subscriptions/{}", world::SUBSCRIPTION);
    for verb in [&["sp", "show", world::APP][..], &["role", "list", "--scope", &scope]] {
        let done = run(at(&server), verb.iter().chain(&["--auth-file", &file]));
        assert_eq!(done.code, 0, "{done:?}");
    }
    let own = [
        ("activeDirectoryEndpointUrl", json!(address(&server))),
        ("resourceManagerEndpointUrl", json!(address(&server))),
    ];
    let own = files.put("own.json", auth_file(&own));
    is_app(&ask(&["--auth-file", &own]), "client-secret", world::APP_OBJECT);

    let before = server.requests().len();
    let usage = |more: &[&str], said: &str| is_usage(&ask(&[&["--auth-file", &file], more].concat()), said);
    usage(&["--tenant-id", "fabrikam.com"], "--tenant-id");
    usage(&["--client-id", world::API], "--client-id");
    usage(&["--client-secret-file", &file], "--client-secret-file");
    usage(&["--certificate", &pem], "--certificate");
    usage(&["--authority", "usgov"], "configured");
    usage(&["--arm-endpoint", "https://management.usgovcloudapi.net"], "configured");
    usage(&["--credential", "azure-cli"], "--auth-file");
    for (name, pairs, said) in [
        (
            "china.json",
            vec![("resourceManagerEndpointUrl", json!("https://management.chinacloudapi.cn"))],
            "AzureChinaCloud",
        ),
        (
            "evil.json",
            vec![("activeDirectoryEndpointUrl", json!("https://login.evil.example"))],
            "no known cloud",
        ),
        (
            "arm.json",
            vec![("resourceManagerEndpointUrl", json!("https://arm.evil.example"))],
            "no known cloud",
        ),
        ("half.json", vec![("clientSecret", json!("<secret>"))], "placeholder"),
    ] {
        let file = files.put(name, auth_file(&pairs));
        is_usage(&ask(&["--auth-file", &file]), said);
    }
    is_usage(&ask(&["--auth-file", "/nowhere/sp.json"]), "/nowhere/sp.json");
    let wide: Vec<u8> =
        format!("\u{feff}{}", auth_file(&[])).encode_utf16().flat_map(u16::to_le_bytes).collect();
    is_usage(&ask(&["--auth-file", &files.put("wide.json", wide)]), "UTF-16");
    assert_eq!(server.requests().len(), before, "nothing is asked of anybody");
}
