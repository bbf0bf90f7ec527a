//! One line of a chain's record.

use std::time::Duration;

use super::ErrorKind;

/// One credential that a chain tried, and what came of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The name of the credential.
    pub source: &'static str,
    /// What came of it.
    pub outcome: ErrorKind,
    /// What was tried and what failed.
    pub message: String,
    /// What the server or the tool said, cut short and cleaned of secrets: see [`Error::detail`](crate::Error::detail).
    pub detail: Option<String>,
    /// What to do about it, where something is known to help.
    pub remedy: Option<String>,
    /// The AADSTS numbers of the refusal, if any.
    pub aadsts: Vec<u64>,
    /// Names the request in the service's logs.
    pub correlation_id: Option<String>,
    /// How long it took by the clock for deadlines, where that was measured.
    pub elapsed: Option<Duration>,
    /// Whether the source is set up in part, or set up and broken: the likeliest to be meant, of several.
    pub nearly: bool,
}
