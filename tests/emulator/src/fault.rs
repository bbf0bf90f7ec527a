//! Why a service that takes tokens refuses a request.

/// A refusal: its status, its code, and what it says. How that is worded is the service's own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// What stands in `WWW-Authenticate`.
    pub(crate) challenge: Option<String>,
}

impl Fault {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Fault {
        Fault { status, code, message: message.into(), challenge: None }
    }

    pub(crate) fn challenge(self, challenge: String) -> Fault {
        Fault { challenge: Some(challenge), ..self }
    }
}
