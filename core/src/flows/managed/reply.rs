//! How the reply of a host is read.
//!
//! It is the host that is asked, and not Entra: an answer that is neither a token nor a refusal is the host's, or of
//! whoever listens in its place, and no proxy stands between.

use super::NAME;
use super::wanted::Wanted;
use crate::aadsts::{self, Entry};
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::token::{self, AccessToken, Issued, Party, Refusal};

/// How much of a text is looked at, in characters.
const MOST: usize = 8192;

/// What to do about a refusal of which nothing better is known.
const REFUSED: &str =
    "see what the host says; check the resource, and that the identity is one of this host's";

/// The token that an answer brings, or the refusal that it is.
pub(super) fn token(answer: &Answer, party: Party) -> Result<AccessToken, Error> {
    if let Some(refusal) = refusal(answer) {
        return Err(refused(refusal, answer, party));
    }
    if answer.status() != 200 || answer.object().is_none() {
        return Err(unreadable(answer));
    }
    Ok(token::parse(answer, &Issued { source: NAME, tenant: None, party })?.access)
}

/// The error that this refusal is.
pub(super) fn refused(refusal: Refusal, answer: &Answer, party: Party) -> Error {
    if refusal.is_empty() {
        return unreadable(answer);
    }
    let (numbered, final_number) = (!refusal.numbers.is_empty(), for_good(&refusal, answer));
    let error = refusal.into_error(answer, party);
    match (error.kind(), final_number) {
        (ErrorKind::Service, Some(entry)) => error.as_kind(ErrorKind::Refused).with_remedy(entry.remedy),
        // What helps against a code is worded for an authority.
        (ErrorKind::Refused, _) if !numbered => {
            let remedy = match error.code() {
                Some("invalid_resource" | "invalid_scope" | "invalid_target") => {
                    "check the resource that the token is for, and whether it is known to this tenant"
                }
                _ => REFUSED,
            };
            error.with_remedy(remedy)
        }
        _ => error,
    }
}

/// What an answer refuses: in a document, or in a text with numbers of Entra's.
fn refusal(answer: &Answer) -> Option<Refusal> {
    let refusal = Refusal::of(answer)?;
    let in_text = || text(answer).map(|text| Refusal::of_text(&text)).filter(|told| !told.numbers.is_empty());
    Some(if refusal.is_empty() { in_text().unwrap_or(refusal) } else { refusal })
}

/// What is known about the number of a refusal that stays: hosts answer 500 to what Entra refused for good.
fn for_good(refusal: &Refusal, answer: &Answer) -> Option<&'static Entry> {
    let failing = answer.status() >= 500 && !refusal.is_temporary();
    aadsts::first_known(&refusal.numbers).filter(|_| failing)
}

/// Whether an answer is a host's last word, whatever its status.
pub(super) fn settled(answer: &Answer) -> bool {
    token::is_final(answer)
        || Wanted::is_unknown(answer)
        || refusal(answer).is_some_and(|refusal| for_good(&refusal, answer).is_some())
}

/// The text that an answer is, where it is neither a document nor a page.
pub(super) fn text(answer: &Answer) -> Option<String> {
    let text = String::from_utf8_lossy(answer.body());
    let text = text.trim_start_matches('\u{feff}').trim();
    let kind = answer.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let page = kind.contains("html") || text.starts_with('<');
    (!page && !text.is_empty() && answer.object().is_none()).then(|| text.chars().take(MOST).collect())
}

/// An answer that is neither a token nor a refusal of any known form.
fn unreadable(answer: &Answer) -> Error {
    let (status, host, label) = (answer.status(), answer.host(), answer.label());
    let kind = match status {
        401 | 403 => ErrorKind::Refused,
        408 | 429 | 500.. => ErrorKind::Service,
        _ => ErrorKind::Malformed,
    };
    let what = match status {
        401 | 403 => format!("{host} refused {label} ({status})"),
        300..=399 => format!("{host} answered {label} with a redirect ({status}); it was not followed"),
        _ if answer.body().is_empty() => format!("{host} answered {label} with an empty {status}"),
        _ => format!("{host} answered {label} with {status} and something that is no token"),
    };
    Error::new(kind, what)
        .with_status(status)
        .with_ids(answer.header("client-request-id"), answer.header("x-ms-request-id"))
        .asked_as(answer.request_id())
        .with_retry_after(answer.retry_after(answer.received().unix))
        .with_detail(said(answer))
}

/// The end of asking a host: whose error it is, and what to do where nothing better is known.
pub(super) fn ending(error: Error) -> Error {
    let error = error.from_source(NAME);
    let remedy = match error.kind() {
        _ if error.own_remedy().is_some() => return error,
        ErrorKind::Refused => REFUSED,
        ErrorKind::Malformed => "see what answers at this address; if it is the host, try again or update it",
        ErrorKind::Service => "try again later; if that does not help, see what answers at this address",
        ErrorKind::Network | ErrorKind::Timeout => {
            "see whether the host's identity endpoint, which its variables name, answers from here"
        }
        _ => return error,
    };
    error.with_remedy(remedy)
}

/// What a host says in an answer, made fit for people.
pub(super) fn said(answer: &Answer) -> String {
    match Refusal::of(answer).as_ref().and_then(Refusal::description) {
        Some(text) => answer.clean(text),
        None if answer.body().is_empty() => String::new(),
        None => answer.excerpt(),
    }
}
