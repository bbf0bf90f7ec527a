//! Served from what is kept.

use entrada_emulator::person::Person;
use entrada_emulator::world;
use serde_json::json;

use super::machine::{Machine, TOKEN, done, grace};
use crate::support::{self, run};

#[test]
fn signed_in_once_and_served_from_then_on() {
    let machine = Machine::new();
    let nobody = machine.run(&["whoami"]);
    assert_eq!(nobody.code, 3);
    assert!(nobody.stderr.contains("entrada login"), "{nobody:?}");

    let record = machine.login(&Person::default()).json();
    assert_eq!((&record["username"], &record["version"]), (&json!(world::USER), &json!("1.0")));
    let home_account = format!("{}.{}", world::USER_OBJECT, world::TENANT);
    assert_eq!(
        (&record["homeAccountId"], &record["tenantId"]),
        (&json!(home_account), &json!(world::TENANT))
    );

    let who = done(&machine.run(&["whoami", "-o", "json"]));
    assert_eq!(who[0]["username"], world::USER);
    assert_eq!((&who[0]["source"], &who[0]["renewable"]), (&json!("device-code"), &json!(true)));
    assert!(who[0]["expires_on"].is_number());
    assert!(machine.run(&["whoami"]).stdout.contains(world::USER));

    let before = machine.requests();
    for credential in ["device-code", "interactive-browser", "shared-cache"] {
        let token = done(&machine.run(&[&TOKEN[..], &["--credential", credential]].concat()));
        assert_eq!(
            (&token["source"], &token["identity"]["username"]),
            (&json!(credential), &json!(world::USER))
        );
    }
    assert_eq!(machine.requests(), before, "a kept token costs no request");
    let vault = ["token", "--resource", "https://vault.azure.net", "--credential", "shared-cache"];
    done(&machine.run(&vault));
    assert_eq!(machine.requests(), before + 1, "another resource costs one, and nobody is asked");
    done(&machine.run(&vault));
    assert_eq!(machine.requests(), before + 1);
}

#[test]
fn a_kept_token_needs_no_network() {
    let machine = Machine::new();
    machine.login(&Person::default());
    let address = support::address(&machine.server);
    let Machine { server, home } = machine;
    drop(server);
    let mut command = support::entrada();
    command.env("HOME", home.path()).env("ENTRADA_TOKEN_CACHE", "plaintext").env("ENTRADA_EMULATOR", address);
    done(&run(command, [&TOKEN[..], &["--credential", "shared-cache"]].concat()));
}

#[test]
fn the_default_chain_and_the_examination_find_who_is_kept() {
    let machine = Machine::new();
    machine.login(&Person::default());
    // A laptop: no metadata service, no service principal, no tool.
    let laptop = |arguments: &[&str]| {
        let address = support::address(&machine.server);
        let mut command = support::entrada();
        command.env("HOME", machine.home.path()).env("ENTRADA_TOKEN_CACHE", "plaintext");
        command.env("AZURE_AUTHORITY_HOST", &address).env("ENTRADA_ARM_ENDPOINT", &address);
        command.env("ENTRADA_ALLOW_HTTP_LOOPBACK", "1");
        command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", support::no_metadata_service());
        run(command, arguments)
    };
    let ended = laptop(&TOKEN);
    assert_eq!((ended.code, &ended.json()["source"]), (0, &"shared-cache".into()), "{ended:?}");
    let ended = laptop(&["doctor", "-o", "json"]);
    assert_eq!((ended.code, &ended.json()["default_chain"]["source"]), (0, &"shared-cache".into()));
    let ended = laptop(&[&TOKEN[..], &["--no-cache", "--error-format", "json"]].concat());
    let told = ended.error()["attempts"].as_array().unwrap().clone();
    assert!(ended.code == 3 && told.iter().all(|attempt| attempt["source"] != "shared-cache"), "{ended:?}");
}

#[test]
fn no_cache_neither_reads_nor_writes() {
    let machine = Machine::new();
    machine.login(&Person::default());
    let before = std::fs::read(machine.file()).unwrap();
    let arguments = [&TOKEN[..], &["--credential", "device-code", "--no-cache"]].concat();
    let token = done(&machine.on_device(machine.entrada(), &arguments, &grace()));
    assert_eq!(token["identity"]["username"], world::MFA_USER, "the person was asked");
    assert_eq!(std::fs::read(machine.file()).unwrap(), before);
    let mut none = machine.entrada();
    none.env("ENTRADA_TOKEN_CACHE", "none");
    let refused =
        run(none, [&TOKEN[..], &["--credential", "shared-cache", "--error-format", "json"]].concat());
    assert_eq!((refused.code, &refused.error()["error"]), (3, &json!("unavailable")));
    for wrong in [
        &["login", "--no-cache"][..],
        &[&TOKEN[..], &["--credential", "shared-cache", "--no-cache"]].concat(),
    ] {
        assert_eq!(machine.run(wrong).code, 2);
    }
}
