//! Documents that are sent, taken apart as strictly as the service does.

use entrada_core::calendar;
use serde_json::{Map, Value};

use super::fault;
use crate::ask::Ask;
use crate::fault::Fault;

/// The document of a request: an object of these fields and no others. Annotations are passed over.
pub(super) fn document(ask: &Ask<'_>, fields: &[&str]) -> Result<Map<String, Value>, Fault> {
    let kind = ask.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let message = "Write requests (excluding DELETE) must contain the Content-Type header declaration.";
        return Err(Fault::new(400, "BadRequest", message));
    }
    let parsed = serde_json::from_slice::<Value>(ask.body()).ok();
    let Some(Value::Object(mut document)) = parsed else {
        return Err(Fault::new(400, "BadRequest", "Unable to read JSON request payload."));
    };
    document.retain(|name, _| !name.starts_with('@'));
    match document.keys().find(|name| !fields.contains(&name.as_str())) {
        Some(name) => Err(fault::bad(format!("Invalid property '{name}'."))),
        None => Ok(document),
    }
}

/// A text that has to be there and not be empty.
pub(super) fn text(document: &Map<String, Value>, name: &str) -> Result<String, Fault> {
    match document.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Some(Value::String(_)) | None => {
            Err(fault::bad(format!("A value is required for property '{name}' of resource.")))
        }
        Some(_) => Err(fault::bad(format!("Invalid value specified for property '{name}' of resource."))),
    }
}

/// A text, if it is there.
pub(super) fn optional(document: &Map<String, Value>, name: &str) -> Result<Option<String>, Fault> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(fault::bad(format!("Invalid value specified for property '{name}' of resource."))),
    }
}

/// A time, if it is there: ISO 8601 with its zone.
pub(super) fn time(document: &Map<String, Value>, name: &str) -> Result<Option<i64>, Fault> {
    let Some(text) = optional(document, name)? else { return Ok(None) };
    match calendar::parse(&text) {
        Some(calendar::Stamp::Instant(at)) => Ok(Some(at.0)),
        _ => Err(fault::bad(format!("Invalid value specified for property '{name}' of resource."))),
    }
}
