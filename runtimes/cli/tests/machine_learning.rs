//! `entrada workspace keys`, `endpoint`, `identity` and `rest` against the emulator.

#![cfg(unix)]

#[path = "machine_learning/endpoints.rs"]
mod endpoints;
#[path = "machine_learning/errors.rs"]
mod errors;
#[path = "machine_learning/identities.rs"]
mod identities;
#[path = "machine_learning/rest.rs"]
mod rest;
mod support;

use entrada_emulator::serve::Server;
use entrada_emulator::world;
use support::{Ended, as_app, run};

const NAMES: [&str; 6] = ["-s", world::SUBSCRIPTION, "-g", world::RESOURCE_GROUP, "-w", world::WORKSPACE];

/// The command as the app, in the workspace.
fn ask(server: &Server, words: &[&str]) -> Ended {
    run(as_app(server), words.iter().chain(&NAMES).chain(&["--error-format", "json"]))
}

fn rest(server: &Server, words: &[&str]) -> Ended {
    run(as_app(server), ["rest"].iter().chain(words).chain(&["--error-format", "json"]))
}

fn workspace_path() -> String {
    format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces",
        world::SUBSCRIPTION,
        world::RESOURCE_GROUP
    )
}
