//! The loop: one effect after the other, each carried out and answered.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entrada_core::effect::{Effect, FileFailure, NeedToken, ReadFile, Reply};
use entrada_core::environment::Environment;
use entrada_core::error::Error;
use entrada_core::flow::{BoxFlow, Credential, Entropy};
use entrada_core::time::{Mono, Now};
use entrada_core::{Run, Step};
use entrada_host::trace::Trace;
use entrada_host::{Clock, TraceLine, files};

use crate::loopback::Desk;
use crate::plugs::Limits;
use crate::plugs::boxed::{AnyCommands, AnyHttp, AnySigner, AnyUi, Boxed};

mod builder;

pub use builder::DriverBuilder;

/// The longest time slept at once: the machine may have been asleep in between.
const NAP: Duration = Duration::from_secs(30);

/// What a part may take beyond its limit. One that keeps the limit itself says more about why.
const GRACE: Duration = Duration::from_millis(100);

/// Carries out what flows ask for. Cheap to clone; the clones share connections.
#[derive(Clone)]
pub struct Driver(Arc<Parts>);

pub(crate) struct Parts {
    http: Arc<dyn AnyHttp>,
    commands: Arc<dyn AnyCommands>,
    signer: Arc<dyn AnySigner>,
    ui: Arc<dyn AnyUi>,
    environment: Environment,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Fn() -> Box<dyn Entropy> + Send + Sync>,
    trace: Option<Arc<Trace>>,
}

/// What goes with one run.
#[derive(Clone, Copy, Default)]
pub struct RunOptions<'a> {
    /// How long the whole run may take.
    pub deadline: Option<Duration>,
    /// Where tokens come from when the flow needs one.
    pub credential: Option<&'a dyn Credential>,
    /// Who is told of each effect and reply, besides the driver's own.
    pub trace: Option<&'a Trace>,
}

impl Driver {
    /// A driver for this process: hyper, real programs, no signer, nobody to ask.
    ///
    /// # Errors
    /// `Configuration` when there is no cryptography to speak TLS with.
    pub fn new() -> Result<Driver, Error> {
        Driver::builder().build()
    }

    /// A driver of other parts.
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

    /// Runs the flow to its end. Dropping the future gives it up.
    ///
    /// # Errors
    /// Those of the flow.
    pub async fn run<T: Send>(&self, flow: BoxFlow<T>) -> Result<T, Error> {
        self.run_with(flow, RunOptions::default()).await
    }

    /// The same with a limit, and a credential for the tokens it needs.
    ///
    /// # Errors
    /// Those of the flow.
    pub async fn run_with<T: Send>(&self, flow: BoxFlow<T>, options: RunOptions<'_>) -> Result<T, Error> {
        let mut entropy = (self.0.entropy)();
        let mut desk = Desk::default();
        let mut run = Run::new(flow);
        if let Some(limit) = options.deadline {
            run = run.with_deadline(self.now().mono.after(limit));
        }
        let mut step = run.start(self.now(), &mut *entropy);
        loop {
            let effect = match step {
                Step::Done(result) => return result,
                Step::Do(effect) => effect,
            };
            self.tell(&options, || TraceLine::effect(&effect));
            let began = self.now().mono;
            let reply = match effect.deadline() {
                Some(deadline) if deadline <= began => None,
                Some(deadline) => {
                    let limit = began.until(deadline);
                    let work = self.perform(effect, limit, &options, &mut desk);
                    tokio::time::timeout(limit.saturating_add(GRACE), work).await.ok()
                }
                None => Some(self.perform(effect, Duration::ZERO, &options, &mut desk).await),
            };
            let now = self.now();
            self.tell(&options, || TraceLine::reply(reply.as_ref(), began.until(now.mono)));
            step = match reply {
                Some(reply) => run.resume(now, &mut *entropy, reply),
                None => run.expire(now, &mut *entropy),
            };
        }
    }

    async fn perform(
        &self,
        effect: Effect,
        limit: Duration,
        options: &RunOptions<'_>,
        desk: &mut Desk,
    ) -> Reply {
        let parts = &self.0;
        match effect {
            Effect::Http(call) => {
                let (route, connect) = (call.route(), call.connect_limit().min(limit));
                let (request, ticket) = call.split();
                ticket.reply(parts.http.send_boxed(request, route, Limits { connect, whole: limit }).await)
            }
            Effect::Wait(wait) => {
                self.wait(wait.until()).await;
                wait.ticket().done()
            }
            Effect::ReadFile(read) => self.read(read, limit).await,
            Effect::RunCommand(command) => {
                let result = parts.commands.run_boxed(&command, limit).await;
                command.ticket().reply(result)
            }
            Effect::Sign(sign) => {
                let result = parts.signer.sign_boxed(sign.key(), sign.algorithm(), sign.message()).await;
                sign.ticket().reply(result)
            }
            Effect::Prompt(show) => {
                let (prompt, ticket) = show.split();
                ticket.reply(parts.ui.prompt_boxed(&prompt).await)
            }
            Effect::OpenBrowser(open) => {
                let (url, ticket) = open.split();
                ticket.reply(parts.ui.open_boxed(&url).await)
            }
            Effect::Loopback(step) => {
                let (action, ticket) = step.split();
                ticket.reply(desk.perform(action, limit).await)
            }
            Effect::Token(need) => self.token(*need, limit, options).await,
            other => other.unsupported(),
        }
    }

    async fn wait(&self, until: Mono) {
        loop {
            let left = self.now().mono.until(until);
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(NAP)).await;
        }
    }

    async fn read(&self, read: ReadFile, limit: Duration) -> Reply {
        let most = read.limit();
        let (path, ticket) = read.split();
        let reading = tokio::task::spawn_blocking(move || files::read(&path, most, limit));
        ticket.reply(reading.await.unwrap_or(Err(FileFailure::Broken)))
    }

    fn token<'a>(
        &'a self,
        need: NeedToken,
        limit: Duration,
        options: &'a RunOptions<'_>,
    ) -> Boxed<'a, Reply> {
        Box::pin(async move {
            let Some(credential) = options.credential else {
                return Effect::Token(Box::new(need)).unsupported();
            };
            let (request, ticket) = need.split();
            let inner = RunOptions { deadline: Some(limit), credential: None, ..*options };
            ticket.reply(self.run_with(credential.begin(&request), inner).await)
        })
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
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}
