//! What a flow asks of its driver, and how the driver answers.
//!
//! Each effect carries a ticket, and consuming it is the only way to make its [`Reply`]. One file an
//! effect: what is asked, what can come back, what can go wrong; and one for the reply.

mod browser;
mod command;
mod file;
mod http;
mod loopback;
mod prompt;
mod reply;
mod sign;
mod store;
mod token;
mod wait;

use crate::time::Mono;

pub use browser::{BrowserFailure, BrowserTicket, OpenBrowser};
pub use command::{CommandFailure, CommandOutput, CommandTicket, MAX_OUTPUT, RunCommand};
pub use file::{FileContents, FileFailure, FileTicket, ReadFile};
pub use http::{HttpCall, HttpFailure, HttpRequest, HttpResponse, HttpTicket, MAX_BODY, TlsFault};
pub use loopback::{
    Loopback, LoopbackAction, LoopbackEvent, LoopbackFailure, LoopbackHosts, LoopbackTicket, MAX_REDIRECT,
    wants_more,
};
pub use prompt::{DevicePrompt, PromptFailure, PromptTicket, ShowPrompt};
pub(crate) use reply::Outcome;
pub use reply::Reply;
pub use sign::{
    Sign, SignAction, SignFailure, SignTicket, SignatureAlgorithm, Signed, SigningCertificate, SigningKey,
};
pub use store::{StoreAction, StoreFailure, StoreName, StoreTicket, UseStore};
pub use token::{ForgetTicket, ForgetToken, NeedToken, TokenTicket};
pub use wait::{Wait, WaitTicket};

/// Ties a reply to the effect it answers. Not `Clone`, not to be made outside the core.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) run: u64,
    pub(crate) number: u64,
}

/// Something a driver has to do. Exactly one is outstanding in a run.
#[must_use = "a run goes on only when its effect is answered"]
#[derive(Debug)]
#[non_exhaustive]
pub enum Effect {
    /// Exchange one HTTP request for one response.
    Http(Box<HttpCall>),
    /// Let time pass.
    Wait(Wait),
    /// Read a small file.
    ReadFile(ReadFile),
    /// Run a program to its end.
    RunCommand(Box<RunCommand>),
    /// Sign a message with a key that the driver holds.
    Sign(Box<Sign>),
    /// Tell the person something.
    Prompt(Box<ShowPrompt>),
    /// Open an address in the person's browser.
    OpenBrowser(OpenBrowser),
    /// Listen for the browser on this machine.
    Loopback(Loopback),
    /// Get an access token from the driver's own credential.
    Token(Box<NeedToken>),
    /// Forget an access token of the driver's own credential.
    Forget(ForgetToken),
    /// Read or change what is kept of accounts and tokens.
    Store(Box<UseStore>),
}

/// The kinds of effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the variants are those of `Effect`")]
pub enum EffectKind {
    Http,
    Wait,
    ReadFile,
    RunCommand,
    Sign,
    Prompt,
    OpenBrowser,
    Loopback,
    Token,
    Forget,
    Store,
}

impl Effect {
    /// Which kind of effect this is.
    #[must_use]
    pub fn kind(&self) -> EffectKind {
        match self {
            Effect::Http(_) => EffectKind::Http,
            Effect::Wait(_) => EffectKind::Wait,
            Effect::ReadFile(_) => EffectKind::ReadFile,
            Effect::RunCommand(_) => EffectKind::RunCommand,
            Effect::Sign(_) => EffectKind::Sign,
            Effect::Prompt(_) => EffectKind::Prompt,
            Effect::OpenBrowser(_) => EffectKind::OpenBrowser,
            Effect::Loopback(_) => EffectKind::Loopback,
            Effect::Token(_) => EffectKind::Token,
            Effect::Forget(_) => EffectKind::Forget,
            Effect::Store(_) => EffectKind::Store,
        }
    }

    /// When to give up and call [`crate::Run::expire`]. A wait has none, as it ends by
    /// itself, nor has what takes no time.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        match self {
            Effect::Http(call) => Some(call.deadline()),
            Effect::Wait(_) | Effect::Forget(_) => None,
            Effect::ReadFile(read) => Some(read.deadline),
            Effect::RunCommand(command) => Some(command.deadline),
            Effect::Sign(sign) => Some(sign.deadline),
            Effect::Prompt(prompt) => Some(prompt.deadline),
            Effect::OpenBrowser(open) => Some(open.deadline),
            Effect::Loopback(loopback) => Some(loopback.deadline),
            Effect::Token(need) => Some(need.deadline),
            Effect::Store(store) => Some(store.deadline),
        }
    }

    /// The reply of a driver that cannot do this: the last arm of its `match`. A chain then goes on.
    #[must_use]
    pub fn unsupported(self) -> Reply {
        Reply { ticket: self.into_ticket(), outcome: Outcome::Unsupported }
    }

    /// What is being done, on one line, without secrets: for logs.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Effect::Http(call) => call.summary(),
            Effect::Wait(wait) => wait.summary(),
            Effect::ReadFile(read) => format!("read {}", read.path.display()),
            Effect::RunCommand(command) => command.summary(),
            Effect::Sign(sign) => sign.summary(),
            Effect::Prompt(prompt) => {
                format!("ask the person to sign in at {}", prompt.prompt.verification_uri)
            }
            Effect::OpenBrowser(open) => open.summary(),
            Effect::Loopback(loopback) => loopback.summary(),
            Effect::Token(need) => format!("get a token for {}", need.request.scopes().joined()),
            Effect::Forget(_) => "forget a token that was rejected".to_owned(),
            Effect::Store(store) => store.summary(),
        }
    }

    /// What it is for, in our own words: for errors. A summary may hold the address of a link or of a
    /// page, which is a server's.
    pub(crate) fn purpose(&self) -> String {
        match self {
            Effect::Http(call) => {
                let host = call.request.uri().host().unwrap_or_default();
                format!("ask {host} for {}", call.label)
            }
            Effect::Prompt(_) => "ask the person to sign in".to_owned(),
            other => other.summary(),
        }
    }

    fn into_ticket(self) -> Ticket {
        match self {
            Effect::Http(call) => call.ticket,
            Effect::Wait(wait) => wait.ticket,
            Effect::ReadFile(read) => read.ticket,
            Effect::RunCommand(command) => command.ticket,
            Effect::Sign(sign) => sign.ticket,
            Effect::Prompt(prompt) => prompt.ticket,
            Effect::OpenBrowser(open) => open.ticket,
            Effect::Loopback(loopback) => loopback.ticket,
            Effect::Token(need) => need.ticket,
            Effect::Forget(forget) => forget.ticket,
            Effect::Store(store) => store.ticket,
        }
    }
}
