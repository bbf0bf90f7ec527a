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
    assert!(error["remedy"].as_str().unwrap().contains("managed identity"), "{error}");
    assert!(other.server.requests().len() - before < 8, "{machine_identity:?}");
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
    for ended in [app, person] {
        let error = ended.error();
        assert_eq!((ended.code, &error["aadsts"]), (1, &json!([53003])), "{ended:?}");
        assert!(error["message"].as_str().unwrap().contains("Conditional Access"), "{ended:?}");
        let remedy = error["remedy"].as_str().unwrap();
        assert!(remedy.contains("administrator") && remedy.contains("correlation id"), "{ended:?}");
        assert!(error["correlation_id"].is_string(), "{ended:?}");
    }
}
