//! What is Windows's own: batch files for tools, where things lie, and how they are named.

#![cfg(windows)]
#![cfg(feature = "emulator")]

mod support;

use std::path::Path;
use std::process::Command;

use entrada_emulator::person::Person;
use entrada_emulator::{Config, world};
use serde_json::{Value, json};
use support::{Ended, at, emulator, entrada, no_metadata_service, on_device, run};

const ASK: [&str; 5] = ["token", "--resource", "https://vault.azure.net", "--error-format", "json"];

const TOKEN: &str = r#"{"accessToken":"opaque-token","expires_on":2082758400,"tokenType":"Bearer"}"#;

fn with(credential: &str) -> Vec<&str> {
    ASK.into_iter().chain(["--credential", credential]).collect()
}

/// A batch file that keeps what it was asked, and prints what stands beside it.
fn batch(folder: &Path, name: &str, answer: &str) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("answer.txt"), answer).unwrap();
    let script = "@echo off\r\necho %*>\"%~dp0asked.txt\"\r\ntype \"%~dp0answer.txt\"\r\n";
    std::fs::write(folder.join(name), script).unwrap();
}

fn asked(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("asked.txt")).unwrap().replace('"', "")
}

fn on_path(folders: &[&Path]) -> Command {
    let mut command = entrada();
    command.env("PATH", std::env::join_paths(folders).unwrap());
    command
}

#[test]
fn az_is_a_batch_file() {
    let scratch = tempfile::tempdir().unwrap();
    // A folder as Program Files is, with a blank and more in its name.
    let folder = scratch.path().join("Program Files (x86) & more");
    batch(&folder, "az.cmd", TOKEN);
    std::fs::write(folder.join("az.exe"), "an older one, which does not run").unwrap();
    let ended = run(on_path(&[&folder]), with("azure-cli"));
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(
        (&ended.json()["accessToken"], &ended.json()["source"]),
        (&"opaque-token".into(), &"azure-cli".into())
    );
    let arguments = "account get-access-token --output json --scope https://vault.azure.net/.default";
    assert_eq!(asked(&folder).trim(), arguments);
    // In the default chain too.
    let mut command = on_path(&[&folder]);
    command
        .env("AZURE_POD_IDENTITY_AUTHORITY_HOST", no_metadata_service())
        .env("AZURE_TOKEN_CREDENTIALS", "dev");
    assert_eq!(run(command, ASK).json()["source"], "azure-cli");
}

#[test]
fn nothing_that_the_command_line_would_take_for_its_own_reaches_a_batch_file() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("tools");
    batch(&folder, "az.cmd", TOKEN);
    for subscription in ["a&echo x", "%PATH%", "a\"b", "a|b", "a^b", "-x", "a>b"] {
        let mut arguments = with("azure-cli");
        arguments.extend(["--subscription", subscription]);
        let ended = run(on_path(&[&folder]), arguments);
        assert_eq!(ended.code, 2, "{subscription}: {ended:?}");
        assert!(!folder.join("asked.txt").exists(), "{subscription}");
    }
    let mut arguments = with("azure-cli");
    arguments.extend(["--subscription", "Pay as you go"]);
    let ended = run(on_path(&[&folder]), arguments);
    assert!(asked(&folder).contains("Pay as you go"), "{ended:?}");
}

#[test]
fn a_tool_in_the_working_directory_is_not_run() {
    let scratch = tempfile::tempdir().unwrap();
    let here = scratch.path().join("here");
    for name in ["az.cmd", "az.bat", "azd.cmd", "pwsh.cmd"] {
        batch(&here, name, TOKEN);
    }
    for path in [&[][..], &[Path::new(".")], &[Path::new("")], &[&here]] {
        for credential in ["azure-cli", "azure-developer-cli", "azure-powershell"] {
            let mut command = on_path(path);
            command.current_dir(&here);
            let ended = run(command, with(credential));
            assert_eq!(
                (ended.code, &ended.error()["error"]),
                (3, &"unavailable".into()),
                "{path:?} {ended:?}"
            );
        }
    }
    assert!(!here.join("asked.txt").exists());
}

#[test]
fn a_batch_file_that_fails() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("tools");
    std::fs::create_dir(&folder).unwrap();
    let says = |text: &str| {
        std::fs::write(folder.join("az.cmd"), format!("@echo off\r\necho {text} 1>&2\r\nexit /b 1\r\n"))
            .unwrap();
        let ended = run(on_path(&[&folder]), with("azure-cli"));
        (ended.code, ended.error())
    };
    let (code, error) = says("ERROR: Please run 'az login' to setup account.");
    assert_eq!((code, &error["error"]), (3, &"unavailable".into()), "{error}");
    let (code, error) =
        says("ERROR: AADSTS50076: Due to a configuration change, use multi-factor authentication.");
    assert_eq!((code, &error["aadsts"]), (4, &json!([50076])), "{error}");
}

#[test]
fn the_older_powershell_serves_where_there_is_no_newer_one() {
    let scratch = tempfile::tempdir().unwrap();
    let (old, new) = (scratch.path().join("old"), scratch.path().join("new"));
    batch(&old, "powershell.cmd", "\r\nentrada%from-the-old%2082758400%\r\n");
    batch(&new, "pwsh.cmd", "\r\nentrada%from-the-new%2082758400%\r\n");
    let token = |path: &[&Path]| {
        let ended = run(on_path(path), with("azure-powershell"));
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.json()["accessToken"].as_str().unwrap().to_owned()
    };
    assert_eq!(token(&[&old]), "from-the-old");
    assert_eq!(token(&[&old, &new]), "from-the-new");
    assert!(asked(&old).starts_with("-NoProfile -NonInteractive -EncodedCommand "), "{}", asked(&old));
}

#[test]
fn a_tool_that_hangs_is_ended() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("tools");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("az.cmd"), "@echo off\r\n:again\r\ngoto again\r\n").unwrap();
    let mut arguments = with("azure-cli");
    arguments.extend(["--timeout", "2"]);
    let ended = run(on_path(&[&folder]), arguments);
    assert_eq!((ended.code, &ended.error()["error"]), (5, &"timeout".into()), "{ended:?}");
}

fn report(mut command: Command) -> Value {
    command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", no_metadata_service());
    run(command, ["doctor", "-o", "json"]).json()
}

fn source(report: &Value, name: &str) -> Value {
    let sources = report["sources"].as_array().unwrap();
    sources.iter().find(|source| source["source"] == name).expect("it was asked").clone()
}

#[test]
fn the_editor_keeps_its_account_in_the_users_profile() {
    let profile = tempfile::tempdir().unwrap();
    let folder = profile.path().join(".azure").join("ms-azuretools.vscode-azureresourcegroups");
    std::fs::create_dir_all(&folder).unwrap();
    let record = json!({
        "username": world::USER, "authority": "login.microsoftonline.com", "homeAccountId": "u.t",
        "tenantId": world::TENANT, "clientId": "aebc6443-996d-45c2-90f0-388ff96faa56", "version": "1.0",
    });
    std::fs::write(folder.join("authRecord.json"), record.to_string()).unwrap();
    let mut command = entrada();
    command.env("USERPROFILE", profile.path());
    let editor = source(&report(command), "visual-studio-code");
    assert!(editor["message"].as_str().unwrap().contains("broker"), "{editor}");
    assert!(editor["remedy"].as_str().unwrap().contains(world::USER), "{editor}");
    // `HOME` is of other systems.
    let mut command = entrada();
    command.env("HOME", profile.path());
    let editor = source(&report(command), "visual-studio-code");
    assert!(!editor["message"].as_str().unwrap().contains("broker"), "{editor}");
}

#[test]
fn an_account_is_kept_in_the_users_local_folder() {
    let mut config = Config::default();
    config.policy.device_interval = 1;
    let server = emulator(config);
    let local = tempfile::tempdir().unwrap();
    let command = || {
        let mut command = at(&server);
        command.env("LOCALAPPDATA", local.path()).env("ENTRADA_TOKEN_CACHE", "plaintext");
        command
    };
    let ended: Ended =
        on_device(&server, command(), &["login", "--device-code", "-o", "json"], &Person::default());
    assert_eq!(ended.code, 0, "{ended:?}");
    let folder = local.path().join(".IdentityService");
    let names = || -> Vec<_> {
        std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    // The bare name is that of what other libraries encrypt; no lock is left beside it.
    assert_eq!(names(), ["msal.cache.nocae.json"]);
    let before = server.with(|emulator| emulator.token_requests());
    let mut again = with("shared-cache");
    again[2] = "https://management.azure.com";
    let ended = run(command(), again.iter().copied());
    assert_eq!(ended.json()["identity"]["username"], world::USER, "{ended:?}");
    assert_eq!(server.with(|emulator| emulator.token_requests()), before, "the token that is kept serves");
    assert_eq!(run(command(), ["logout"]).code, 0);
    assert_eq!(run(command(), again).code, 3);
    let mut command = at(&server);
    command.env("ENTRADA_TOKEN_CACHE", "plaintext");
    let ended = run(command, ["whoami", "--error-format", "json"]);
    assert!(ended.stderr.contains("LOCALAPPDATA"), "{ended:?}");
}

/// The agent of Azure Arc is found by its program, below a folder that a variable names.
#[test]
fn the_program_of_azure_arc_says_that_its_agent_is_there() {
    let programs = tempfile::tempdir().unwrap();
    let asked = |programs: &Path| {
        let mut command = entrada();
        command.env("ProgramFiles", programs).args(with("managed-identity")).args(["--timeout", "1"]);
        command.arg("-vv");
        run(command, Vec::<String>::new()).stderr
    };
    let agent = "127.0.0.1:40342";
    let without = asked(programs.path());
    assert!(without.contains("himds.exe") && !without.contains(agent), "{without}");
    let folder = programs.path().join("AzureConnectedMachineAgent");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("himds.exe"), "a program").unwrap();
    let with = asked(programs.path());
    assert!(with.contains(agent), "{with}");
}
