//! What a flow must end in, by the world it runs in: all is well, or one thing is not.

use std::time::Duration;

use entrada_core::ErrorKind;
use entrada_core::effect::{HttpFailure, TlsFault};

use crate::choices::Choices;
use crate::faults::{Faults, HttpFault, Patience};
use crate::setups::{Kind, Setup};
use crate::sim::{Outcome, simulate};
use crate::world::person::{Listener, Mind};
use crate::world::{Az, Metadata, World};

/// How a run has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Well, after this many HTTP requests.
    Well(usize),
    /// With an error of this kind, after this many HTTP requests.
    Error(ErrorKind, usize),
}

/// One world that is not fair, and what must come of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// The flow.
    pub kind: Kind,
    /// What is wrong.
    pub wrong: fn(&mut World),
    /// How it must end.
    pub end: End,
}

macro_rules! cases {
    ($($name:literal, $kind:ident, $world:ident => $wrong:expr, $end:expr;)*) => {
        /// Every case.
        #[must_use]
        pub fn cases() -> Vec<Case> {
            vec![$(Case {
                name: $name,
                kind: Kind::$kind,
                wrong: |$world: &mut World| { $wrong; },
                end: $end,
            }),*]
        }
    };
}

use End::{Error, Well};
use HttpFault as F;
use Patience as P;

const BUSY: F = F::Status(503, P::None);

cases! {
    "client-secret-one-503", ClientSecret, w => w.faults = Faults::once(0, BUSY), Well(2);
    "client-secret-one-429", ClientSecret, w => w.faults = Faults::once(0, F::Status(429, P::Seconds(7))), Well(2);
    "client-secret-reset", ClientSecret, w => w.faults = Faults::once(0, F::Fails(HttpFailure::Broken, true)), Well(2);
    "client-secret-always-503", ClientSecret, w => w.faults = Faults::always(BUSY), Error(ErrorKind::Service, 4);
    "client-secret-too-long", ClientSecret, w => w.faults = Faults::always(F::Status(429, P::Seconds(61))), Error(ErrorKind::Service, 1);
    "client-secret-untrusted", ClientSecret, w => w.faults = Faults::always(F::Fails(HttpFailure::Tls(TlsFault::UnknownIssuer), false)), Error(ErrorKind::Network, 1);
    "client-secret-silence", ClientSecret, w => w.faults = Faults::always(F::Silent(true)), Error(ErrorKind::Timeout, 4);
    "client-secret-redirect", ClientSecret, w => w.faults = Faults::always(F::Redirect(302)), Error(ErrorKind::Malformed, 1);
    "client-secret-page", ClientSecret, w => w.faults = Faults::always(F::Page(200)), Error(ErrorKind::Malformed, 1);
    "client-secret-wrong", ClientSecret, w => w.emulator.config_mut().apps[0].secrets.clear(), Error(ErrorKind::Refused, 1);
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
    "azure-cli-missing", AzureCli, w => w.az = Az::NotFound, Error(ErrorKind::Unavailable, 0);
    "azure-cli-signed-out", AzureCli, w => w.az = Az::SignedOut, Error(ErrorKind::Unavailable, 0);
    "azure-cli-hangs", AzureCli, w => w.az = Az::Hangs, Error(ErrorKind::Unavailable, 0);
    "azure-cli-nonsense", AzureCli, w => w.az = Az::Prints(4), Error(ErrorKind::Malformed, 0);
    "imds-absent", ManagedIdentity, w => w.metadata = Metadata::Refused, Error(ErrorKind::Unavailable, 1);
    "imds-vanishing", ManagedIdentity, w => w.metadata = Metadata::Vanishing, Error(ErrorKind::Unavailable, 6);
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
        w.az = Az::SignedOut;
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

impl Case {
    /// Runs it.
    #[must_use]
    pub fn run(&self) -> Outcome {
        let mut setup = Setup::fair(self.kind);
        (self.wrong)(&mut setup.world);
        simulate(setup, &mut Choices::new(&[60, 3, 200, 17, 90]))
    }

    /// Fails if it does not end as it must.
    ///
    /// # Panics
    /// If so.
    pub fn check(&self) {
        let outcome = self.run();
        outcome.assert_clean();
        let end = match &outcome.result {
            Ok(_) => Well(outcome.exchanges),
            Err(error) => Error(error.kind(), outcome.exchanges),
        };
        assert_eq!(end, self.end, "{}: {:?}\n{}", self.name, outcome.result, outcome.trace.join("\n"));
        assert!(outcome.elapsed < Duration::from_secs(90_000), "{}: {:?}", self.name, outcome.elapsed);
    }
}
