//! How long a service asks to be left alone (RFC 9110 section 10.2.3, and Azure's two forms in
//! milliseconds).

use std::time::Duration;

use http::HeaderMap;

use crate::calendar::parse_http_date;
use crate::time::Unix;

/// The wait that a response demands: `Retry-After` in seconds or as a date, else `retry-after-ms`,
/// else `x-ms-retry-after-ms`. A date that has passed demands nothing more than to try again.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Unix) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(value) = text("retry-after") {
        if let Some(seconds) = number(value) {
            return Some(Duration::from_secs(seconds));
        }
        if let Some(date) = parse_http_date(value) {
            return Some(now.until(date));
        }
    }
    let milliseconds = |name: &str| text(name).and_then(number).map(Duration::from_millis);
    milliseconds("retry-after-ms").or_else(|| milliseconds("x-ms-retry-after-ms"))
}

/// A whole number; a fraction counts as one more.
fn number(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let more = u64::from(fraction.bytes().any(|b| b != b'0'));
    // So many digits that it overflows is still a number: forever.
    Some(whole.parse::<u64>().unwrap_or(u64::MAX).saturating_add(more))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(name: &'static str, value: &str) -> Option<u128> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        retry_after(&headers, Unix(784_111_717)).map(|wait| wait.as_millis())
    }

    #[test]
    fn every_form() {
        assert_eq!(wait("retry-after", "3"), Some(3000));
        assert_eq!(wait("retry-after", " 0 "), Some(0));
        assert_eq!(wait("retry-after", "1.2"), Some(2000));
        assert_eq!(wait("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), Some(60_000));
        assert_eq!(wait("retry-after", "Sun, 06 Nov 1993 08:49:37 GMT"), Some(0));
        assert_eq!(wait("retry-after-ms", "250"), Some(250));
        assert_eq!(wait("x-ms-retry-after-ms", "250"), Some(250));
        assert!(wait("retry-after", "99999999999999999999999").is_some());
        for nonsense in ["", "-1", "soon", "1e3", "."] {
            assert_eq!(wait("retry-after", nonsense), None, "{nonsense}");
        }
    }
}
