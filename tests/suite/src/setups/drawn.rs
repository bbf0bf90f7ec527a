//! What goes wrong with the proofs of apps and people in worlds that the choices make up.

use entrada_core::time::{Mono, Now, Unix};
use entrada_emulator::config::{AppCertificate, Demand, Expiry, JobReply, Replication};
use entrada_emulator::world as w;

use super::{EDITOR_RECORDS, Kind, directory};
use crate::choices::Choices;
use crate::sim::START;
use crate::world::files::Node;
use crate::world::programs::{Version, azd, pwsh};
use crate::world::renewal::{CERTIFICATES_FILE, TOKEN_FILE};
use crate::world::shelf::Order;
use crate::world::signer::Mood;
use crate::world::{Keys, Renewal, Tool, World};

pub(super) fn proofs(kind: Kind, world: &mut World, choices: &mut Choices<'_>) {
    match kind {
        Kind::ClientCertificate | Kind::OnBehalfOf | Kind::RegionalAuthority | Kind::Dsts => {
            signer(world, choices)
        }
        Kind::WorkloadIdentity => file(world, choices),
        Kind::AzurePipelines => pipelines(world, choices),
        Kind::AppService
        | Kind::ServiceFabric
        | Kind::Arc
        | Kind::CloudShell
        | Kind::MachineLearning
        | Kind::MachineLearningJob => host(kind, world, choices),
        Kind::AzureDeveloperCli => world.azd = tool(choices, azd::FAILURES.len(), azd::NONSENSE.len()),
        Kind::AzurePowerShell => world.pwsh = tool(choices, pwsh::FAILURES.len(), pwsh::NONSENSE.len()),
        Kind::WorkloadProxy => proxy(world, choices),
        Kind::SharedCache | Kind::RememberedSignIn | Kind::RememberedApp => shelf(world, choices),
        Kind::AzureCliNative => {
            super::native::draw_files(world, choices);
            shelf(world, choices);
        }
        Kind::DefaultChain => {
            shelf(world, choices);
            editor(world, choices);
        }
        _ if directory::is_one(kind) => administration(world, choices),
        Kind::UnknownAuthority if choices.chance(24) => world.emulator.config_mut().instances.clear(),
        Kind::RefreshToken | Kind::UsernamePassword | Kind::FederatedPassword => account(world, choices),
        _ => {}
    }
    if matches!(kind, Kind::OnBehalfOf | Kind::RefreshToken) && choices.chance(24) {
        let scope = "https://management.azure.com".to_owned();
        let demand = Demand { scope, acrs: Some("p1".into()), newer_than: None };
        world.emulator.config_mut().policy.demands.push(demand);
    }
}

/// Somebody may be signed in to the editor.
fn editor(world: &mut World, choices: &mut Choices<'_>) {
    let record = format!(
        r#"{{"username":"{}","authority":"login.microsoftonline.com","homeAccountId":"u.t","tenantId":"{}",
            "clientId":"aebc6443-996d-45c2-90f0-388ff96faa56","version":"1.0"}}"#,
        w::USER,
        w::TENANT
    );
    let node = match choices.below(8) {
        0 => Node::File(record.into_bytes()),
        1 => Node::File(b"{}".to_vec()),
        2 => Node::File(vec![b' '; 11 << 10]),
        3 if choices.chance(128) => Node::Denied,
        3 => Node::Folder,
        _ => return,
    };
    let place = choices.pick(&EDITOR_RECORDS);
    world.files.put(place, node);
}

/// How fast the directory learns, and what its administrators allow.
fn administration(world: &mut World, choices: &mut Choices<'_>) {
    let mut late = || choices.weighted(&[(6, 0), (3, 3), (3, 12), (2, 60), (1, 200)]);
    let replication = Replication {
        application: late(),
        principal: late(),
        typed_principal: late(),
        untyped_principal: late(),
        credential: late(),
        shown: late(),
        assignment: 0,
    };
    let policy = &mut world.emulator.config_mut().policy;
    policy.replication = replication;
    policy.people_register_apps = choices.byte() < 240;
    policy.secrets_allowed = choices.byte() < 240;
    policy.longest_credential = choices.weighted(&[(16, None), (1, Some(30 * 86_400))]);
}

fn signer(world: &mut World, choices: &mut Choices<'_>) {
    world.signer.mood = choices.weighted(&[
        (24, Mood::Signs),
        (6, Mood::Changes(1)),
        (2, Mood::Changes(2)),
        (1, Mood::Unknown),
        (1, Mood::Refuses),
        (1, Mood::Silent),
        (1, Mood::FallsSilent),
        (2, Mood::Bent),
        (1, Mood::WrongAlgorithm),
    ]);
    let apps = &mut world.emulator.config_mut().apps;
    let registered = choices.weighted(&[(6, 2), (2, 1), (1, 0)]);
    for app in apps.iter_mut().filter(|app| matches!(&*app.client_id, w::CERTIFICATE_APP | w::API)) {
        if registered == 2 {
            app.certificates
                .push(AppCertificate { pem: w::RENEWED_CERTIFICATE_PEM.into(), ..AppCertificate::default() });
        } else if registered == 0 {
            app.certificates.clear();
        }
    }
    world.emulator.config_mut().policy.assertions_once = choices.chance(40);
}

fn file(world: &mut World, choices: &mut Choices<'_>) {
    let age = choices.weighted(&[(12, 0), (4, 3000), (3, 3890), (2, 7200), (1, -4000)]);
    let written = Now { mono: START.mono, unix: Unix(START.unix.0 - age) };
    let subject = choices.weighted(&[
        (20, w::CLUSTER_SUBJECT),
        (1, "system:serviceaccount:training:other"),
        (1, "SYSTEM:serviceaccount:training:pipeline"),
    ]);
    world.write_token(written, subject);
    match choices.below(24) {
        0 => world.files.put(TOKEN_FILE, Node::Denied),
        1 => world.files.put(TOKEN_FILE, Node::Folder),
        2 => world.files.put(TOKEN_FILE, Node::File(Vec::new())),
        3 => world.files.put(TOKEN_FILE, Node::File(vec![b'x'; 65 << 10])),
        4 => world.files.put(TOKEN_FILE, Node::File(b"file-canary-broken 0123 \xff".to_vec())),
        5 => world.files.put(TOKEN_FILE, Node::File(b"file-canary two words".to_vec())),
        // What a cluster does: the place is a link to a folder that is exchanged.
        6..=11 => {
            if let Ok((_, Node::File(token))) = world.files.resolve(TOKEN_FILE.as_ref()) {
                let token = Node::File(token.clone());
                world.files.put("/var/run/secrets/azure/tokens/..2026/azure-identity-token", token);
                world.files.put(TOKEN_FILE, Node::Link("..2026/azure-identity-token".into()));
            }
        }
        _ => {}
    }
    if choices.chance(160) {
        let at = Mono(START.mono.0 + u64::from(choices.word()) / 4);
        world.renewal = Some(Renewal { at, every: 1 + u64::from(choices.word()) });
    }
}

fn pipelines(world: &mut World, choices: &mut Choices<'_>) {
    let pipelines = &mut world.emulator.config_mut().pipelines;
    match choices.below(24) {
        0 => pipelines.system_access_token = "another-jobs-system-access-token".into(),
        1 => pipelines.service_connections.clear(),
        2 => pipelines.service_connections[0].subject = "sc://contoso/training/other".into(),
        3 => pipelines.service_connections[0].audience = "api://other".into(),
        4 => pipelines.service_connections[0].issuer = "https://vstoken.dev.azure.com/other".into(),
        _ => {}
    }
}

fn account(world: &mut World, choices: &mut Choices<'_>) {
    let what = choices.below(24);
    if what == 8 {
        world.emulator.config_mut().federations[0].saml2 = true;
    }
    let users = &mut world.emulator.config_mut().users;
    for user in users.iter_mut().filter(|user| user.username != w::MFA_USER) {
        match what {
            0 => user.password = "not this one, another".into(),
            1 => user.mfa = true,
            2 => user.must_register_mfa = true,
            3 => user.locked = true,
            4 => user.password_expired = true,
            5 => user.disabled = true,
            6 => user.username = format!("former-{}", user.username),
            _ => {}
        }
    }
}

fn host(kind: Kind, world: &mut World, choices: &mut Choices<'_>) {
    let config = world.emulator.config_mut();
    let hosts = &mut config.hosts;
    hosts.throttled = choices.pick(&[0, 0, 0, 1, 2, 9]);
    hosts.expiry = choices.pick(&[
        Expiry::Usual,
        Expiry::Number,
        Expiry::Text,
        Expiry::Linux,
        Expiry::Windows,
        Expiry::Iso,
    ]);
    hosts.job_reply = choices.pick(&[JobReply::ExpiresOn, JobReply::ExpiresIn, JobReply::Token]);
    hosts.old_agent = choices.chance(30);
    hosts.single_sign_on = choices.chance(60);
    match choices.below(20) {
        0 => config.identities.clear(),
        1 => config.identities.truncate(1),
        2 => hosts.person = "nobody@contoso.onmicrosoft.com".into(),
        3 => config.resources.clear(),
        _ => {}
    }
    if kind == Kind::Arc {
        world.keys = choices.weighted(&[
            (18, Keys::Right),
            (4, Keys::Line),
            (1, Keys::Missing),
            (1, Keys::Denied),
            (1, Keys::Elsewhere),
            (1, Keys::Linked),
            (1, Keys::Long),
            (1, Keys::Lines),
        ]);
    }
}

fn tool(choices: &mut Choices<'_>, failures: usize, nonsense: usize) -> Tool {
    match choices.below(12) {
        0..=5 => Tool::Works(choices.pick(&Version::ALL)),
        6 | 7 => Tool::Fails(choices.below(failures)),
        8 => Tool::Prints(choices.below(nonsense)),
        9 => Tool::Hangs,
        _ => choices.pick(&[Tool::NotFound, Tool::CannotStart, Tool::Killed, Tool::SignedOut]),
    }
}

fn shelf(world: &mut World, choices: &mut Choices<'_>) {
    world.shelf.order = choices.weighted(&[
        (20, Order::Works),
        (1, Order::Missing),
        (1, Order::Denied),
        (2, Order::Locked),
        (1, Order::Silent),
        (1, Order::Rubbish),
    ]);
    account(world, choices);
}

fn proxy(world: &mut World, choices: &mut Choices<'_>) {
    file(world, choices);
    let certificates = match choices.below(24) {
        0 => Node::Denied,
        1 => Node::Folder,
        2 => Node::File(Vec::new()),
        3 => Node::File(b"-----BEGIN RUBBISH-----".to_vec()),
        _ => return,
    };
    world.files.put(CERTIFICATES_FILE, certificates);
}
