//! The worlds of apps that prove themselves by what they sign, or by what somebody else says of them.

use std::time::Duration;

use entrada_core::ErrorKind as K;
use entrada_core::effect::HttpFailure;
use entrada_core::time::{Mono, Now, Unix};
use entrada_emulator::config::{App, AppCertificate};
use entrada_emulator::world as w;

use super::End::{Code, Error, Well};
use super::rows_of;
use crate::faults::{Faults, HttpFault as F, Patience as P};
use crate::world::files::Node;
use crate::world::renewal::{Renewal, TOKEN_FILE};
use crate::world::signer::Mood;
use crate::world::{Metadata, World};

const BUSY: F = F::Status(503, P::None);
const BROKEN: F = F::Fails(HttpFailure::Broken, true);

fn app<'w>(world: &'w mut World, id: &str) -> &'w mut App {
    let apps = &mut world.emulator.config_mut().apps;
    apps.iter_mut().find(|app| app.client_id == id).expect("an app of the ready-made world")
}

fn register_renewed(world: &mut World) {
    let renewed = AppCertificate { pem: w::RENEWED_CERTIFICATE_PEM.into() };
    app(world, w::CERTIFICATE_APP).certificates.push(renewed);
}

/// When something was made so many seconds before the run.
fn ago(world: &World, seconds: i64) -> Now {
    Now { mono: world.began.mono, unix: Unix(world.began.unix.0 - seconds) }
}

/// A token that runs out a second after the run began (the service forgives five minutes), and is renewed
/// two seconds later, while the first try is being repeated.
fn renewed_meanwhile(world: &mut World) {
    let made = ago(world, 3600 + 300 - 1);
    world.write_token(made, w::CLUSTER_SUBJECT);
    let at = Mono(world.began.mono.0 + 3000);
    world.renewal = Some(Renewal { at, every: 3_600_000 });
    world.faults = Faults::once(0, F::Status(503, P::Seconds(7)));
}

rows_of! {
    "certificate-unregistered", ClientCertificate, world => app(world, w::CERTIFICATE_APP).certificates.clear(), Code(K::Refused, 700_027, 1);
    "certificate-renewed", ClientCertificate, world => {
        register_renewed(world);
        world.signer.mood = Mood::Changes(1);
    }, Well(1);
    "certificate-renewed-unregistered", ClientCertificate, world => world.signer.mood = Mood::Changes(1), Code(K::Refused, 700_027, 1);
    "certificate-changes-twice", ClientCertificate, world => world.signer.mood = Mood::Changes(2), Error(K::Configuration, 0);
    "certificate-unknown", ClientCertificate, world => world.signer.mood = Mood::Unknown, Error(K::Configuration, 0);
    "certificate-refused", ClientCertificate, world => world.signer.mood = Mood::Refuses, Error(K::Configuration, 0);
    "certificate-silent", ClientCertificate, world => world.signer.mood = Mood::Silent, Error(K::Timeout, 0);
    "certificate-falls-silent", ClientCertificate, world => world.signer.mood = Mood::FallsSilent, Error(K::Timeout, 0);
    "certificate-bent", ClientCertificate, world => world.signer.mood = Mood::Bent, Code(K::Refused, 700_027, 1);
    "certificate-wrong-algorithm", ClientCertificate, world => world.signer.mood = Mood::WrongAlgorithm, Error(K::Configuration, 0);
    "certificate-password", ClientCertificate / KeyPassword, _world => {}, Error(K::Configuration, 0);
    "certificate-in-bytes", ClientCertificate / KeyInBytes, _world => {}, Well(1);
    "certificate-by-name", ClientCertificate / KeyByName, _world => {}, Well(1);
    "certificate-with-chain", ClientCertificate / Chain, _world => {}, Well(1);
    "certificate-at-adfs", ClientCertificate / AdFs, _world => {}, Well(1);
    "certificate-503", ClientCertificate, world => world.faults = Faults::once(0, BUSY), Well(2);
    "certificate-renewed-between", ClientCertificate, world => {
        register_renewed(world);
        world.faults = Faults::once(0, BROKEN);
        world.signer.mood = Mood::Changes(1);
    }, Well(2);
    // An authority that takes each assertion once received the first.
    "certificate-private-repeated", ClientCertificate / PrivateAuthority, world => {
        world.emulator.config_mut().policy.assertions_once = true;
        world.faults = Faults::once(0, BROKEN);
    }, Well(2);
    "assertion-other-identity", ClientAssertion / OtherIdentity, _world => {}, Code(K::Refused, 7_002_137, 2);
    "assertion-no-metadata", ClientAssertion, world => world.metadata = Metadata::Refused, Error(K::Unavailable, 1);
    "assertion-503", ClientAssertion, world => world.faults = Faults::once(1, BUSY), Well(4);
    "workload-as-managed", WorkloadIdentity / Managed, _world => {}, Well(1);
    "workload-expired", WorkloadIdentity, world => {
        let made = ago(world, 7200);
        world.write_token(made, w::CLUSTER_SUBJECT);
    }, Code(K::Refused, 700_024, 1);
    "workload-other-subject", WorkloadIdentity, world => {
        let now = world.began;
        world.write_token(now, "system:serviceaccount:training:other");
    }, Code(K::Refused, 700_213, 1);
    "workload-missing", WorkloadIdentity, world => world.files.remove(TOKEN_FILE), Error(K::Configuration, 0);
    "workload-denied", WorkloadIdentity, world => world.files.put(TOKEN_FILE, Node::Denied), Error(K::Configuration, 0);
    "workload-empty", WorkloadIdentity, world => world.files.put(TOKEN_FILE, Node::File(b" \n".to_vec())), Error(K::Configuration, 0);
    "workload-renewed", WorkloadIdentity, world => renewed_meanwhile(world), Well(2);
    "workload-slow", WorkloadIdentity, world => world.faults = Faults::once(0, F::Slow(LONG)), Well(2);
    "pipelines-other-job", AzurePipelines, world => world.emulator.config_mut().pipelines.system_access_token = "another-jobs-token".into(), Error(K::Refused, 1);
    "pipelines-no-connection", AzurePipelines, world => world.emulator.config_mut().pipelines.service_connections.clear(), Error(K::Refused, 1);
    "pipelines-other-subject", AzurePipelines, world => world.emulator.config_mut().pipelines.service_connections[0].subject = "sc://contoso/training/other".into(), Code(K::Refused, 700_213, 2);
    "pipelines-503", AzurePipelines, world => world.faults = Faults::once(0, BUSY), Well(3);
    "pipelines-token-503", AzurePipelines, world => world.faults = Faults::once(1, BUSY), Well(4);
    "pipelines-redirect", AzurePipelines, world => world.faults = Faults::once(0, F::Redirect(302)), Error(K::Refused, 1);
    "pipelines-nonsense", AzurePipelines, world => world.faults = Faults::once(0, F::Mangled(21)), Error(K::Malformed, 1);
}

/// Longer than any exchange may take, in milliseconds.
const LONG: u32 = Duration::from_secs(200).as_millis() as u32;
