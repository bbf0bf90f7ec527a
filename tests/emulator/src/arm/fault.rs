//! Azure Resource Manager's error envelope.

use entrada_core::effect::HttpResponse;
use serde_json::json;

use crate::reply;

/// Why a request is refused.
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

    pub(crate) fn not_found(kind: &str, name: &str, group: &str) -> Fault {
        let message = format!(
            "The Resource '{kind}/{name}' under resource group '{group}' was not found. For more details please go to \
             https://aka.ms/ARMResourceNotFoundFix"
        );
        Fault::new(404, "ResourceNotFound", message)
    }

    pub(crate) fn reply(&self) -> HttpResponse {
        let document = json!({ "error": { "code": self.code, "message": self.message } });
        let response = reply::with(reply::json(self.status, &document), "x-ms-failure-cause", "gateway");
        match &self.challenge {
            Some(challenge) => reply::with(response, "www-authenticate", challenge),
            None => response,
        }
    }
}
