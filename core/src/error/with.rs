//! What is added to an error on its way.

use std::borrow::Cow;
use std::time::Duration;

use super::{Attempt, Error, ErrorKind, Made, Suberror};
use crate::claims::Claims;

impl Error {
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

    /// The same, as having come from the credential of this name, which is set up with another.
    #[must_use]
    pub(crate) fn renamed(mut self, source: &'static str) -> Error {
        self.0.source = Some(source);
        self
    }

    /// The same, as being about what this environment variable holds.
    #[must_use]
    pub(crate) fn of_variable(self, variable: &str) -> Error {
        let what = format!("{variable}: {}", self.message());
        let why = self.own_remedy().map(|why| format!(": {why}")).unwrap_or_default();
        self.saying(what).with_remedy(format!("correct or unset {variable}{why}"))
    }

    /// The same, with what had been done by then, and what to do about that next to what was said already.
    #[must_use]
    pub fn so_far(mut self, done: &str, next: &str) -> Error {
        let own = self.own_remedy().map(|own| format!("{own}; ")).unwrap_or_default();
        self.0.remedy = Some(format!("{own}{next}").into());
        self.adding(done)
    }

    /// The same, saying this too of what was tried.
    #[must_use]
    pub(crate) fn adding(mut self, more: &str) -> Error {
        self.0.what = format!("{}; {more}", self.0.what).into();
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

    /// The same, of a request that was sent with this id, where the answer named none.
    #[must_use]
    pub(crate) fn asked_as(mut self, id: Option<&str>) -> Error {
        if self.0.correlation_id.is_none() {
            self.0.correlation_id = id.map(str::to_owned);
        }
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

    /// The same, with what was made by then, before what was made after it.
    #[must_use]
    pub(crate) fn after_making(mut self, made: impl IntoIterator<Item = Made>) -> Error {
        self.0.made.splice(..0, made);
        self
    }

    /// The same, where it is certain that the service received nothing.
    #[must_use]
    pub(crate) fn of_nothing_sent(mut self, nothing: bool) -> Error {
        self.0.nothing_sent = nothing;
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
}
