//! What answers of a metadata service are, and what those of others at its address.

use super::super::reply::settled;
use crate::exchange::Answer;

/// What a machine without any identity is told, with a 500.
const NO_IDENTITY: &str = "failed to retrieve token from the active directory";

/// Docker Desktop's proxy answers for hosts that it cannot reach.
pub(super) fn unreachable(answer: &Answer) -> bool {
    answer.status() == 403
        && String::from_utf8_lossy(answer.body()).to_ascii_lowercase().contains("unreachable")
}

/// A captive portal or a proxy answers everything with a page of its own, or with nothing. What the service says, but
/// for that it is being updated, is an object.
pub(super) fn is_foreign(answer: &Answer) -> bool {
    let updating = match answer.status() {
        410 | 429 => true,
        404 | 408 => answer.body().is_empty(),
        _ => false,
    };
    matches!(answer.status(), 200..=499 | 511) && !updating && answer.object().is_none()
}

/// Whether an answer may as well be somebody else's: that of a server that knows no such path, or a gateway's page.
pub(super) fn is_doubtful(answer: &Answer) -> bool {
    let is_a_page = !answer.body().is_empty() && answer.object().is_none();
    is_foreign(answer) || (matches!(answer.status(), 502..=504) && is_a_page)
}

/// Whether it says that no identity was ever assigned to the machine: it is asked for none that Entra would know.
pub(super) fn is_without_identity(answer: &Answer) -> bool {
    let text = String::from_utf8_lossy(answer.body()).to_ascii_lowercase();
    answer.status() == 500 && text.contains(NO_IDENTITY) && !text.contains("aadsts")
}

/// Whether an answer stays what it is, whatever its status.
pub(super) fn is_settled(answer: &Answer) -> bool {
    settled(answer) || is_without_identity(answer)
}
