//! Why a request is refused.

/// A refusal: its status, its code, and what it says.
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

    pub(crate) fn bad(message: impl Into<String>) -> Fault {
        Fault::new(400, "Request_BadRequest", message)
    }

    pub(crate) fn denied() -> Fault {
        Fault::new(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    }

    pub(crate) fn not_found(id: &str) -> Fault {
        let message = format!(
            "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
        );
        Fault::new(404, "Request_ResourceNotFound", message)
    }

    pub(crate) fn method(method: &http::Method) -> Fault {
        let message = format!("Specified HTTP method {method} is not allowed for the request target.");
        Fault::new(405, "Request_BadRequest", message)
    }
}
