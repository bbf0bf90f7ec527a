//! What a driver answered, and how a flow takes it apart.

use std::fmt;

use super::{
    BrowserFailure, CommandFailure, CommandOutput, FileContents, FileFailure, HttpFailure, HttpResponse,
    LoopbackEvent, LoopbackFailure, PromptFailure, SignFailure, Signed, StoreFailure, Ticket,
};
use crate::error::{Error, ErrorKind};
use crate::secret::SecretBytes;
use crate::token::AccessToken;

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
    Token(Result<AccessToken, Error>),
    Forgotten,
    Stored(Result<SecretBytes, StoreFailure>),
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
    stored, Stored, SecretBytes, StoreFailure);

impl Reply {
    /// A token of the driver's own credential.
    ///
    /// # Errors
    /// The credential's error; `Timeout` when the deadline passed, `Unavailable` when the driver has
    /// no credential.
    pub fn token(self) -> Result<AccessToken, Error> {
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
    pub fn waited(self) -> Result<(), Error> {
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
