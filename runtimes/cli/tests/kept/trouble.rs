//! What cannot be read, what is locked, and where nothing can be kept.

use entrada_emulator::person::Person;
use entrada_emulator::world;
use entrada_host::store::{FileLock, Patience};
use serde_json::json;

use super::machine::{Machine, TOKEN, done};
use crate::support::run;

#[test]
fn a_cache_that_cannot_be_read_is_never_fatal() {
    let machine = Machine::new();
    machine.login(&Person::default());
    let aside = machine.file().with_file_name("msal.cache.nocae.unreadable");
    let damage = || std::fs::write(machine.file(), "{\"Account\": canary").unwrap();
    damage();
    let who = machine.run(&["whoami"]);
    assert!(who.code == 3 && who.stderr.contains(&aside.display().to_string()), "{who:?}");
    assert!(!who.stderr.contains("canary") && std::fs::read_to_string(&aside).unwrap().contains("canary"));
    damage();
    let command =
        run(machine.app(), [&TOKEN[..], &["--credential", "client-secret", "--keep-app-tokens"]].concat());
    done(&command);
    assert!(command.stderr.contains("was set aside") && !command.stderr.contains("canary"), "{command:?}");
    assert!(aside.exists());

    for document in ["{\"Account\": canary", "{}"] {
        std::fs::write(&aside, "canary").unwrap();
        std::fs::write(machine.file(), document).unwrap();
        let out = machine.run(&["logout", "-o", "json"]);
        assert!(done(&out) == json!([]) && out.stderr.contains("was removed"), "{out:?}");
        assert!(
            out.stderr.contains(&aside.display().to_string()) && !out.stderr.contains("canary"),
            "{out:?}"
        );
        assert!(!aside.exists(), "what cannot be read may well hold tokens");
    }
    damage();
    assert_eq!(machine.run(&["whoami"]).code, 3);
    machine.login(&Person::default());
    assert!(aside.exists());
    let out = machine.run(&["logout", "--all"]);
    assert!(out.code == 0 && out.stdout.contains(world::USER) && !aside.exists(), "{out:?}");
}

#[test]
fn somebody_who_keeps_the_lock_costs_no_token_and_is_said_once() {
    let machine = Machine::new();
    machine.login(&Person::default());
    let lock = machine.file().with_file_name("msal.cache.nocae.lockfile");
    let held = FileLock::take(&lock, &Patience::none()).unwrap();
    let mut vault = machine.entrada();
    vault.args(["token", "--resource", "https://vault.azure.net", "--credential", "shared-cache"]);
    // Half of the command's time is waited for the lock.
    let token = run(vault, ["--timeout", "8"]);
    drop(held);
    assert_eq!(done(&token)["identity"]["username"], world::USER);
    assert_eq!(token.stderr.matches("locked").count(), 1, "{token:?}");
}

#[test]
fn what_was_chosen_is_said_and_plain_files_are_never_a_choice() {
    let machine = Machine::new();
    let encrypted = || {
        let mut command = machine.entrada();
        command.env_remove("ENTRADA_TOKEN_CACHE");
        command
    };
    let told =
        run(encrypted(), ["doctor", "-o", "json", "--timeout", "20"]).json()["token_cache"].to_string();
    let ended = match told.contains("are not kept: ") {
        // Where the kernel gives no keyring, that is said before anybody is asked.
        true => run(encrypted(), ["login", "--device-code"]),
        false => {
            machine.on_device(encrypted(), &["login", "--device-code", "-o", "json"], &Person::default())
        }
    };
    assert!(!machine.file().exists());
    let sealed = machine.home.path().join(".cache/.IdentityService/msal.cache");
    match ended.code {
        0 => {
            let said =
                format!("kept in encrypted files in {}, their key in", sealed.parent().unwrap().display());
            assert!(ended.stderr.contains(&said) && told.contains(&said), "{ended:?} {told}");
            assert!(
                ended.stderr.contains("until this machine restarts, since there is no session bus"),
                "{ended:?}"
            );
            let sealed = std::fs::read_to_string(sealed).unwrap();
            assert_eq!(sealed.split('.').count(), 5, "a sealed document");
            let shared = run(encrypted(), [&TOKEN[..], &["--credential", "shared-cache", "-v"]].concat());
            assert!(shared.code == 0 && shared.stderr.contains(&said), "{shared:?}");
        }
        code => {
            assert!(code == 3 && ended.stderr.contains("keyring of the kernel cannot be used"), "{ended:?}")
        }
    }
}

#[test]
fn where_nothing_can_be_kept_tokens_are_had_all_the_same() {
    let machine = Machine::new();
    let mut homeless = machine.app();
    homeless.env_remove("HOME");
    done(&run(homeless, [&TOKEN[..], &["--credential", "client-secret", "--keep-app-tokens"]].concat()));
    let mut wrong = machine.app();
    wrong.env("ENTRADA_TOKEN_CACHE", "somewhere");
    let refused = run(wrong, TOKEN);
    assert!(
        refused.code == 2 && refused.stderr.contains("encrypted, keyring, kernel, plaintext or none"),
        "{refused:?}"
    );
}
