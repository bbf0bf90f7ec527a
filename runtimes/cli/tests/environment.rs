//! `--credential environment`, each thing it can be, and options that stand for its variables.

mod support;

use std::process::Command;

use entrada_emulator::serve::Server;
use entrada_emulator::{Config, world};
use support::{Ended, Files, at, emulator, run};

fn with(server: &Server, variables: &[(&str, &str)]) -> Command {
    let mut command = at(server);
    command.envs(variables.iter().copied());
    command
}

fn ask(command: Command, more: &[&str]) -> Ended {
    let fixed = ["token", "--resource", "https://management.azure.com", "--error-format", "json"];
    run(command, fixed.iter().copied().chain(["--credential", "environment"]).chain(more.iter().copied()))
}

#[track_caller]
fn speaks_for(ended: &Ended, object: &str) {
    assert_eq!(ended.code, 0, "{ended:?}");
    let token = ended.json();
    assert_eq!(token["source"], "environment");
    assert_eq!(token["identity"]["objectId"], object, "{ended:?}");
}

fn file(path: &str) -> (&'static str, &str) {
    ("AZURE_CLIENT_CERTIFICATE_PATH", path)
}

const TENANT: (&str, &str) = ("AZURE_TENANT_ID", world::TENANT);
const APP: (&str, &str) = ("AZURE_CLIENT_ID", world::APP);
const SECRET: (&str, &str) = ("AZURE_CLIENT_SECRET", world::SECRET);
const CERTIFIED: (&str, &str) = ("AZURE_CLIENT_ID", world::CERTIFICATE_APP);
const TOOL: (&str, &str) = ("AZURE_CLIENT_ID", world::DEVELOPER_CLIENT);
const USER: (&str, &str) = ("AZURE_USERNAME", world::USER);
const PASSWORD: (&str, &str) = ("AZURE_PASSWORD", world::PASSWORD);

#[test]
fn each_combination_of_variables() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let (pem, pfx) = (files.put("c.pem", world::CERTIFICATE_PEM), files.put("c.pfx", world::CERTIFICATE_PFX));
    let renewed = files.put("renewed.pem", world::RENEWED_CERTIFICATE_PEM);
    let pfx_password = ("AZURE_CLIENT_CERTIFICATE_PASSWORD", world::CERTIFICATE_PFX_PASSWORD);
    let chain = ("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "true");
    let by_subject = ("AZURE_CLIENT_ID", world::SUBJECT_NAME_APP);
    for (variables, object) in [
        (&[TENANT, APP, SECRET][..], world::APP_OBJECT),
        (&[TENANT, APP, SECRET, file(&pem), USER, PASSWORD], world::APP_OBJECT),
        (&[TENANT, CERTIFIED, file(&pem)], world::CERTIFICATE_APP_OBJECT),
        (&[TENANT, CERTIFIED, file(&pem), ("AZURE_CLIENT_SECRET", "")], world::CERTIFICATE_APP_OBJECT),
        (&[TENANT, CERTIFIED, file(&pfx), pfx_password], world::CERTIFICATE_APP_OBJECT),
        (&[TENANT, by_subject, file(&renewed), chain], world::SUBJECT_NAME_APP_OBJECT),
        (&[TENANT, TOOL, USER, PASSWORD], world::USER_OBJECT),
        (&[TOOL, USER, PASSWORD], world::USER_OBJECT),
    ] {
        speaks_for(&ask(with(&server, variables), &[]), object);
    }
    for (variables, missing) in [
        (&[][..], "AZURE_TENANT_ID"),
        (&[TENANT, APP], "AZURE_CLIENT_SECRET"),
        (&[TENANT, file(&pem)], "AZURE_CLIENT_ID"),
        (&[TOOL, USER], "AZURE_PASSWORD"),
    ] {
        let ended = ask(with(&server, variables), &[]);
        assert_eq!((ended.code, ended.error()["error"].as_str()), (3, Some("unavailable")), "{ended:?}");
        assert!(ended.error()["remedy"].as_str().unwrap().contains(missing), "{ended:?}");
    }
    // What is there and is no good is broken, not absent.
    let wrong = ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "canary-of-a-wrong-password");
    let ended = ask(with(&server, &[TENANT, CERTIFIED, file(&pfx), wrong]), &[]);
    assert_eq!((ended.code, ended.error()["error"].as_str()), (2, Some("configuration")), "{ended:?}");
    ended.keeps(["canary-of-a-wrong-password"]);
    let refusal = ask(with(&server, &[TENANT, APP, file(&pem)]), &[]);
    assert_eq!(refusal.error()["aadsts"], serde_json::json!([700_027]), "{refusal:?}");
}

#[test]
fn options_stand_for_variables_and_come_first() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let (pem, pfx) = (files.put("c.pem", world::CERTIFICATE_PEM), files.put("c.pfx", world::CERTIFICATE_PFX));
    let renewed = files.put("renewed.pem", world::RENEWED_CERTIFICATE_PEM);
    let pfx_password = files.put("pfx-password", world::CERTIFICATE_PFX_PASSWORD);
    let password = files.put("password", world::PASSWORD);
    let app = ["--client-id", world::CERTIFICATE_APP];
    let by_subject = ["--client-id", world::SUBJECT_NAME_APP, "--send-certificate-chain"];
    let user = ["--client-id", world::DEVELOPER_CLIENT, "--username", world::USER];
    let secret = files.put("secret", world::SECRET);
    for (options, object) in [
        ([&app[..], &["--certificate", &pem]].concat(), world::CERTIFICATE_APP_OBJECT),
        (
            [&app[..], &["--certificate", &pfx, "--certificate-password-file", &pfx_password]].concat(),
            world::CERTIFICATE_APP_OBJECT,
        ),
        ([&by_subject[..], &["--certificate", &renewed]].concat(), world::SUBJECT_NAME_APP_OBJECT),
        ([&user[..], &["--password-file", &password]].concat(), world::USER_OBJECT),
        (vec!["--client-secret-file", &secret], world::APP_OBJECT),
    ] {
        // A service principal that the variables describe is not the one that was asked for.
        let there = [TENANT, APP, ("AZURE_CLIENT_SECRET", "of another app")];
        speaks_for(&ask(with(&server, &there), &options), object);
    }
    let both = ["--client-secret-file", &secret, "--certificate", &pem];
    let ended = ask(with(&server, &[TENANT, APP]), &both);
    assert_eq!((ended.code, ended.error()["error"].as_str()), (2, Some("usage")), "{ended:?}");
    let twice = ["--client-secret-file", "-", "--password-file", "-"];
    let ended = ask(with(&server, &[TENANT, APP]), &twice);
    assert_eq!((ended.code, ended.error()["error"].as_str()), (2, Some("usage")), "{ended:?}");
    assert!(ended.stderr.contains("--client-secret-file and --password-file"), "{ended:?}");
}

#[test]
fn options_of_others_are_refused() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let file = files.put("file", "x");
    for (option, value, credential) in [
        ("--certificate", file.as_str(), "client-secret"),
        ("--certificate-password-file", &file, "client-assertion"),
        ("--assertion-file", &file, "client-certificate"),
        ("--user-assertion-file", &file, "client-secret"),
        ("--token-file", &file, "client-assertion"),
        ("--service-connection-id", "x", "workload-identity"),
        ("--username", "x", "device-code"),
        ("--password-file", &file, "refresh-token"),
        ("--trust-federation", "sts.example", "client-secret"),
        ("--refresh-token-file", &file, "authorization-code"),
        ("--authorization-code-file", &file, "refresh-token"),
        ("--code-verifier-file", &file, "refresh-token"),
        ("--redirect-uri", "http://localhost", "refresh-token"),
        ("--client-secret-file", &file, "device-code"),
        ("--domain-hint", "contoso.com", "device-code"),
        ("--prompt", "login", "device-code"),
    ] {
        let ended = run(
            with(&server, &[TENANT, APP, SECRET]),
            ["token", "--resource", "https://x.example", "--credential", credential, option, value],
        );
        assert_eq!(ended.code, 2, "{option} {credential}: {ended:?}");
        assert!(ended.stderr.contains(option), "{ended:?}");
    }
    assert_eq!(server.with(|emulator| emulator.token_requests()), 0, "nobody was asked");
}

#[test]
fn errors_have_the_name_that_tokens_have() {
    let server = emulator(Config::default());
    let wrong = |name| (name, "wrong");
    for variables in [
        &[TENANT, APP, wrong("AZURE_CLIENT_SECRET")][..],
        &[TENANT, CERTIFIED, file("/no/such/file")],
        &[TENANT, TOOL, USER, wrong("AZURE_PASSWORD")],
        &[TENANT, ("AZURE_CLIENT_ID", "two words"), SECRET],
        &[TENANT, APP],
    ] {
        let error = ask(with(&server, variables), &[]).error();
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("environment: "), "{message}");
    }
}

#[test]
fn a_region_that_cannot_be_one_is_told_and_passed_over() {
    let server = emulator(Config::default());
    let region = |value| [TENANT, APP, SECRET, ("AZURE_REGIONAL_AUTHORITY_NAME", value)];
    let warned = |value| {
        let ended = ask(with(&server, &region(value)), &[]);
        speaks_for(&ended, world::APP_OBJECT);
        ended.stderr.contains("warning: AZURE_REGIONAL_AUTHORITY_NAME")
    };
    assert!(warned("West Europe"));
    assert!(!warned("westeurope"));
    assert!(!warned("DisableMsalForceRegion"));
}
