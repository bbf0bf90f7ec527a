//! Building responses.

use entrada_core::effect::HttpResponse;
use entrada_core::secret::SecretBytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

/// A response with a body of this type. A status that is none reads as 500.
pub(crate) fn body(status: u16, kind: &'static str, bytes: impl Into<Vec<u8>>) -> HttpResponse {
    let mut response = Response::new(SecretBytes::new(bytes));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-cache"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

pub(crate) fn json(status: u16, value: &Value) -> HttpResponse {
    body(status, "application/json; charset=utf-8", value.to_string())
}

pub(crate) fn text(status: u16, text: &str) -> HttpResponse {
    body(status, "text/plain; charset=utf-8", text)
}

/// A redirection; the address is one that the caller has checked.
pub(crate) fn redirect(location: &str) -> HttpResponse {
    let mut response = body(302, "text/plain; charset=utf-8", "");
    set(response.headers_mut(), "location", location);
    response
}

/// Adds a header. A value that no header can have is left out.
pub(crate) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

pub(crate) fn with(mut response: HttpResponse, name: &'static str, value: &str) -> HttpResponse {
    set(response.headers_mut(), name, value);
    response
}
