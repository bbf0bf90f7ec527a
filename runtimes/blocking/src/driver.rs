//! The loop: one effect after the other, each carried out and answered.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entrada_core::environment::Environment;
use entrada_core::error::Error;
use entrada_core::flow::{BoxFlow, Entropy};
use entrada_core::time::Now;
use entrada_core::{Product, Run, Step};
use entrada_host::store::TokenStore;
use entrada_host::trace::Trace;
use entrada_host::{Clock, TraceLine};

use crate::cancel::Cancel;
use crate::credential::Credential;
use crate::loopback::Desk;
use crate::plugs::{Commands, Http, Signer, Ui};

mod builder;
mod perform;

pub use builder::DriverBuilder;

/// Carries out what flows ask for. Cheap to clone; the clones share connections.
#[derive(Clone)]
pub struct Driver(Arc<Parts>);

pub(crate) struct Parts {
    http: Arc<dyn Http>,
    commands: Arc<dyn Commands>,
    signer: Arc<dyn Signer>,
    ui: Arc<dyn Ui>,
    store: Option<Arc<dyn TokenStore>>,
    environment: Environment,
    product: Option<Product>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Fn() -> Box<dyn Entropy> + Send + Sync>,
    trace: Option<Arc<Trace>>,
}

/// What goes with one run.
#[derive(Clone, Copy, Default)]
pub struct RunOptions<'a> {
    /// How long the whole run may take.
    pub deadline: Option<Duration>,
    /// By which it can be given up.
    pub cancel: Option<&'a Cancel>,
    /// Where tokens come from when the flow needs one.
    pub credential: Option<&'a Credential>,
    /// Who is told of each effect and reply, besides the driver's own.
    pub trace: Option<&'a dyn Fn(&TraceLine)>,
}

/// The call was given up.
struct Cancelled;

impl Driver {
    /// A driver for this process: ureq, real programs, no signer, nobody to ask.
    ///
    /// # Errors
    /// `Configuration` when there is no cryptography to speak TLS with.
    pub fn new() -> Result<Driver, Error> {
        Driver::builder().build()
    }

    /// A driver of other parts.
    #[must_use]
    pub fn builder() -> DriverBuilder {
        DriverBuilder::default()
    }

    /// The environment that this driver works in.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.0.environment
    }

    /// Both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        self.0.clock.now()
    }

    pub(crate) fn entropy(&self) -> Box<dyn Entropy> {
        (self.0.entropy)()
    }

    /// Runs the flow to its end.
    ///
    /// # Errors
    /// Those of the flow.
    pub fn run<T>(&self, flow: BoxFlow<T>) -> Result<T, Error> {
        self.run_with(flow, RunOptions::default())
    }

    /// The same with a limit, a way to give up, and a credential for the tokens it needs.
    ///
    /// # Errors
    /// Those of the flow; `Cancelled` when it was given up.
    pub fn run_with<T>(&self, flow: BoxFlow<T>, options: RunOptions<'_>) -> Result<T, Error> {
        self.run_by(flow, options, &mut *self.entropy())
    }

    /// The same with this randomness.
    pub(crate) fn run_by<T>(
        &self,
        flow: BoxFlow<T>,
        options: RunOptions<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<T, Error> {
        let mut desk = Desk::default();
        let (mut run, mut now) = (Run::new(flow), self.now());
        if let Some(product) = &self.0.product {
            run = run.on_account_of(product.clone());
        }
        if let Some(limit) = options.deadline {
            run = run.with_deadline(now.mono.after(limit));
        }
        let mut step = run.start(now, entropy);
        loop {
            let effect = match step {
                Step::Done(result) => return result,
                Step::Do(effect) => effect,
            };
            if options.cancel.is_some_and(Cancel::is_cancelled) {
                return Err(run.cancel());
            }
            self.tell(&options, || TraceLine::effect(&effect));
            let began = now.mono;
            let reply = match effect.deadline() {
                Some(deadline) if deadline <= began => None,
                deadline => {
                    let limit = deadline.map_or(Duration::ZERO, |deadline| began.until(deadline));
                    match self.perform(effect, limit, &options, &mut desk) {
                        Ok(reply) => Some(reply),
                        Err(Cancelled) => return Err(run.cancel()),
                    }
                }
            };
            now = self.now();
            self.tell(&options, || TraceLine::reply(reply.as_ref(), began.until(now.mono)));
            step = match reply {
                Some(reply) => run.resume(now, entropy, reply),
                None => run.expire(now, entropy),
            };
        }
    }

    fn tell(&self, options: &RunOptions<'_>, line: impl Fn() -> TraceLine) {
        if let Some(trace) = &self.0.trace {
            trace(&line());
        }
        if let Some(trace) = options.trace {
            trace(&line());
        }
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("environment", &self.0.environment).finish_non_exhaustive()
    }
}

impl fmt::Debug for RunOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunOptions")
            .field("deadline", &self.deadline)
            .field("cancel", &self.cancel)
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}
