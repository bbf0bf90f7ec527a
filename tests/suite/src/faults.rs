//! What can go wrong between a client and a service, as a decorator of answers.

use std::collections::BTreeMap;
use std::time::Duration;

use entrada_core::effect::{HttpFailure, HttpRequest, HttpResponse, TlsFault};
use entrada_core::time::{Now, Unix};
use http::{HeaderName, HeaderValue, StatusCode};

use crate::choices::Choices;

/// One thing that goes wrong with one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpFault {
    /// The transport fails; whether the request was received before it did.
    Fails(HttpFailure, bool),
    /// Nothing comes back before the deadline; whether the request was received.
    Silent(bool),
    /// The answer takes this many milliseconds.
    Slow(u32),
    /// The body ends after this many 256ths of it.
    Truncated(u8),
    /// Another status, with a body in that service's form and this demand for patience.
    Status(u16, Patience),
    /// A redirect to somebody else's place.
    Redirect(u16),
    /// Headers that stand twice, or make no sense.
    Headers,
    /// The content type is another.
    WrongType,
    /// A page instead of an answer, with this status.
    Page(u16),
    /// An error that repeats all that was sent.
    Echo(u16),
    /// More bytes than a client takes.
    Huge,
    /// No body.
    Empty,
    /// A field of the document is not what it should be.
    Mangled(u8),
}

/// The forms in which a service asks to be left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Not at all.
    None,
    /// `Retry-After` in seconds.
    Seconds(u32),
    /// `Retry-After` as a date, this many seconds ahead.
    Date(u32),
    /// `retry-after-ms`.
    Millis(u32),
    /// `x-ms-retry-after-ms`.
    VendorMillis(u32),
    /// Nonsense.
    Nonsense(&'static str),
}

/// The ways a document is mangled, as JSON members that replace those of the answer.
const MANGLED: [&str; 18] = [
    r#"{"expires_in":0}"#,
    r#"{"expires_in":-1,"expires_on":"soon"}"#,
    r#"{"expires_in":"3599","expires_on":null}"#,
    r#"{"expires_in":1e300,"expires_on":1e300}"#,
    r#"{"access_token":"has blanks in it"}"#,
    r#"{"access_token":"line\r\nX-Evil: yes"}"#,
    r#"{"access_token":""}"#,
    r#"{"access_token":null}"#,
    r#"{"token_type":"MAC"}"#,
    r#"{"error":"temporarily_unavailable"}"#,
    r#"{"error":"invalid_grant","error_description":"AADSTS70008: The code has expired."}"#,
    r#"{"error":"slow_down"}"#,
    r#"{"interval":"0","expires_in":86400}"#,
    r#"{"nextLink":"https://evil.example/next"}"#,
    r#"{"value":7}"#,
    r#"{"verification_uri":"javascript:alert(1)"}"#,
    // Of another sign-in: its nonce is not ours, and then it is for another app.
    r#"{"id_token":"eyJhbGciOiJub25lIn0.eyJub25jZSI6Im90aGVyIn0."}"#,
    r#"{"id_token":"nonsense"}"#,
];

const ABSURD: [&str; 8] =
    ["", "-1", "soon", "99999999999999999999999", "1e9", "Thu, 99 Foo 2026", "0x10", "\u{e9}"];

/// What became of an exchange.
#[derive(Debug)]
pub struct Fate {
    /// The answer.
    pub result: Result<HttpResponse, HttpFailure>,
    /// How long it took.
    pub took: Duration,
    /// How long the service demands to be left alone, where that is a plain demand to wait.
    pub demanded: Option<Duration>,
}

/// Which faults happen.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// How many of 256 exchanges go wrong.
    pub share: u8,
    /// How many of 256 steps the clocks are tampered with.
    pub clock_share: u8,
    /// How many of 256 steps get an old reply first.
    pub late_share: u8,
    /// What goes wrong with the exchange of this number, whatever the share.
    pub planned: BTreeMap<usize, HttpFault>,
    /// What goes wrong with every exchange that has no plan.
    pub always: Option<HttpFault>,
    exchanges: usize,
    happened: usize,
}

impl Faults {
    /// This fault in the exchange of this number (the first is 0), and no other.
    #[must_use]
    pub fn once(number: usize, fault: HttpFault) -> Faults {
        Faults { planned: BTreeMap::from([(number, fault)]), ..Faults::default() }
    }

    /// This fault in every exchange.
    #[must_use]
    pub fn always(fault: HttpFault) -> Faults {
        Faults { always: Some(fault), ..Faults::default() }
    }

    /// What goes wrong with the next exchange.
    pub fn next(&mut self, choices: &mut Choices<'_>) -> Option<HttpFault> {
        let number = self.exchanges;
        self.exchanges += 1;
        let planned = self.planned.get(&number).copied().or(self.always);
        let drawn = || (self.share > 0 && choices.chance(self.share)).then(|| draw(choices));
        let fault = planned.or_else(drawn);
        self.happened += usize::from(fault.is_some());
        fault
    }

    /// How many faults there were.
    #[must_use]
    pub fn happened(&self) -> usize {
        self.happened
    }

    /// How many exchanges there were.
    #[must_use]
    pub fn exchanges(&self) -> usize {
        self.exchanges
    }
}

/// A fault of any kind. Those that a client can survive come more often, since the others end a run.
fn draw(choices: &mut Choices<'_>) -> HttpFault {
    match choices.weighted(&[
        (6, 0),
        (4, 1),
        (3, 2),
        (2, 3),
        (8, 4),
        (1, 5),
        (2, 6),
        (1, 7),
        (1, 8),
        (2, 9),
        (1, 10),
        (1, 11),
        (3, 12),
    ]) {
        0 => HttpFault::Fails(
            choices.pick(&[
                HttpFailure::Refused,
                HttpFailure::Broken,
                HttpFailure::Resolve,
                HttpFailure::Unreachable,
                HttpFailure::ConnectTimedOut,
                HttpFailure::TimedOut,
                HttpFailure::Proxy,
                HttpFailure::Tls(TlsFault::UnknownIssuer),
                HttpFailure::Tls(TlsFault::Expired),
            ]),
            choices.chance(128),
        ),
        1 => HttpFault::Silent(choices.chance(128)),
        2 => HttpFault::Slow(u32::from(choices.word())),
        3 => HttpFault::Truncated(choices.byte()),
        4 => {
            let status =
                choices.pick(&[503, 429, 500, 503, 408, 502, 504, 401, 403, 404, 410, 400, 407, 418, 599]);
            HttpFault::Status(status, patience(choices))
        }
        5 => HttpFault::Redirect(choices.pick(&[301, 302, 303, 307, 308, 300, 304])),
        6 => HttpFault::Headers,
        7 => HttpFault::WrongType,
        8 => HttpFault::Page(choices.pick(&[200, 403, 502, 511])),
        9 => HttpFault::Echo(choices.pick(&[400, 401, 403, 500, 200])),
        10 => HttpFault::Huge,
        11 => HttpFault::Empty,
        _ => HttpFault::Mangled(choices.byte()),
    }
}

fn patience(choices: &mut Choices<'_>) -> Patience {
    match choices.below(8) {
        0 | 1 => Patience::None,
        2 => Patience::Seconds(u32::from(choices.byte() % 64)),
        3 => Patience::Seconds(choices.pick(&[60, 61, 3600, u32::MAX])),
        4 => Patience::Date(u32::from(choices.byte())),
        5 => Patience::Millis(u32::from(choices.word())),
        6 => Patience::VendorMillis(u32::from(choices.word())),
        _ => Patience::Nonsense(choices.pick(&ABSURD)),
    }
}

impl HttpFault {
    /// Whether the service gets the request.
    #[must_use]
    pub fn delivers(self) -> bool {
        match self {
            HttpFault::Fails(failure, delivered) => delivered && !failure.nothing_sent(),
            HttpFault::Silent(delivered) => delivered,
            // What stands before the service answers in its place.
            HttpFault::Status(..) | HttpFault::Redirect(_) | HttpFault::Page(_) | HttpFault::Echo(_) => false,
            _ => true,
        }
    }

    /// What the client gets; nothing when it hears nothing. `now` is when the answer arrives.
    #[must_use]
    pub fn apply(self, request: &HttpRequest, honest: HttpResponse, now: Now) -> Option<Fate> {
        let fate = |response| Some(Fate { result: Ok(response), took: Duration::ZERO, demanded: None });
        match self {
            HttpFault::Silent(_) => None,
            HttpFault::Fails(failure, _) => {
                Some(Fate { result: Err(failure), took: Duration::from_millis(300), demanded: None })
            }
            HttpFault::Slow(ms) => {
                Some(Fate { result: Ok(honest), took: Duration::from_millis(u64::from(ms)), demanded: None })
            }
            HttpFault::Truncated(share) => {
                let (head, body) = honest.into_parts();
                let part = body.expose()[..body.len() * usize::from(share) / 256].to_vec();
                fate(http::Response::from_parts(head, part.into()))
            }
            HttpFault::Status(status, patience) => Some(refusal(status, patience, now)),
            HttpFault::Redirect(status) => {
                let mut response = response(status, "text/html", Vec::new());
                set(&mut response, "location", "https://evil.example/take");
                fate(response)
            }
            HttpFault::Headers => fate(odd_headers(honest)),
            HttpFault::WrongType => {
                let mut response = honest;
                set(&mut response, "content-type", "image/png");
                fate(response)
            }
            HttpFault::Page(status) => fate(response(
                status,
                "text/html",
                b"<html><body><h1>Sign in to the network</h1></body></html>".to_vec(),
            )),
            HttpFault::Echo(status) => fate(response(status, "application/json", echo(request))),
            HttpFault::Huge => {
                fate(response(200, "application/json", vec![b' '; entrada_core::effect::MAX_BODY + 1]))
            }
            HttpFault::Empty => {
                let (head, _) = honest.into_parts();
                fate(http::Response::from_parts(head, Vec::new().into()))
            }
            HttpFault::Mangled(which) => fate(mangle(honest, which)),
        }
    }
}

fn response(status: u16, kind: &'static str, body: Vec<u8>) -> HttpResponse {
    let mut response = http::Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT);
    set(&mut response, "content-type", kind);
    response
}

fn set(response: &mut HttpResponse, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}

fn refusal(status: u16, patience: Patience, now: Now) -> Fate {
    let body = br#"{"error":{"code":"ServiceUnavailable","message":"Busy."}}"#.to_vec();
    let mut response = response(status, "application/json", body);
    let millis = |ms: u32| Duration::from_millis(u64::from(ms));
    let demanded = match patience {
        Patience::None => None,
        Patience::Seconds(s) => {
            set(&mut response, "retry-after", &s.to_string());
            Some(Duration::from_secs(u64::from(s)))
        }
        Patience::Date(s) => {
            set(&mut response, "retry-after", &http_date(Unix(now.unix.0 + i64::from(s))));
            // Parts of a second are lost on both sides.
            Some(Duration::from_secs(u64::from(s.saturating_sub(1))))
        }
        Patience::Millis(ms) => {
            set(&mut response, "retry-after-ms", &ms.to_string());
            Some(millis(ms))
        }
        Patience::VendorMillis(ms) => {
            set(&mut response, "x-ms-retry-after-ms", &ms.to_string());
            Some(millis(ms))
        }
        Patience::Nonsense(text) => {
            set(&mut response, "retry-after", text);
            None
        }
    };
    let temporary = matches!(status, 408 | 429 | 500..);
    Fate { result: Ok(response), took: Duration::ZERO, demanded: demanded.filter(|_| temporary) }
}

/// An HTTP-date (RFC 9110 section 5.6.7). The day of the week is not checked by anybody.
#[must_use]
pub fn http_date(at: Unix) -> String {
    let text = entrada_core::calendar::rfc3339(at);
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        [text[5..7].parse::<usize>().unwrap_or(1).saturating_sub(1).min(11)];
    format!("Mon, {} {month} {} {} GMT", &text[8..10], &text[..4], &text[11..19])
}

fn odd_headers(mut response: HttpResponse) -> HttpResponse {
    let headers = response.headers_mut();
    for value in ["text/html", "application/json; charset=nonsense", ";;;"] {
        headers.append("content-type", HeaderValue::from_static(value));
    }
    headers.append("www-authenticate", HeaderValue::from_static("Bearer ,=,=\"\\"));
    headers.append(
        "x-ms-request-id",
        HeaderValue::from_bytes(b"\xff\xfe").unwrap_or(HeaderValue::from_static("")),
    );
    headers.append("set-cookie", HeaderValue::from_static("stay=here"));
    headers.append("client-request-id", HeaderValue::from_static("<script>"));
    response
}

/// Everything that was sent, wherever an error document has room for text.
fn echo(request: &HttpRequest) -> Vec<u8> {
    let body = String::from_utf8_lossy(request.body().expose()).into_owned();
    let decoded: Vec<_> =
        url::form_urlencoded::parse(body.as_bytes()).map(|(name, value)| format!("{name} {value}")).collect();
    let headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    let all =
        format!("AADSTS90099: You sent {body} that is {} with {}", decoded.join(" and "), headers.join(" "));
    serde_json::json!({
        "error": "invalid_request", "error_description": all, "message": all, "code": all, "suberror": all,
        "trace_id": all, "correlation_id": all, "scope": decoded.join(" "),
    })
    .to_string()
    .into_bytes()
}

fn mangle(response: HttpResponse, which: u8) -> HttpResponse {
    use serde_json::Value;
    let (head, body) = response.into_parts();
    let change = MANGLED[usize::from(which) % MANGLED.len()];
    let changed = match (serde_json::from_slice(body.expose()), serde_json::from_str(change)) {
        (Ok(Value::Object(mut document)), Ok(Value::Object(change))) => {
            document.extend(change);
            Value::Object(document).to_string().into_bytes()
        }
        _ => body.expose().to_vec(),
    };
    http::Response::from_parts(head, changed.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_that_clients_read() {
        assert_eq!(http_date(Unix(784_111_777)), "Mon, 06 Nov 1994 08:49:37 GMT");
    }
}
