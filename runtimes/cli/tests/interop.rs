//! Microsoft's identity libraries for Python and Node against the emulator that our own tests rely on.

mod support;

use std::process::Command;

use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world};
use serde_json::json;
use support::{Files, code, run};

/// An emulator, and a file that tells a library's script all about it.
fn told() -> (Server, Files, String) {
    let files = Files::new();
    let options = Options { https: true, ..Options::default() };
    let mut config = Config::default();
    config.policy.device_interval = 1;
    let server = Server::start(config, [7; 32], options).unwrap();
    let now = server.now();
    let assertion = server.with(|emulator| {
        emulator.federated_token(world::CLUSTER_ISSUER, world::CLUSTER_SUBJECT, world::TOKEN_EXCHANGE, now)
    });
    let (http, https) = (server.http_url().unwrap(), server.https_url().unwrap());
    let job = world::PIPELINES_URI.strip_prefix("https://dev.azure.com").unwrap();
    let user = ["token", "--credential", "username-password", "--username", world::USER, "-o", "raw"];
    let password = ["--password-file", &files.put("password", world::PASSWORD), "--scope", world::API_SCOPE];
    let caller = run(support::at(&server), user.iter().chain(&password)).stdout;
    let facts = json!({
        "http": http, "https": https, "ca": server.ca_path().unwrap(),
        "tenant": world::TENANT,
        "app": world::APP, "app_object": world::APP_OBJECT, "secret": world::SECRET,
        "system_identity_object": world::SYSTEM_IDENTITY_OBJECT,
        "user_identity": world::USER_IDENTITY, "user_identity_object": world::USER_IDENTITY_OBJECT,
        "certificate_app": world::CERTIFICATE_APP, "certificate_app_object": world::CERTIFICATE_APP_OBJECT,
        "subject_name_app": world::SUBJECT_NAME_APP, "subject_name_app_object": world::SUBJECT_NAME_APP_OBJECT,
        "pem": files.put("client.pem", world::CERTIFICATE_PEM),
        "pfx": files.put("client.pfx", world::CERTIFICATE_PFX), "pfx_password": world::CERTIFICATE_PFX_PASSWORD,
        "renewed": files.put("renewed.pem", world::RENEWED_CERTIFICATE_PEM),
        "federated_app": world::FEDERATED_APP, "federated_app_object": world::FEDERATED_APP_OBJECT,
        "assertion_file": files.put("assertion", assertion),
        "oidc_request_uri": format!("{https}{job}"),
        "service_connection": world::SERVICE_CONNECTION, "system_access_token": world::SYSTEM_ACCESS_TOKEN,
        "developer_client": world::DEVELOPER_CLIENT,
        "user": world::USER, "password": world::PASSWORD, "user_object": world::USER_OBJECT,
        "mfa_user": world::MFA_USER, "mfa_password": world::MFA_PASSWORD,
        "federated_user": world::FEDERATED_USER, "federated_password": world::FEDERATED_PASSWORD,
        "federated_user_object": world::FEDERATED_USER_OBJECT,
        "api": world::API, "api_secret": world::API_SECRET, "api_scope": world::API_SCOPE,
        "caller": caller.trim(),
        "code": code(&server, world::APP, world::APP_REDIRECT, None), "redirect_uri": world::APP_REDIRECT,
    });
    let facts = files.put("world.json", facts.to_string());
    (server, files, facts)
}

/// Runs a script, which says so at its end when all is well.
fn agrees(command: &mut Command, said: &str) {
    let output = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && stdout.contains(said), "{stdout}\n{stderr}");
}

#[test]
fn azure_identity_for_python() {
    let Some(python) = std::env::var_os("ENTRADA_PYTHON") else {
        eprintln!("SKIPPED: ENTRADA_PYTHON names no Python with azure-identity");
        return;
    };
    let (_server, _files, facts) = told();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/suite/interop/azure_identity.py");
    agrees(Command::new(python).args([script, &facts]), "azure-identity agrees");
}

#[test]
fn azure_identity_for_node() {
    let Some(folder) = std::env::var_os("ENTRADA_NODE") else {
        eprintln!("SKIPPED: ENTRADA_NODE names no folder with @azure/identity for node");
        return;
    };
    let (server, _files, facts) = told();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/suite/interop/azure_identity.mjs");
    let mut node = Command::new("node");
    node.arg(script).arg(folder).arg(facts).env("NODE_EXTRA_CA_CERTS", server.ca_path().unwrap());
    agrees(&mut node, "@azure/identity agrees");
}
