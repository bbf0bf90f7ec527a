//! `entrada doctor`, on healthy machines and broken ones.

#![cfg(unix)]

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use entrada_emulator::{Config, world};
use serde_json::{Value, json};
use support::{Ended, address, as_app, at, emulator, entrada, no_metadata_service, run, tool};

const SIGNED_OUT: &str = "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1";
const SIGNED_IN: &str = r#"echo '{"accessToken":"canary-token","expires_on":2082758400,
"tenant":"22222222-2222-2222-2222-222222222222"}'"#;

/// A machine without a metadata service.
fn machine() -> Command {
    let mut command = entrada();
    command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", no_metadata_service());
    command
}

/// The same, where this answers as `az`.
fn with_az(mut command: Command, folder: &Path, script: &str) -> Command {
    tool(folder, "az", script);
    command.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    command
}

fn examine(command: Command, more: &[&str]) -> Ended {
    run(command, ["doctor", "--error-format", "json"].iter().chain(more))
}

/// What a report in JSON says of one source.
fn source<'a>(report: &'a Value, name: &str) -> &'a Value {
    let sources = report["sources"].as_array().unwrap();
    sources.iter().find(|source| source["source"] == name).unwrap()
}

/// The same report for people and for programs: the text's line of one source, and the whole document.
fn both(command: impl Fn() -> Command, name: &str, code: i32) -> (String, Value) {
    let (text, document) = (examine(command(), &[]), examine(command(), &["-o", "json"]));
    for ended in [&text, &document] {
        assert_eq!(ended.code, code, "{ended:?}");
        // It says of tokens that they are there, and whose they are.
        assert!(!ended.stdout.contains("eyJ"), "{ended:?}");
        ended.keeps(["canary-token", "canary-secret"]);
    }
    let line = text.stdout.lines().find(|line| line.starts_with(name)).unwrap();
    (line.to_owned(), document.json())
}

#[test]
fn nothing_is_there() {
    let (line, report) = both(machine, "environment", 3);
    assert!(line.contains("absent") && line.contains("-> set AZURE_TENANT_ID"), "{line}");
    let sources = report["sources"].as_array().unwrap();
    let names: Vec<_> = sources.iter().map(|source| source["source"].as_str().unwrap()).collect();
    let all = ["environment", "workload-identity", "managed-identity"];
    let tools =
        ["shared-cache", "visual-studio-code", "azure-cli", "azure-powershell", "azure-developer-cli"];
    assert_eq!(names, [&all[..], &tools, &["azure-pipelines", "azure-ml-on-behalf-of"]].concat());
    for source in sources {
        assert_eq!(source["outcome"], "unavailable", "{source}");
        assert!(source["message"].is_string() && source["remedy"].is_string(), "{source}");
    }
    assert!(source(&report, "azure-cli")["remedy"].as_str().unwrap().contains("az login"));
    assert_eq!(report["default_chain"], json!({"outcome": "nothing"}));
    assert_eq!(report["cloud"], "AzureCloud");
    assert!(report.get("proxy").is_none() && report.get("clock_ahead_seconds").is_none(), "{report}");
    let ended = examine(machine(), &[]);
    assert_eq!(ended.error()["error"], "unavailable");
    assert!(ended.stdout.contains("\ndefault chain   finds nothing\n"), "{}", ended.stdout);
}

#[test]
fn nothing_there_costs_one_request_and_no_wait() {
    let home = tempfile::tempdir().unwrap();
    let mut command = machine();
    command.env("HOME", home.path()).args(["-vv", "--token-cache", "plaintext"]);
    let ended = examine(command, &[]);
    assert_eq!(ended.code, 3, "{ended:?}");
    let steps: Vec<_> = ended.stderr.lines().filter_map(|line| line.strip_prefix("> ")).collect();
    let count = |word: &str| steps.iter().filter(|step| step.starts_with(word)).count();
    assert_eq!((count("GET "), count("POST "), count("wait ")), (1, 0, 0), "{steps:?}");
    assert_eq!((count("run "), count("look into the token cache")), (3, 2), "{steps:?}");
}

#[test]
fn an_account_that_is_kept_and_an_editor_that_is_signed_in() {
    let server = emulator(Config::default());
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".azure/ms-azuretools.vscode-azureresourcegroups");
    std::fs::create_dir_all(&folder).unwrap();
    let record = json!({
        "username": world::USER, "authority": "login.microsoftonline.com", "homeAccountId": "u.t",
        "tenantId": world::TENANT, "clientId": "aebc6443-996d-45c2-90f0-388ff96faa56", "version": "1.0",
    });
    std::fs::write(folder.join("authRecord.json"), record.to_string()).unwrap();
    let command = || {
        let mut command = machine();
        command.env("HOME", home.path()).env("ENTRADA_TOKEN_CACHE", "plaintext");
        command.env("AZURE_AUTHORITY_HOST", address(&server)).env("ENTRADA_ARM_ENDPOINT", address(&server));
        command.env("ENTRADA_ALLOW_HTTP_LOOPBACK", "1");
        command
    };
    let (line, report) = both(command, "visual-studio-code", 3);
    assert!(line.contains("absent") && line.contains("broker") && line.contains(world::USER), "{line}");
    assert_eq!(source(&report, "shared-cache")["outcome"], "unavailable");
    let asked = source(&report, "shared-cache")["asked"][0].as_str().unwrap();
    assert!(asked.starts_with("look into the token cache"), "{asked}");
}

#[test]
fn variables_that_are_not_all_there() {
    let command = || {
        let mut command = machine();
        command.env("AZURE_TENANT_ID", "contoso.com");
        command.env("AZURE_CLIENT_ID", "3f0c7f66-6c0e-4d6b-8a55-7d1f2f0b9a01");
        command.env("AZURE_CLIENT_SECRET", "").env("AZURE_CLIENTSECRET", "canary-secret");
        command
    };
    let (line, report) = both(command, "environment", 3);
    assert!(line.contains("set: AZURE_TENANT_ID, AZURE_CLIENT_ID; the environment has"), "{line}");
    assert!(line.contains("but not one of AZURE_CLIENT_SECRET"), "{line}");
    assert_eq!(source(&report, "environment")["found"], json!(["AZURE_TENANT_ID", "AZURE_CLIENT_ID"]));
    assert_eq!(report["variables"]["empty"], json!(["AZURE_CLIENT_SECRET"]));
    // Nothing reads the one that is misspelt, so it has to be seen.
    assert!(report["variables"]["set"].as_array().unwrap().contains(&json!("AZURE_CLIENTSECRET")));
}

#[test]
fn an_authority_that_cannot_be_one_keeps_nobody_from_being_examined() {
    let folder = tempfile::tempdir().unwrap();
    let command = || {
        let mut command = with_az(machine(), folder.path(), SIGNED_IN);
        command.env("AZURE_AUTHORITY_HOST", "http://login.example");
        command
    };
    let (line, report) = both(command, "azure-cli", 0);
    assert!(line.contains("works"), "{line}");
    assert_eq!(report["default_chain"], json!({"outcome": "uses", "source": "azure-cli"}));
    assert!(
        report["authority_error"]["remedy"].as_str().unwrap().contains("AZURE_AUTHORITY_HOST"),
        "{report}"
    );
    let text = examine(command(), &[]);
    let cloud = text.stdout.lines().find(|line| line.starts_with("cloud")).unwrap();
    assert!(cloud.contains("correct or unset AZURE_AUTHORITY_HOST"), "{cloud}");
    let token = ["token", "--resource", "https://vault.azure.net"];
    assert_eq!(run(command(), token).json()["source"], "azure-cli");
    // What an option says is not passed over.
    let option = ["--authority", "http://login.example"];
    assert_eq!(run(command(), [&token[..], &option].concat()).code, 2);
    assert_eq!(examine(command(), &option).code, 2);
    // Whoever is set up and needs it stops the chain.
    let app = || {
        let mut command = command();
        command.env("AZURE_TENANT_ID", world::TENANT).env("AZURE_CLIENT_ID", world::APP);
        command.env("AZURE_CLIENT_SECRET", "canary-secret");
        command
    };
    let (line, report) = both(app, "environment", 0);
    assert!(line.contains("configuration") && line.contains("AZURE_AUTHORITY_HOST"), "{line}");
    assert_eq!(report["default_chain"], json!({"outcome": "stops", "source": "environment"}));
    assert_eq!(run(app(), token).code, 2);
}

#[test]
fn a_person_is_not_asked_and_it_is_said_that_one_would_be() {
    let command = || {
        let mut command = machine();
        command.env("AZURE_TOKEN_CREDENTIALS", "InteractiveBrowserCredential");
        command
    };
    let report = examine(command(), &["-o", "json"]).json();
    assert_eq!(report["default_chain"], json!({"outcome": "asks", "source": "interactive-browser"}));
    let text = examine(command(), &[]);
    let said =
        "default chain   asks a person, by interactive-browser, of what AZURE_TOKEN_CREDENTIALS selects";
    assert!(text.stdout.contains(said), "{text:?}");
}

#[test]
fn a_secret_that_is_wrong() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let command = || {
        let mut command = as_app(&server);
        command.env("AZURE_CLIENT_SECRET", "canary-secret");
        command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", no_metadata_service());
        command.env_remove("ENTRADA_EMULATOR").env("AZURE_AUTHORITY_HOST", address(&server));
        command.env("ENTRADA_ALLOW_HTTP_LOOPBACK", "1").env("ENTRADA_ARM_ENDPOINT", address(&server));
        command
    };
    let (line, report) = both(command, "environment", 1);
    assert!(line.contains("refused") && line.contains("AADSTS7000215"), "{line}");
    assert!(line.contains("correlation id ") && line.contains(" -> "), "{line}");
    assert!(line.contains(&format!("asked: POST {}/{}", address(&server), world::TENANT)), "{line}");
    let broken = source(&report, "environment");
    assert_eq!((&broken["outcome"], &broken["aadsts"]), (&json!("refused"), &json!([7_000_215])));
    assert_eq!(report["default_chain"], json!({"outcome": "stops", "source": "environment"}));
    assert_eq!(examine(command(), &[]).error()["aadsts"], json!([7_000_215]));
    // With a tool that works there is a source, which the default chain does not get to.
    let signed_in = || with_az(command(), folder.path(), SIGNED_IN);
    let (line, report) = both(signed_in, "azure-cli", 0);
    assert!(line.contains("works") && line.contains("tenant 22222222-2222-2222-2222-222222222222"), "{line}");
    assert_eq!(report["default_chain"], json!({"outcome": "stops", "source": "environment"}));
    // Unless it is not to look at the environment.
    let developing = || {
        let mut command = signed_in();
        command.env("AZURE_TOKEN_CREDENTIALS", "dev");
        command
    };
    let (_, report) = both(developing, "azure-cli", 0);
    assert_eq!(report["default_chain"], json!({"outcome": "uses", "source": "azure-cli"}));
}

#[test]
fn the_azure_cli_in_each_state() {
    let folder = tempfile::tempdir().unwrap();
    let (line, _) = both(machine, "azure-cli", 3);
    assert!(line.contains("was not found on PATH -> install it"), "{line}");
    let (line, report) = both(|| with_az(machine(), folder.path(), SIGNED_OUT), "azure-cli", 3);
    assert!(line.contains("nobody is signed in to the Azure CLI; it said: "), "{line}");
    assert!(line.contains("-> run `az login`"), "{line}");
    assert_eq!(source(&report, "azure-cli")["outcome"], "unavailable");
    let (line, report) = both(|| with_az(machine(), folder.path(), SIGNED_IN), "azure-cli", 0);
    assert!(line.contains("works") && line.contains("until 2036-01-01 00:00:00"), "{line}");
    assert_eq!(source(&report, "azure-cli")["expires_on"], 2_082_758_400i64);
    assert_eq!(report["default_chain"], json!({"outcome": "uses", "source": "azure-cli"}));
    // A person has to do something, which is no absence.
    let mfa = "echo 'ERROR: AADSTS50076: mfa.' >&2; exit 1";
    let (line, _) = both(|| with_az(machine(), folder.path(), mfa), "azure-cli", 4);
    assert!(line.contains("interaction-required") && line.contains("AADSTS50076"), "{line}");
}

#[test]
fn one_that_hangs_keeps_the_others_from_nothing() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let hanging = with_az(as_app(&server), folder.path(), "sleep 600 & wait");
    let ended = examine(hanging, &["-o", "json", "--timeout", "2"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let report = ended.json();
    assert_eq!(source(&report, "azure-cli")["outcome"], "timeout", "{report}");
    assert_eq!(source(&report, "environment")["outcome"], "works", "{report}");
}

#[test]
fn all_are_asked_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Neither ends before the other one has begun.
    let azd = r#"{"token":"canary-token","expiresOn":"2036-01-01T00:00:00Z"}"#;
    tool(folder.path(), "azd", &format!("echo met > '{}'; echo '{azd}'", pipe.display()));
    let az = format!("cat '{}' >&2; {SIGNED_IN}", pipe.display());
    let ended = examine(with_az(machine(), folder.path(), &az), &["-o", "json"]);
    let report = ended.json();
    for name in ["azure-cli", "azure-developer-cli"] {
        assert_eq!(source(&report, name)["outcome"], "works", "{report}");
    }
}

#[test]
fn a_machine_with_an_identity() {
    let server = emulator(Config::default());
    let (line, report) = both(|| at(&server), "managed-identity", 0);
    assert!(line.contains("works") && line.contains(world::SYSTEM_IDENTITY_OBJECT), "{line}");
    let machine = source(&report, "managed-identity");
    assert_eq!(machine["identity"]["objectId"], world::SYSTEM_IDENTITY_OBJECT);
    assert_eq!(machine["tenant"], world::TENANT);
    assert!(machine["expires_on"].as_i64().unwrap() > server.now().unix.0);
    assert_eq!(report["default_chain"], json!({"outcome": "uses", "source": "managed-identity"}));
    let (line, report) = both(|| as_app(&server), "environment", 0);
    assert!(line.contains("works") && line.contains(world::APP), "{line}");
    assert_eq!(report["default_chain"]["source"], "environment");
}

#[test]
fn what_else_is_said() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".azureml")).unwrap();
    let config = json!({
        "subscription_id": world::SUBSCRIPTION,
        "resource_group": world::RESOURCE_GROUP,
        "workspace_name": world::WORKSPACE,
    });
    std::fs::write(folder.path().join(".azureml/config.json"), config.to_string()).unwrap();
    let with = |variables: &[(&str, &str)]| {
        let mut command = machine();
        command.current_dir(folder.path()).envs(variables.iter().copied());
        let ended = examine(command, &["-o", "json"]);
        ended.keeps(["canary-secret"]);
        (ended.code, if ended.stdout.is_empty() { ended.error() } else { ended.json() })
    };
    let china = ("AZURE_AUTHORITY_HOST", "login.chinacloudapi.cn");
    let (code, report) = with(&[china, ("HTTPS_PROXY", "http://jo:canary-secret@proxy.example:8080")]);
    assert_eq!((code, &report["cloud"]), (3, &json!("AzureChinaCloud")));
    let found = report["workspace_file"]["path"].as_str().unwrap();
    assert!(found.ends_with(".azureml/config.json"), "{report}");
    assert_eq!(report["proxy"], json!({"address": "http://proxy.example:8080/"}));
    let cli = source(&report, "azure-cli")["asked"][0].as_str().unwrap();
    assert!(cli.ends_with("--scope https://management.chinacloudapi.cn/.default"), "{cli}");
    let (_, report) = with(&[("HTTPS_PROXY", "socks5://canary-secret")]);
    assert_eq!(report["proxy"], json!({"address": null}));
    let (code, report) = with(&[("AZURE_TOKEN_CREDENTIALS", "canary-secret")]);
    assert_eq!((code, &report["default_chain"]["outcome"]), (3, &json!("misconfigured")));
    let (code, report) = with(&[("AZURE_AUTHORITY_HOST", "http://login.example")]);
    assert_eq!((code, &source(&report, "shared-cache")["outcome"]), (3, &json!("unavailable")));
    assert!(source(&report, "shared-cache")["remedy"].as_str().unwrap().contains("AZURE_AUTHORITY_HOST"));
    assert_eq!(report["authority"], json!(null));
}

#[test]
fn a_clock_that_is_wrong() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("http://{}", listener.local_addr().unwrap());
    // A metadata service of long ago that has no identities.
    let server = std::thread::spawn(move || {
        for stream in listener.incoming().take(2) {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            let body = r#"{"error":"invalid_request","error_description":"Identity not found"}"#;
            let head = "HTTP/1.1 400 Bad Request\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close";
            write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        }
    });
    let command = || {
        let mut command = entrada();
        command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", &place);
        command
    };
    let (text, document) = (examine(command(), &[]), examine(command(), &["-o", "json"]));
    server.join().unwrap();
    assert!(text.stdout.contains(" s ahead of the services': set it"), "{}", text.stdout);
    let years = document.json()["clock_ahead_seconds"].as_i64().unwrap() / (365 * 86_400);
    assert!(years > 25, "{document:?}");
}

#[test]
fn the_exit_codes_are_told() {
    let ended = run(entrada(), ["doctor", "--help"]);
    assert!(ended.stdout.contains("Exit codes: 0 if some source works, 3 if none"), "{}", ended.stdout);
}
