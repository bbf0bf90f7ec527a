//! The loop: one effect after the other, each carried out and answered.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entrada_core::effect::{Effect, HttpCall, NeedToken, Reply};
use entrada_core::environment::Environment;
use entrada_core::error::Error;
use entrada_core::flow::{BoxFlow, Credential, Entropy};
use entrada_core::time::{Mono, Now};
use entrada_core::{Run, Step};
use entrada_host::trace::Trace;
use entrada_host::{Clock, TraceLine, files};

use crate::cancel::{Cancel, race};
use crate::loopback::Desk;
use crate::plugs::{Commands, Http, Limits, Signer, Ui};

mod builder;

pub use builder::DriverBuilder;

/// The longest time slept at once: the machine may have been asleep in between.
const NAP: Duration = Duration::from_secs(30);

/// Carries out what flows ask for. Cheap to clone; the clones share connections.
#[derive(Clone)]
pub struct Driver(Arc<Parts>);

pub(crate) struct Parts {
    http: Arc<dyn Http>,
    commands: Arc<dyn Commands>,
    signer: Arc<dyn Signer>,
    ui: Arc<dyn Ui>,
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
    /// By which it can be given up.
    pub cancel: Option<&'a Cancel>,
    /// Where tokens come from when the flow needs one.
    pub credential: Option<&'a dyn Credential>,
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
            if options.cancel.is_some_and(Cancel::is_cancelled) {
                return Err(Error::cancelled());
            }
            self.tell(&options, || TraceLine::effect(&effect));
            let began = self.now().mono;
            let reply = match effect.deadline() {
                Some(deadline) if deadline <= began => None,
                deadline => {
                    let limit = deadline.map_or(Duration::ZERO, |deadline| began.until(deadline));
                    let reply = self.perform(effect, limit, &options, &mut desk);
                    Some(reply.map_err(|Cancelled| Error::cancelled())?)
                }
            };
            let now = self.now();
            self.tell(&options, || TraceLine::reply(reply.as_ref(), began.until(now.mono)));
            step = match reply {
                Some(reply) => run.resume(now, &mut *entropy, reply),
                None => run.expire(now, &mut *entropy),
            };
        }
    }

    fn perform(
        &self,
        effect: Effect,
        limit: Duration,
        options: &RunOptions<'_>,
        desk: &mut Desk,
    ) -> Result<Reply, Cancelled> {
        let parts = &self.0;
        let never = Cancel::new();
        let cancel = options.cancel.unwrap_or(&never);
        let reply = match effect {
            Effect::Http(call) => self.exchange(*call, limit, options.cancel)?,
            Effect::Wait(wait) => {
                self.wait(wait.until(), cancel)?;
                wait.ticket().done()
            }
            Effect::ReadFile(read) => {
                let most = read.limit();
                let (path, ticket) = read.split();
                ticket.reply(files::read(&path, most, limit))
            }
            Effect::RunCommand(command) => {
                let result = parts.commands.run(&command, limit, cancel);
                command.ticket().reply(result)
            }
            Effect::Sign(sign) => {
                let (key, algorithm, message) =
                    (sign.key().to_owned(), sign.algorithm(), sign.message().to_vec());
                let signer = parts.signer.clone();
                let work = move || signer.sign(&key, algorithm, &message);
                sign.ticket().reply(interruptible(options.cancel, work)?)
            }
            Effect::Prompt(show) => {
                let (prompt, ticket) = show.split();
                ticket.reply(parts.ui.prompt(&prompt))
            }
            Effect::OpenBrowser(open) => {
                let (url, ticket) = open.split();
                let ui = parts.ui.clone();
                ticket.reply(interruptible(options.cancel, move || ui.open(&url))?)
            }
            Effect::Loopback(step) => {
                let (action, ticket) = step.split();
                ticket.reply(desk.perform(action, limit, cancel))
            }
            Effect::Token(need) => self.token(*need, limit, options),
            other => other.unsupported(),
        };
        if cancel.is_cancelled() { Err(Cancelled) } else { Ok(reply) }
    }

    fn exchange(&self, call: HttpCall, limit: Duration, cancel: Option<&Cancel>) -> Result<Reply, Cancelled> {
        let (route, connect) = (call.route(), call.connect_limit().min(limit));
        let (request, ticket) = call.split();
        let http = self.0.http.clone();
        let work = move || http.send(request, route, Limits { connect, whole: limit });
        Ok(ticket.reply(interruptible(cancel, work)?))
    }

    fn wait(&self, until: Mono, cancel: &Cancel) -> Result<(), Cancelled> {
        loop {
            let left = self.now().mono.until(until);
            if left.is_zero() {
                return Ok(());
            }
            if !cancel.sleep(left.min(NAP)) {
                return Err(Cancelled);
            }
        }
    }

    fn token(&self, need: NeedToken, limit: Duration, options: &RunOptions<'_>) -> Reply {
        let Some(credential) = options.credential else {
            return Effect::Token(Box::new(need)).unsupported();
        };
        let (request, ticket) = need.split();
        let inner = RunOptions { deadline: Some(limit), credential: None, ..*options };
        ticket.reply(self.run_with(credential.begin(&request), inner))
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

/// Work that blocks: on this thread where nobody can cancel, else on one that can be left.
fn interruptible<T: Send + 'static>(
    cancel: Option<&Cancel>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Cancelled> {
    match cancel {
        None => Ok(work()),
        Some(cancel) => race(cancel, work).ok_or(Cancelled),
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
