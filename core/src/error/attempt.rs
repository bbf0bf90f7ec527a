//! One line of a chain's record.

use super::ErrorKind;

/// One credential that a chain tried, and what came of it.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The name of the credential.
    pub source: &'static str,
    /// What came of it.
    pub outcome: ErrorKind,
    /// What was tried and what failed.
    pub message: String,
    /// What to do about it, where something is known to help.
    pub remedy: Option<String>,
    /// The AADSTS numbers of the refusal, if any.
    pub aadsts: Vec<u64>,
}
