//! Conditional Access, the whole round: a policy, what Azure Resource Manager demands by it, a fresh token,
//! and what is said where there is none to be had.

#![cfg(unix)]

mod support;

use std::process::Command;

use entrada_emulator::config::{Block, Demand};
use entrada_emulator::person::Person;
use entrada_emulator::serve::Server;
use entrada_emulator::{Config, world};
use serde_json::json;
use support::{as_app, at, emulator, on_device, run};

const NAMES: [&str; 6] = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP, "-w", world::WORKSPACE];
const SHOW: [&str; 6] = ["workspace", "show", "-o", "json", "--error-format", "json"];

/// A person who is signed in, in a home of their own.
struct Machine {
    server: Server,
    home: tempfile::TempDir,
}

impl Machine {
    fn new() -> Machine {
        let mut config = Config::default();
        config.policy.device_interval = 1;
        let machine = Machine { server: emulator(config), home: tempfile::tempdir().unwrap() };
        let login = ["login", "--device-code", "-o", "json"];
        let ended = on_device(&machine.server, machine.entrada(), &login, &Person::default());
        assert_eq!(ended.code, 0, "{ended:?}");
        machine
    }

    fn entrada(&self) -> Command {
        let mut command = at(&self.server);
        command.env("HOME", self.home.path()).env("ENTRADA_TOKEN_CACHE", "plaintext");
        command
    }

    /// From now on the subscription wants an authentication context.
    fn demand(&self) {
        let scope = format!("/subscriptions/{}", world::SUBSCRIPTION);
        let demand = Demand { scope, acrs: Some("p1".into()), newer_than: None };
        self.server.with(|emulator| emulator.config_mut().policy.demands.push(demand));
    }

    fn block(&self, principal: &str) {
        let block = Block { resource: "https://management.azure.com".into(), principal: principal.into() };
        self.server.with(|emulator| emulator.config_mut().policy.blocks.push(block));
    }
}

fn with(credential: &str) -> Vec<&str> {
    SHOW.iter().copied().chain(NAMES).chain(["--credential", credential]).collect()
}

#[test]
fn a_demand_is_met_by_whoever_can_meet_it() {
    let machine = Machine::new();
    assert_eq!(run(machine.entrada(), with("shared-cache")).code, 0);
    machine.demand();
    // Nobody is asked: it is said what is demanded, and how to go on.
    let silent = run(machine.entrada(), with("shared-cache"));
    let error = silent.error();
    assert_eq!((silent.code, &error["error"]), (4, &json!("interaction-required")), "{silent:?}");
    let claims = error["claims"].as_str().unwrap().to_owned();
    assert!(claims.contains("acrs") && claims.contains("p1"), "{claims}");
    let text = ["workspace", "show", "--credential", "shared-cache"];
    let told = run(machine.entrada(), text.iter().chain(&NAMES));
    let command = format!("entrada login --claims '{claims}'");
    assert!(told.stderr.contains(&command), "{command}: {told:?}");

    // What it says is what helps: after this the silent credential serves again.
    let login = ["login", "--device-code", "-o", "json", "--claims", &claims];
    let ended = on_device(&machine.server, machine.entrada(), &login, &Person::default());
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(run(machine.entrada(), with("shared-cache")).code, 0);

    // A credential that may ask does so in the same run.
    let other = Machine::new();
    other.demand();
    let shown = on_device(&other.server, other.entrada(), &with("device-code"), &Person::default());
    assert_eq!(shown.code, 0, "{shown:?}");
    assert_eq!(shown.json()["workspace"]["name"], world::WORKSPACE);
    // And an app needs nobody.
    let app = run(as_app(&other.server), with("client-secret"));
    assert_eq!(app.code, 0, "{app:?}");
    // The host of a managed identity cannot meet it, and is not asked without end.
    let before = other.server.requests().len();
    let machine_identity = run(at(&other.server), with("managed-identity"));
    assert_eq!(machine_identity.code, 1, "{machine_identity:?}");
    let error = machine_identity.error();
    assert!(error["message"].as_str().unwrap().contains("it demands more"), "{error}");
    assert!(error["remedy"].as_str().unwrap().contains("of a managed identity"), "{error}");
    assert!(other.server.requests().len() - before < 8, "{machine_identity:?}");
}

#[test]
fn what_it_says_to_run_serves_as_it_stands() {
    let machine = Machine::new();
    machine.demand();
    // All that says who is asked, where and for what is an option here.
    let emulator = support::address(&machine.server);
    let scope = "https://management.azure.com/user_impersonation";
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"p1"}}}"#;
    let options =
        ["token", "--credential", "shared-cache", "--emulator", &emulator, "--tenant-id", world::TENANT];
    let more = ["--token-cache", "plaintext", "--username", world::USER, "--scope", scope, "--enable-cae"];
    let entrada = || {
        let mut command = support::entrada();
        command.env("HOME", machine.home.path());
        command
    };
    let ask = |more_still: &[&'static str]| {
        run(entrada(), options.iter().chain(&more).chain(more_still).chain(&["--claims", claims]))
    };
    let refused = ask(&[]);
    assert_eq!(refused.code, 4, "{refused:?}");
    let told = refused.stderr.lines().find_map(|line| line.trim().strip_prefix("then run: ")).unwrap();
    for said in [
        &format!("--tenant-id {}", world::TENANT),
        &format!("--scope {scope}"),
        &format!("--login-hint {}", world::USER),
        &format!("--emulator {emulator}"),
        "--token-cache plaintext",
        "--enable-cae",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    let script =
        format!("entrada() {{ '{}' \"$@\"; }}\n{told} --device-code -o json", env!("CARGO_BIN_EXE_entrada"));
    let mut shell = Command::new("/bin/sh");
    shell.env_clear().env("PATH", "/nowhere").env("HOME", machine.home.path());
    let ended = on_device(&machine.server, shell, &["-c", &script], &Person::default());
    assert_eq!(ended.code, 0, "{ended:?}");
    let served = ask(&[]);
    assert_eq!(served.code, 0, "{served:?}");
}

#[test]
fn a_sign_in_is_advised_only_where_it_helps() {
    let machine = Machine::new();
    machine.demand();
    let files = support::Files::new();
    let password = files.put("password", world::PASSWORD);
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"p1"}}}"#;
    let ask = ["token", "--scope", world::MANAGEMENT_SCOPE, "--claims", claims];
    let by_password =
        ["--credential", "username-password", "--username", world::USER, "--password-file", &password];
    let by_tool = ["--credential", "azure-cli"];
    for credential in [&by_password[..], &by_tool[..]] {
        let ended = run(machine.entrada(), ask.iter().chain(credential));
        assert_eq!(ended.code, 4, "{ended:?}");
        assert!(!ended.stderr.contains("entrada login"), "{ended:?}");
    }
    // Whoever signed in for the default chain signed in to the app of the developer tools.
    let mut command = machine.entrada();
    command.env("AZURE_TOKEN_CREDENTIALS", "dev");
    let show = ["workspace", "show"];
    let ended = run(command, show.iter().chain(&NAMES));
    let app = entrada_core::flows::authority_client::DEVELOPER_CLIENT_ID;
    assert!(ended.stderr.contains(&format!("entrada login --client-id {app}")), "{ended:?}");
}

#[test]
fn who_is_blocked_is_told_by_whom() {
    let machine = Machine::new();
    machine.block(world::USER_OBJECT);
    machine.block(world::APP_OBJECT);
    let app = run(as_app(&machine.server), with("client-secret"));
    let person = on_device(
        &machine.server,
        machine.entrada(),
        &[&with("device-code")[..], &["--no-cache"]].concat(),
        &Person::default(),
    );
    let remedy = app.error()["remedy"].as_str().unwrap().to_owned();
    assert!(remedy.contains(&format!("this workload identity (app id {})", world::APP)), "{remedy}");
    assert!(!remedy.contains("device"), "{remedy}");
    assert!(!person.error()["remedy"].as_str().unwrap().contains("workload"), "{person:?}");
    for ended in [app, person] {
        let error = ended.error();
        assert_eq!((ended.code, &error["aadsts"]), (1, &json!([53003])), "{ended:?}");
        assert!(error["message"].as_str().unwrap().contains("Conditional Access"), "{ended:?}");
        let remedy = error["remedy"].as_str().unwrap();
        assert!(remedy.contains("administrator") && remedy.contains("correlation id"), "{ended:?}");
        assert!(error["correlation_id"].is_string(), "{ended:?}");
    }
}
