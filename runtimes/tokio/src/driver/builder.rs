//! Putting a driver together.

use std::fmt;
use std::sync::Arc;

use entrada_core::Product;
use entrada_core::environment::Environment;
use entrada_core::error::Error;
use entrada_core::flow::Entropy;
use entrada_host::proxy::Proxies;
use entrada_host::store::TokenStore;
use entrada_host::tls::Tls;
use entrada_host::trace::Trace;
use entrada_host::{Clock, OsEntropy, SystemClock, TraceLine, environment};

use super::{Driver, Parts};
use crate::http::HyperHttp;
use crate::plugs::boxed::{AnyCommands, AnyHttp, AnySigner, AnyUi};
use crate::plugs::{Certificates, Commands, Http, Nobody, Signer, Ui};
use crate::process::Processes;

/// The parts of a [`Driver`]; what is not given has a default.
#[derive(Default)]
#[must_use]
pub struct DriverBuilder {
    http: Option<Arc<dyn AnyHttp>>,
    commands: Option<Arc<dyn AnyCommands>>,
    signer: Option<Arc<dyn AnySigner>>,
    ui: Option<Arc<dyn AnyUi>>,
    store: Option<Arc<dyn TokenStore>>,
    environment: Option<Environment>,
    product: Option<Product>,
    clock: Option<Arc<dyn Clock>>,
    entropy: Option<Arc<dyn Fn() -> Box<dyn Entropy> + Send + Sync>>,
    trace: Option<Arc<Trace>>,
    tls: Option<Tls>,
}

impl DriverBuilder {
    /// Another transport than hyper.
    pub fn http(mut self, http: impl Http + 'static) -> DriverBuilder {
        self.http = Some(Arc::new(http));
        self
    }

    /// Another way to run programs.
    pub fn commands(mut self, commands: impl Commands + 'static) -> DriverBuilder {
        self.commands = Some(Arc::new(commands));
        self
    }

    /// Who signs: an HSM, Key Vault. By default the driver itself does, with certificates in files.
    pub fn signer(mut self, signer: impl Signer + 'static) -> DriverBuilder {
        self.signer = Some(Arc::new(signer));
        self
    }

    /// The person to ask, such as [`entrada_host::Terminal`]. There is nobody by default.
    pub fn ui(mut self, ui: impl Ui + 'static) -> DriverBuilder {
        self.ui = Some(Arc::new(ui));
        self
    }

    /// Where accounts and tokens are kept between runs, such as what [`entrada_host::store::Places`] opens;
    /// it is used on a thread where it may block. Nothing is kept by default.
    pub fn store(mut self, store: impl TokenStore + 'static) -> DriverBuilder {
        self.store = Some(Arc::new(store));
        self
    }

    /// The environment to work in, for `PATH`, proxies and certificates. That of the process by
    /// default.
    pub fn environment(mut self, environment: Environment) -> DriverBuilder {
        self.environment = Some(environment);
        self
    }

    /// The program that uses this driver: every request names it in `User-Agent` before the library.
    pub fn on_account_of(mut self, product: Product) -> DriverBuilder {
        self.product = Some(product);
        self
    }

    /// Other clocks than the machine's.
    pub fn clock(mut self, clock: impl Clock + 'static) -> DriverBuilder {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Other randomness than the operating system's, made anew for each run. For tests alone.
    pub fn entropy(
        mut self,
        entropy: impl Fn() -> Box<dyn Entropy> + Send + Sync + 'static,
    ) -> DriverBuilder {
        self.entropy = Some(Arc::new(entropy));
        self
    }

    /// Who is told of each effect and reply: for `--verbose`, or a log.
    pub fn trace(mut self, trace: impl Fn(&TraceLine) + Send + Sync + 'static) -> DriverBuilder {
        self.trace = Some(Arc::new(trace));
        self
    }

    /// Other cryptography or other trust for the built-in transport.
    pub fn tls(mut self, tls: Tls) -> DriverBuilder {
        self.tls = Some(tls);
        self
    }

    /// The driver.
    ///
    /// # Errors
    /// `Configuration` when the built-in transport is used and there is no cryptography for it.
    pub fn build(self) -> Result<Driver, Error> {
        let environment = self.environment.unwrap_or_else(environment::from_process);
        let http = match (self.http, self.tls) {
            (Some(http), _) => http,
            (None, Some(tls)) => Arc::new(HyperHttp::new(tls, Proxies::of(&environment))),
            (None, None) => Arc::new(HyperHttp::new(Tls::new(&environment)?, Proxies::of(&environment))),
        };
        Ok(Driver(Arc::new(Parts {
            http,
            commands: self.commands.unwrap_or_else(|| Arc::new(Processes::new(environment.clone()))),
            signer: self.signer.unwrap_or_else(|| Arc::new(Certificates::default())),
            ui: self.ui.unwrap_or_else(|| Arc::new(Nobody)),
            store: self.store,
            environment,
            product: self.product,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock::new())),
            entropy: self.entropy.unwrap_or_else(|| Arc::new(|| Box::new(OsEntropy::default()))),
            trace: self.trace,
        })))
    }
}

impl fmt::Debug for DriverBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DriverBuilder").field("environment", &self.environment).finish_non_exhaustive()
    }
}
