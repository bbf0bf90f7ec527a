//! Opening the person's browser.

use std::fmt;

use super::{Outcome, Reply, Ticket};
use crate::time::Mono;

/// An address to open in the person's browser, through no shell.
pub struct OpenBrowser {
    pub(crate) url: String,
    pub(crate) deadline: Mono,
    pub(crate) ticket: Ticket,
}

impl OpenBrowser {
    /// The address: http or https, without control characters.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address, and the ticket to answer with.
    #[must_use]
    pub fn split(self) -> (String, BrowserTicket) {
        (self.url, BrowserTicket(self.ticket))
    }

    pub(crate) fn summary(&self) -> String {
        let end = self.url.find('?').unwrap_or(self.url.len());
        format!("open the browser at {}", &self.url[..end])
    }
}

impl fmt::Debug for OpenBrowser {
    /// Without the query: it holds the state and the nonce.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenBrowser({})", self.summary())
    }
}

/// Answers one [`OpenBrowser`].
#[derive(Debug)]
#[must_use]
pub struct BrowserTicket(Ticket);

impl BrowserTicket {
    /// The reply: a browser was started, or the person was shown the address; or neither.
    pub fn reply(self, result: Result<(), BrowserFailure>) -> Reply {
        Reply { ticket: self.0, outcome: Outcome::Opened(result) }
    }
}

/// Why no browser was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrowserFailure {
    /// There is none here.
    NotFound,
    /// Starting it took too long.
    TimedOut,
    /// The driver opens no browsers.
    Unsupported,
    /// The reply was of another kind.
    Mismatch,
}

impl fmt::Display for BrowserFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BrowserFailure::NotFound => "there is no browser here",
            BrowserFailure::TimedOut => "starting the browser took too long",
            BrowserFailure::Unsupported => "this driver opens no browser",
            BrowserFailure::Mismatch => "the reply is not that of a browser",
        })
    }
}
