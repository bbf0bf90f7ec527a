//! What went wrong, told apart.

use std::error::Error as StdError;
use std::fmt;
use std::io::{self, ErrorKind};

use entrada_core::effect::HttpFailure;
use entrada_host::tls;
use ureq::{Error, Timeout};

/// A failure that is known for what it is, on its way through ureq.
#[derive(Debug)]
struct Known(HttpFailure);

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Known {}

/// The failure as an error of ureq's.
pub(super) fn known(failure: HttpFailure) -> Error {
    Error::Other(Box::new(Known(failure)))
}

/// An error while connecting: nothing was sent, whatever it is.
pub(super) fn while_connecting(error: Error) -> Error {
    known(match error {
        Error::Timeout(_) => HttpFailure::ConnectTimedOut,
        Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => HttpFailure::Refused,
            ErrorKind::TimedOut => HttpFailure::ConnectTimedOut,
            _ => HttpFailure::Unreachable,
        },
        Error::HostNotFound => HttpFailure::Resolve,
        other => failure(other),
    })
}

/// An error during a handshake: one of certificates, or the connection's.
pub(super) fn during_handshake(error: io::Error) -> Error {
    if let Some(found) = tls::find(&error) {
        return known(HttpFailure::Tls(tls::fault(found)));
    }
    match Error::from(error) {
        Error::Timeout(_) => known(HttpFailure::ConnectTimedOut),
        Error::Io(error) if error.kind() == ErrorKind::TimedOut => known(HttpFailure::ConnectTimedOut),
        _ => known(HttpFailure::Broken),
    }
}

/// The failure behind an error of ureq's.
pub(super) fn failure(error: Error) -> HttpFailure {
    match error {
        Error::Other(other) => other.downcast_ref::<Known>().map_or(HttpFailure::Broken, |known| known.0),
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => HttpFailure::ConnectTimedOut,
        Error::Timeout(_) => HttpFailure::TimedOut,
        Error::HostNotFound => HttpFailure::Resolve,
        Error::Io(error) if error.kind() == ErrorKind::TimedOut => HttpFailure::TimedOut,
        Error::BadUri(_) | Error::Http(_) => HttpFailure::Unsupported,
        _ => HttpFailure::Broken,
    }
}
