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

/// What an answer says of a failure.
struct Said {
    code: String,
    message: String,
}

impl Said {
    fn of(answer: &Answer) -> Said {
        let document = answer.object().cloned().unwrap_or_default();
        let envelope = document.get("error").and_then(Value::as_object).unwrap_or(&document);
        let text = |name: &str| envelope.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Said { code: text("code"), message: text("message") }
    }

    fn known(&self, dialect: Dialect) -> Option<&'static Code> {
        dialect.codes().iter().find(|known| known.code.eq_ignore_ascii_case(&self.code))
    }

    /// What went wrong and what helps; what only the message tells comes first.
    fn cause(&self, dialect: Dialect) -> Option<(&'static str, &'static str)> {
        let phrase = dialect.phrases().iter().find(|phrase| self.message.contains(phrase.part));
        let known = || self.known(dialect).map(|known| (known.cause, known.remedy));
        phrase.map(|phrase| (phrase.cause, phrase.remedy)).or_else(known)
    }

    /// The error in these words, with all that the answer tells.
    fn error(&self, answer: &Answer, dialect: Dialect, kind: ErrorKind, what: String) -> Error {
        let detail = match (self.code.as_str(), self.message.as_str()) {
            ("", "") => String::new(),
            (code, message) => answer.clean(&format!("{code}: {message}")),
        };
        let [correlation, own] = dialect.ids().map(|names| names.iter().find_map(|name| answer.header(name)));
        let error = Error::new(kind, what)
            .with_code(self.known(dialect).map(|known| known.code))
            .with_status(answer.status())
            .with_ids(correlation, own)
            .with_detail(detail);
        match (hint::of(answer, &self.code, &self.message), self.cause(dialect)) {
            (Some(remedy), _) => error.with_remedy(remedy),
            (None, Some((_, remedy))) => error.with_remedy(remedy),
            (None, None) => error,
        }
    }
}

/// The error that an answer other than success is: its code, where it is a known one, what that means
/// and what helps, the ids of the request, and what the service said as detail. Whatever the body is, an
/// error comes of it.
#[must_use]
pub fn error_of(answer: &Answer, dialect: Dialect) -> Error {
    let said = Said::of(answer);
    let kind = said.known(dialect).map_or_else(|| kind_of_status(answer.status()), |known| known.kind);
    let failed = if kind == ErrorKind::Service { "failed at" } else { "refused" };
    let what = match said.cause(dialect) {
        Some((cause, _)) => format!("{} {failed} {}: {cause}", answer.host(), answer.label()),
        None => format!("{} {failed} {} (HTTP {})", answer.host(), answer.label(), answer.status()),
    };
    let error =
        said.error(answer, dialect, kind, what).with_retry_after(answer.retry_after(answer.received().unix));
    match error.detail() {
        None if !answer.body().is_empty() => error.with_detail(answer.excerpt()),
        _ => error,
    }
}

/// The error of an operation that was accepted and did not end well: the answer is one of success and tells the
/// error. `how` completes "took on the operation, which".
pub(super) fn outcome_of(answer: &Answer, dialect: Dialect, how: &str) -> Error {
    let said = Said::of(answer);
    let kind = said.known(dialect).map_or(ErrorKind::Refused, |known| known.kind);
    let cause = said.cause(dialect).map(|(cause, _)| format!(": {cause}")).unwrap_or_default();
    let what = format!("{} took on {}, which {how}{cause}", answer.host(), answer.label());
    said.error(answer, dialect, kind, what)
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

/// What an answer describes, as `read` makes it out; `what` says what it is otherwise, as for [`malformed`].
///
/// # Errors
/// `Malformed` when it is no object, or `read` makes nothing of it.
pub(crate) fn described<T>(
    answer: &Answer,
    read: impl FnOnce(Value) -> Option<T>,
    what: &str,
) -> Result<T, Error> {
    let document = answer.object().cloned().map(Value::Object);
    document.and_then(read).ok_or_else(|| malformed(answer, what))
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
