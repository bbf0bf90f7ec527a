//! Azure Resource Manager's error envelope.

use entrada_core::effect::HttpResponse;
use serde_json::json;

use crate::fault::Fault;
use crate::reply;

pub(crate) fn not_found(kind: &str, name: &str, group: &str) -> Fault {
    let message = format!(
        "The Resource '{kind}/{name}' under resource group '{group}' was not found. For more details please go to \
         https://aka.ms/ARMResourceNotFoundFix"
    );
    Fault::new(404, "ResourceNotFound", message)
}

pub(crate) fn reply(fault: &Fault) -> HttpResponse {
    let document = json!({ "error": { "code": fault.code, "message": fault.message } });
    let response = reply::with(reply::json(fault.status, &document), "x-ms-failure-cause", "gateway");
    match &fault.challenge {
        Some(challenge) => reply::with(response, "www-authenticate", challenge),
        None => response,
    }
}
