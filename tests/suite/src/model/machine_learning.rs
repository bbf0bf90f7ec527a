//! The worlds of what is asked about a workspace, and changed in it.

use entrada_core::ErrorKind as K;
use entrada_core::effect::HttpFailure;
use entrada_emulator::world as w;

use super::End::{Error, Well};
use super::rows_of;
use crate::faults::{Faults, HttpFault as F, Patience as P};
use crate::world::World;

const BUSY: F = F::Status(503, P::None);

fn without_roles(world: &mut World) {
    world.emulator.config_mut().role_assignments.clear();
}

fn assigned_already(world: &mut World) {
    for workspace in &mut world.emulator.config_mut().workspaces {
        workspace
            .identity
            .user
            .push(w::USER_IDENTITY_RESOURCE.to_uppercase().replace("/SUBSCRIPTIONS", "/subscriptions"));
    }
}

rows_of! {
    "keys-forbidden", WorkspaceKeys, world => without_roles(world), Error(K::Forbidden, 2);
    "keys-503", WorkspaceKeys, world => world.faults = Faults::once(1, BUSY), Well(3);
    "endpoint-with-key", EndpointAccess / WithKey, _world => {}, Well(3);
    "endpoint-with-entra", EndpointAccess / WithEntra, _world => {}, Well(3);
    "endpoint-missing", EndpointAccess, world => world.emulator.config_mut().online_endpoints.clear(), Error(K::Refused, 2);
    "endpoint-of-another-mode", EndpointAccess, world => world.emulator.config_mut().online_endpoints[1].auth_mode = "Magic".into(), Error(K::Configuration, 2);
    "identity-of-compute", EnableIdentity / OfCompute, _world => {}, Well(4);
    "identity-already", EnableIdentity, world => assigned_already(world), Well(2);
    "identity-forbidden", EnableIdentity, world => without_roles(world), Error(K::Forbidden, 2);
    "identity-written-twice", EnableIdentity, world => world.faults = Faults::once(2, F::Fails(HttpFailure::Broken, true)), Well(6);
    "identity-takes-a-minute", EnableIdentity, world => world.emulator.config_mut().policy.operation = 60, Well(5);
    "endpoints-elsewhere", ListEndpoints, world => world.faults = Faults::once(1, F::Mangled(13)), Error(K::Malformed, 2);
    "endpoints-forbidden", ListEndpoints, world => without_roles(world), Error(K::Forbidden, 2);
    "identity-taken", DisableIdentity, world => assigned_already(world), Well(5);
    "identity-not-there-to-take", DisableIdentity, _world => {}, Well(2);
    "identity-taken-without-leave", DisableIdentity, world => without_roles(world), Error(K::Forbidden, 2);
    "key-anew-without-leave", RegenerateKey, world => without_roles(world), Error(K::Forbidden, 2);
    "identity-shown-of-compute", ShowIdentity / OfCompute, _world => {}, Well(2);
}
