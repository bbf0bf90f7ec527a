//! Errors that a person can act on and a program can branch on.
//!
//! An [`Error`] says what was tried, what failed, whose fault it is and what to do next. It holds no
//! request and no reply. `Display` is made of our own words, numbers and identifiers of a fixed
//! form; what a server or a tool wrote is in [`Error::detail`], shortened and cleaned of secrets.

mod attempt;
mod kind;
mod suberror;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::aadsts;
use crate::claims::Claims;

pub use attempt::Attempt;
pub use kind::{Blame, ErrorKind};
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
    cut_short: bool,
    nearly: bool,
}

impl Error {
    /// An error of this kind; `what` says what was tried and what failed, without a final stop.
    #[must_use]
    pub fn new(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Error {
        Error(Box::new(Inner { kind, what: what.into(), ..Inner::default() }))
    }

    /// The same, with what to do next.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<Cow<'static, str>>) -> Error {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// The same in other words, which say more of what was tried.
    #[must_use]
    pub fn saying(mut self, what: impl Into<Cow<'static, str>>) -> Error {
        self.0.what = what.into();
        self
    }

    /// The same, as having come from the credential of this name. The innermost name stays.
    #[must_use]
    pub fn from_source(mut self, source: &'static str) -> Error {
        self.0.source.get_or_insert(source);
        self
    }

    /// The same, with what had been done by then, and what to do about that next to what was said already.
    #[must_use]
    pub(crate) fn so_far(mut self, done: &str, next: &str) -> Error {
        self.0.what = format!("{}; {done}", self.0.what).into();
        let own = self.remedy().map(|own| format!("{own}; ")).unwrap_or_default();
        self.0.remedy = Some(format!("{own}{next}").into());
        self
    }

    /// The same as another kind, for a caller that knows better what it means here.
    #[must_use]
    pub fn as_kind(mut self, kind: ErrorKind) -> Error {
        self.0.kind = kind;
        self
    }

    /// The same with server text, which must have been cleaned (see [`crate::redact`]).
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Error {
        self.0.detail = Some(detail.into()).filter(|detail| !detail.is_empty());
        self
    }

    /// The same with the protocol's error code (RFC 6749 section 5.2, ARM, Graph).
    #[must_use]
    pub fn with_code(mut self, code: Option<&'static str>) -> Error {
        self.0.code = code;
        self
    }

    /// The same with what Entra says about the refusal besides its code.
    #[must_use]
    pub fn with_suberror(mut self, suberror: Option<Suberror>) -> Error {
        self.0.suberror = suberror;
        self
    }

    /// The same with Entra's error numbers.
    #[must_use]
    pub fn with_aadsts(mut self, numbers: Vec<u64>) -> Error {
        self.0.aadsts = numbers;
        self
    }

    /// The same with the identifiers that let support find the request. Anything but 8 to 64
    /// hexadecimal digits and hyphens is left out, so that no server text gets in this way.
    #[must_use]
    pub fn with_ids(mut self, correlation: Option<&str>, trace: Option<&str>) -> Error {
        let identifier = |text: Option<&str>| {
            text.filter(|t| (8..=64).contains(&t.len()))
                .filter(|t| t.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'))
                .map(str::to_owned)
        };
        self.0.correlation_id = identifier(correlation);
        self.0.trace_id = identifier(trace);
        self
    }

    /// The same with the HTTP status it came with.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Error {
        self.0.status = Some(status);
        self
    }

    /// The same with the claims a new sign-in has to satisfy.
    #[must_use]
    pub fn with_claims(mut self, claims: Option<Claims>) -> Error {
        self.0.claims = claims;
        self
    }

    /// The same with the time the service asked to be left alone for.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Error {
        self.0.retry_after = wait;
        self
    }

    /// The same with what a chain tried.
    #[must_use]
    pub fn with_attempts(mut self, attempts: Vec<Attempt>) -> Error {
        self.0.attempts = attempts;
        self
    }

    /// The same, of a source that is set up in part, or set up and broken: of several that give nothing it is
    /// the likeliest to be meant.
    #[must_use]
    pub fn nearly(mut self) -> Error {
        self.0.nearly = true;
        self
    }

    /// The same, as one that might not have come to pass with more time. What no time would have changed,
    /// a refusal for instance, stays what it is.
    #[must_use]
    pub(crate) fn cut_short(mut self) -> Error {
        use ErrorKind::{Expired, Network, Service, Timeout};
        self.0.cut_short = matches!(self.0.kind, Expired | Network | Service | Timeout);
        self
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

    /// What to do next: what was said when the error was made, else what the AADSTS number suggests.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
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
        Attempt {
            source,
            outcome: self.0.kind,
            message: inner.message(),
            remedy: self.remedy().map(str::to_owned),
            aadsts: self.0.aadsts.clone(),
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
