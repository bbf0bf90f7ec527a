//! What a flow asks of its driver, and how the driver answers.
//!
//! Each effect carries a ticket, and consuming it is the only way to make its [`Reply`]. One file an
//! effect: what is asked, what can come back, what can go wrong.

mod browser;
mod command;
mod file;
mod http;
mod loopback;
mod prompt;
mod sign;
mod store;
mod token;
mod wait;

use std::fmt;

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

/// The answer to one effect, made by consuming it.
#[must_use = "give it to the run it belongs to"]
pub struct Reply {
    pub(crate) ticket: Ticket,
    pub(crate) outcome: Outcome,
}

/// What a driver answered. `Expired` and `Unsupported` fit every effect.
pub(crate) enum Outcome {
    Http(Result<HttpResponse, HttpFailure>),
    Waited,
    File(Result<FileContents, FileFailure>),
    Command(Result<CommandOutput, CommandFailure>),
    Signed(Result<Signed, SignFailure>),
    Prompted(Result<(), PromptFailure>),
    Opened(Result<(), BrowserFailure>),
    Loopback(Result<LoopbackEvent, LoopbackFailure>),
    Token(Result<crate::token::AccessToken, crate::error::Error>),
    Forgotten,
    Stored(Result<crate::secret::SecretBytes, StoreFailure>),
    Expired,
    Unsupported,
}

impl Reply {
    fn name(&self) -> &'static str {
        match self.outcome {
            Outcome::Http(_) => "http",
            Outcome::Waited => "waited",
            Outcome::File(_) => "file",
            Outcome::Command(_) => "command",
            Outcome::Signed(Ok(Signed::Certificate(_))) => "a certificate",
            Outcome::Signed(_) => "a signature",
            Outcome::Prompted(_) => "prompted",
            Outcome::Opened(_) => "opened",
            Outcome::Loopback(_) => "loopback",
            Outcome::Token(_) => "token",
            Outcome::Forgotten => "forgotten",
            Outcome::Stored(_) => "token cache",
            Outcome::Expired => "expired",
            Outcome::Unsupported => "unsupported",
        }
    }

    /// What came back, on one line, without secrets: for logs.
    #[must_use]
    pub fn summary(&self) -> String {
        match &self.outcome {
            Outcome::Http(Ok(response)) => {
                format!("{}, {} bytes", response.status().as_u16(), response.body().len())
            }
            Outcome::Http(Err(failure)) => failure.to_string(),
            Outcome::File(Ok(file)) => format!("{} bytes", file.bytes.len()),
            Outcome::File(Err(failure)) => failure.to_string(),
            Outcome::Command(Ok(output)) => output.summary(),
            Outcome::Command(Err(failure)) => failure.to_string(),
            Outcome::Signed(Err(failure)) => failure.to_string(),
            Outcome::Prompted(Err(failure)) => failure.to_string(),
            Outcome::Opened(Err(failure)) => failure.to_string(),
            Outcome::Loopback(Ok(event)) => event.summary(),
            Outcome::Loopback(Err(failure)) => failure.to_string(),
            Outcome::Token(Ok(token)) => format!("a token from {}", token.source()),
            Outcome::Token(Err(error)) => error.kind().to_string(),
            Outcome::Stored(Ok(kept)) => format!("{} bytes", kept.len()),
            Outcome::Stored(Err(failure)) => failure.to_string(),
            _ => self.name().to_owned(),
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({})", self.summary())
    }
}

/// The accessors by which a flow takes a reply apart: an outcome of another kind cannot come from an
/// honest driver, and reads as a failure.
macro_rules! outcome {
    ($(#[$doc:meta])* $name:ident, $variant:ident, $value:ty, $failure:ident) => {
        impl Reply {
            $(#[$doc])*
            ///
            /// # Errors
            /// What went wrong, as the driver told it; `TimedOut` when the deadline passed.
            pub fn $name(self) -> Result<$value, $failure> {
                match self.outcome {
                    Outcome::$variant(result) => result,
                    Outcome::Expired => Err($failure::TimedOut),
                    Outcome::Unsupported => Err($failure::Unsupported),
                    _ => Err($failure::Mismatch),
                }
            }
        }
    };
}

outcome!(/// The response of an HTTP call.
    http, Http, HttpResponse, HttpFailure);
outcome!(/// The contents of a file.
    file, File, FileContents, FileFailure);
outcome!(/// What a program printed.
    command, Command, CommandOutput, CommandFailure);
outcome!(/// A certificate or a signature.
    signed, Signed, Signed, SignFailure);
outcome!(/// That the person was told.
    prompted, Prompted, (), PromptFailure);
outcome!(/// That a browser was started.
    opened, Opened, (), BrowserFailure);
outcome!(/// What happened at the listener.
    loopback, Loopback, LoopbackEvent, LoopbackFailure);
outcome!(/// A document of accounts and tokens; nothing at all where there is none.
    stored, Stored, crate::secret::SecretBytes, StoreFailure);

impl Reply {
    /// A token of the driver's own credential.
    ///
    /// # Errors
    /// The credential's error; `Timeout` when the deadline passed, `Unavailable` when the driver has
    /// no credential.
    pub fn token(self) -> Result<crate::token::AccessToken, crate::error::Error> {
        use crate::error::{Error, ErrorKind};
        match self.outcome {
            Outcome::Token(result) => result,
            Outcome::Expired => Err(Error::new(ErrorKind::Timeout, "no token was obtained in time")),
            Outcome::Unsupported => {
                Err(Error::new(ErrorKind::Unavailable, "this driver has no credential to get a token from"))
            }
            _ => Err(Error::new(ErrorKind::Misuse, "the reply is not that of a token request")),
        }
    }

    /// That a wait is over: its time has come, or the deadline passed.
    ///
    /// # Errors
    /// `Unavailable` when the driver cannot wait; what would have been repeated is not.
    pub fn waited(self) -> Result<(), crate::error::Error> {
        use crate::error::{Error, ErrorKind};
        match self.outcome {
            Outcome::Waited | Outcome::Expired => Ok(()),
            Outcome::Unsupported => Err(Error::new(
                ErrorKind::Unavailable,
                "this driver cannot wait, and there is nothing to do but to wait",
            )),
            _ => Err(Error::new(ErrorKind::Misuse, "the reply is not that of a wait")),
        }
    }
}
