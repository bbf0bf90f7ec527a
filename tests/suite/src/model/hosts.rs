//! The worlds of managed identities on hosts of their own.

use entrada_core::ErrorKind as K;
use entrada_core::effect::{HttpFailure, TlsFault};
use entrada_emulator::config::JobReply;
use entrada_emulator::world as w;

use super::End::{Error, Well};
use super::rows_of;
use crate::faults::{Faults, HttpFault as F, Patience as P};
use crate::world::{Keys, World};

const BUSY: F = F::Status(503, P::None);
const REFUSED: F = F::Fails(HttpFailure::Refused, false);
const WRONG_PIN: F = F::Fails(HttpFailure::Tls(TlsFault::WrongPin), false);

/// The agent answers as one that knows no identities but the machine's.
fn older(world: &mut World) {
    world.emulator.config_mut().hosts.old_agent = true;
}

fn single_sign_on(world: &mut World) {
    world.emulator.config_mut().hosts.single_sign_on = true;
}

fn forget_user_identity(world: &mut World) {
    world.emulator.config_mut().identities.retain(|identity| identity.client_id != w::USER_IDENTITY);
}

fn other_secrets(world: &mut World) {
    let hosts = &mut world.emulator.config_mut().hosts;
    hosts.identity_header = "another-header-of-a-host".into();
    hosts.msi_secret = "another-secret-of-a-host".into();
}

rows_of! {
    "imds-by-object", ManagedIdentity / ByObject, _world => {}, Well(1);
    "imds-by-resource", ManagedIdentity / ByResource, _world => {}, Well(1);
    "imds-not-assigned", ManagedIdentity / NotAssigned, _world => {}, Error(K::Refused, 1);
    "imds-named-by-environment", ManagedIdentity / NamedByEnvironment, world => forget_user_identity(world), Error(K::Unavailable, 1);
    "app-service-by-client", AppService / ByClient, _world => {}, Well(1);
    "app-service-by-object", AppService / ByObject, _world => {}, Well(1);
    "app-service-by-resource", AppService / ByResource, _world => {}, Well(1);
    "app-service-not-assigned", AppService / NotAssigned, _world => {}, Error(K::Refused, 1);
    "app-service-named-by-environment", AppService / NamedByEnvironment, world => forget_user_identity(world), Error(K::Refused, 1);
    "app-service-other-header", AppService, world => other_secrets(world), Error(K::Refused, 1);
    "app-service-unknown-resource", AppService, world => world.emulator.config_mut().resources.clear(), Error(K::Refused, 1);
    "app-service-throttled", AppService, world => world.emulator.config_mut().hosts.throttled = 2, Well(3);
    "app-service-gone", AppService, world => world.faults = Faults::always(REFUSED), Error(K::Network, 1);
    "app-service-redirect", AppService, world => world.faults = Faults::once(0, F::Redirect(302)), Error(K::Malformed, 1);
    "app-service-always-503", AppService, world => world.faults = Faults::always(BUSY), Error(K::Service, 3);
    "service-fabric-503", ServiceFabric, world => world.faults = Faults::once(0, BUSY), Well(2);
    "service-fabric-throttled", ServiceFabric, world => world.emulator.config_mut().hosts.throttled = 5, Well(6);
    "service-fabric-wrong-certificate", ServiceFabric, world => world.faults = Faults::always(WRONG_PIN), Error(K::Network, 1);
    "service-fabric-other-header", ServiceFabric, world => other_secrets(world), Error(K::Refused, 1);
    "service-fabric-by-client", ServiceFabric / ByClient, _world => {}, Error(K::Configuration, 0);
    "service-fabric-named-by-environment", ServiceFabric / NamedByEnvironment, _world => {}, Well(1);
    "arc-by-client", Arc / ByClient, _world => {}, Well(2);
    "arc-by-object", Arc / ByObject, _world => {}, Well(2);
    "arc-by-resource", Arc / ByResource, _world => {}, Well(2);
    "arc-not-assigned", Arc / NotAssigned, _world => {}, Error(K::Refused, 1);
    "arc-older-by-client", Arc / ByClient, world => older(world), Error(K::Refused, 2);
    "arc-older-by-resource", Arc / ByResource, world => older(world), Error(K::Refused, 2);
    "arc-older-named-by-environment", Arc / NamedByEnvironment, world => older(world), Error(K::Refused, 2);
    "arc-older", Arc, world => older(world), Well(2);
    "arc-installed", Arc / Installed, _world => {}, Well(2);
    "arc-installed-and-stopped", Arc / Installed, world => world.faults = Faults::always(REFUSED), Error(K::Unavailable, 1);
    "arc-stopped", Arc, world => world.faults = Faults::always(REFUSED), Error(K::Network, 1);
    "arc-key-with-line-end", Arc, world => world.keys = Keys::Line, Well(2);
    "arc-key-missing", Arc, world => world.keys = Keys::Missing, Error(K::Refused, 1);
    "arc-key-denied", Arc, world => world.keys = Keys::Denied, Error(K::Refused, 1);
    "arc-key-elsewhere", Arc, world => world.keys = Keys::Elsewhere, Error(K::Refused, 1);
    "arc-key-linked", Arc, world => world.keys = Keys::Linked, Error(K::Refused, 1);
    "arc-key-long", Arc, world => world.keys = Keys::Long, Error(K::Refused, 1);
    "arc-key-of-lines", Arc, world => world.keys = Keys::Lines, Error(K::Refused, 1);
    "arc-throttled", Arc, world => world.emulator.config_mut().hosts.throttled = 1, Well(3);
    "arc-proof-503", Arc, world => world.faults = Faults::once(1, BUSY), Well(3);
    "arc-no-challenge", Arc, world => world.faults = Faults::once(0, F::Status(401, P::None)), Error(K::Refused, 1);
    "cloud-shell-503", CloudShell, world => world.faults = Faults::once(0, BUSY), Well(2);
    "cloud-shell-by-client", CloudShell / ByClient, _world => {}, Error(K::Configuration, 0);
    "cloud-shell-named-by-environment", CloudShell / NamedByEnvironment, _world => {}, Well(1);
    "cloud-shell-nobody", CloudShell, world => world.emulator.config_mut().hosts.person = "nobody".into(), Error(K::Refused, 1);
    "compute-by-client", MachineLearning / ByClient, _world => {}, Well(1);
    "compute-by-object", MachineLearning / ByObject, _world => {}, Error(K::Configuration, 0);
    "compute-not-assigned", MachineLearning / NotAssigned, _world => {}, Error(K::Refused, 1);
    "compute-of-a-person", MachineLearning, world => single_sign_on(world), Well(1);
    "compute-of-a-person-by-client", MachineLearning / ByClient, world => single_sign_on(world), Well(1);
    "compute-of-a-person-with-default", MachineLearning / DefaultIdentity, world => single_sign_on(world), Well(1);
    "compute-no-guess", MachineLearning / NoGuess, world => single_sign_on(world), Error(K::Configuration, 0);
    "compute-without-identity", MachineLearning, world => world.emulator.config_mut().identities.clear(), Error(K::Unavailable, 1);
    "compute-other-secret", MachineLearning, world => other_secrets(world), Error(K::Refused, 1);
    "job-expires-in", MachineLearningJob, world => world.emulator.config_mut().hosts.job_reply = JobReply::ExpiresIn, Well(1);
    "job-token-and-date", MachineLearningJob, world => world.emulator.config_mut().hosts.job_reply = JobReply::Token, Well(1);
    "job-claims", MachineLearningJob / Claims, _world => {}, Error(K::InteractionRequired, 0);
    "job-of-nobody", MachineLearningJob, world => world.emulator.config_mut().hosts.person = "nobody@contoso.com".into(), Error(K::Refused, 1);
    "job-503", MachineLearningJob, world => world.faults = Faults::once(0, BUSY), Well(2);
    "job-gone", MachineLearningJob, world => world.faults = Faults::always(REFUSED), Error(K::Network, 1);
    "job-page", MachineLearningJob, world => world.faults = Faults::once(0, F::Page(200)), Error(K::Malformed, 1);
    "compute-503", MachineLearning, world => world.faults = Faults::once(0, BUSY), Well(2);
}
