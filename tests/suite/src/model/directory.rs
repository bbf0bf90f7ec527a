//! The worlds of service principals and roles.

use entrada_core::ErrorKind as K;
use entrada_core::effect::HttpFailure;
use entrada_emulator::config::{App, RoleAssignment};
use entrada_emulator::world as w;

use super::End::{Error, Well};
use super::rows_of;
use crate::faults::{Faults, HttpFault as F, Patience as P};
use crate::setups::directory::{lagging, there};
use crate::world::World;

const BUSY: F = F::Status(503, P::None);
const LOST: F = F::Fails(HttpFailure::Broken, true);
/// The next page of a list of Microsoft Graph is somebody else's, and that of Azure Resource Manager.
const ELSEWHERE: F = F::Mangled(23);
const ELSEWHERE_TOO: F = F::Mangled(13);

fn app(world: &mut World) -> &mut App {
    let apps = &mut world.emulator.config_mut().apps;
    let at = apps.iter().position(|app| app.name == there::NAME).unwrap_or_default();
    &mut apps[at]
}

/// The administrator has no role.
fn without_roles(world: &mut World) {
    world.emulator.config_mut().role_assignments.retain(|known| known.principal == there::PRINCIPAL);
}

/// The administrator is allowed nothing in the directory.
fn without_permissions(world: &mut World) {
    let apps = world.emulator.config_mut().apps.iter_mut();
    apps.filter(|app| app.client_id == w::APP).for_each(|app| app.graph_permissions.clear());
}

fn slowly(world: &mut World) {
    world.emulator.config_mut().policy.replication = lagging();
}

fn without_principal(world: &mut World) {
    app(world).object_id.clear();
    world.emulator.config_mut().role_assignments.retain(|known| known.principal != there::PRINCIPAL);
}

/// The role was given under another name.
fn given(world: &mut World) {
    let given = &mut world.emulator.config_mut().role_assignments;
    let own = given.iter().find(|known| known.principal == there::PRINCIPAL).cloned();
    given.extend(own.map(|own| RoleAssignment {
        role: "f6c7c914-8db3-469d-8ca1-694a8f32e121".into(),
        name: "c08463ab-ee5b-4279-94d8-73f195b6d2a8".into(),
        ..own
    }));
}

rows_of! {
    "create-with-certificate", CreatePrincipal / Certified, _world => {}, Well(11);
    "create-again", CreatePrincipal / Again, _world => {}, Well(7);
    "create-name-taken", CreatePrincipal, world => there::put(world), Error(K::Refused, 4);
    "create-forbidden", CreatePrincipal, world => without_permissions(world), Error(K::Forbidden, 4);
    "create-roles-forbidden", CreatePrincipal, world => without_roles(world), Error(K::Forbidden, 2);
    "create-secrets-forbidden", CreatePrincipal, world => world.emulator.config_mut().policy.secrets_allowed = false, Error(K::Refused, 9);
    "create-slowly", CreatePrincipal, world => slowly(world), Well(18);
    "create-app-lost", CreatePrincipal, world => world.faults = Faults::once(4, LOST), Well(10);
    "create-app-throttled", CreatePrincipal, world => world.faults = Faults::once(4, F::Status(429, P::Seconds(9))), Well(10);
    "create-app-busy-too-long", CreatePrincipal, world => world.faults = Faults::once(4, F::Status(503, P::Seconds(61))), Error(K::Service, 5);
    "create-app-busy", CreatePrincipal, world => world.faults = Faults::once(4, F::Status(503, P::Seconds(30))), Error(K::Service, 17);
    "create-principal-lost", CreatePrincipal, world => world.faults = Faults::once(6, LOST), Well(10);
    "create-secret-lost", CreatePrincipal, world => world.faults = Faults::once(8, LOST), Well(13);
    "create-elsewhere", CreatePrincipal, world => world.faults = Faults::once(3, ELSEWHERE), Error(K::Malformed, 4);
    "add-certificate", AddCredential / Certified, _world => {}, Well(5);
    "add-certificate-lost", AddCredential / Certified, world => world.faults = Faults::once(3, LOST), Well(5);
    "add-app-missing", AddCredential, world => app(world).name.clear(), Well(3);
    "add-not-owned", AddCredential, world => without_permissions(world), Error(K::Forbidden, 2);
    "add-secret-busy", AddCredential, world => world.faults = Faults::once(2, BUSY), Well(18);
    "remove-secret-lost", RemoveCredentials, world => world.faults = Faults::once(2, LOST), Well(7);
    "remove-certificate-lost", RemoveCredentials, world => world.faults = Faults::once(4, LOST), Well(6);
    "remove-nothing", RemoveCredentials, world => app(world).certificates.truncate(1), Error(K::Refused, 2);
    "show-by-object", ShowPrincipal / ByObject, _world => {}, Well(3);
    "show-nobody", ShowPrincipal, world => app(world).client_id.clear(), Error(K::Refused, 3);
    "show-elsewhere", ShowPrincipal, world => world.faults = Faults::once(1, ELSEWHERE), Error(K::Malformed, 2);
    "application-of-nobody", ShowApplication, world => app(world).client_id.clear(), Well(2);
    "application-forbidden", ShowApplication, world => without_permissions(world), Error(K::Forbidden, 2);
    "delete-without-principal", DeletePrincipal, world => without_principal(world), Well(16);
    "delete-lost", DeletePrincipal, world => world.faults = Faults::once(6, LOST), Well(9);
    "delete-roles-forbidden", DeletePrincipal, world => without_roles(world), Error(K::Forbidden, 5);
    "find-by-client", FindPrincipal / ByClient, _world => {}, Well(2);
    "find-by-object", FindPrincipal / ByObject, _world => {}, Well(3);
    "find-by-resource", FindPrincipal / ByResource, _world => {}, Well(2);
    "find-nobody", FindPrincipal, world => world.emulator.config_mut().users.clear(), Error(K::Refused, 2);
    "find-elsewhere", FindPrincipal, world => world.faults = Faults::once(1, ELSEWHERE), Error(K::Malformed, 2);
    "assign-given", AssignRole, world => given(world), Well(3);
    "assign-lost", AssignRole, world => world.faults = Faults::once(2, LOST), Well(4);
    "assign-nobody", AssignRole, world => app(world).object_id.clear(), Error(K::Refused, 39);
    "assign-forbidden", AssignRole, world => without_roles(world), Error(K::Forbidden, 2);
    "roles-elsewhere", ListRoles, world => world.faults = Faults::once(1, ELSEWHERE_TOO), Error(K::Malformed, 2);
    "roles-forbidden", ListRoles, world => without_roles(world), Error(K::Forbidden, 2);
}
