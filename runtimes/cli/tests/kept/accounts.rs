//! Of several accounts one is meant; and they are forgotten.

use entrada_emulator::person::Person;
use entrada_emulator::world;
use serde_json::{Value, json};

use super::machine::{Machine, TOKEN, done, grace};
use crate::support::run;

#[test]
fn logout_leaves_nothing() {
    let machine = Machine::new();
    machine.login(&Person::default());
    let kept = std::fs::read_to_string(machine.file()).unwrap();
    assert!(kept.contains(world::USER) && kept.contains("eyJ"));
    let out = machine.run(&["logout"]);
    assert!(out.code == 0 && out.stdout.contains(world::USER), "{out:?}");
    let left = std::fs::read_to_string(machine.file()).unwrap();
    for gone in [world::USER, world::USER_OBJECT, "eyJ", "\"secret\""] {
        assert!(!left.contains(gone), "{gone}");
    }
    assert_eq!(machine.run(&["whoami"]).code, 3);
    assert_eq!(machine.run(&[&TOKEN[..], &["--credential", "shared-cache"]].concat()).code, 3);
    let again = machine.run(&["logout"]);
    assert_eq!((again.code, again.stderr.trim()), (0, "nobody is signed in"));
}

#[test]
fn of_several_accounts_one_is_named() {
    let machine = Machine::new();
    machine.login(&Person::default());
    machine.login(&grace());
    let ask = |more: &[&str]| {
        machine.run(&[&TOKEN[..], &["--credential", "shared-cache", "--error-format", "json"], more].concat())
    };
    let unclear = ask(&[]);
    assert_eq!(unclear.code, 3, "{unclear:?}");
    let remedy = unclear.error()["remedy"].to_string();
    assert!(remedy.contains(world::USER) && remedy.contains(world::MFA_USER), "{remedy}");
    assert!(remedy.contains("--username"), "{remedy}");
    assert_eq!(done(&ask(&["--username", world::MFA_USER]))["identity"]["username"], world::MFA_USER);
    assert_eq!(done(&ask(&["--login-hint", world::USER]))["identity"]["username"], world::USER);
    let mut by_variable = machine.entrada();
    by_variable.env("AZURE_USERNAME", world::USER);
    let token = done(&run(by_variable, [&TOKEN[..], &["--credential", "shared-cache"]].concat()));
    assert_eq!(token["identity"]["username"], world::USER);

    assert_eq!(machine.run(&["logout"]).code, 2, "whom?");
    let stranger = machine.run(&["whoami", "--username", "jo@contoso.com"]);
    assert_eq!(stranger.code, 3);
    for name in ["jo@contoso.com is not signed in", world::USER, world::MFA_USER] {
        assert!(stranger.stderr.contains(name), "{stranger:?}");
    }
    assert_eq!(machine.run(&["logout", "--username", "jo@contoso.com"]).code, 0);
    let mut by_variable = machine.entrada();
    by_variable.env("AZURE_USERNAME", world::MFA_USER);
    assert!(run(by_variable, ["logout"]).stdout.contains(world::MFA_USER));
    machine.login(&grace());
    assert_eq!(machine.run(&["logout", "--username", world::USER]).code, 0);
    assert_eq!(done(&ask(&[]))["identity"]["username"], world::MFA_USER);
    machine.login(&Person::default());
    assert_eq!(machine.run(&["logout", "--all"]).code, 0);
    assert_eq!(machine.run(&["whoami"]).code, 3);
}

#[test]
fn a_record_chooses_the_account_and_login_writes_it() {
    let machine = Machine::new();
    let record = machine.home.path().join("record.json");
    let file = record.to_str().unwrap();
    let login = ["login", "--device-code", "--authentication-record", file, "-o", "json"];
    let signed_in = machine.on_device(machine.entrada(), &login, &Person::default());
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&record).unwrap()).unwrap();
    assert_eq!((done(&signed_in), &written["username"]), (written.clone(), &json!(world::USER)));
    machine.login(&grace());

    let ask = |more: &[&str]| machine.run(&[&TOKEN[..], &["--credential", "shared-cache"], more].concat());
    assert_eq!(ask(&[]).code, 3, "of two accounts none is chosen");
    let chosen = ["--authentication-record", file];
    assert_eq!(done(&ask(&chosen))["identity"]["username"], world::USER);
    let by_device = [&TOKEN[..], &["--credential", "device-code"], &chosen].concat();
    assert_eq!(done(&machine.run(&by_device))["identity"]["username"], world::USER, "and nobody is asked");
    // As .NET writes it; a variable that names somebody else does not count.
    let mut by_others = written.clone();
    by_others.as_object_mut().unwrap().remove("version");
    std::fs::write(&record, by_others.to_string()).unwrap();
    let mut named = machine.entrada();
    named.env("AZURE_USERNAME", world::MFA_USER).env("AZURE_CLIENT_ID", "another-app");
    let token = run(named, [&TOKEN[..], &["--credential", "shared-cache"], &chosen].concat());
    assert_eq!(done(&token)["identity"]["username"], world::USER);
    let who = done(&machine.run(&["whoami", "-o", "json", "--authentication-record", file]));
    assert_eq!((who.as_array().unwrap().len(), &who[0]["username"]), (1, &json!(world::USER)));

    // Whoever signs in with it is whom it names from then on.
    done(&machine.on_device(machine.entrada(), &login, &grace()));
    assert_eq!(done(&ask(&chosen))["identity"]["username"], world::MFA_USER);
    assert_eq!(machine.run(&["logout", "--authentication-record", file]).code, 0);
    assert_eq!(ask(&chosen).code, 3, "the other account is not that one");
    assert_eq!(done(&ask(&[]))["identity"]["username"], world::USER);

    let missing = machine.home.path().join("none.json");
    let unchosen = ask(&["--authentication-record", missing.to_str().unwrap()]);
    assert!(done(&unchosen)["identity"]["username"] == world::USER && !missing.exists(), "{unchosen:?}");
    let nowhere = machine.home.path().join("none/record.json");
    let refused =
        machine.run(&["login", "--device-code", "--authentication-record", nowhere.to_str().unwrap()]);
    assert!(refused.code == 2 && !refused.stderr.contains("code "), "nobody is asked: {refused:?}");
    for (wrong, said) in [
        (ask(&["--authentication-record", file, "--client-id", "another-app"]), "--client-id"),
        (machine.run(&[&TOKEN[..], &["--credential", "client-secret"], &chosen].concat()), "means nothing"),
    ] {
        assert!(wrong.code == 2 && wrong.stderr.contains(said), "{wrong:?}");
    }
    std::fs::write(&record, "{}").unwrap();
    let broken = ask(&chosen);
    assert!(broken.code == 2 && broken.stderr.contains(file), "{broken:?}");
}
