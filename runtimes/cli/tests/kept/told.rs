//! What is said of who is kept, and by what name it is not meant.

use entrada_emulator::person::Person;
use entrada_emulator::world;
use serde_json::json;

use super::machine::{Machine, TOKEN, done};
use crate::support::run;

/// Policies of B2C tell no name to sign in with unless they are told to.
#[test]
fn whoever_signs_in_without_a_name_is_told_of_as_far_as_it_is_known() {
    let machine = Machine::new();
    machine.server.with(|emulator| emulator.config_mut().policy.nameless = true);
    let told = machine.login(&Person::default());
    let known = told.json();
    assert_eq!(known["tenantId"], world::TENANT, "{told:?}");
    assert!(known["clientId"].is_string() && known["authority"].is_string(), "{told:?}");
    assert!(known.get("homeAccountId").is_none(), "it is no record: {told:?}");
    let shared = [&TOKEN[..], &["--credential", "shared-cache"]].concat();
    done(&machine.run(&shared));
}

#[test]
fn what_is_said_after_a_sign_in_and_until_when_it_lasts() {
    let machine = Machine::new();
    let login = machine.login(&Person::default());
    let hint = login.stderr.lines().find(|line| line.contains("--credential shared-cache")).expect("a hint");
    assert!(hint.contains("AZURE_TOKEN_CREDENTIALS=dev") && hint.len() < 100, "{hint}");
    let who = machine.run(&["whoami"]);
    let year = who.stdout.split_whitespace().any(|word| word.len() == 10 && word.starts_with("20"));
    assert!(year && who.stdout.contains("renewed without asking"), "{who:?}");
}

/// The variables of a service principal are set where a person signed in to the developer tools.
#[test]
fn the_client_id_of_a_service_principal_is_no_relative() {
    let machine = Machine::new();
    machine.login(&Person::default());
    let as_principal = |arguments: &[&str]| {
        let mut command = machine.entrada();
        command.env("AZURE_CLIENT_ID", world::APP).env("AZURE_TENANT_ID", world::TENANT);
        run(command, arguments)
    };
    let who = as_principal(&["whoami", "-o", "json"]);
    assert_eq!((who.code, &who.json()[0]["renewable"]), (0, &json!(false)), "{who:?}");
    let refused = as_principal(&[&TOKEN[..], &["--credential", "shared-cache"]].concat());
    assert!(refused.code == 4 && refused.stderr.contains("AZURE_CLIENT_ID"), "{refused:?}");
}
