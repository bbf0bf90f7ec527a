//! Building responses.

use entrada_core::calendar;
use entrada_core::effect::HttpResponse;
use entrada_core::secret::SecretBytes;
use entrada_core::time::Unix;
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

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// An HTTP-date (RFC 9110 section 5.6.7).
pub(crate) fn http_date(at: Unix) -> String {
    let text = calendar::rfc3339(at);
    let part = |range| text.get(range).unwrap_or_default();
    let weekday = usize::try_from(at.0.div_euclid(86_400).rem_euclid(7)).unwrap_or_default();
    let month = part(5..7).parse::<usize>().unwrap_or(1).saturating_sub(1).min(11);
    let (day, year, time) = (part(8..10), part(0..4), part(11..19));
    format!("{}, {day} {} {year} {time} GMT", DAYS[weekday], MONTHS[month])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_back() {
        assert_eq!(http_date(Unix(784_111_777)), "Sun, 06 Nov 1994 08:49:37 GMT");
        for at in [0, 951_782_400, 1_795_497_426, 4_102_444_799] {
            assert_eq!(calendar::parse_http_date(&http_date(Unix(at))), Some(Unix(at)));
        }
    }
}
