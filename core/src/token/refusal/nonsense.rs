//! Answers that say nothing.

use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;

/// An answer that is neither a token nor a refusal of any known form.
pub(super) fn nonsense(answer: &Answer) -> Error {
    let status = answer.status();
    let kind = if matches!(status, 408 | 429 | 500..) { ErrorKind::Service } else { ErrorKind::Malformed };
    let redirected = (300..400).contains(&status);
    let what = match (answer.body().is_empty(), redirected) {
        (_, true) => format!(
            "{} answered {} with a redirect ({status}); it was not followed",
            answer.host(),
            answer.label()
        ),
        (true, _) => format!("{} answered {} with an empty {status}", answer.host(), answer.label()),
        _ => format!(
            "{} answered {} with a {status} that is not from Microsoft Entra",
            answer.host(),
            answer.label()
        ),
    };
    let remedy = match status {
        407 => "a proxy asks for a sign-in: put its user and password into HTTPS_PROXY",
        429 | 500.. => "try again later; a proxy between may also have answered in its place",
        _ => {
            "something between may have answered in its place, such as a proxy; check the authority's address too"
        }
    };
    Error::new(kind, what)
        .with_remedy(remedy)
        .with_status(status)
        .with_ids(answer.header("client-request-id"), answer.header("x-ms-request-id"))
        .asked_as(answer.request_id())
        .with_retry_after(answer.retry_after(answer.received().unix))
        .with_detail(if answer.body().is_empty() { String::new() } else { answer.excerpt() })
}
