//! Signing in once: the account is kept between runs of the command, and forgotten when it is told to.

#![cfg(unix)]

mod support;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use entrada_emulator::person::Person;
use entrada_emulator::serve::Server;
use entrada_emulator::{Config, world};
use serde_json::{Value, json};
use support::{Ended, as_app, at, emulator, on_device, run};

const TOKEN: [&str; 3] = ["token", "--resource", "https://management.azure.com"];

/// A person's machine: an emulator, and a home where accounts are kept in plain files.
struct Machine {
    server: Server,
    home: tempfile::TempDir,
}

impl Machine {
    fn new() -> Machine {
        let mut config = Config::default();
        config.policy.device_interval = 1;
        Machine { server: emulator(config), home: tempfile::tempdir().unwrap() }
    }

    fn entrada(&self) -> Command {
        let mut command = at(&self.server);
        command.env("HOME", self.home.path()).env("ENTRADA_TOKEN_CACHE", "plaintext");
        command
    }

    fn app(&self) -> Command {
        let mut command = as_app(&self.server);
        command.env("HOME", self.home.path()).env("ENTRADA_TOKEN_CACHE", "plaintext");
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        run(self.entrada(), arguments)
    }

    fn requests(&self) -> u64 {
        self.server.with(|emulator| emulator.token_requests())
    }

    fn file(&self) -> PathBuf {
        self.home.path().join(".IdentityService/msal.cache.nocae")
    }

    fn on_device(&self, command: Command, arguments: &[&str], person: &Person) -> Ended {
        on_device(&self.server, command, arguments, person)
    }

    fn login(&self, person: &Person) -> Ended {
        let ended = self.on_device(self.entrada(), &["login", "--device-code", "-o", "json"], person);
        assert_eq!(ended.code, 0, "{ended:?}");
        ended
    }
}

fn grace() -> Person {
    Person { username: world::MFA_USER.into(), password: world::MFA_PASSWORD.into(), ..Person::default() }
}

#[track_caller]
fn done(ended: &Ended) -> Value {
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.json()
}

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
    // A laptop: nobody in place of the metadata service, no service principal, no tool.
    let laptop = |arguments: &[&str]| {
        let address = support::address(&machine.server);
        let mut command = support::entrada();
        command.env("HOME", machine.home.path()).env("ENTRADA_TOKEN_CACHE", "plaintext");
        command.env("AZURE_AUTHORITY_HOST", &address).env("ENTRADA_ARM_ENDPOINT", &address);
        command.env("ENTRADA_ALLOW_HTTP_LOOPBACK", "1");
        command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9");
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

    assert_eq!(machine.run(&["logout"]).stderr.trim(), "nobody is signed in");
    assert_eq!(loops(keeping, &[]), 0, "an app is nobody who signs out by itself");
    let all = machine.run(&["logout", "--all"]);
    assert!(all.code == 0 && all.stdout.contains(world::APP), "{all:?}");
    assert!(!std::fs::read_to_string(machine.file()).unwrap().contains("eyJ"));
}

fn keeping(machine: &Machine) -> Command {
    let mut command = machine.app();
    command.env("ENTRADA_KEEP_APP_TOKENS", "1");
    command
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

#[test]
fn a_cache_that_cannot_be_read_is_never_fatal() {
    let machine = Machine::new();
    machine.login(&Person::default());
    std::fs::write(machine.file(), "{\"Account\": canary").unwrap();
    assert_eq!(machine.run(&["whoami"]).code, 3);
    let command =
        run(machine.app(), [&TOKEN[..], &["--credential", "client-secret", "--keep-app-tokens"]].concat());
    done(&command);
    assert!(command.stderr.contains("was set aside") && !command.stderr.contains("canary"), "{command:?}");
    assert!(machine.file().with_file_name("msal.cache.nocae.unreadable").exists());
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
