//! The worlds of the flows that came first.

use entrada_core::ErrorKind;
use entrada_core::effect::{HttpFailure, TlsFault};

use super::End::{Error, Well};
use super::rows_of;
use crate::faults::HttpFault as F;
use crate::faults::Patience as P;
use crate::faults::{Faults, Lie};
use crate::world::person::{Listener, Mind};
use crate::world::{Metadata, Tool, World};

const BUSY: F = F::Status(503, P::None);

rows_of! {
    "client-secret-one-503", ClientSecret, w => w.faults = Faults::once(0, BUSY), Well(2);
    "client-secret-one-429", ClientSecret, w => w.faults = Faults::once(0, F::Status(429, P::Seconds(7))), Well(2);
    "client-secret-reset", ClientSecret, w => w.faults = Faults::once(0, F::Fails(HttpFailure::Broken, true)), Well(2);
    "client-secret-always-503", ClientSecret, w => w.faults = Faults::always(BUSY), Error(ErrorKind::Service, 4);
    "client-secret-too-long", ClientSecret, w => w.faults = Faults::always(F::Status(429, P::Seconds(61))), Error(ErrorKind::Service, 1);
    "client-secret-untrusted", ClientSecret, w => w.faults = Faults::always(F::Fails(HttpFailure::Tls(TlsFault::UnknownIssuer), false)), Error(ErrorKind::Network, 1);
    "client-secret-silence", ClientSecret, w => w.faults = Faults::always(F::Silent(true)), Error(ErrorKind::Timeout, 3);
    "client-secret-redirect", ClientSecret, w => w.faults = Faults::always(F::Redirect(302)), Error(ErrorKind::Malformed, 1);
    "client-secret-page", ClientSecret, w => w.faults = Faults::always(F::Page(200)), Error(ErrorKind::Malformed, 1);
    "client-secret-wrong", ClientSecret, w => w.emulator.config_mut().apps[0].secrets.clear(), Error(ErrorKind::Refused, 1);
    "device-code-at-adfs", DeviceCode / AdFs, _w => {}, Well(4);
    "device-code-at-adfs-declined", DeviceCode / AdFs, w => w.sitter.mind = Mind::Refuses, Error(ErrorKind::Declined, 4);
    "device-code-declined", DeviceCode, w => w.sitter.mind = Mind::Refuses, Error(ErrorKind::Declined, 4);
    "device-code-ignored", DeviceCode, w => {
        w.sitter.mind = Mind::Ignores;
        w.emulator.config_mut().policy.device_code = 60;
    }, Error(ErrorKind::Expired, 12);
    "device-code-a-day", DeviceCode, w => {
        w.sitter.mind = Mind::Ignores;
        w.emulator.config_mut().policy.device_code = 86_400;
        w.emulator.config_mut().policy.device_interval = 1;
    }, Error(ErrorKind::Expired, 1797);
    "device-code-nobody", DeviceCode, w => w.sitter.mind = Mind::Absent, Error(ErrorKind::Unavailable, 1);
    "device-code-slow-network", DeviceCode, w => w.faults = Faults::once(1, F::Fails(HttpFailure::Broken, true)), Well(3);
    "browser-at-adfs", InteractiveBrowser / AdFs, _w => {}, Well(1);
    "browser-at-external", InteractiveBrowser / External, _w => {}, Well(1);
    "browser-at-external-lie-issuer", InteractiveBrowser / External, w => w.faults = Faults::once(0, F::IdToken(Lie::Issuer)), Error(ErrorKind::Malformed, 1);
    "browser-at-external-other-tenant", InteractiveBrowser / External, w => w.faults = Faults::once(0, F::IdToken(Lie::ExternalIssuer)), Error(ErrorKind::Malformed, 1);
    "browser-at-policy", InteractiveBrowser / Policy, _w => {}, Well(1);
    "browser-at-policy-other-tenant", InteractiveBrowser / Policy, w => w.faults = Faults::once(0, F::IdToken(Lie::ExternalIssuer)), Error(ErrorKind::Malformed, 1);
    "browser-at-policy-refused", InteractiveBrowser / Policy, w => w.sitter.mind = Mind::Refuses, Error(ErrorKind::Declined, 0);
    "browser-refused", InteractiveBrowser, w => w.sitter.mind = Mind::Refuses, Error(ErrorKind::Declined, 0);
    "browser-ignored", InteractiveBrowser, w => w.sitter.mind = Mind::Ignores, Error(ErrorKind::Expired, 0);
    "browser-absent", InteractiveBrowser, w => w.sitter.mind = Mind::Absent, Error(ErrorKind::Unavailable, 0);
    "browser-port-taken", InteractiveBrowser, w => w.sitter.listener = Listener::Taken, Error(ErrorKind::Unavailable, 0);
    "browser-strangers", InteractiveBrowser, w => w.sitter.strangers = 60, Well(1);
    "browser-many-strangers", InteractiveBrowser, w => w.sitter.strangers = 100_000, Error(ErrorKind::Expired, 0);
    "browser-code-received", InteractiveBrowser, w => w.faults = Faults::once(0, F::Fails(HttpFailure::Broken, true)), Error(ErrorKind::Network, 1);
    "browser-code-not-received", InteractiveBrowser, w => w.faults = Faults::once(0, F::Fails(HttpFailure::Refused, false)), Well(2);
    "browser-code-503", InteractiveBrowser, w => w.faults = Faults::once(0, BUSY), Error(ErrorKind::Service, 1);
    "browser-other-sign-in", InteractiveBrowser, w => w.faults = Faults::once(0, F::Mangled(16)), Error(ErrorKind::Malformed, 1);
    "browser-broken-id-token", InteractiveBrowser, w => w.faults = Faults::once(0, F::Mangled(17)), Error(ErrorKind::Malformed, 1);
    "browser-lie-nonce", InteractiveBrowser, w => w.faults = Faults::once(0, F::IdToken(Lie::Nonce)), Error(ErrorKind::Malformed, 1);
    "browser-lie-audience", InteractiveBrowser, w => w.faults = Faults::once(0, F::IdToken(Lie::Audience)), Error(ErrorKind::Malformed, 1);
    "browser-lie-issuer", InteractiveBrowser, w => w.faults = Faults::once(0, F::IdToken(Lie::Issuer)), Error(ErrorKind::Malformed, 1);
    "azure-cli-missing", AzureCli, w => w.az = Tool::NotFound, Error(ErrorKind::Unavailable, 0);
    "azure-cli-signed-out", AzureCli, w => w.az = Tool::SignedOut, Error(ErrorKind::Unavailable, 0);
    "azure-cli-hangs", AzureCli, w => w.az = Tool::Hangs, Error(ErrorKind::Unavailable, 0);
    "azure-cli-nonsense", AzureCli, w => w.az = Tool::Prints(4), Error(ErrorKind::Malformed, 0);
    "imds-absent", ManagedIdentity, w => w.metadata = Metadata::Refused, Error(ErrorKind::Unavailable, 1);
    "imds-vanishing", ManagedIdentity, w => w.metadata = Metadata::Vanishing, Error(ErrorKind::Unavailable, 4);
    "imds-updating", ManagedIdentity, w => w.metadata = Metadata::Updating(crate::sim::START.mono.0 + 60_000), Well(10);
    "imds-gone", ManagedIdentity, w => w.metadata = Metadata::Updating(u64::MAX), Error(ErrorKind::Service, 10);
    "imds-one-404", ManagedIdentity, w => w.faults = Faults::once(0, F::Status(404, P::None)), Well(2);
    "imds-one-500", ManagedIdentity, w => w.faults = Faults::once(0, F::Status(500, P::None)), Well(2);
    "chain-no-metadata", DefaultChain, w => w.metadata = Metadata::Refused, Well(1);
    "chain-vanishing", DefaultChain, w => w.metadata = Metadata::Vanishing, Well(1);
    "chain-unreachable", DefaultChain, w => w.metadata = Metadata::Unreachable, Well(1);
    "chain-portal", DefaultChain, w => w.metadata = Metadata::Portal, Well(2);
    "chain-nothing", DefaultChain, w => {
        w.metadata = Metadata::Refused;
        w.az = Tool::SignedOut;
    }, Error(ErrorKind::Unavailable, 1);
    "chain-broken-stops", DefaultChain, w => w.faults = Faults::always(F::Status(500, P::None)), Error(ErrorKind::Service, 7);
    "workspace-throttled", GetWorkspace, w => w.faults = Faults::once(1, F::Status(429, P::Seconds(3))), Well(3);
    "workspace-forbidden", GetWorkspace, w => w.emulator.config_mut().role_assignments.clear(), Error(ErrorKind::Forbidden, 2);
    "workspace-missing", GetWorkspace, w => w.emulator.config_mut().workspaces.clear(), Error(ErrorKind::Refused, 2);
    "workspace-challenge", GetWorkspace, w => demand(w, Some("p1"), None), Well(4);
    "workspace-challenge-forever", GetWorkspace, w => demand(w, None, Some(i64::MAX)), Error(ErrorKind::Refused, 4);
    "workspaces-broken-page", ListWorkspaces, w => w.faults = Faults::once(3, F::Truncated(128)), Error(ErrorKind::Malformed, 4);
    "workspaces-elsewhere", ListWorkspaces, w => w.faults = Faults::once(1, F::Mangled(13)), Error(ErrorKind::Malformed, 2);
}

fn demand(world: &mut World, acrs: Option<&str>, newer_than: Option<i64>) {
    let scope = format!("/subscriptions/{}", entrada_emulator::world::SUBSCRIPTION);
    let acrs = acrs.map(str::to_owned);
    let demand = entrada_emulator::config::Demand { scope, acrs, newer_than };
    world.emulator.config_mut().policy.demands.push(demand);
}
