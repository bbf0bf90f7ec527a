//! A person's machine.

use std::path::PathBuf;
use std::process::Command;

use entrada_emulator::Config;
use entrada_emulator::person::Person;
use entrada_emulator::serve::Server;
use entrada_emulator::world;
use serde_json::Value;

use crate::support::{Ended, as_app, at, emulator, on_device, run};

pub(crate) const TOKEN: [&str; 3] = ["token", "--resource", "https://management.azure.com"];

/// A person's machine: an emulator, and a home where accounts are kept in plain files.
pub(crate) struct Machine {
    pub(crate) server: Server,
    pub(crate) home: tempfile::TempDir,
}

impl Machine {
    pub(crate) fn new() -> Machine {
        let mut config = Config::default();
        config.policy.device_interval = 1;
        Machine { server: emulator(config), home: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn entrada(&self) -> Command {
        let mut command = at(&self.server);
        command.env("HOME", self.home.path()).env("ENTRADA_TOKEN_CACHE", "plaintext");
        command
    }

    pub(crate) fn app(&self) -> Command {
        let mut command = as_app(&self.server);
        command.env("HOME", self.home.path()).env("ENTRADA_TOKEN_CACHE", "plaintext");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        run(self.entrada(), arguments)
    }

    pub(crate) fn requests(&self) -> u64 {
        self.server.with(|emulator| emulator.token_requests())
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.home.path().join(".IdentityService/msal.cache.nocae")
    }

    pub(crate) fn on_device(&self, command: Command, arguments: &[&str], person: &Person) -> Ended {
        on_device(&self.server, command, arguments, person)
    }

    pub(crate) fn login(&self, person: &Person) -> Ended {
        let ended = self.on_device(self.entrada(), &["login", "--device-code", "-o", "json"], person);
        assert_eq!(ended.code, 0, "{ended:?}");
        ended
    }
}

pub(crate) fn grace() -> Person {
    Person { username: world::MFA_USER.into(), password: world::MFA_PASSWORD.into(), ..Person::default() }
}

#[track_caller]
pub(crate) fn done(ended: &Ended) -> Value {
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.json()
}

pub(crate) fn keeping(machine: &Machine) -> Command {
    let mut command = machine.app();
    command.env("ENTRADA_KEEP_APP_TOKENS", "1");
    command
}
