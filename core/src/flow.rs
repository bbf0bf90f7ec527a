//! What a flow is, and what it may ask for.

use std::fmt;
use std::fmt::Debug;
use std::path::PathBuf;
use std::time::Duration;

use crate::effect::{
    DevicePrompt, Effect, HttpCall, Loopback, LoopbackAction, NeedToken, OpenBrowser, ReadFile, Reply,
    RunCommand, ShowPrompt, Sign, SignatureAlgorithm, Ticket, Wait,
};
use crate::error::{Error, ErrorKind};
use crate::exchange::RequestSpec;
use crate::request::TokenRequest;
use crate::run::Step;
use crate::time::{Mono, Now};
use crate::token::AccessToken;

/// Randomness, handed in with every step. It must be fit for cryptography, except in tests.
pub trait Entropy: Send {
    /// Fills the buffer.
    fn fill(&mut self, buffer: &mut [u8]);
}

/// A protocol exchange as a state machine.
///
/// A flow is first stepped without a reply. It answers with an effect, or with its result; each
/// effect's reply comes with the next step. `Debug` shows the state, never a secret.
pub trait Flow: Debug + Send {
    /// What it ends in.
    type Output;

    /// Goes on as far as possible.
    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Self::Output>;
}

/// A flow of any type.
pub type BoxFlow<T> = Box<dyn Flow<Output = T>>;

/// Something that can be asked for access tokens: a factory of flows.
pub trait Credential: Debug + Send + Sync {
    /// The name of the credential, in kebab-case: `client-secret`.
    fn name(&self) -> &'static str;

    /// The flow that obtains one token.
    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken>;
}

impl<C: Credential + ?Sized> Credential for Box<C> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        (**self).begin(request)
    }
}

impl<C: Credential + ?Sized> Credential for std::sync::Arc<C> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        (**self).begin(request)
    }
}

impl<T> Flow for BoxFlow<T> {
    type Output = T;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<T> {
        (**self).step(cx, reply)
    }
}

/// What a flow has at hand during one step: both clocks, randomness, and the means to ask.
pub struct Cx<'a> {
    now: Now,
    entropy: &'a mut dyn Entropy,
    ticket: Ticket,
    deadline: Option<Mono>,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(
        now: Now,
        entropy: &'a mut dyn Entropy,
        ticket: Ticket,
        deadline: Option<Mono>,
    ) -> Cx<'a> {
        Cx { now, entropy, ticket, deadline }
    }

    /// Both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        self.now
    }

    /// When the whole run has to be over, if it has a limit.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.deadline
    }

    /// Whether waiting for `span` would outlast the run.
    #[must_use]
    pub fn outlasts(&self, span: Duration) -> bool {
        self.deadline.is_some_and(|deadline| self.now.mono.after(span) >= deadline)
    }

    /// Random bytes.
    pub fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// A random GUID (RFC 9562 version 4), as text.
    pub fn random_guid(&mut self) -> String {
        let mut bytes = self.random::<16>();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    fn ticket(&self) -> Ticket {
        Ticket { run: self.ticket.run, number: self.ticket.number }
    }

    fn limit(&self, span: Duration) -> Mono {
        let own = self.now.mono.after(span);
        self.deadline.map_or(own, |deadline| deadline.min(own))
    }

    /// Sends a request.
    pub fn http<T>(&mut self, spec: &RequestSpec) -> Step<T> {
        match spec.to_request() {
            Err(error) => Step::Done(Err(error)),
            Ok(request) => Step::Do(Effect::Http(Box::new(HttpCall {
                request,
                route: spec.route(),
                connect_limit: spec.connect_limit(),
                deadline: self.limit(spec.limit()),
                label: spec.label(),
                ticket: self.ticket(),
            }))),
        }
    }

    /// Waits for `span`, or to the end of the run. `why` completes "wait 5 s (…)".
    pub fn wait<T>(&mut self, span: Duration, why: &'static str) -> Step<T> {
        Step::Do(Effect::Wait(Wait { until: self.limit(span), span, why, ticket: self.ticket() }))
    }

    /// Reads a file of at most `limit` bytes.
    pub fn read_file<T>(&mut self, path: impl Into<PathBuf>, limit: usize) -> Step<T> {
        let deadline = self.limit(Duration::from_secs(10));
        Step::Do(Effect::ReadFile(ReadFile { path: path.into(), limit, deadline, ticket: self.ticket() }))
    }

    /// Runs a program.
    ///
    /// The arguments are a list, so no shell reads them; still, one that begins with a hyphen where a
    /// value is meant, or holds a control character, is refused.
    pub fn run_command<T>(&mut self, command: Command) -> Step<T> {
        let Command { program, arguments, variables, limit } = command;
        if arguments.iter().any(|argument| argument.chars().any(char::is_control)) {
            return Step::Done(Err(Error::new(
                ErrorKind::Configuration,
                format!("a value for {program} has control characters"),
            )));
        }
        let deadline = self.limit(limit);
        Step::Do(Effect::RunCommand(Box::new(RunCommand {
            program,
            arguments,
            variables,
            deadline,
            ticket: self.ticket(),
        })))
    }

    /// Signs a message with the key of this name.
    pub fn sign<T>(
        &mut self,
        key: impl Into<String>,
        algorithm: SignatureAlgorithm,
        message: Vec<u8>,
    ) -> Step<T> {
        let deadline = self.limit(Duration::from_secs(30));
        Step::Do(Effect::Sign(Box::new(Sign {
            key: key.into(),
            algorithm,
            message,
            deadline,
            ticket: self.ticket(),
        })))
    }

    /// Tells the person how to sign in on another device.
    pub fn prompt<T>(&mut self, prompt: DevicePrompt) -> Step<T> {
        let deadline = self.limit(Duration::from_secs(30));
        Step::Do(Effect::Prompt(Box::new(ShowPrompt { prompt, deadline, ticket: self.ticket() })))
    }

    /// Opens an address in the person's browser. Only http and https, without control characters.
    pub fn open_browser<T>(&mut self, url: &url::Url) -> Step<T> {
        let text = url.as_str();
        if !matches!(url.scheme(), "http" | "https")
            || text.chars().any(|c| c.is_control() || c == '"' || c == '\'')
        {
            return Step::Done(Err(Error::new(
                ErrorKind::Configuration,
                "the sign-in address is not one to give to a browser",
            )));
        }
        let deadline = self.limit(Duration::from_secs(30));
        Step::Do(Effect::OpenBrowser(OpenBrowser { url: text.to_owned(), deadline, ticket: self.ticket() }))
    }

    /// Takes a step at the listener, giving up after `limit`.
    pub fn loopback<T>(&mut self, action: LoopbackAction, limit: Duration) -> Step<T> {
        Step::Do(Effect::Loopback(Loopback { action, deadline: self.limit(limit), ticket: self.ticket() }))
    }

    /// Gets a token from the driver's credential.
    pub fn token<T>(&mut self, request: TokenRequest) -> Step<T> {
        // The credential has limits of its own; a person may have to sign in.
        let deadline = self.limit(Duration::from_secs(900));
        Step::Do(Effect::Token(Box::new(NeedToken { request, deadline, ticket: self.ticket() })))
    }
}

impl Debug for Cx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cx").field("now", &self.now).field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

/// A program to run: see [`Cx::run_command`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its name, to be found on PATH.
    pub program: &'static str,
    /// Its arguments, none of them secret.
    pub arguments: Vec<String>,
    /// Variables to set for it.
    pub variables: &'static [(&'static str, &'static str)],
    /// When to end it.
    pub limit: Duration,
}

/// The reply that a flow in mid-exchange must have been given.
///
/// # Errors
/// `Misuse` where there is none: the flow was stepped out of turn.
pub fn expect(reply: Option<Reply>) -> Result<Reply, Error> {
    reply.ok_or_else(out_of_turn)
}

/// What a flow says that was stepped in a state where it cannot be.
pub(crate) fn out_of_turn() -> Error {
    Error::new(ErrorKind::Misuse, "a flow was stepped out of turn")
}

/// A flow that is over at once.
#[must_use]
pub fn ready<T: Debug + Send + 'static>(result: Result<T, Error>) -> BoxFlow<T> {
    Box::new(Ready(Some(result)))
}

#[derive(Debug)]
struct Ready<T>(Option<Result<T, Error>>);

impl<T: Debug + Send> Flow for Ready<T> {
    type Output = T;

    fn step(&mut self, _: &mut Cx<'_>, _: Option<Reply>) -> Step<T> {
        Step::Done(self.0.take().unwrap_or_else(|| Err(out_of_turn())))
    }
}

/// Passes effects and errors of a smaller flow on, and goes on with its value: the `?` of a flow.
#[macro_export]
macro_rules! pump {
    ($step:expr) => {
        match $step {
            $crate::Step::Do(effect) => return $crate::Step::Do(effect),
            $crate::Step::Done(Err(error)) => return $crate::Step::Done(Err(error)),
            $crate::Step::Done(Ok(value)) => value,
        }
    };
}

/// Ends a flow with the error of a plain result, and goes on with its value.
#[macro_export]
macro_rules! check {
    ($result:expr) => {
        match $result {
            Err(error) => return $crate::Step::Done(Err(error.into())),
            Ok(value) => value,
        }
    };
}

/// A flow whose result is that of another, changed: see [`map`].
struct Map<T, U> {
    flow: BoxFlow<T>,
    change: fn(T) -> Result<U, Error>,
}

/// The flow, with its value changed at the end.
#[must_use]
pub fn map<T: 'static, U: 'static>(flow: BoxFlow<T>, change: fn(T) -> Result<U, Error>) -> BoxFlow<U> {
    Box::new(Map { flow, change })
}

impl<T, U> Debug for Map<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.flow.fmt(f)
    }
}

impl<T, U> Flow for Map<T, U> {
    type Output = U;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<U> {
        let value = crate::pump!(self.flow.step(cx, reply));
        Step::Done((self.change)(value))
    }
}
