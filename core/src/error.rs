//! Errors that a person can act on and a program can branch on.
//!
//! An [`Error`] says what was tried, what failed, whose fault it is and what to do next. It holds no
//! request and no reply. `Display` is made of our own words, numbers and identifiers of a fixed
//! form; what a server or a tool wrote is in [`Error::detail`], shortened and cleaned of secrets.

mod attempt;
mod kind;
mod made;
mod suberror;
#[cfg(test)]
mod tests;
mod with;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::aadsts;
use crate::claims::Claims;

pub use attempt::Attempt;
pub use kind::{Blame, ErrorKind};
pub use made::{Made, MadeKind};
pub use suberror::Suberror;

/// Why no token, or no answer, was obtained. One word wide; cheap to clone and to share.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone, Default)]
struct Inner {
    kind: ErrorKind,
    source: Option<&'static str>,
    what: Cow<'static, str>,
    remedy: Option<Cow<'static, str>>,
    detail: Option<String>,
    code: Option<&'static str>,
    suberror: Option<Suberror>,
    aadsts: Vec<u64>,
    correlation_id: Option<String>,
    trace_id: Option<String>,
    status: Option<u16>,
    claims: Option<Claims>,
    retry_after: Option<Duration>,
    attempts: Vec<Attempt>,
    made: Vec<Made>,
    cut_short: bool,
    nearly: bool,
    nothing_sent: bool,
}

impl Error {
    /// An error of this kind; `what` says what was tried and what failed, without a final stop.
    #[must_use]
    pub fn new(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Error {
        Error(Box::new(Inner { kind, what: what.into(), ..Inner::default() }))
    }

    /// The caller gave up.
    #[must_use]
    pub fn cancelled() -> Error {
        Error::new(ErrorKind::Cancelled, "the call was cancelled")
    }

    /// Whether the caller's own limit of time ended the attempt: another caller may fare better.
    #[must_use]
    pub fn is_cut_short(&self) -> bool {
        self.0.cut_short
    }

    /// Whether it is certain that the service received nothing of the request that failed, at any of its tries.
    #[must_use]
    pub fn nothing_was_sent(&self) -> bool {
        self.0.nothing_sent
    }

    /// What happened, for a program.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The credential it came from, if one is known.
    #[must_use]
    pub fn source_name(&self) -> Option<&'static str> {
        self.0.source
    }

    /// What was tried and what failed, with the codes of the refusal.
    #[must_use]
    pub fn message(&self) -> String {
        let mut message = String::new();
        if let Some(source) = self.0.source {
            message.push_str(source);
            message.push_str(": ");
        }
        message.push_str(&self.0.what);
        let codes = self.0.code.map(str::to_owned).into_iter();
        let codes: Vec<_> =
            codes.chain(self.0.aadsts.iter().map(|number| format!("AADSTS{number}"))).collect();
        if !codes.is_empty() {
            message.push_str(" (");
            message.push_str(&codes.join(", "));
            message.push(')');
        }
        message
    }

    /// What to do next: what was said when the error was made, else what the AADSTS number suggests, else what
    /// [usually](ErrorKind::remedy) helps against errors of its kind. Nothing only where the caller gave up.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.own_remedy().or_else(|| self.kind().remedy())
    }

    /// What to do next, where more is known than the kind of the error.
    pub(crate) fn own_remedy(&self) -> Option<&str> {
        let known = || aadsts::first_known(&self.0.aadsts).map(|entry| entry.remedy);
        self.0.remedy.as_deref().or_else(known)
    }

    /// What the server or the tool said, cut short and cleaned of secrets.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The protocol's error code, if it is one that we know.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        self.0.code
    }

    /// What Entra says about the refusal besides its code, if it is something that we know.
    #[must_use]
    pub fn suberror(&self) -> Option<Suberror> {
        self.0.suberror
    }

    /// Entra's error numbers.
    #[must_use]
    pub fn aadsts(&self) -> &[u64] {
        &self.0.aadsts
    }

    /// Names this request in the service's logs.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        self.0.correlation_id.as_deref()
    }

    /// Names this answer in the service's logs.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }

    /// The HTTP status of the last answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The claims that the next, interactive, request has to ask for.
    #[must_use]
    pub fn claims(&self) -> Option<&Claims> {
        self.0.claims.as_ref()
    }

    /// How long the service asked to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What a chain tried, in order.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// What was made by then, or may have been, and is there still: of a set-up that failed half way.
    #[must_use]
    pub fn made(&self) -> &[Made] {
        &self.0.made
    }

    /// Whether what was asked may have been done although this was the answer. What comes too often (429) is turned
    /// away unread.
    pub(crate) fn leaves_open(&self) -> bool {
        use ErrorKind::{Malformed, Network, Service, Timeout};
        self.status() != Some(429) && matches!(self.kind(), Malformed | Network | Service | Timeout)
    }

    /// Whether the source is merely absent here, so that a chain may go on to the next.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.0.kind == ErrorKind::Unavailable
    }

    /// This error as a line of a chain's record.
    #[must_use]
    pub fn to_attempt(&self, source: &'static str) -> Attempt {
        let mut inner = self.clone();
        inner.0.source = None;
        let message = inner.message();
        Attempt {
            source,
            outcome: self.0.kind,
            message,
            detail: inner.0.detail,
            remedy: self.remedy().map(str::to_owned),
            aadsts: self.0.aadsts.clone(),
            correlation_id: inner.0.correlation_id,
            elapsed: None,
            nearly: self.0.nearly || !self.is_unavailable(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())?;
        for attempt in &self.0.attempts {
            write!(f, "\n  {}: {}", attempt.source, attempt.message)?;
            if let Some(id) = attempt.correlation_id.as_deref().filter(|id| self.correlation_id() != Some(id))
            {
                write!(f, "; correlation id {id}")?;
            }
            if let Some(remedy) = &attempt.remedy {
                write!(f, "; {remedy}")?;
            }
        }
        if let Some(id) = &self.0.correlation_id {
            write!(f, "\n  correlation id {id}")?;
        }
        if let Some(remedy) = self.remedy() {
            write!(f, "\n  {remedy}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.0.kind).field("message", &self.message());
        if let Some(detail) = &self.0.detail {
            debug.field("detail", detail);
        }
        if !self.0.attempts.is_empty() {
            debug.field("attempts", &self.0.attempts);
        }
        debug.finish_non_exhaustive()
    }
}

impl std::error::Error for Error {}
