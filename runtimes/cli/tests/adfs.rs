//! People and APIs at an AD FS, which is a tenant of that name.

#![cfg(unix)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use entrada_emulator::person::Person;
use entrada_emulator::serve::Server;
use entrada_emulator::{Config, world};
use serde_json::{Value, json};
use support::asking::ask;
use support::{Ended, Files, address, at, code_of, emulator, on_device, run};

/// Without a tenant of its own: the options name it.
const ADFS: [&str; 2] = ["--tenant-id", "adfs"];

fn lin() -> Person {
    let (username, password) = (world::FEDERATED_USER.into(), world::FEDERATED_PASSWORD.into());
    Person { username, password, ..Person::default() }
}

fn adfs() -> Server {
    let mut config = Config::default();
    config.policy.device_interval = 1;
    emulator(config)
}

fn app(server: &Server, client: &str) -> Command {
    let mut command = at(server);
    command.env("AZURE_CLIENT_ID", client);
    command
}

fn with(command: Command, credential: &str, more: &[&str]) -> Ended {
    ask(command, credential, &[&ADFS[..], more].concat())
}

#[track_caller]
fn is_lin(ended: &Ended, credential: &str) {
    assert_eq!(ended.code, 0, "{ended:?}");
    let token = ended.json();
    assert_eq!(
        (&token["source"], &token["identity"]["username"]),
        (&json!(credential), &json!(world::FEDERATED_USER)),
        "{token}"
    );
}

/// The file whose name begins like this.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths = paths.collect::<Vec<_>>().into_iter();
    paths.find_map(|path| match path.is_dir() {
        true => find(&path, name),
        false => path.file_name()?.to_str()?.starts_with(name).then(|| path.clone()),
    })
}

#[test]
fn a_password_and_what_an_api_makes_of_it() {
    let (server, files) = (adfs(), Files::new());
    let password = files.put("password", world::FEDERATED_PASSWORD);
    let user = ["--username", world::FEDERATED_USER, "--password-file", &password];
    let ended = with(at(&server), "username-password", &user);
    is_lin(&ended, "username-password");
    assert!(ended.stderr.contains("/adfs/oauth2/token") && !ended.stderr.contains("userrealm"), "{ended:?}");
    let caller = ["token", "--credential", "username-password", "-o", "raw", "--scope", world::API_SCOPE];
    let caller = run(at(&server), caller.iter().chain(&ADFS).chain(&user)).stdout;
    let caller = files.put("caller", caller);
    let pem = files.put("client.pem", world::CERTIFICATE_PEM);
    let secret = files.put("secret", world::API_SECRET);
    for proof in [["--certificate", &pem], ["--client-secret-file", &secret]] {
        let options = [&["--user-assertion-file", caller.as_str()], &proof[..]].concat();
        is_lin(&with(app(&server, world::API), "on-behalf-of", &options), "on-behalf-of");
    }
    // Entra's people are nobody here, and what is refused has no number of Entra's.
    let password = files.put("other", world::PASSWORD);
    let ended =
        with(at(&server), "username-password", &["--username", world::USER, "--password-file", &password]);
    assert_eq!((ended.code, &ended.error()["aadsts"]), (1, &Value::Null), "{ended:?}");
    assert_eq!(ended.error()["error"], "refused", "{ended:?}");
    assert!(
        ended.error()["remedy"].as_str().is_some_and(|remedy| remedy.contains("check both")),
        "{ended:?}"
    );
    assert!(ended.stderr.contains("MSIS"), "{ended:?}");
}

#[test]
fn a_code_and_the_refresh_token_that_comes_with_it() {
    let (server, files) = (adfs(), Files::new());
    let secret = files.put("secret", world::SECRET);
    let parameters = [
        ("client_id", world::APP.to_owned()),
        ("response_type", "code".to_owned()),
        ("redirect_uri", world::APP_REDIRECT.to_owned()),
        ("scope", format!("{} openid offline_access", world::MANAGEMENT_SCOPE)),
    ];
    let page = format!("{}/adfs/oauth2/authorize", address(&server));
    let code = code_of(&server, &page, &parameters, &lin());
    let code = files.put("code", code);
    let options = ["--authorization-code-file", &code, "--redirect-uri", world::APP_REDIRECT];
    let proof = ["--client-secret-file", secret.as_str()];
    let ended = with(app(&server, world::APP), "authorization-code", &[&options[..], &proof].concat());
    is_lin(&ended, "authorization-code");
    let token = server.with(|emulator| emulator.refresh_tokens().next().unwrap().to_owned());
    let refresh = files.put("refresh", &token);
    let options = [&["--refresh-token-file", refresh.as_str()], &proof[..]].concat();
    let ended = with(app(&server, world::APP), "refresh-token", &options);
    is_lin(&ended, "refresh-token");
    ended.keeps([&token]);
    // It is worth nothing at Entra.
    let ended = ask(
        app(&server, world::APP),
        "refresh-token",
        &[&["--tenant-id", world::TENANT], &options[..]].concat(),
    );
    assert_eq!(ended.error()["aadsts"], json!([50_020]), "{ended:?}");
}

#[test]
fn a_device_and_the_session_that_is_kept() {
    let server = adfs();
    let resource = ["--resource", "https://management.azure.com"];
    let token = [&["token", "--credential", "device-code"], &ADFS[..], &resource].concat();
    is_lin(&on_device(&server, at(&server), &token, &lin()), "device-code");

    let home = tempfile::tempdir().unwrap();
    let at_home = || {
        let mut command = at(&server);
        command.env("HOME", home.path()).env("ENTRADA_TOKEN_CACHE", "plaintext");
        command
    };
    let login = [&["login", "--device-code", "-o", "json"], &ADFS[..]].concat();
    let ended = on_device(&server, at_home(), &login, &lin());
    assert_eq!(ended.code, 0, "{ended:?}");
    // Without a client info the account goes by the id token's subject (MSAL's cache, unified schema).
    let kept = find(home.path(), "msal.cache").expect("a cache file");
    let kept: Value = serde_json::from_slice(&std::fs::read(kept).unwrap()).unwrap();
    let accounts = kept["Account"].as_object().unwrap();
    let account = accounts.values().next().unwrap();
    for (name, value) in [("authority_type", "ADFS"), ("realm", "adfs"), ("username", world::FEDERATED_USER)]
    {
        assert_eq!(account[name], value, "{account}");
    }
    let home_account = account["home_account_id"].as_str().unwrap();
    assert!(accounts.len() == 1 && !home_account.is_empty() && !home_account.contains('.'), "{account}");
    let before = server.with(|emulator| emulator.token_requests());
    let silent = [&["token", "--credential", "shared-cache"], &ADFS[..], &resource].concat();
    is_lin(&run(at_home(), &silent), "shared-cache");
    let other = ["--resource", "https://vault.azure.net"];
    let silent = [&["token", "--credential", "shared-cache"], &ADFS[..], &other].concat();
    is_lin(&run(at_home(), &silent), "shared-cache");
    assert!(server.with(|emulator| emulator.token_requests()) > before);
}
