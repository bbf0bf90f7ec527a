//! Chains of the command on machines where a service principal and the Azure CLI are absent, set up in part, broken or
//! working: whose token comes, and with which exit code.

#![cfg(unix)]

mod support;

use std::path::Path;
use std::process::Command;

use entrada_emulator::serve::Server;
use entrada_emulator::{Config, world};
use serde_json::json;
use support::{Ended, Files, address, emulator, entrada, no_metadata_service, run, tool};

const ASK: [&str; 3] = ["token", "--resource", "https://vault.azure.net"];
const GOOD: &str = r#"echo '{"accessToken":"opaque","expires_on":4004566626}'"#;
const SIGNED_OUT: &str = "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1";
const PERSON: &str = "echo 'ERROR: AADSTS50076: you must use multi-factor authentication' >&2; exit 1";
const BROKEN: &str = "echo 'ERROR: The subscription of the tenant is disabled by policy X' >&2; exit 1";

#[derive(Clone, Copy, Debug, PartialEq)]
enum App {
    Absent,
    /// A secret without a tenant.
    InPart,
    Broken,
    Working,
}

/// A machine with this app in its variables, and this as `az`, unless it is not installed.
fn machine(server: &Server, folder: &Path, app: App, az: Option<&str>) -> Command {
    let mut command = entrada();
    command
        .env("HOME", folder)
        .env("AZURE_POD_IDENTITY_AUTHORITY_HOST", no_metadata_service())
        .env("AZURE_AUTHORITY_HOST", address(server))
        .env("ENTRADA_ALLOW_HTTP_LOOPBACK", "1");
    if let Some(script) = az {
        tool(folder, "az", script);
        command.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    }
    let secret = if app == App::Broken { "canary-wrong" } else { world::SECRET };
    if app != App::Absent {
        command.env("AZURE_CLIENT_ID", world::APP).env("AZURE_CLIENT_SECRET", secret);
    }
    if matches!(app, App::Broken | App::Working) {
        command.env("AZURE_TENANT_ID", world::TENANT);
    }
    command
}

/// Whose token came, or the exit code.
fn came(ended: &Ended) -> Result<String, i32> {
    ended.keeps(["canary-wrong"]);
    match ended.code {
        0 => Ok(ended.json()["source"].as_str().unwrap().to_owned()),
        code => {
            let next_step = |line: &str| ["-> ", "help: "].iter().any(|step| line.trim().starts_with(step));
            assert!(ended.stderr.lines().any(next_step), "{ended:?}");
            Err(code)
        }
    }
}

#[test]
fn absent_goes_on_and_broken_stops() {
    let server = emulator(Config::default());
    let tools = [None, Some(SIGNED_OUT), Some(PERSON), Some(BROKEN), Some(GOOD)];
    for app in [App::Absent, App::InPart, App::Broken, App::Working] {
        for az in tools {
            let folder = tempfile::tempdir().unwrap();
            let ask =
                |more: &[&str]| came(&run(machine(&server, folder.path(), app, az), ASK.iter().chain(more)));
            let cli = |broken: Result<String, i32>, person| match az {
                Some(GOOD) => Ok("azure-cli".to_owned()),
                Some(BROKEN) => broken,
                Some(PERSON) => person,
                _ => Err(3),
            };
            // Beside others a tool is passed over in the default chain; in a chain that was named, it stops that.
            let (default, named, reversed) = match app {
                App::Absent | App::InPart => {
                    let named = cli(Err(1), Err(4));
                    (cli(Err(3), Err(3)), named.clone(), named)
                }
                App::Broken | App::Working => {
                    let own = |source: &str| match app {
                        App::Working => Ok(source.to_owned()),
                        _ => Err(1),
                    };
                    let after = match az {
                        Some(GOOD | BROKEN | PERSON) => cli(Err(1), Err(4)),
                        _ => own("client-secret"),
                    };
                    (own("environment"), own("client-secret"), after)
                }
            };
            assert_eq!(ask(&[]), default, "{app:?}, {az:?}");
            assert_eq!(ask(&["--credential", "client-secret,azure-cli"]), named, "{app:?}, {az:?}");
            assert_eq!(ask(&["--credential", "azure-cli,client-secret"]), reversed, "{app:?}, {az:?}");
        }
    }
}

#[test]
fn what_an_option_names_is_not_replaced_by_a_developer() {
    let server = emulator(Config::default());
    let (folder, files) = (tempfile::tempdir().unwrap(), Files::new());
    let secret = files.put("secret", world::SECRET);
    for (credential, option) in [
        ("default", "--client-secret-file"),
        ("default", "--certificate"),
        ("default", "--password-file"),
        ("environment,azure-cli", "--client-secret-file"),
        ("client-secret,azure-cli", "--client-secret-file"),
        ("client-certificate,azure-cli", "--certificate"),
        ("client-assertion,azure-cli", "--assertion-file"),
        ("workload-identity,azure-cli", "--token-file"),
        ("azure-pipelines,azure-cli", "--service-connection-id"),
        ("on-behalf-of,azure-cli", "--user-assertion-file"),
        ("authorization-code,azure-cli", "--authorization-code-file"),
        ("username-password,azure-cli", "--password-file"),
    ] {
        let machine = || machine(&server, folder.path(), App::Absent, Some(GOOD));
        let ended = run(machine(), ASK.iter().chain(&["--credential", credential, option, &secret]));
        assert_eq!(came(&ended), Err(2), "{credential} {option}: {ended:?}");
        assert!(
            ended.stderr.contains("--client-id or AZURE_CLIENT_ID") || ended.stderr.contains("give "),
            "{ended:?}"
        );
        // Without the option the developer answers.
        let ended = run(machine(), ASK.iter().chain(&["--credential", credential]));
        assert_eq!(came(&ended).as_deref(), Ok("azure-cli"), "{credential}");
    }
    // All of it: whoever is named answers.
    let whole = ["--client-secret-file", &secret, "--client-id", world::APP, "--tenant-id", world::TENANT];
    let ended = run(machine(&server, folder.path(), App::Absent, Some(GOOD)), ASK.iter().chain(&whole));
    assert_eq!(came(&ended).as_deref(), Ok("environment"));
}

#[test]
fn a_client_id_that_is_typed_names_the_managed_identity_too() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let nobody = "00000000-0000-0000-0000-000000000001";
    let hosted = || {
        let mut command = machine(&server, folder.path(), App::Absent, Some(GOOD));
        command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", address(&server));
        command
    };
    let assigned = run(hosted(), ASK.iter().chain(&["--client-id", world::USER_IDENTITY]));
    assert_eq!(assigned.json()["identity"]["clientId"], json!(world::USER_IDENTITY), "{assigned:?}");
    let ended = run(hosted(), ASK.iter().chain(&["--client-id", nobody]));
    assert_eq!(came(&ended), Err(1), "{ended:?}");
    assert!(!ended.stderr.contains("AZURE_CLIENT_ID names it"), "{ended:?}");
    let mut system = hosted();
    system.env("AZURE_CLIENT_ID", nobody);
    let ended = run(system, ASK.iter().chain(&["--identity", "system"]));
    assert_eq!(ended.json()["identity"]["clientId"], json!(world::SYSTEM_IDENTITY), "{ended:?}");
}

#[test]
fn a_browser_that_is_selected_has_the_time_that_was_given() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let mut command = machine(&server, folder.path(), App::Absent, None);
    command.env("AZURE_TOKEN_CREDENTIALS", "InteractiveBrowserCredential").env("BROWSER", "true");
    let ended = run(command, ASK.iter().chain(&["--timeout", "1", "--error-format", "json"]));
    assert_eq!((ended.code, &ended.error()["error"]), (4, &json!("expired")), "{ended:?}");
    assert!(ended.stderr.contains("at most 1 s"), "{ended:?}");
}

#[test]
fn a_client_id_that_is_none_is_a_mistake_unless_an_app_proves_itself() {
    let server = emulator(Config::default());
    let folder = tempfile::tempdir().unwrap();
    let machine = |app| machine(&server, folder.path(), app, Some(GOOD));
    let ended = run(machine(App::Absent), ASK.iter().chain(&["--client-id", "nope"]));
    assert_eq!(came(&ended), Err(2), "{ended:?}");
    assert!(ended.stderr.contains("--client-id is no GUID"), "{ended:?}");
    // That of an app which proves itself may be anything, and is refused by who knows it.
    let ended = run(machine(App::Working), ASK.iter().chain(&["--client-id", "nope"]));
    assert_eq!(came(&ended), Err(1), "{ended:?}");
    let managed = ["--credential", "managed-identity", "--client-id", world::USER_IDENTITY];
    let ended = run(machine(App::Absent), ASK.iter().chain(&managed));
    assert_eq!(came(&ended), Err(2));
    assert!(ended.stderr.contains("--identity client-id:ID"), "{ended:?}");
}
