//! The tokens of apps, and many commands at once.

use std::process::{Command, Stdio};

use entrada_emulator::person::Person;
use entrada_emulator::world;
use serde_json::json;

use super::machine::{Machine, TOKEN, done, keeping};
use crate::support::{Ended, run};

#[test]
fn an_app_in_a_loop_costs_one_request_where_that_is_wanted() {
    let machine = Machine::new();
    let loops = |command: fn(&Machine) -> Command, more: &[&str]| {
        let before = machine.requests();
        for _ in 0..3 {
            let token = done(&run(
                command(&machine),
                [&TOKEN[..], &["--credential", "client-secret"], more].concat(),
            ));
            assert_eq!(token["source"], "client-secret");
        }
        machine.requests() - before
    };
    assert_eq!(loops(Machine::app, &[]), 3);
    assert!(!machine.file().exists(), "nothing is kept unasked");
    assert_eq!(loops(Machine::app, &["--keep-app-tokens"]), 1);
    assert_eq!(loops(keeping, &[]), 0);
    assert_eq!(loops(keeping, &["--no-cache"]), 3);
    let environment = run(keeping(&machine), [&TOKEN[..], &["--credential", "environment"]].concat());
    assert_eq!(done(&environment)["source"], "environment");

    let apps = machine.run(&["whoami", "-o", "json"]);
    assert!(apps.stderr.contains("nobody is signed in"), "{apps:?}");
    assert_eq!(apps.code, 3, "{apps:?}");
    let app = &apps.json()[0];
    assert_eq!(
        (&app["clientId"], &app["tenant"], &app["source"]),
        (&json!(world::APP), &json!(world::TENANT), &json!("app"))
    );
    assert!(app["expires_on"].is_number() && app.get("username").is_none(), "{app}");
    machine.login(&Person::default());
    let both = done(&machine.run(&["whoami", "-o", "json"]));
    assert_eq!((&both[0]["username"], &both[1]["clientId"]), (&json!(world::USER), &json!(world::APP)));
    let table = machine.run(&["whoami"]);
    assert!(table.stdout.lines().any(|line| line.contains(world::APP) && line.contains("app")), "{table:?}");
    let named = done(&machine.run(&["whoami", "-o", "json", "--username", world::USER]));
    assert_eq!(named.as_array().unwrap().len(), 1, "who is named is no app");
    machine.run(&["logout"]);

    assert_eq!(machine.run(&["logout"]).stderr.trim(), "nobody is signed in");
    assert_eq!(loops(keeping, &[]), 0, "an app is nobody who signs out by itself");
    let all = machine.run(&["logout", "--all"]);
    assert!(all.code == 0 && all.stdout.contains(world::APP), "{all:?}");
    assert!(!std::fs::read_to_string(machine.file()).unwrap().contains("eyJ"));
}

#[test]
fn many_at_once_lose_nothing() {
    let machine = Machine::new();
    machine.login(&Person::default());
    let children: Vec<_> = (0..16)
        .map(|at| {
            let (mut command, credential) = match at % 2 {
                0 => (keeping(&machine), "client-secret"),
                _ => (machine.entrada(), "shared-cache"),
            };
            let resource = ["https://management.azure.com", "https://vault.azure.net"][at / 2 % 2];
            command.args(["token", "--credential", credential, "--resource", resource]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in children {
        done(&Ended::of(&child.wait_with_output().unwrap()));
    }
    let before = machine.requests();
    for resource in ["https://management.azure.com", "https://vault.azure.net"] {
        done(&machine.run(&["token", "--credential", "shared-cache", "--resource", resource]));
        let app = ["token", "--credential", "client-secret", "--keep-app-tokens", "--resource", resource];
        done(&run(machine.app(), app));
    }
    assert_eq!(machine.requests(), before, "every token was kept");
    let names = std::fs::read_dir(machine.file().parent().unwrap()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["msal.cache.nocae"]);
}
