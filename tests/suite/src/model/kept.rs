//! The worlds of those whose tokens are kept between runs.

use entrada_core::ErrorKind as K;
use entrada_core::effect::HttpFailure;
use entrada_emulator::world as w;

use super::End::{Code, Error, Well};
use super::rows_of;
use crate::faults::{Faults, HttpFault as F, Patience as P};
use crate::world::person::Mind;
use crate::world::shelf::Order;
use crate::world::{Metadata, World};

const BUSY: F = F::Status(503, P::None);
const REFUSED: F = F::Fails(HttpFailure::Refused, false);

fn revoke(world: &mut World) {
    let now = world.began;
    assert!(world.emulator.revoke_sessions(now, w::USER), "there is such a user");
}

rows_of! {
    "shared-cache-just-now", SharedCache / JustNow, _world => {}, Well(0);
    "shared-cache-other-name", SharedCache / OtherName, _world => {}, Error(K::Unavailable, 0);
    "shared-cache-empty", SharedCache, world => world.shelf.kept.clear(), Error(K::Unavailable, 0);
    "shared-cache-missing", SharedCache, world => world.shelf.order = Order::Missing, Error(K::Unavailable, 0);
    "shared-cache-silent", SharedCache, world => world.shelf.order = Order::Silent, Error(K::Unavailable, 0);
    "shared-cache-rubbish", SharedCache, world => world.shelf.order = Order::Rubbish, Error(K::Unavailable, 0);
    "shared-cache-locked", SharedCache, world => world.shelf.order = Order::Locked, Well(1);
    "shared-cache-revoked", SharedCache, world => revoke(world), Code(K::InteractionRequired, 50_173, 1);
    "shared-cache-503", SharedCache, world => world.faults = Faults::once(0, BUSY), Well(2);
    "shared-cache-no-network", SharedCache, world => world.faults = Faults::always(REFUSED), Error(K::Network, 4);
    "chain-kept-just-now", DefaultChain / JustNow, world => world.metadata = Metadata::Refused, Well(1);
    "chain-kept-day-ago", DefaultChain / DayAgo, world => world.metadata = Metadata::Refused, Well(2);
    "chain-kept-locked", DefaultChain / DayAgo, world => {
        world.metadata = Metadata::Refused;
        world.shelf.order = Order::Denied;
    }, Well(1);
    "remembered-just-now", RememberedSignIn / JustNow, world => world.sitter.mind = Mind::Absent, Well(0);
    "remembered-day-ago", RememberedSignIn / DayAgo, world => world.sitter.mind = Mind::Absent, Well(1);
    "remembered-revoked", RememberedSignIn / DayAgo, world => revoke(world), Well(5);
    "remembered-declined", RememberedSignIn, world => world.sitter.mind = Mind::Refuses, Error(K::Declined, 4);
    "remembered-not-kept", RememberedSignIn, world => world.shelf.order = Order::Missing, Well(4);
    "remembered-app-just-now", RememberedApp / JustNow, _world => {}, Well(0);
    "remembered-app-day-ago", RememberedApp / DayAgo, _world => {}, Well(1);
    "remembered-app-not-kept", RememberedApp, world => world.shelf.order = Order::Denied, Well(1);
    "remembered-app-wrong-secret", RememberedApp, world => world.emulator.config_mut().apps[0].secrets.clear(), Code(K::Refused, 7_000_215, 1);
}
