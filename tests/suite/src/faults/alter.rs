//! Making an honest answer into what a fault leaves of it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_core::effect::{HttpRequest, HttpResponse};
use entrada_core::time::{Now, Unix};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::{Fate, HttpFault, Lie, Patience};

/// The ways a document is mangled, as JSON members that replace those of the answer.
const MANGLED: [&str; 24] = [
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
    // Of another sign-in: for our app, but its nonce is not ours.
    r#"{"id_token":"eyJhbGciOiJub25lIn0.eyJhdWQiOiIwNGIwNzc5NS04ZGRiLTQ2MWEtYmJlZS0wMmY5ZTFiZjdiNDYiLCJub25jZSI6Im90aGVyIn0."}"#,
    r#"{"id_token":"nonsense"}"#,
    // An account whose password somebody else would like to have.
    r#"{"account_type":"Federated","federation_protocol":"WSTrust","federation_metadata_url":"https://evil.example/adfs/services/trust/mex","federation_active_auth_url":"https://evil.example/adfs/services/trust/13/usernamemixed"}"#,
    r#"{"account_type":"Federated","federation_protocol":"WSTrust","federation_metadata_url":null,"federation_active_auth_url":"http://sts.fabrikam.example/adfs/services/trust/13/usernamemixed"}"#,
    r#"{"account_type":"Unknown"}"#,
    r#"{"oidcToken":7}"#,
    r#"{"token_endpoint":"https://evil.example/token"}"#,
    r#"{"@odata.nextLink":"https://evil.example/next"}"#,
];

/// The ways XML is mangled: what takes the place of what.
const BENT: [(&str, &str); 6] = [
    ("<s:Envelope", "<!DOCTYPE a [<!ENTITY b 'c'>]><s:Envelope"),
    ("https://sts.fabrikam.example", "https://evil.example"),
    ("https://sts", "http://sts"),
    ("RequestedSecurityToken", "Requested"),
    ("SAML:1.0:assertion", "SAML:9.9:assertion"),
    ("</", "<&unknown;/"),
];

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
            HttpFault::IdToken(lie) => fate(with_lie(honest, lie)),
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
    // What is being updated is asked again after a minute, whatever it says.
    let demanded = demanded.map(|span| if status == 410 { span.min(Duration::from_secs(60)) } else { span });
    let temporary = matches!(status, 408 | 410 | 429 | 500..);
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
    let (head, body) = response.into_parts();
    let change = MANGLED[usize::from(which) % MANGLED.len()];
    let changed = match (serde_json::from_slice(body.expose()), serde_json::from_str(change)) {
        // An id token stands beside an access token. A workspace would show it, as it shows all it is given.
        (Ok(Value::Object(mut document)), Ok(Value::Object(change)))
            if document.contains_key("access_token") || !change.contains_key("id_token") =>
        {
            document.extend(change);
            Value::Object(document).to_string().into_bytes()
        }
        _ if body.expose().starts_with(b"<") => {
            let (from, to) = BENT[usize::from(which) % BENT.len()];
            String::from_utf8_lossy(body.expose()).replace(from, to).into_bytes()
        }
        _ => body.expose().to_vec(),
    };
    http::Response::from_parts(head, changed.into())
}

/// The answer with an id token that says something else than the honest one, and the same in all else. An
/// answer without one stays as it is.
fn with_lie(response: HttpResponse, lie: Lie) -> HttpResponse {
    let (head, body) = response.into_parts();
    let changed = lying(body.expose(), lie).unwrap_or_else(|| body.expose().to_vec());
    http::Response::from_parts(head, changed.into())
}

fn lying(body: &[u8], lie: Lie) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(body).ok()?;
    let token = document.get("id_token")?.as_str()?;
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.get(1)?).ok()?).ok()?;
    let (name, value) = match lie {
        Lie::Nonce => ("nonce", "of-another-sign-in"),
        Lie::Audience => ("aud", "5f0c1b7e-3a4d-4e8b-9c62-1d7e8f90a1b2"),
        Lie::Issuer => ("iss", "https://login.evil.example/8d6f5c1e-2b7a-4f3d-9c40-1a2b3c4d5e6f/v2.0"),
        Lie::ExternalIssuer => {
            ("iss", "https://fabrikam.ciamlogin.com/8d6f5c1e-2b7a-4f3d-9c40-1a2b3c4d5e6f/v2.0")
        }
    };
    claims.as_object_mut()?.insert(name.to_owned(), value.into());
    parts[1] = URL_SAFE_NO_PAD.encode(claims.to_string());
    document.as_object_mut()?.insert("id_token".to_owned(), parts.join(".").into());
    Some(document.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_that_clients_read() {
        assert_eq!(http_date(Unix(784_111_777)), "Mon, 06 Nov 1994 08:49:37 GMT");
    }
}
