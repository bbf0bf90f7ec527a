//! People without a browser of the command's: a code that came already, a refresh token, a password.

#![cfg(unix)]

mod support;

use std::process::Command;

use entrada_emulator::{Config, world};
use serde_json::json;
use support::{Ended, Files, as_app, at, at_https, code, emulator, run, run_with_input, secure_emulator};

const VERIFIER: &str = "a-verifier-of-fifty-characters-that-nobody-guesses";

fn ask(command: Command, credential: &str, more: &[&str]) -> Ended {
    let fixed = ["token", "--resource", "https://management.azure.com", "--error-format", "json", "-vv"];
    run(command, fixed.iter().copied().chain(["--credential", credential]).chain(more.iter().copied()))
}

#[track_caller]
fn is_person(ended: &Ended, credential: &str, username: &str) {
    assert_eq!(ended.code, 0, "{ended:?}");
    let token = ended.json();
    assert_eq!((&token["source"], &token["identity"]["username"]), (&json!(credential), &json!(username)));
}

#[track_caller]
fn refused(ended: &Ended, code: i32, kind: &str, numbers: &[u64]) {
    let error = ended.error();
    assert_eq!((ended.code, error["error"].as_str()), (code, Some(kind)), "{ended:?}");
    let told: Vec<_> =
        error["aadsts"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_u64).collect();
    assert_eq!(told, numbers, "{ended:?}");
    assert!(error["remedy"].as_str().is_some_and(|remedy| remedy.len() > 10), "{ended:?}");
}

#[track_caller]
fn is_usage(ended: &Ended, said: &str) {
    assert_eq!(ended.code, 2, "{ended:?}");
    let error = ended.error();
    let text = format!("{} {}", error["message"], error["remedy"]);
    assert!(text.contains(said), "{said}: {ended:?}");
}

#[test]
fn a_code_that_came_back() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let secret = files.put("secret", world::SECRET);
    let verifier = files.put("verifier", format!("{VERIFIER}\n"));
    let app = ["--client-secret-file", &secret, "--redirect-uri", world::APP_REDIRECT];
    let redeem = |code: &str, more: &[&str]| {
        let file = files.put("code", format!("{code}\n"));
        let mut command = as_app(&server);
        command.env_remove("AZURE_CLIENT_SECRET");
        let ended =
            ask(command, "authorization-code", &[&["--authorization-code-file", &file], more].concat());
        ended.keeps([code, VERIFIER]);
        ended
    };
    let plain = code(&server, world::APP, world::APP_REDIRECT, None);
    is_person(&redeem(&plain, &app), "authorization-code", world::USER);
    refused(&redeem(&plain, &app), 1, "refused", &[54_005]);
    let proven = code(&server, world::APP, world::APP_REDIRECT, Some(VERIFIER));
    let with_verifier = [&app[..], &["--code-verifier-file", &verifier]].concat();
    is_person(&redeem(&proven, &with_verifier), "authorization-code", world::USER);
    // A public client has a verifier and no secret.
    let code_of_tool = code(&server, world::DEVELOPER_CLIENT, "http://localhost", Some(VERIFIER));
    let tool = ["--redirect-uri", "http://localhost", "--code-verifier-file", &verifier];
    let tool = [&tool[..], &["--client-id", world::DEVELOPER_CLIENT]].concat();
    is_person(&redeem(&code_of_tool, &tool), "authorization-code", world::USER);

    let other = files.put("other", "another-verifier-of-fifty-characters-or-thereabouts");
    let wrong = [&app[..], &["--code-verifier-file", &other]].concat();
    for (code, more, number) in [
        (code(&server, world::APP, world::APP_REDIRECT, Some(VERIFIER)), &app[..], 50_148),
        (code(&server, world::APP, world::APP_REDIRECT, Some(VERIFIER)), &wrong, 501_481),
        ("canary-of-no-code".to_owned(), &app, 9_002_313),
    ] {
        let ended = redeem(&code, more);
        assert_eq!(ended.error()["aadsts"], json!([number]), "{ended:?}");
        assert!(matches!(ended.code, 1 | 4), "{ended:?}");
    }
    is_usage(&redeem(&plain, &[]), "--redirect-uri");
    is_usage(&ask(as_app(&server), "authorization-code", &app[..4]), "--authorization-code-file");
    let both =
        ["--authorization-code-file", "-", "--code-verifier-file", "-", "--redirect-uri", "http://localhost"];
    is_usage(
        &ask(as_app(&server), "authorization-code", &both),
        "--authorization-code-file and --code-verifier-file",
    );
}

#[test]
fn a_refresh_token() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let secret = files.put("secret", world::SECRET);
    let code = code(&server, world::APP, world::APP_REDIRECT, None);
    let file = files.put("code", &code);
    let options = ["--authorization-code-file", &file, "--redirect-uri", world::APP_REDIRECT];
    assert_eq!(ask(as_app(&server), "authorization-code", &options).code, 0);
    let token = server.with(|emulator| emulator.refresh_tokens().next().unwrap().to_owned());
    let file = files.put("refresh", format!("{token}\r\n"));
    let mut command = as_app(&server);
    command.env_remove("AZURE_CLIENT_SECRET");
    let ended =
        ask(command, "refresh-token", &["--refresh-token-file", &file, "--client-secret-file", &secret]);
    is_person(&ended, "refresh-token", world::USER);
    ended.keeps([&token]);
    let from_input = ["token", "--credential", "refresh-token", "--refresh-token-file", "-", "--resource"];
    let from_input = from_input.into_iter().chain(["https://management.azure.com"]);
    is_person(&run_with_input(as_app(&server), from_input, &token), "refresh-token", world::USER);

    // It is the app's alone, and worth nothing after it was revoked.
    let mut command = at(&server);
    command.env("AZURE_TENANT_ID", world::TENANT);
    let ended = ask(command, "refresh-token", &["--refresh-token-file", &file]);
    assert_eq!((ended.code, &ended.error()["suberror"]), (1, &json!("client_mismatch")), "{ended:?}");
    assert!(server.with(|emulator| emulator.revoke(&token)));
    let ended = ask(as_app(&server), "refresh-token", &["--refresh-token-file", &file]);
    assert_eq!((ended.code, ended.error()["error"].as_str()), (4, Some("interaction-required")), "{ended:?}");
    assert!(ended.error()["remedy"].is_string());
    ended.keeps([&token]);
    is_usage(&ask(as_app(&server), "refresh-token", &[]), "--refresh-token-file");
    is_usage(
        &ask(as_app(&server), "refresh-token", &["--refresh-token-file", &files.put("empty", "")]),
        "empty",
    );
}

#[test]
fn a_secret_of_the_variables_proves_their_app_alone() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let verifier = files.put("verifier", VERIFIER);
    let code = files.put("code", code(&server, world::DEVELOPER_CLIENT, "http://localhost", Some(VERIFIER)));
    let tool = ["--client-id", world::DEVELOPER_CLIENT];
    let options = ["--authorization-code-file", &code, "--code-verifier-file", &verifier];
    let options = [&options[..], &tool, &["--redirect-uri", "http://localhost"]].concat();
    is_person(&ask(as_app(&server), "authorization-code", &options), "authorization-code", world::USER);
    let token = server.with(|emulator| emulator.refresh_tokens().next().unwrap().to_owned());
    let refresh = files.put("refresh", &token);
    // Public clients are refused where a secret comes along (AADSTS700025).
    let redeem = |command: Command, more: &[&str]| {
        ask(command, "refresh-token", &[&["--refresh-token-file", &refresh], more].concat())
    };
    is_person(&redeem(as_app(&server), &tool), "refresh-token", world::USER);
    let mut command = as_app(&server);
    command.env_remove("AZURE_CLIENT_ID");
    is_person(&redeem(command, &[]), "refresh-token", world::USER);
    // Where the options name it, or nobody names another, the secret is the app's.
    let secret = files.put("secret", world::SECRET);
    let given = [&tool[..], &["--client-secret-file", &secret]].concat();
    assert_eq!(redeem(as_app(&server), &given).error()["aadsts"], json!([700_025]));
    let mut command = as_app(&server);
    command.env_remove("AZURE_CLIENT_ID");
    assert_eq!(redeem(command, &tool).error()["aadsts"], json!([700_025]));
    let mut command = as_app(&server);
    command.env("AZURE_CLIENT_ID", world::DEVELOPER_CLIENT);
    assert_eq!(redeem(command, &[]).error()["aadsts"], json!([700_025]));
}

#[test]
fn a_password() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let password = files.put("password", format!("{}\n", world::PASSWORD));
    let by = |user: &str, file: &str| {
        ask(at(&server), "username-password", &["--username", user, "--password-file", file])
    };
    is_person(&by(world::USER, &password), "username-password", world::USER);
    let mut command = at(&server);
    command
        .env("AZURE_TENANT_ID", world::TENANT)
        .env("AZURE_USERNAME", world::USER)
        .env("AZURE_PASSWORD", world::PASSWORD);
    is_person(&ask(command, "username-password", &[]), "username-password", world::USER);

    let wrong = files.put("wrong", "canary-of-a-wrong-password");
    let ended = by(world::USER, &wrong);
    refused(&ended, 1, "refused", &[50_126]);
    ended.keeps(["canary-of-a-wrong-password"]);
    refused(&by("nobody@contoso.onmicrosoft.com", &password), 1, "refused", &[50_034]);
    refused(&by("nobody@nowhere.example", &password), 1, "refused", &[]);
    let mfa = files.put("mfa", world::MFA_PASSWORD);
    let ended = by(world::MFA_USER, &mfa);
    refused(&ended, 4, "interaction-required", &[50_076]);
    assert_eq!(ended.error()["suberror"], "basic_action");
    let mut confidential = at(&server);
    confidential.env("AZURE_TENANT_ID", world::TENANT).env("AZURE_CLIENT_ID", world::APP);
    let user = ["--username", world::USER, "--password-file", &password];
    refused(&ask(confidential, "username-password", &user), 1, "refused", &[7_000_218]);
    let secret = files.put("secret", world::SECRET);
    let mut confidential = at(&server);
    confidential.env("AZURE_TENANT_ID", world::TENANT).env("AZURE_CLIENT_ID", world::APP);
    let proven = [&user[..], &["--client-secret-file", &secret]].concat();
    let ended = ask(confidential, "username-password", &proven);
    assert_eq!((ended.code, &ended.json()["identity"]["username"]), (0, &world::USER.into()), "{ended:?}");
    let common = [&user[..], &["--tenant-id", "common"]].concat();
    is_usage(&ask(at(&server), "username-password", &common), "organizations");
    is_usage(&ask(at(&server), "username-password", &user[..2]), "AZURE_PASSWORD");
    is_usage(&ask(at(&server), "username-password", &user[2..]), "AZURE_USERNAME");
}

#[test]
fn a_password_of_a_federated_account() {
    let (server, files) = (secure_emulator(), Files::new());
    let password = files.put("password", world::FEDERATED_PASSWORD);
    let host = server.https_url().unwrap().strip_prefix("https://").unwrap().to_owned();
    let user = ["--username", world::FEDERATED_USER, "--password-file", &password];
    let by = |more: &[&str]| ask(at_https(&server), "username-password", &[&user[..], more].concat());
    let ended = by(&["--trust-federation", &host]);
    is_person(&ended, "username-password", world::FEDERATED_USER);
    // The person that variables describe, alone and in the default chain.
    let described = |credential: &str, more: &[&str]| {
        let mut command = at_https(&server);
        command
            .env("AZURE_TENANT_ID", world::TENANT)
            .env("AZURE_CLIENT_ID", world::DEVELOPER_CLIENT)
            .env("AZURE_USERNAME", world::FEDERATED_USER)
            .env("AZURE_PASSWORD", world::FEDERATED_PASSWORD);
        ask(command, credential, more)
    };
    for credential in ["environment", "default"] {
        let ended = described(credential, &["--trust-federation", &host]);
        is_person(&ended, "environment", world::FEDERATED_USER);
    }
    // Without leave nothing but the realm was asked for, and the error names what to add.
    let before = server.with(|emulator| emulator.token_requests());
    for more in [&[][..], &["--trust-federation", "sts.other.example"], &["--trust-federation", "*"]] {
        let ended = by(more);
        refused(&ended, 2, "configuration", &[]);
        assert!(ended.stderr.contains(&format!("--trust-federation {host}")), "{ended:?}");
        for credential in ["environment", "default"] {
            refused(&described(credential, more), 2, "configuration", &[]);
        }
    }
    assert_eq!(server.with(|emulator| emulator.token_requests()), before, "no password was sent");
    let wrong = files.put("wrong", "canary-of-a-wrong-password");
    let wrong = ["--username", world::FEDERATED_USER, "--password-file", &wrong, "--trust-federation", &host];
    let ended = ask(at_https(&server), "username-password", &wrong);
    assert_eq!((ended.code, ended.error()["error"].as_str()), (1, Some("refused")), "{ended:?}");
    ended.keeps(["canary-of-a-wrong-password"]);

    // A federation service by plain http is never sent a password, not even on this machine.
    let plain = server.http_url().unwrap();
    let trusted = plain.strip_prefix("http://").unwrap();
    let mut command = at(&server);
    command.env("AZURE_TENANT_ID", world::TENANT);
    let before = server.with(|emulator| emulator.token_requests());
    let ended = ask(command, "username-password", &[&user[..], &["--trust-federation", trusted]].concat());
    assert_ne!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.contains("https"), "{ended:?}");
    assert_eq!(server.with(|emulator| emulator.token_requests()), before, "no password was sent");
}
