//! The worlds: fair ones, and those that the choices make up.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use entrada_core::Now;
use entrada_emulator::config::{Demand, RoleAssignment};
use entrada_emulator::{Config, world as w};

use super::elsewhere::{PRIVATE, put_certificates};
use super::{Kind, directory, drawn, machine_learning};
use crate::choices::Choices;
use crate::sim::START;
use crate::world::files::{Node, WORKING_DIRECTORY};
use crate::world::person::{Listener, Mind};
use crate::world::programs::Version;
use crate::world::programs::az::{FAILURES, NONSENSE};
use crate::world::{Files, Metadata, Tool, World};

pub(super) fn fair_world(kind: Kind, config: Config, seed: u64, now: Now, root: &str) -> World {
    let mut world = World::fair(config, seed, now);
    world.root = root.to_owned();
    world.az = Tool::Works(Version::Current);
    if kind == Kind::FindConfig {
        world.files.put(WORKING_DIRECTORY, Node::Folder);
        world.files.put("/home/ada/.azureml/config.json", Node::File(file("ml-demo").into_bytes()));
    }
    if kind == Kind::WorkloadProxy {
        world.audience = w::IDENTITY_BINDING;
    }
    if matches!(kind, Kind::WorkloadIdentity | Kind::WorkloadProxy) {
        world.write_token(now, w::CLUSTER_SUBJECT);
    }
    if kind == Kind::WorkloadProxy {
        put_certificates(&mut world);
    }
    match kind {
        // Whoever asks may do it: roles are another matter.
        _ if machine_learning::is_one(kind) || directory::is_one(kind) => {
            world.emulator.config_mut().role_assignments.push(RoleAssignment {
                principal: "*".into(),
                scope: format!("/subscriptions/{}", w::SUBSCRIPTION),
                role: w::OWNER.into(),
                ..RoleAssignment::default()
            });
        }
        Kind::AzureDeveloperCli => world.azd = Tool::Works(Version::Current),
        Kind::AzurePowerShell => world.pwsh = Tool::Works(Version::Current),
        Kind::AzureCliNative => super::native::put_files(&mut world),
        Kind::UnknownAuthority => world.emulator.config_mut().instances.push(PRIVATE.into()),
        _ => {}
    }
    world
}

fn file(workspace: &str) -> String {
    format!(
        r#"{{"subscription_id":"{}","resource_group":"{}","workspace_name":"{workspace}","extra":"file-canary-{workspace}-0123"}}"#,
        w::SUBSCRIPTION,
        w::RESOURCE_GROUP
    )
}

pub(super) fn drawn_world(kind: Kind, choices: &mut Choices<'_>, seed: u64) -> World {
    let mut config = Config::default();
    // The app of the drawn options may come back to this address too.
    for app in config.apps.iter_mut().filter(|app| app.client_id == w::DEVELOPER_CLIENT) {
        app.redirect_uris.push("http://127.0.0.1".into());
    }
    let policy = &mut config.policy;
    policy.page_size = choices.pick(&[2, 1, 3, 100]);
    policy.device_interval = choices.pick(&[5, 5, 1, 0, 30, 90]);
    policy.device_code = choices.pick(&[900, 900, 900, 900, 900, 900, 60, 1, 86_400]);
    policy.access_token = choices.pick(&[3599, 3599, 120, 90_000]);
    policy.managed_identity_token = choices.pick(&[86_399, 3599, 7200]);
    if choices.chance(64) {
        policy.demands.push(match choices.below(2) {
            0 => Demand {
                scope: format!("/subscriptions/{}", w::SUBSCRIPTION),
                acrs: Some("p1".into()),
                newer_than: None,
            },
            // Nothing that can be obtained satisfies this one: it lies ahead.
            _ => Demand {
                scope: format!("/subscriptions/{}", w::SUBSCRIPTION),
                acrs: None,
                newer_than: Some(i64::MAX),
            },
        });
    }
    let mut world = fair_world(kind, config, seed, START, "");
    world.faults.share = choices.weighted(&[(2, 0), (4, 40), (5, 100), (2, 180)]);
    world.faults.clock_share = choices.weighted(&[(3, 0), (1, 40)]);
    world.faults.late_share = choices.weighted(&[(1, 0), (1, 90)]);
    let updating = crate::sim::START.mono.0 + u64::from(choices.word()) * 2;
    world.metadata = choices.weighted(&[
        (8, Metadata::Present),
        (1, Metadata::Refused),
        (1, Metadata::Vanishing),
        (1, Metadata::Unreachable),
        (1, Metadata::Portal),
        (2, Metadata::Updating(updating)),
    ]);
    world.az = match choices.below(12) {
        0..=4 => Tool::Works(choices.pick(&Version::ALL)),
        5 | 6 => Tool::Fails(choices.below(FAILURES.len())),
        7 => Tool::NotFound,
        8 => Tool::Hangs,
        9 => Tool::Prints(choices.below(NONSENSE.len())),
        10 => choices.pick(&[Tool::CannotStart, Tool::Killed]),
        _ => Tool::SignedOut,
    };
    let sitter = &mut world.sitter;
    sitter.mind =
        choices.weighted(&[(12, Mind::Approves), (2, Mind::Refuses), (2, Mind::Ignores), (1, Mind::Absent)]);
    sitter.takes = Duration::from_secs(u64::from(choices.byte() % 80) * choices.pick(&[0, 1, 1, 4]));
    sitter.strangers = choices.pick(&[0, 0, 1, 3, 20, 2000]);
    sitter.listener = choices.weighted(&[
        (12, Listener::Works),
        (1, Listener::Taken),
        (1, Listener::Breaks),
        (2, Listener::Deaf),
    ]);
    if choices.chance(40) {
        sitter.person.username = w::MFA_USER.into();
        sitter.person.password = w::MFA_PASSWORD.into();
    }
    if kind == Kind::FindConfig {
        draw_files(&mut world, choices);
    }
    drawn::proofs(kind, &mut world, choices);
    world
}

fn draw_files(world: &mut World, choices: &mut Choices<'_>) {
    world.files = Files::default();
    world.files.put("/home/ada/project/deep/er", Node::Folder);
    world.files.put("/link", Node::Link("/home/ada/project/deep".into()));
    let folders =
        ["/home/ada/project", "/home/ada/project/deep", "/home/ada", "/", "/home/ada/project/deep/er"];
    for number in 0..choices.below(4) {
        let folder = choices.pick(&folders);
        let place = choices.pick(&[
            ".azureml/config.json",
            ".azureml/project.json",
            "aml_config/config.json",
            "config.json",
            "project.json",
        ]);
        let node = match choices.below(10) {
            0 => Node::Denied,
            1 => Node::Device,
            2 => Node::Folder,
            3 => Node::File(b"{\"subscription_id\": \"file-canary-broken-0123\", oops".to_vec()),
            4 => Node::File(vec![b' '; 300 << 10]),
            5 => Node::Link("/home/ada/elsewhere.json".into()),
            _ => Node::File(file(&format!("ws-{number}")).into_bytes()),
        };
        world.files.put(Path::new(folder).join(place), node);
    }
    if choices.chance(128) {
        world.files.put("/home/ada/elsewhere.json", Node::File(file("ws-elsewhere").into_bytes()));
    }
}

/// Every file that a search from here may look at: azureml.md 1.2 says which, and nothing else counts.
pub(super) fn places(world: &World, start: &Path) -> BTreeSet<PathBuf> {
    let mut places = BTreeSet::from([start.to_owned()]);
    let mut missing = Vec::new();
    let mut at = start.to_owned();
    let folder = loop {
        places.insert(at.clone());
        match world.files.resolve(&at) {
            // A device is looked at as if it were not there.
            Ok((resolved, node)) if *node != Node::Device => break resolved,
            _ => {
                missing.extend(at.file_name().map(ToOwned::to_owned));
                match at.parent() {
                    Some(parent) => at = if parent == Path::new("") { ".".into() } else { parent.to_owned() },
                    None => return places,
                }
            }
        }
    };
    let from = missing.iter().rev().fold(folder, |path, step| path.join(step));
    for directory in from.ancestors().take(21) {
        for below in [".azureml", "aml_config", ""] {
            for name in ["config.json", "project.json"] {
                places.insert(directory.join(below).join(name));
            }
        }
    }
    places
}
