//! Managed identities: the hosts that have them, and who is asked for.

use std::sync::Arc;

use entrada_core::endpoint::Route;
use entrada_core::environment::System;
use entrada_core::flow::Credential;
use entrada_core::flows::managed::{KeyFolder, Source};
use entrada_core::{
    AzureMlOnBehalfOfCredential, Environment, Error, ManagedIdentityCredential, ManagedIdentityId,
};
use entrada_emulator::config::Host;
use entrada_emulator::world as w;

use super::options::Options;
use super::{ARC_AGENT, Kind, METADATA, Twist};
use crate::rules::{HostRule, Rules};
use crate::world::World;
use crate::world::agent::KEY_FOLDER;
use crate::world::files::Node;

/// The fingerprint that only Service Fabric's certificate has.
const THUMBPRINT: &str = "A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D";
const PIN: [u8; 20] = [
    0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50, 0xc2, 0x6c, 0x9c,
    0xd0, 0xd8, 0x9d,
];

/// The host that a flow asks; nothing, where that is the metadata service or none.
fn host_of(kind: Kind) -> Option<Host> {
    Some(match kind {
        Kind::AppService => Host::AppService,
        Kind::ServiceFabric => Host::ServiceFabric,
        Kind::Arc => Host::Arc,
        Kind::CloudShell => Host::CloudShell,
        Kind::MachineLearning => Host::MachineLearning,
        Kind::MachineLearningJob => Host::MachineLearningJob,
        _ => return None,
    })
}

/// The credentials of this file; nothing for another kind.
pub(super) fn credential_of(
    kind: Kind,
    options: &Options,
    rules: &mut Rules,
    world: &mut World,
) -> Result<Option<Arc<dyn Credential>>, Error> {
    let Some(host) = host_of(kind) else { return Ok(None) };
    let identity = identity(host, options);
    let (environment, address) = environment(host, options.twist, world);
    let route = if host == Host::ServiceFabric { Route::Pinned(PIN) } else { Route::Local };
    // One try and the retries that its documentation asks for.
    let tries = match host {
        Host::AppService => 3,
        Host::ServiceFabric => 6,
        _ => 4,
    };
    rules.host = Some(HostRule { host, address: address.clone(), route, tries });
    rules.whose = Some(whose(host, &identity, options.twist));
    if host == Host::MachineLearningJob {
        return Ok(Some(Arc::new(AzureMlOnBehalfOfCredential::new(&environment))));
    }
    if host == Host::Arc {
        let folder = world.place(KEY_FOLDER);
        rules.keys = Some(folder.clone().into());
        world.emulator.config_mut().hosts.key_folder = Some(folder);
    }
    if options.twist == Twist::Installed {
        world.files.put(ARC_AGENT, Node::File(b"\x7fELF".to_vec()));
        rules.places.insert(ARC_AGENT.into());
        // Where the disk does not answer in time, it is not known to be there.
        rules.metadata = Some(METADATA.to_owned());
    }
    let made = match host {
        // On a real disk the folder is another, of which no variable can tell.
        Host::Arc if !world.root.is_empty() => {
            let keys = KeyFolder::at(&world.place(KEY_FOLDER))?;
            ManagedIdentityCredential::of(Source::azure_arc(&address, keys)?, identity)
        }
        _ => ManagedIdentityCredential::new(&environment, identity),
    };
    let made = match options.twist {
        Twist::NamedByEnvironment => made.named_by_environment(),
        Twist::NoGuess => made.refusing_to_guess(),
        _ => made,
    };
    Ok(Some(Arc::new(made)))
}

/// The managed identity of a virtual machine.
pub(super) fn of_machine(options: &Options, rules: &mut Rules) -> ManagedIdentityCredential {
    rules.metadata = Some(METADATA.to_owned());
    rules.places.insert(ARC_AGENT.into());
    rules.whose = Some(object(&options.identity).into_iter().collect());
    let environment = Environment::new().on(System::Linux);
    let made = ManagedIdentityCredential::new(&environment, options.identity.clone());
    let made = if options.probing { made.probing() } else { made };
    if options.twist == Twist::NamedByEnvironment { made.named_by_environment() } else { made }
}

/// What the host tells of itself, and where it answers.
fn environment(host: Host, twist: Twist, world: &World) -> (Environment, String) {
    let hosts = &world.emulator.config().hosts;
    let (scheme, name) = match host {
        Host::ServiceFabric => ("https", "localhost"),
        // No variable tells of it: where it always is.
        Host::Arc if twist == Twist::Installed => ("http", "127.0.0.1"),
        Host::MachineLearning => ("http", "127.0.0.1"),
        _ => ("http", "localhost"),
    };
    let origin = format!("{scheme}://{name}:{}", host.port());
    let address = format!("{origin}{}", host.path());
    let bare = Environment::new().on(System::Linux);
    let header = hosts.identity_header.expose();
    let environment = match host {
        Host::Arc if twist == Twist::Installed => bare,
        Host::Arc => bare.with("IDENTITY_ENDPOINT", &address).with("IMDS_ENDPOINT", origin),
        Host::AppService => bare.with("IDENTITY_ENDPOINT", &address).with("IDENTITY_HEADER", header),
        Host::ServiceFabric => bare
            .with("IDENTITY_ENDPOINT", &address)
            .with("IDENTITY_HEADER", header)
            .with("IDENTITY_SERVER_THUMBPRINT", THUMBPRINT),
        Host::CloudShell => bare.with("MSI_ENDPOINT", &address),
        Host::MachineLearning => {
            bare.with("MSI_ENDPOINT", &address).with("MSI_SECRET", hosts.msi_secret.expose())
        }
        Host::MachineLearningJob => bare.with("OBO_ENDPOINT", &address).with("AZUREML_OBO_ENABLED", "true"),
    };
    let environment = match twist {
        Twist::DefaultIdentity => environment.with("DEFAULT_IDENTITY_CLIENT_ID", w::USER_IDENTITY),
        _ => environment,
    };
    (environment, address)
}

/// What was drawn, but that hosts which take no ids are seldom given one.
fn identity(host: Host, options: &Options) -> ManagedIdentityId {
    let on_purpose = options.twist.names_identity();
    match (&options.identity, host) {
        (_, Host::ServiceFabric | Host::CloudShell) if !on_purpose => ManagedIdentityId::SystemAssigned,
        (ManagedIdentityId::ObjectId(_) | ManagedIdentityId::ResourceId(_), Host::MachineLearning)
            if !on_purpose =>
        {
            ManagedIdentityId::SystemAssigned
        }
        (identity, _) => identity.clone(),
    }
}

/// The object of an identity; nothing, if the machine has no such identity.
fn object(identity: &ManagedIdentityId) -> Option<&'static str> {
    match identity {
        ManagedIdentityId::SystemAssigned => Some(w::SYSTEM_IDENTITY_OBJECT),
        ManagedIdentityId::ClientId(id) if id == w::USER_IDENTITY => Some(w::USER_IDENTITY_OBJECT),
        ManagedIdentityId::ObjectId(id) if id == w::USER_IDENTITY_OBJECT => Some(w::USER_IDENTITY_OBJECT),
        ManagedIdentityId::ResourceId(id) if id == w::USER_IDENTITY_RESOURCE => Some(w::USER_IDENTITY_OBJECT),
        _ => None,
    }
}

/// Whose token the host may be taken to give.
fn whose(host: Host, identity: &ManagedIdentityId, twist: Twist) -> Vec<&'static str> {
    let unnamed = *identity == ManagedIdentityId::SystemAssigned;
    match (host, twist) {
        (Host::CloudShell | Host::MachineLearningJob, _) => vec![w::USER_OBJECT],
        (Host::ServiceFabric, _) => vec![w::SYSTEM_IDENTITY_OBJECT],
        (Host::MachineLearning, Twist::DefaultIdentity) if unnamed => vec![w::USER_IDENTITY_OBJECT],
        (Host::MachineLearning, Twist::NoGuess) if unnamed => Vec::new(),
        // With single sign-on it is a person's, and whoever asks has said that they do not mind.
        (Host::MachineLearning, _) if unnamed => vec![w::SYSTEM_IDENTITY_OBJECT, w::USER_OBJECT],
        _ => object(identity).into_iter().collect(),
    }
}
