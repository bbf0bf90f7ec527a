//! Reading a refusal (RFC 6749 section 5.2), with what Entra adds to it.

mod codes;
mod nonsense;
mod remedy;

pub(crate) use remedy::of_app;

use serde_json::{Map, Value};

use self::codes::{DEMANDS, FINAL, known_code};
use self::nonsense::nonsense;
use super::skew;
use crate::aadsts::{self, Class};
use crate::claims::Claims;
use crate::error::{Error, ErrorKind, Suberror};
use crate::exchange::Answer;
use crate::tenant::is_guid;

/// For whom a token is asked: an app cannot answer a demand for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Party {
    /// An app by itself.
    App,
    /// A person.
    User,
}

/// A refusal as it stands in a reply, or in a redirect.
#[derive(Clone, Default)]
pub struct Refusal {
    /// The `error` code, if it is one that is known.
    pub code: Option<&'static str>,
    /// What is said about it besides, if it is something that is known.
    pub suberror: Option<Suberror>,
    /// The AADSTS numbers.
    pub numbers: Vec<u64>,
    /// What the server says, as it came; not for people before it is cleaned.
    description: Option<String>,
    correlation_id: Option<String>,
    trace_id: Option<String>,
    claims: Option<Claims>,
}

impl std::fmt::Debug for Refusal {
    /// Without what the server says: it may repeat what it was sent.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refusal")
            .field("code", &self.code)
            .field("suberror", &self.suberror)
            .field("numbers", &self.numbers)
            .finish_non_exhaustive()
    }
}

impl Refusal {
    /// The refusal that an answer is, if it is one: any answer but a success, and a success whose
    /// body has an `error` (the device code endpoint sends such).
    #[must_use]
    pub fn of(answer: &Answer) -> Option<Refusal> {
        let nothing = Map::new();
        let document = answer.object().unwrap_or(&nothing);
        let says_error = match document.get("error") {
            Some(Value::String(code)) => !code.is_empty(),
            other => other.is_some_and(Value::is_object),
        };
        if answer.is_success() && !says_error {
            return None;
        }
        Some(Refusal::of_document(document))
    }

    /// The refusal in these fields, of which an `error` may be an object, as resource providers
    /// send it.
    #[must_use]
    pub fn of_document(document: &Map<String, Value>) -> Refusal {
        let inner = document.get("error").and_then(Value::as_object);
        let find = |name: &str| document.get(name).or_else(|| inner?.get(name)).and_then(Value::as_str);
        let code = document.get("error").and_then(Value::as_str).or_else(|| find("code"));
        let description = find("error_description").or_else(|| find("message"));
        let listed = document.get("error_codes").and_then(Value::as_array);
        let mut numbers: Vec<u64> = listed.into_iter().flatten().filter_map(Value::as_u64).collect();
        for number in description.map(aadsts::numbers_in).unwrap_or_default() {
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        Refusal {
            code: code.and_then(known_code),
            suberror: find("suberror").and_then(Suberror::named),
            numbers,
            description: description.or(code).map(str::to_owned),
            correlation_id: find("correlation_id")
                .or_else(|| find("correlationId"))
                .or_else(|| named_in(description?, "Correlation ID: "))
                .map(str::to_owned),
            trace_id: find("trace_id").or_else(|| named_in(description?, "Trace ID: ")).map(str::to_owned),
            claims: find("claims").and_then(Claims::from_challenge),
        }
    }

    /// The refusal that a text is, where a host does not send documents.
    pub(crate) fn of_text(text: &str) -> Refusal {
        Refusal {
            numbers: aadsts::numbers_in(text),
            description: Some(text.to_owned()),
            correlation_id: named_in(text, "Correlation ID: ").map(str::to_owned),
            trace_id: named_in(text, "Trace ID: ").map(str::to_owned),
            ..Refusal::default()
        }
    }

    /// Whether it has none of the fields by which a refusal is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.code.is_none() && self.numbers.is_empty() && self.description.is_none()
    }

    fn is(&self, codes: &[&str]) -> bool {
        self.code.is_some_and(|code| codes.contains(&code))
    }

    fn class(&self) -> Option<Class> {
        aadsts::first_known(&self.numbers).map(|entry| entry.class)
    }

    /// Whether the same request may well be granted a little later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.is(&["temporarily_unavailable", "server_error"]) || self.class() == Some(Class::Transient)
    }

    /// Whether the same request is refused again, whatever status it came with. `invalid_request` is not among
    /// these: what stands between Entra and a client says it too when it is busy.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.is(&FINAL) && !self.is_temporary()
    }

    fn decided(&self) -> Option<bool> {
        self.suberror.and_then(Suberror::asks_for_a_person)
    }

    fn kind(&self, status: u16, party: Party) -> ErrorKind {
        if self.is_temporary() || (matches!(status, 408 | 429 | 500..) && !self.is_final()) {
            return ErrorKind::Service;
        }
        // A policy that denies access says `access_denied` as a person does who declines; its number tells.
        let denied = self.class() == Some(Class::Refused);
        if self.is(&["access_denied", "authorization_declined", "user_canceled"]) && !denied {
            return ErrorKind::Declined;
        }
        if self.is(&["expired_token", "code_expired"]) || self.class() == Some(Class::Expired) {
            return ErrorKind::Expired;
        }
        let asks_for_a_person = match self.class() {
            _ if self.is(&DEMANDS) => true,
            _ if self.is(&["invalid_grant"]) && self.decided().is_some() => self.decided() == Some(true),
            // A demand of claims is met by whoever signs in, whatever number stands beside it.
            _ if self.is(&["invalid_grant"]) && self.claims.is_some() => true,
            Some(class) => class == Class::InteractionRequired,
            None => self.is(&["invalid_grant"]),
        };
        match party {
            Party::User if asks_for_a_person => ErrorKind::InteractionRequired,
            _ => ErrorKind::Refused,
        }
    }

    /// The error that this refusal of an answer is.
    #[must_use]
    pub fn into_error(self, answer: &Answer, party: Party) -> Error {
        if self.is_empty() {
            return nonsense(answer);
        }
        let kind = self.kind(answer.status(), party);
        let what = match kind {
            ErrorKind::Service => {
                format!("{} failed at {} ({})", answer.host(), answer.label(), answer.status())
            }
            _ => format!("{} refused {}", answer.host(), answer.label()),
        };
        let trace = self.trace_id.clone().or_else(|| answer.header("x-ms-request-id").map(str::to_owned));
        let correlation =
            self.correlation_id.clone().or_else(|| answer.header("client-request-id").map(str::to_owned));
        let detail = self.description.as_deref().map(|text| answer.clean(text)).unwrap_or_default();
        let clock = skew::remedy(answer, &self.numbers);
        let error = self.say(kind, what);
        let error = match clock {
            Some(clock) => error.with_remedy(clock),
            None => error,
        };
        error
            .with_ids(correlation.as_deref(), trace.as_deref())
            .asked_as(answer.request_id())
            .with_status(answer.status())
            .with_retry_after(answer.retry_after(answer.received().unix))
            .with_detail(detail)
    }

    /// The error that this refusal is, where there was no answer to look at: a redirect. `detail` is
    /// its description, cleaned.
    #[must_use]
    pub fn into_redirect_error(self, host: &str, detail: String) -> Error {
        let kind = self.kind(400, Party::User);
        self.say(kind, format!("{host} ended the sign-in")).with_detail(detail)
    }

    /// What the server says, as it came.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    fn say(self, kind: ErrorKind, what: String) -> Error {
        let cause = aadsts::first_known(&self.numbers).map(|entry| format!("{what}: {}", entry.cause));
        let error = Error::new(kind, cause.unwrap_or(what))
            .with_code(self.code)
            .with_suberror(self.suberror)
            .with_aadsts(self.numbers.clone())
            .with_claims(self.claims.clone())
            .with_ids(self.correlation_id.as_deref(), self.trace_id.as_deref());
        match (remedy::of(&self, kind), self.numbers.first()) {
            (Some(remedy), _) => error.with_remedy(remedy),
            (None, Some(number)) => error.with_remedy(format!("see {}", aadsts::help_link(*number))),
            (None, None) => error,
        }
    }
}

/// The id that a description names: a redirect has no field for it.
fn named_in<'d>(description: &'d str, name: &str) -> Option<&'d str> {
    let (_, rest) = description.split_once(name)?;
    rest.get(..36).filter(|id| is_guid(id))
}

/// Whether an answer is a refusal that stays.
pub(crate) fn is_final(answer: &Answer) -> bool {
    Refusal::of(answer).is_some_and(|refusal| refusal.is_final())
}

/// Whether an answer is a refusal that may well be withdrawn a little later.
pub(crate) fn is_temporary(answer: &Answer) -> bool {
    Refusal::of(answer).is_some_and(|refusal| refusal.is_temporary())
}

#[cfg(test)]
mod tests;
