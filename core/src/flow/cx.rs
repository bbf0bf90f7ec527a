//! What a flow may ask for, and what it has at hand during one step.

use std::fmt::{self, Debug};
use std::path::PathBuf;
use std::time::Duration;

use http::header::USER_AGENT;

use super::Entropy;
use crate::cache::accounts::Change;
use crate::effect::{
    DevicePrompt, Effect, ForgetToken, HttpCall, Loopback, LoopbackAction, NeedToken, OpenBrowser, ReadFile,
    RunCommand, ShowPrompt, Sign, SignAction, SigningKey, StoreAction, StoreName, Ticket, UseStore, Wait,
};
use crate::error::{Error, ErrorKind};
use crate::exchange::RequestSpec;
use crate::product::Product;
use crate::request::TokenRequest;
use crate::run::Step;
use crate::time::{Mono, Now};
use crate::token::AccessToken;

/// What a flow has at hand during one step: both clocks, randomness, and the means to ask.
pub struct Cx<'a> {
    now: Now,
    entropy: &'a mut dyn Entropy,
    ticket: Ticket,
    deadline: Option<Mono>,
    product: Option<&'a Product>,
    short_of_time: bool,
    hurried: bool,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(
        now: Now,
        entropy: &'a mut dyn Entropy,
        ticket: Ticket,
        deadline: Option<Mono>,
    ) -> Cx<'a> {
        Cx { now, entropy, ticket, deadline, product: None, short_of_time: false, hurried: false }
    }

    /// The same, where requests name this program.
    pub(crate) fn on_account_of(self, product: Option<&'a Product>) -> Cx<'a> {
        Cx { product, ..self }
    }

    /// The same for a flow that is to be over by then, and without waits between tries.
    pub(crate) fn hurried(&mut self, until: Mono) -> Cx<'_> {
        let deadline = self.deadline.map_or(until, |deadline| deadline.min(until));
        let ticket = self.ticket();
        let cx = Cx::new(self.now, &mut *self.entropy, ticket, Some(deadline));
        Cx { hurried: true, ..cx.on_account_of(self.product) }
    }

    /// Both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        self.now
    }

    /// When the whole run has to be over, or this part of it, if it has a limit.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.deadline
    }

    /// Whether waiting for `span` would outlast the run, or is not wanted in this part of it. If so, a failure of the run is one for want of
    /// time: see [`Error::is_cut_short`].
    #[must_use]
    pub fn outlasts(&mut self, span: Duration) -> bool {
        let late = |deadline| self.now.mono.after(span) >= deadline;
        let outlasts = self.hurried || self.deadline.is_some_and(late);
        self.short_of_time |= outlasts;
        outlasts
    }

    pub(crate) fn is_short_of_time(&self) -> bool {
        self.short_of_time
    }

    /// The randomness itself.
    pub fn entropy(&mut self) -> &mut dyn Entropy {
        self.entropy
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
        let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half & 0x0f)]);
        let mut text = String::with_capacity(36);
        for (place, byte) in bytes.into_iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.push(digit(byte >> 4));
            text.push(digit(byte));
        }
        text
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
            Ok(mut request) => {
                if let Some(product) = self.product {
                    request.headers_mut().insert(USER_AGENT, product.header());
                }
                Step::Do(Effect::Http(Box::new(HttpCall {
                    request,
                    route: spec.route().clone(),
                    connect_limit: spec.connect_limit(),
                    deadline: self.limit(spec.limit()),
                    label: spec.label(),
                    ticket: self.ticket(),
                })))
            }
        }
    }

    /// Waits for `span`, or to the end of the run. `why` completes "wait 5 s (…)".
    pub fn wait<T>(&mut self, span: Duration, why: &'static str) -> Step<T> {
        let (until, ticket) = (self.limit(span), self.ticket());
        Step::Do(Effect::Wait(Wait { until, span, why, count: None, ticket }))
    }

    /// The same, saying which wait it is of how many at the most.
    pub fn wait_again<T>(&mut self, span: Duration, why: &'static str, count: [u32; 2]) -> Step<T> {
        let (until, ticket) = (self.limit(span), self.ticket());
        Step::Do(Effect::Wait(Wait { until, span, why, count: Some(count), ticket }))
    }

    /// Reads a file of at most `limit` bytes.
    pub fn read_file<T>(&mut self, path: impl Into<PathBuf>, limit: usize) -> Step<T> {
        let deadline = self.limit(Duration::from_secs(10));
        Step::Do(Effect::ReadFile(ReadFile { path: path.into(), limit, deadline, ticket: self.ticket() }))
    }

    /// Runs a program.
    ///
    /// The arguments are a list, so no shell reads them; still, one that holds a control character is
    /// refused. That no value passes for an option is for the flow to see to.
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

    /// Asks the signer of this key.
    pub fn sign<T>(&mut self, key: SigningKey, action: SignAction) -> Step<T> {
        let deadline = self.limit(Duration::from_secs(30));
        Step::Do(Effect::Sign(Box::new(Sign { key, action, deadline, ticket: self.ticket() })))
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
        self.token_after(None, request)
    }

    /// Gets a token from the driver's credential, after a service rejected this one.
    pub fn token_after<T>(&mut self, rejected: Option<AccessToken>, request: TokenRequest) -> Step<T> {
        // The credential has limits of its own; a person may have to sign in.
        let deadline = self.limit(Duration::from_secs(900));
        Step::Do(Effect::Token(Box::new(NeedToken { request, rejected, deadline, ticket: self.ticket() })))
    }

    /// Has the driver's credential forget a token that a service rejected.
    pub fn forget<T>(&mut self, token: AccessToken) -> Step<T> {
        Step::Do(Effect::Forget(ForgetToken { token, ticket: self.ticket() }))
    }

    /// Reads or changes a document of accounts and tokens.
    pub fn store<T>(&mut self, name: StoreName, action: StoreAction) -> Step<T> {
        // A person may have to unlock the keyring that has its key.
        self.store_within(Duration::from_secs(60), name, action)
    }

    /// Changes a document while somebody waits for a token that is there already: whoever keeps the document locked costs
    /// them no more than half of the time that is left.
    pub(crate) fn store_aside<T>(&mut self, name: StoreName, change: Change) -> Step<T> {
        let most = Duration::from_secs(10);
        let half = self.deadline.map_or(most, |deadline| self.now.mono.until(deadline) / 2);
        self.store_within(most.min(half), name, StoreAction::Change(Box::new(change)))
    }

    fn store_within<T>(&mut self, span: Duration, name: StoreName, action: StoreAction) -> Step<T> {
        let deadline = self.limit(span);
        Step::Do(Effect::Store(Box::new(UseStore { name, action, deadline, ticket: self.ticket() })))
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
