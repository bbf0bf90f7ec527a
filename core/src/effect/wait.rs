//! Letting time pass.

use std::time::Duration;

use super::{Outcome, Reply, Ticket};
use crate::time::Mono;

/// A pause: nothing to do until a moment on the monotonic clock.
#[derive(Debug)]
pub struct Wait {
    pub(crate) until: Mono,
    pub(crate) span: Duration,
    pub(crate) why: &'static str,
    pub(crate) count: Option<[u32; 2]>,
    pub(crate) ticket: Ticket,
}

impl Wait {
    /// When it ends.
    #[must_use]
    pub fn until(&self) -> Mono {
        self.until
    }

    /// How long it was when it was asked for.
    #[must_use]
    pub fn span(&self) -> Duration {
        self.span
    }

    /// What is waited for.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.why
    }

    /// Which wait it is of how many at the most, where there may be several for the same.
    #[must_use]
    pub fn count(&self) -> Option<[u32; 2]> {
        self.count
    }

    /// The ticket to answer with when the time has come.
    #[must_use]
    pub fn ticket(self) -> WaitTicket {
        WaitTicket(self.ticket)
    }

    pub(crate) fn summary(&self) -> String {
        let count = self.count.map(|[number, most]| format!(", {number}/{most}")).unwrap_or_default();
        format!("wait {:.1} s ({}{count})", self.span.as_secs_f64(), self.why)
    }
}

/// Answers one [`Wait`].
#[derive(Debug)]
#[must_use]
pub struct WaitTicket(Ticket);

impl WaitTicket {
    /// The reply: the time has come.
    pub fn done(self) -> Reply {
        Reply { ticket: self.0, outcome: Outcome::Waited }
    }
}
