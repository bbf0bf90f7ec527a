//! That errors tell what was said, by whom, and what to do about it.

#![cfg(all(unix, feature = "emulator"))]

mod support;

use std::path::Path;
use std::process::Command;

use entrada_emulator::config::Host;
use entrada_emulator::serve::{Options, Server};
use entrada_emulator::{Config, world};
use serde_json::{Value, json};
use support::{Ended, Files, address, at, emulator, entrada, no_metadata_service, run, tool};

const TOKEN: [&str; 3] = ["token", "--resource", "https://vault.azure.net"];
const GOOD: &str = r#"echo '{"accessToken":"opaque","expires_on":4004566626}'"#;
const POLICY: &str = "echo 'ERROR: The subscription of the tenant is disabled by policy X' >&2; exit 1";
const UNKNOWN: &str = "echo 'ERROR: AADSTS9999999: canary' >&2; exit 1";
const PERSON: &str = "echo 'ERROR: AADSTS50076: you must use multi-factor authentication' >&2; exit 1";
const NETWORK: &str = "echo 'ERROR: HTTPSConnectionPool: Max retries exceeded' >&2; exit 1";

/// The command beside this `az`, where there is no managed identity.
fn beside(folder: &Path, az: &str) -> Command {
    tool(folder, "az", az);
    let mut command = entrada();
    command
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .env("HOME", folder)
        .env("AZURE_POD_IDENTITY_AUTHORITY_HOST", no_metadata_service());
    command
}

fn ask(command: Command, more: &[&str]) -> Ended {
    run(command, TOKEN.iter().chain(more))
}

fn attempt<'a>(error: &'a Value, source: &str) -> &'a Value {
    let attempts = error["attempts"].as_array().unwrap();
    attempts.iter().find(|attempt| attempt["source"] == source).unwrap()
}

#[test]
fn what_a_tool_said_stands_under_its_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let asked = |format: &str| {
        let mut command = beside(folder.path(), POLICY);
        command.env("AZURE_TOKEN_CREDENTIALS", "dev");
        ask(command, &["--error-format", format])
    };
    let text = asked("text");
    assert_eq!(text.code, 3, "{text:?}");
    let said: Vec<_> = text.stderr.lines().filter(|line| line.contains("policy X")).collect();
    assert!(matches!(said[..], [line] if line.trim().starts_with("it said: ")), "{text:?}");
    let error = asked("json").error();
    assert!(attempt(&error, "azure-cli")["detail"].as_str().unwrap().contains("policy X"), "{error}");
    // One that stops the chain says it once.
    let alone = ask(beside(folder.path(), POLICY), &["--credential", "azure-cli,azure-powershell"]);
    assert_eq!(alone.stderr.matches("policy X").count(), 1, "{alone:?}");
}

#[test]
fn a_refusal_that_was_passed_over_can_be_looked_up() {
    let mut config = Config::default();
    config.policy.device_interval = 1;
    let server = emulator(config);
    let id = |error: &Value| attempt(error, "shared-cache")["correlation_id"].clone();
    let folder = tempfile::tempdir().unwrap();
    let home = || {
        let mut command = at(&server);
        command.env("HOME", folder.path()).env("ENTRADA_TOKEN_CACHE", "plaintext");
        command.env("AZURE_TOKEN_CREDENTIALS", "dev");
        command
    };
    let login = ["login", "--device-code", "-o", "json"];
    let person = entrada_emulator::person::Person::default();
    let signed_in = support::on_device(&server, home(), &login, &person);
    assert_eq!(signed_in.code, 0, "{signed_in:?}");
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"p1"}}}"#;
    let more = ["--claims", claims, "--error-format", "json"];
    let ended = ask(home(), &more);
    let error = ended.error();
    assert!(id(&error).as_str().is_some_and(|id| id.len() == 36), "{error}");
    let text = ask(home(), &more[..2]);
    assert!(text.stderr.contains("correlation id: "), "{text:?}");
}

#[test]
fn no_developer_takes_the_place_of_a_metadata_service_that_is_named_and_does_not_answer() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = "http://127.0.0.1:9";
    let command = || {
        let mut command = beside(folder.path(), GOOD);
        command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", nobody);
        command
    };
    let ended = ask(command(), &["--error-format", "json"]);
    let error = ended.error();
    assert_eq!((ended.code, &error["error"]), (5, &json!("network")), "{ended:?}");
    assert_eq!(attempt(&error, "managed-identity")["outcome"], "network", "{error}");
    let remedy = error["remedy"].as_str().unwrap();
    assert!(remedy.starts_with("AZURE_POD_IDENTITY_AUTHORITY_HOST says"), "{error}");
    assert!(error["message"].as_str().unwrap().contains("127.0.0.1"), "{error}");
    let report = run(command(), ["doctor", "-o", "json"]).json();
    assert_eq!(report["default_chain"], json!({"outcome": "stops", "source": "managed-identity"}));
}

#[test]
fn an_examination_tells_what_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(beside(folder.path(), POLICY), ["doctor"]);
    let line = ended.stdout.lines().find(|line| line.starts_with("azure-cli")).unwrap();
    assert!(line.contains("it said: ") && line.contains("policy X"), "{line}");
}

#[test]
fn an_examination_agrees_with_a_chain_of_one() {
    let folder = tempfile::tempdir().unwrap();
    for (az, variables, code, outcome, source) in [
        (
            GOOD,
            &[("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential"), ("AZURE_CLIENT_ID", "typo")][..],
            2,
            "stops",
            "managed-identity",
        ),
        (POLICY, &[("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")], 1, "stops", "azure-cli"),
        (PERSON, &[("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")], 4, "stops", "azure-cli"),
        (NETWORK, &[("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")], 5, "stops", "azure-cli"),
        (GOOD, &[("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")], 0, "uses", "azure-cli"),
    ] {
        let command = || {
            let mut command = beside(folder.path(), az);
            command.envs(variables.iter().copied()).env_remove("AZURE_POD_IDENTITY_AUTHORITY_HOST");
            command
        };
        let ended = ask(command(), &[]);
        assert_eq!(ended.code, code, "{variables:?}: {ended:?}");
        let report = run(command(), ["doctor", "-o", "json"]).json();
        assert_eq!(report["default_chain"], json!({"outcome": outcome, "source": source}), "{az}");
    }
}

#[test]
fn a_variable_with_a_bad_address_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let header = ("IDENTITY_HEADER", "canary");
    for (name, value, more) in [
        ("IDENTITY_ENDPOINT", "http://10.0.0.1/t", &[header][..]),
        ("IDENTITY_ENDPOINT", "localhost:4141", &[header]),
        ("IDENTITY_ENDPOINT", "http://10.0.0.1/t", &[("IMDS_ENDPOINT", "x")]),
        ("IDENTITY_ENDPOINT", "http://10.0.0.1/t", &[header, ("IDENTITY_SERVER_THUMBPRINT", "x")]),
        ("MSI_ENDPOINT", "http://10.0.0.1/t", &[("MSI_SECRET", "canary")]),
        ("MSI_ENDPOINT", "http://10.0.0.1/t", &[]),
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "127.0.0.1:44807", &[]),
    ] {
        let mut command = beside(folder.path(), POLICY);
        command.env_remove("AZURE_POD_IDENTITY_AUTHORITY_HOST").env(name, value).envs(more.iter().copied());
        let ended = ask(command, &["--credential", "managed-identity", "--error-format", "json"]);
        assert_eq!(ended.code, 2, "{name}={value}: {ended:?}");
        let error = ended.error();
        assert!(error["message"].as_str().unwrap().contains(name), "{error}");
        let remedy = error["remedy"].as_str().unwrap();
        assert!(remedy.starts_with(&format!("correct or unset {name}")), "{error}");
        assert!(!ended.stderr.contains("canary"), "{ended:?}");
    }
}

#[test]
fn an_error_has_a_next_step() {
    let folder = tempfile::tempdir().unwrap();
    for (az, more, said) in [
        (UNKNOWN, &["--credential", "azure-cli"][..], "yourself to see why"),
        (GOOD, &["--credential", "azure-cli", "--scope", "a/.default b/.default"], "one scope at a time"),
    ] {
        let start = if more.contains(&"--scope") { &TOKEN[..1] } else { &TOKEN[..] };
        let ended = run(beside(folder.path(), az), start.iter().chain(more));
        let help = ended.stderr.lines().find(|line| line.trim().starts_with("help: "));
        assert!(help.is_some_and(|help| help.contains(said)), "{said}: {ended:?}");
    }
}

#[test]
fn a_member_that_cannot_be_set_up_says_so_in_its_turn() {
    let folder = tempfile::tempdir().unwrap();
    let app = [
        ("AZURE_TENANT_ID", "contoso.com"),
        ("AZURE_CLIENT_ID", world::APP),
        ("AZURE_CLIENT_SECRET", "canary"),
    ];
    let at_bad_authority = |az: &str, credentials: &str| {
        let mut command = beside(folder.path(), az);
        command.env("AZURE_AUTHORITY_HOST", "http://login.example").envs(app);
        ask(command, &["--credential", credentials, "--error-format", "json"])
    };
    let first = at_bad_authority(GOOD, "azure-cli,client-secret");
    assert_eq!((first.code, &first.json()["source"]), (0, &json!("azure-cli")), "{first:?}");
    // Broken stops, with those that were asked before.
    let signed_out = "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1";
    let second = at_bad_authority(signed_out, "azure-cli,client-secret");
    let error = second.error();
    assert_eq!((second.code, &error["error"]), (2, &json!("configuration")), "{second:?}");
    assert_eq!(attempt(&error, "azure-cli")["outcome"], "unavailable", "{error}");
    assert_eq!(attempt(&error, "client-secret")["outcome"], "configuration", "{error}");
    let before = at_bad_authority(GOOD, "client-secret,azure-cli");
    assert_eq!(before.code, 2, "{before:?}");
}

#[test]
fn a_managed_identity_needs_no_authority() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let mut command = beside(folder.path(), POLICY);
    command
        .env("AZURE_AUTHORITY_HOST", "http://login.example")
        .env("AZURE_POD_IDENTITY_AUTHORITY_HOST", address(&server));
    let ended = ask(command, &["--credential", "managed-identity"]);
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[test]
fn an_examination_tells_that_a_token_is_a_persons() {
    let options = Options { hosts: true, ..Options::default() };
    let server = Server::start(Config::default(), [7; 32], options).unwrap();
    let command = || {
        let mut command = entrada();
        command.envs(server.environment_of(Host::CloudShell));
        command
    };
    let table = run(command(), ["doctor"]);
    let line = table.stdout.lines().find(|line| line.starts_with("managed-identity")).unwrap();
    assert!(line.contains("the token of a person, not of a managed identity: "), "{line}");
    let report = run(command(), ["doctor", "-o", "json"]).json();
    let sources = report["sources"].as_array().unwrap();
    let own = sources.iter().find(|source| source["source"] == "managed-identity").unwrap();
    assert_eq!(own["of_a_person"], true, "{own}");
}

#[test]
fn what_selects_a_pod_is_among_what_is_set() {
    let mut command = entrada();
    command.env("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us").env("AZURE_TENANT_ID", "..");
    command.env("AZURE_FEDERATED_TOKEN_FILE", "/nowhere/token");
    let report = run(command, ["doctor", "-o", "json"]).json();
    let sources = report["sources"].as_array().unwrap();
    let own = sources.iter().find(|source| source["source"] == "managed-identity").unwrap();
    let names = ["AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"];
    assert_eq!(own["found"], json!(names), "{own}");
}

#[test]
fn claims_that_are_demanded_are_shown_where_no_command_has_them() {
    let server = emulator(Config::default());
    let files = Files::new();
    let password = files.put("password", world::PASSWORD);
    let demanded = r#"{"access_token":{"acrs":{"essential":true,"value":"p1"}}}"#;
    let by_password =
        ["--credential", "username-password", "--username", world::USER, "--password-file", &password];
    let more = ["--claims", demanded];
    let command = || at(&server);
    let json = ask(command(), &[&by_password[..], &more, &["--error-format", "json"]].concat());
    assert_eq!(json.code, 4, "{json:?}");
    let claims = json.error()["claims"].as_str().unwrap().to_owned();
    let text = ask(command(), &[&by_password[..], &more].concat());
    assert!(text.stderr.contains(&claims), "{text:?}");
    assert!(!text.stderr.contains("entrada login"), "{text:?}");
}
