//! Signing in at a desktop: the session is kept in its keyring, and outlives the process and the machine.

#![cfg(all(target_os = "linux", feature = "secret-service"))]

#[path = "../../host/tests/desktop/fixture.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod fixture;
mod support;

use std::process::Command;

use entrada_emulator::person::Person;
use entrada_emulator::serve::Server;
use entrada_emulator::{Config, world};
use fixture::Desktop;
use support::{Ended, at, emulator, on_device, run};

const SHARED: [&str; 5] =
    ["token", "--credential", "shared-cache", "--resource", "https://management.azure.com"];

struct Machine {
    server: Server,
    desktop: Desktop,
}

impl Machine {
    fn new(desktop: Desktop) -> Machine {
        let mut config = Config::default();
        config.policy.device_interval = 1;
        Machine { server: emulator(config), desktop }
    }

    /// The command, with its key in the desktop's keyring alone, as it is once the machine was restarted.
    fn entrada(&self) -> Command {
        let mut command = at(&self.server);
        command.env("HOME", self.desktop.home()).env("ENTRADA_TOKEN_CACHE", "keyring");
        command.env("DBUS_SESSION_BUS_ADDRESS", self.desktop.address());
        command
    }

    fn login(&self, command: Command) -> Ended {
        let ended = on_device(&self.server, command, &["login", "--device-code"], &Person::default());
        assert_eq!(ended.code, 0, "{ended:?}");
        ended
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        run(self.entrada(), arguments)
    }

    fn sealed(&self) -> Vec<u8> {
        std::fs::read(self.desktop.home().join(".cache/.IdentityService/msal.cache")).unwrap()
    }
}

#[test]
fn signed_in_once_and_locked_in_between() {
    let Some(mut machine) = Desktop::unlocked().map(Machine::new) else { return };
    let told = machine.login(machine.entrada()).stderr;
    assert!(told.contains("their key in the keyring of the desktop (Secret Service)\n"), "{told}");
    let before = machine.server.with(|emulator| emulator.token_requests());
    let served = machine.run(&SHARED);
    assert_eq!((served.code, &served.json()["identity"]["username"]), (0, &world::USER.into()));
    assert_eq!(machine.server.with(|emulator| emulator.token_requests()), before, "silently");

    let sealed = machine.sealed();
    machine.desktop.lock();
    for verb in [&SHARED[..], &["whoami"], &["logout"], &["login", "--device-code"]] {
        let ended = machine.run(verb);
        assert!(ended.code == 3 && ended.stderr.contains("keyring of the desktop is locked"), "{ended:?}");
    }
    let doctor = machine.run(&["doctor", "-o", "json", "--timeout", "20"]);
    assert!(doctor.json()["token_cache"].to_string().contains("is locked"), "{doctor:?}");
    assert_eq!(machine.sealed(), sealed, "what is locked is not lost");

    machine.desktop.end_keyring();
    machine.desktop.start_keyring(Some("a password"));
    assert_eq!(machine.run(&SHARED).code, 0);
    assert!(machine.run(&["logout"]).stdout.contains(world::USER));
    assert_eq!(machine.run(&["whoami"]).code, 3);
}

#[test]
fn the_choice_is_stated() {
    let Some(machine) = Desktop::unlocked().map(Machine::new) else { return };
    let encrypted = || {
        let mut command = machine.entrada();
        command.env_remove("ENTRADA_TOKEN_CACHE");
        command
    };
    let told = machine.login(encrypted()).stderr;
    assert!(told.contains("their key in the keyring of the desktop (Secret Service)"), "{told}");
    assert!(machine.desktop.items() > 0);
    let mut kernel = encrypted();
    kernel.args(SHARED).args(["-v", "--token-cache", "kernel"]);
    let told = run(kernel, [""; 0]).stderr;
    let stated =
        ["until this machine restarts, since the keyring of the system is not to be used", "cannot be used"];
    assert!(stated.iter().any(|stated| told.contains(stated)), "{told}");
    // Without the desktop: an error, and no file that is not encrypted.
    let mut nowhere = machine.entrada();
    nowhere.env_remove("DBUS_SESSION_BUS_ADDRESS");
    let ended = run(nowhere, ["login", "--device-code"]);
    assert!(ended.code == 3 && ended.stderr.contains("there is no session bus"), "{ended:?}");
    assert!(!machine.desktop.home().join(".IdentityService").exists());
}
