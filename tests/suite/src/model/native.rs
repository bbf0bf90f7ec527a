//! The worlds of the Azure CLI's session where the Azure CLI is not run, unless something is amiss.

use entrada_core::ErrorKind as K;
use entrada_core::effect::HttpFailure;
use entrada_emulator::world as w;

use super::End::{Code, Error, Well};
use super::rows_of;
use crate::faults::{Faults, HttpFault as F, Patience as P};
use crate::world::files::Node;
use crate::world::shelf::Order;
use crate::world::{Tool, World};

const CONFIG: &str = "/home/ada/.azure/config";
const PROFILE: &str = "/home/ada/.azure/azureProfile.json";
const PRINCIPALS: &str = "/home/ada/.azure/service_principal_entries.json";

/// Nobody can run the tool: what comes, came without it.
fn alone(world: &mut World) {
    world.az = Tool::NotFound;
}

fn revoke(world: &mut World) {
    let now = world.began;
    assert!(world.emulator.revoke_sessions(now, w::USER), "there is such a user");
}

rows_of! {
    "azure-cli-native-just-now", AzureCliNative / JustNow, world => alone(world), Well(0);
    "azure-cli-native-day-ago", AzureCliNative, world => alone(world), Well(1);
    "azure-cli-native-locked", AzureCliNative, world => {
        alone(world);
        world.shelf.order = Order::Locked;
    }, Well(1);
    "azure-cli-native-503", AzureCliNative, world => {
        alone(world);
        world.faults = Faults::once(0, F::Status(503, P::None));
    }, Well(2);
    "azure-cli-native-app", AzureCliNative / Principal, world => alone(world), Well(1);
    "azure-cli-native-claims", AzureCliNative / Claims, _world => {}, Error(K::InteractionRequired, 0);
    "azure-cli-native-other-name", AzureCliNative / OtherName, _world => {}, Well(0);
    "azure-cli-native-no-profile", AzureCliNative, world => world.files.remove(PROFILE), Well(0);
    "azure-cli-native-encrypted", AzureCliNative, world => {
        world.files.put(CONFIG, Node::File(b"[core]\nencrypt_token_cache = true\n".to_vec()));
    }, Well(0);
    "azure-cli-native-no-cache", AzureCliNative, world => world.shelf.order = Order::Missing, Well(0);
    "azure-cli-native-rubbish", AzureCliNative, world => world.shelf.order = Order::Rubbish, Well(0);
    "azure-cli-native-no-network", AzureCliNative, world => {
        world.faults = Faults::always(F::Fails(HttpFailure::Refused, false));
    }, Well(4);
    "azure-cli-native-revoked", AzureCliNative, world => revoke(world), Well(1);
    "azure-cli-native-revoked-alone", AzureCliNative, world => {
        alone(world);
        revoke(world);
    }, Code(K::InteractionRequired, 50_173, 1);
    "azure-cli-native-no-session-alone", AzureCliNative, world => {
        alone(world);
        world.shelf.kept.clear();
    }, Error(K::Unavailable, 0);
    "azure-cli-native-no-session-tool-out", AzureCliNative, world => {
        world.az = Tool::SignedOut;
        world.shelf.kept.clear();
    }, Error(K::Unavailable, 0);
    "azure-cli-native-app-no-secret", AzureCliNative / Principal, world => world.files.remove(PRINCIPALS), Well(0);
    "azure-cli-native-app-wrong-secret", AzureCliNative / Principal, world => {
        alone(world);
        world.emulator.config_mut().apps[0].secrets.clear();
    }, Code(K::Refused, 7_000_215, 1);
}
