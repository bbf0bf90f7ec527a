//! The error that an answer other than success is.

use serde_json::Value;

use super::code::{Code, Phrase};
use super::{Dialect, arm_codes, graph_codes, hint};
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;

impl Dialect {
    fn codes(self) -> &'static [Code] {
        match self {
            Dialect::ResourceManager | Dialect::MachineLearning => &arm_codes::CODES,
            Dialect::Graph => &graph_codes::CODES,
        }
    }

    fn phrases(self) -> &'static [Phrase] {
        match self {
            Dialect::ResourceManager | Dialect::MachineLearning => &arm_codes::PHRASES,
            Dialect::Graph => &graph_codes::PHRASES,
        }
    }
}

/// The error that an answer other than success is: its code, where it is a known one, what that means
/// and what helps, the ids of the request, and what the service said as detail. Whatever the body is, an
/// error comes of it.
#[must_use]
pub fn error_of(answer: &Answer, dialect: Dialect) -> Error {
    let document = answer.object().cloned().unwrap_or_default();
    let envelope = document.get("error").and_then(Value::as_object).unwrap_or(&document);
    let text = |name: &str| envelope.get(name).and_then(Value::as_str).unwrap_or_default();
    let (code, message) = (text("code"), text("message"));
    let known = dialect.codes().iter().find(|known| known.code.eq_ignore_ascii_case(code));
    let kind = known.map_or_else(|| kind_of_status(answer.status()), |known| known.kind);
    let failed = if kind == ErrorKind::Service { "failed at" } else { "refused" };
    let phrase = dialect.phrases().iter().find(|phrase| message.contains(phrase.part));
    let cause =
        phrase.map(|phrase| (phrase.cause, phrase.remedy)).or(known.map(|known| (known.cause, known.remedy)));
    let what = match cause {
        Some((cause, _)) => format!("{} {failed} {}: {cause}", answer.host(), answer.label()),
        None => format!("{} {failed} {} (HTTP {})", answer.host(), answer.label(), answer.status()),
    };
    let detail = match (code, message) {
        ("", "") if answer.body().is_empty() => String::new(),
        ("", "") => answer.excerpt(),
        (code, message) => answer.clean(&format!("{code}: {message}")),
    };
    let [correlation, own] = dialect.ids().map(|names| names.iter().find_map(|name| answer.header(name)));
    let error = Error::new(kind, what)
        .with_code(known.map(|known| known.code))
        .with_status(answer.status())
        .with_ids(correlation, own)
        .with_retry_after(answer.retry_after(answer.received().unix))
        .with_detail(detail);
    match (hint::of(answer, code, message), cause) {
        (Some(remedy), _) => error.with_remedy(remedy),
        (None, Some((_, remedy))) => error.with_remedy(remedy),
        (None, None) => error,
    }
}

/// The error of an answer that makes no sense; `what` completes "gave an answer to the list that".
#[must_use]
pub fn malformed(answer: &Answer, what: &str) -> Error {
    Error::new(
        ErrorKind::Malformed,
        format!("{} gave an answer to {} that {what}", answer.host(), answer.label()),
    )
    .with_status(answer.status())
    .with_detail(answer.excerpt())
}

/// Fails for an answer to a change that has something to say where the service has nothing to say.
///
/// # Errors
/// `Malformed`: somebody else answered in the service's place.
pub fn nothing_more(answer: &Answer) -> Result<(), Error> {
    if answer.status() == 204 { Ok(()) } else { Err(malformed(answer, "is not the service's")) }
}

fn kind_of_status(status: u16) -> ErrorKind {
    match status {
        403 => ErrorKind::Forbidden,
        400..=402 | 404..=407 | 409..=428 => ErrorKind::Refused,
        408 | 429 | 500.. => ErrorKind::Service,
        _ => ErrorKind::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_stands_twice() {
        for codes in [&arm_codes::CODES[..], &graph_codes::CODES[..]] {
            let mut names: Vec<_> = codes.iter().map(|code| code.code).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), codes.len());
        }
    }
}
