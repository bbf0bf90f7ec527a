//! The worlds of people: those who signed in, those who sign in now, those whose password is given.

use entrada_core::ErrorKind as K;
use entrada_core::effect::HttpFailure;
use entrada_emulator::config::{Demand, User};
use entrada_emulator::world as w;

use super::End::{Code, Error, Well};
use super::rows_of;
use crate::faults::{Faults, HttpFault as F, Lie, Patience as P};
use crate::world::World;

const BUSY: F = F::Status(503, P::None);
const BROKEN: F = F::Fails(HttpFailure::Broken, true);
const REFUSED: F = F::Fails(HttpFailure::Refused, false);

fn user<'w>(world: &'w mut World, name: &str) -> &'w mut User {
    let users = &mut world.emulator.config_mut().users;
    users.iter_mut().find(|user| user.username == name).expect("a user of the ready-made world")
}

/// Azure Resource Manager's tokens need more of a person than was given.
fn demand_more(world: &mut World) {
    let scope = "https://management.azure.com".to_owned();
    let demand = Demand { scope, acrs: Some("p1".into()), newer_than: None };
    world.emulator.config_mut().policy.demands.push(demand);
}

fn forget_secrets(world: &mut World) {
    world.emulator.config_mut().apps.iter_mut().for_each(|app| app.secrets.clear());
}

fn revoke(world: &mut World) {
    let now = world.began;
    assert!(world.emulator.revoke_sessions(now, w::USER), "there is such a user");
}

rows_of! {
    "on-behalf-of-certified", OnBehalfOf / Certified, _world => {}, Well(1);
    "on-behalf-of-app-token", OnBehalfOf / AppToken, _world => {}, Code(K::Refused, 7_000_114, 1);
    "on-behalf-of-foreign-token", OnBehalfOf / ForeignToken, _world => {}, Code(K::Refused, 50_013, 1);
    "on-behalf-of-old-token", OnBehalfOf / OldToken, _world => {}, Code(K::Refused, 500_133, 1);
    "on-behalf-of-no-token", OnBehalfOf / NoToken, _world => {}, Error(K::Refused, 1);
    "on-behalf-of-wrong-secret", OnBehalfOf, world => forget_secrets(world), Code(K::Refused, 7_000_215, 1);
    "on-behalf-of-more-needed", OnBehalfOf, world => demand_more(world), Error(K::InteractionRequired, 1);
    "on-behalf-of-revoked", OnBehalfOf, world => revoke(world), Code(K::InteractionRequired, 50_173, 1);
    "on-behalf-of-503", OnBehalfOf, world => world.faults = Faults::once(0, BUSY), Well(2);
    "on-behalf-of-at-adfs", OnBehalfOf / AdFs, _world => {}, Well(1);
    "on-behalf-of-at-adfs-503", OnBehalfOf / AdFs, world => world.faults = Faults::once(0, BUSY), Well(2);
    "code-at-adfs", AuthorizationCode / AdFs, _world => {}, Well(1);
    "code-used", AuthorizationCode / UsedCode, _world => {}, Code(K::Refused, 54_005, 1);
    "code-old", AuthorizationCode / OldCode, _world => {}, Code(K::InteractionRequired, 70_008, 1);
    "code-half", AuthorizationCode / Half, _world => {}, Error(K::Malformed, 0);
    "code-other-state", AuthorizationCode / OtherState, _world => {}, Error(K::Malformed, 0);
    "code-other-issuer", AuthorizationCode / OtherIssuer, _world => {}, Error(K::Malformed, 0);
    "code-other-redirect", AuthorizationCode / OtherRedirect, _world => {}, Well(1);
    "code-wrong-secret", AuthorizationCode, world => forget_secrets(world), Code(K::Refused, 7_000_215, 1);
    "code-503", AuthorizationCode, world => world.faults = Faults::once(0, BUSY), Error(K::Service, 1);
    "code-received", AuthorizationCode, world => world.faults = Faults::once(0, BROKEN), Error(K::Network, 1);
    "code-not-received", AuthorizationCode, world => world.faults = Faults::once(0, REFUSED), Well(2);
    "code-other-sign-in", AuthorizationCode, world => world.faults = Faults::once(0, F::Mangled(16)), Error(K::Malformed, 1);
    "code-lie-nonce", AuthorizationCode, world => world.faults = Faults::once(0, F::IdToken(Lie::Nonce)), Error(K::Malformed, 1);
    "code-lie-audience", AuthorizationCode, world => world.faults = Faults::once(0, F::IdToken(Lie::Audience)), Error(K::Malformed, 1);
    "code-lie-issuer", AuthorizationCode, world => world.faults = Faults::once(0, F::IdToken(Lie::Issuer)), Error(K::Malformed, 1);
    "refresh-at-adfs", RefreshToken / AdFs, _world => {}, Well(1);
    "refresh-revoked", RefreshToken, world => revoke(world), Code(K::InteractionRequired, 50_173, 1);
    "refresh-expired", RefreshToken, world => world.emulator.config_mut().policy.refresh_token = 1, Code(K::InteractionRequired, 700_082, 1);
    "refresh-stranger", RefreshToken / Stranger, _world => {}, Code(K::Refused, 70_000, 1);
    "refresh-more-needed", RefreshToken, world => demand_more(world), Error(K::InteractionRequired, 1);
    "refresh-503", RefreshToken, world => world.faults = Faults::once(0, BUSY), Well(2);
    "refresh-received", RefreshToken, world => world.faults = Faults::once(0, BROKEN), Well(2);
    "password-at-adfs", UsernamePassword / AdFs, _world => {}, Well(1);
    "password-at-adfs-wrong", UsernamePassword / AdFs, world => user(world, w::FEDERATED_USER).password = "another one".into(), Error(K::Refused, 1);
    "password-wrong", UsernamePassword, world => user(world, w::USER).password = "another one".into(), Code(K::Refused, 50_126, 2);
    "password-mfa", UsernamePassword, world => user(world, w::USER).mfa = true, Code(K::InteractionRequired, 50_076, 2);
    "password-mfa-to-register", UsernamePassword, world => user(world, w::USER).must_register_mfa = true, Code(K::InteractionRequired, 50_079, 2);
    "password-locked", UsernamePassword, world => user(world, w::USER).locked = true, Code(K::Refused, 50_053, 2);
    "password-expired", UsernamePassword, world => user(world, w::USER).password_expired = true, Code(K::InteractionRequired, 50_055, 2);
    "password-unknown-realm", UsernamePassword, world => world.faults = Faults::once(0, F::Mangled(20)), Error(K::Refused, 1);
    "password-503", UsernamePassword, world => world.faults = Faults::once(1, BUSY), Well(3);
    "password-500", UsernamePassword, world => world.faults = Faults::once(1, F::Status(500, P::None)), Error(K::Service, 2);
    "password-received", UsernamePassword, world => world.faults = Faults::once(1, BROKEN), Error(K::Network, 2);
    "password-lured", UsernamePassword, world => world.faults = Faults::once(0, F::Mangled(18)), Error(K::Configuration, 1);
    "federated-wrong", FederatedPassword, world => user(world, w::FEDERATED_USER).password = "another one".into(), Error(K::Refused, 3);
    "federated-distrusted", FederatedPassword / Distrust, _world => {}, Error(K::Configuration, 1);
    "federated-any", FederatedPassword / TrustAll, _world => {}, Well(4);
    "federated-lured", FederatedPassword, world => world.faults = Faults::once(1, F::Mangled(1)), Error(K::Configuration, 2);
    "federated-503", FederatedPassword, world => world.faults = Faults::once(2, BUSY), Error(K::Service, 3);
    "federated-received", FederatedPassword, world => world.faults = Faults::once(2, BROKEN), Error(K::Network, 3);
    "federated-not-received", FederatedPassword, world => world.faults = Faults::once(2, REFUSED), Well(5);
    "federated-document-type", FederatedPassword, world => world.faults = Faults::once(2, F::Mangled(0)), Error(K::Malformed, 3);
    "federated-token-503", FederatedPassword, world => world.faults = Faults::once(3, BUSY), Well(5);
    "federated-saml-2", FederatedPassword, world => world.emulator.config_mut().federations[0].saml2 = true, Well(4);
}
