//! What Microsoft Graph refuses with.

use crate::fault::Fault;

pub(super) fn bad(message: impl Into<String>) -> Fault {
    Fault::new(400, "Request_BadRequest", message)
}

pub(super) fn denied() -> Fault {
    Fault::new(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
}

pub(super) fn not_found(id: &str) -> Fault {
    let message = format!(
        "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
    );
    Fault::new(404, "Request_ResourceNotFound", message)
}

pub(super) fn method(method: &http::Method) -> Fault {
    let message = format!("Specified HTTP method {method} is not allowed for the request target.");
    Fault::new(405, "Request_BadRequest", message)
}
