//! The worlds of developers' tools, of a cluster's proxy, and of authorities that nobody knows.

use entrada_core::ErrorKind as K;
use entrada_core::effect::{HttpFailure, TlsFault};
use entrada_emulator::world as w;

use super::End::{Code, Error, Well};
use super::rows_of;
use crate::faults::{Faults, HttpFault as F, Patience as P};
use crate::world::files::Node;
use crate::world::person::Mind;
use crate::world::programs::Version;
use crate::world::renewal::CERTIFICATES_FILE;
use crate::world::{Metadata, Tool, World};

const BUSY: F = F::Status(503, P::None);

fn unknown(world: &mut World) {
    world.emulator.config_mut().instances.clear();
}

fn regional(world: &mut World) {
    for app in &mut world.emulator.config_mut().apps {
        app.regional = false;
    }
}

fn unregistered(world: &mut World) {
    for app in &mut world.emulator.config_mut().apps {
        app.certificates.clear();
    }
}

rows_of! {
    "azure-cli-claims", AzureCli / Claims, _world => {}, Error(K::InteractionRequired, 0);
    "azd-signed-out", AzureDeveloperCli, world => world.azd = Tool::SignedOut, Error(K::Unavailable, 0);
    "azd-missing", AzureDeveloperCli, world => world.azd = Tool::NotFound, Error(K::Unavailable, 0);
    "azd-hangs", AzureDeveloperCli, world => world.azd = Tool::Hangs, Error(K::Unavailable, 0);
    "azd-nonsense", AzureDeveloperCli, world => world.azd = Tool::Prints(3), Error(K::Malformed, 0);
    "azd-refused", AzureDeveloperCli, world => world.azd = Tool::Fails(3), Code(K::Refused, 7_000_222, 0);
    "azd-windows", AzureDeveloperCli, world => world.azd = Tool::Works(Version::Windows), Well(0);
    "azd-claims", AzureDeveloperCli / Claims, _world => {}, Well(0);
    "azd-claims-older", AzureDeveloperCli / Claims, world => world.azd = Tool::Works(Version::Old), Error(K::InteractionRequired, 0);
    "powershell-signed-out", AzurePowerShell, world => world.pwsh = Tool::SignedOut, Error(K::Unavailable, 0);
    "powershell-missing", AzurePowerShell, world => world.pwsh = Tool::NotFound, Error(K::Unavailable, 0);
    "powershell-no-module", AzurePowerShell, world => world.pwsh = Tool::Fails(1), Error(K::Unavailable, 0);
    "powershell-nonsense", AzurePowerShell, world => world.pwsh = Tool::Prints(4), Error(K::Malformed, 0);
    "powershell-multi-factor", AzurePowerShell, world => world.pwsh = Tool::Fails(4), Code(K::InteractionRequired, 50_076, 0);
    "powershell-windows", AzurePowerShell, world => world.pwsh = Tool::Works(Version::Windows), Well(0);
    "powershell-older", AzurePowerShell / OlderPowerShell, _world => {}, Well(0);
    "powershell-claims", AzurePowerShell / Claims, _world => {}, Error(K::InteractionRequired, 0);
    "device-code-claims", DeviceCode / Claims, _world => {}, Well(4);
    "device-code-resumed", DeviceCode / Resumed, _world => {}, Well(4);
    "device-code-resumed-declined", DeviceCode / Resumed, w => w.sitter.mind = Mind::Refuses, Error(K::Declined, 4);
    "device-code-resumed-nobody", DeviceCode / Resumed, w => w.sitter.mind = Mind::Absent, Error(K::Unavailable, 1);
    "browser-claims", InteractiveBrowser / Claims, _world => {}, Well(1);
    "proxy-certificates-in-data", WorkloadProxy / CertificatesInData, _world => {}, Well(1);
    "proxy-platform-trust", WorkloadProxy / PlatformTrust, _world => {}, Well(1);
    "proxy-certificates-missing", WorkloadProxy, world => world.files.remove(CERTIFICATES_FILE), Error(K::Configuration, 0);
    "proxy-certificates-rubbish", WorkloadProxy, world => world.files.put(CERTIFICATES_FILE, Node::File(b"rubbish".to_vec())), Error(K::Configuration, 0);
    "proxy-untrusted", WorkloadProxy, world => world.faults = Faults::always(F::Fails(HttpFailure::Tls(TlsFault::UnknownIssuer), false)), Error(K::Network, 1);
    "proxy-503", WorkloadProxy, world => world.faults = Faults::once(0, BUSY), Well(2);
    "proxy-other-subject", WorkloadProxy, world => {
        let now = world.began;
        world.write_token(now, "system:serviceaccount:training:other");
    }, Code(K::Refused, 700_213, 1);
    "unknown-authority-refused", UnknownAuthority, world => unknown(world), Error(K::Configuration, 1);
    "unknown-authority-503", UnknownAuthority, world => world.faults = Faults::once(0, BUSY), Well(3);
    "unknown-authority-page", UnknownAuthority, world => world.faults = Faults::once(0, F::Page(200)), Error(K::Malformed, 1);
    "unknown-authority-wrong-secret", UnknownAuthority, world => world.emulator.config_mut().apps[0].secrets.clear(), Code(K::Refused, 7_000_215, 2);
    "provider", UnknownAuthority / Provider, world => unknown(world), Well(2);
    "provider-elsewhere", UnknownAuthority / Provider, world => world.faults = Faults::once(0, F::Mangled(22)), Error(K::Malformed, 1);
    "regional-detected", RegionalAuthority / DetectedRegion, _world => {}, Well(2);
    "regional-nobody-knows", RegionalAuthority / DetectedRegion, world => world.metadata = Metadata::Refused, Well(2);
    "regional-not-allowed", RegionalAuthority, world => regional(world), Code(K::Refused, 100_007, 1);
    "regional-503", RegionalAuthority, world => world.faults = Faults::always(BUSY), Error(K::Service, 4);
    "external-policy", ExternalTenant / Policy, _world => {}, Well(1);
    "external-unknown", ExternalTenant, world => world.emulator.config_mut().tenants[0].domains.clear(), Code(K::Refused, 90_002, 1);
    "external-503", ExternalTenant, world => world.faults = Faults::once(0, BUSY), Well(2);
    "dsts-503", Dsts, world => world.faults = Faults::once(0, BUSY), Well(2);
    "dsts-once", Dsts, world => {
        world.emulator.config_mut().policy.assertions_once = true;
        world.faults = Faults::once(0, F::Fails(HttpFailure::Broken, true));
    }, Well(2);
    "dsts-unregistered", Dsts, world => unregistered(world), Code(K::Refused, 700_027, 1);
    "provider-wrong-secret", UnknownAuthority / Provider, world => world.emulator.config_mut().apps.retain(|app| app.client_id != w::APP), Code(K::Refused, 700_016, 2);
}
