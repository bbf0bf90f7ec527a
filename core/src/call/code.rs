//! What is known of a service's error code.

use crate::error::ErrorKind;

/// The kind of error that a code is, what it means, and what helps.
pub(super) struct Code {
    pub(super) code: &'static str,
    pub(super) kind: ErrorKind,
    pub(super) cause: &'static str,
    pub(super) remedy: &'static str,
}

/// Which of a code's errors this is, where its message alone tells: part of the message, what it means,
/// and what helps.
pub(super) struct Phrase {
    pub(super) part: &'static str,
    pub(super) cause: &'static str,
    pub(super) remedy: &'static str,
}

pub(super) const fn code(
    code: &'static str,
    kind: ErrorKind,
    cause: &'static str,
    remedy: &'static str,
) -> Code {
    Code { code, kind, cause, remedy }
}

pub(super) const fn phrase(part: &'static str, cause: &'static str, remedy: &'static str) -> Phrase {
    Phrase { part, cause, remedy }
}
