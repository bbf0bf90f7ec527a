//! A response, together with what is needed to make sense of it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::HeaderMap;
use serde_json::{Map, Value};

use super::html;
use super::retry_after::retry_after;
use super::{Fields, RequestSpec};
use crate::effect::HttpResponse;
use crate::redact;
use crate::secret::{Secret, SecretBytes};
use crate::time::{Now, Unix};

/// The fields of an answer that are secret, wherever else they are repeated.
const BROUGHT: [&str; 12] = [
    "access_token",
    "refresh_token",
    "id_token",
    "device_code",
    "user_code",
    "token",
    "accessToken",
    "primaryKey",
    "secondaryKey",
    "userStorageKey",
    "appInsightsInstrumentationKey",
    "secretText",
];

/// How much of a body is looked at, in bytes, where it is not what it should be.
const MOST: usize = 8192;

/// A response of any status.
#[derive(Clone, Debug)]
pub struct Answer {
    response: ResponseParts,
    /// What was asked.
    spec: Arc<RequestSpec>,
    sent: Now,
    received: Now,
}

#[derive(Clone)]
struct ResponseParts {
    status: u16,
    headers: HeaderMap,
    body: SecretBytes,
    /// The body as a JSON object, if it is one: read when somebody wants to know.
    object: OnceLock<Option<Map<String, Value>>>,
}

impl std::fmt::Debug for ResponseParts {
    /// Without headers and fields: a service may have put a secret into one.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.status, self.body)
    }
}

impl Answer {
    pub(super) fn new(spec: &Arc<RequestSpec>, [sent, received]: [Now; 2], response: HttpResponse) -> Answer {
        let (head, body) = response.into_parts();
        let object = OnceLock::new();
        Answer {
            response: ResponseParts { status: head.status.as_u16(), headers: head.headers, body, object },
            spec: Arc::clone(spec),
            sent,
            received,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status
    }

    /// Whether the status is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.response.status)
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.response.headers
    }

    /// A header as text, if it has this one and it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers.get(name)?.to_str().ok()
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.response.body.expose()
    }

    /// The body as a JSON object. A byte-order mark is tolerated.
    #[must_use]
    pub fn object(&self) -> Option<&Map<String, Value>> {
        let read = || serde_json::from_slice(self.document()).ok();
        self.response.object.get_or_init(read).as_ref()
    }

    /// The fields of the body, where it is a JSON object. A byte-order mark is tolerated.
    pub(crate) fn fields(&self) -> Option<Fields<'_>> {
        Fields::read(self.document())
    }

    fn document(&self) -> &[u8] {
        self.body().strip_prefix(b"\xef\xbb\xbf").unwrap_or(self.body())
    }

    /// Who answered.
    #[must_use]
    pub fn host(&self) -> &str {
        self.spec.target().host()
    }

    /// The id that the request was sent with, if it had one.
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.spec.request_id()
    }

    /// The path that was asked for.
    pub(crate) fn path(&self) -> &str {
        self.spec.target().url().path()
    }

    /// What was asked, in the words of the protocol.
    #[must_use]
    pub fn label(&self) -> &'static str {
        self.spec.label()
    }

    /// When it was asked. Lifetimes count from here, which errs on the safe side.
    #[must_use]
    pub fn sent(&self) -> Now {
        self.sent
    }

    /// When it came.
    #[must_use]
    pub fn received(&self) -> Now {
        self.received
    }

    /// How long the service asks to be left alone.
    #[must_use]
    pub fn retry_after(&self, now: Unix) -> Option<Duration> {
        retry_after(self.headers(), now)
    }

    /// Server text made fit for people: short, on one line, without secrets: neither those that were
    /// sent nor those that the answer itself brings.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        let mut known = self.spec.secrets().to_vec();
        let own = BROUGHT.iter().filter_map(|name| self.object()?.get(*name)?.as_str());
        known.extend(own.map(Secret::new));
        redact::clean(text, &known)
    }

    /// The beginning of the body, made fit for people: of a page of HTML, what a person would read of it.
    #[must_use]
    pub fn excerpt(&self) -> String {
        let kind = self.header("content-type").unwrap_or("no content type");
        let text = String::from_utf8_lossy(&self.body()[..self.body().len().min(MOST)]);
        match kind.to_ascii_lowercase().contains("html") {
            true => self.clean(&format!("{kind}: {}", html::text(&text))),
            false => self.clean(&format!("{kind}: {text}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{Endpoint, PlainHttp};

    #[test]
    fn what_an_answer_brings_is_not_shown_either() {
        let body = br#"{"error":"slow_down","user_code":"B2CD3FGH","message":"Enter the code B2CD3FGH."}"#;
        let target = Endpoint::authority("https://login.example", PlainHttp::Refused).unwrap();
        let spec = Arc::new(RequestSpec::get(target, "a device code"));
        let answer = Answer::new(&spec, [Now::default(); 2], http::Response::new(body.to_vec().into()));
        assert_eq!(answer.clean("Enter the code B2CD3FGH."), "Enter the code [redacted].");
    }

    #[test]
    fn of_a_page_what_a_person_reads() {
        let target = Endpoint::authority("https://login.example", PlainHttp::Refused).unwrap();
        let spec = Arc::new(RequestSpec::get(target, "the request"));
        let mut response = http::Response::new(
            b"<html><head><style>body { color: red }</style><title>404</title></head><p>access_<b>token</b>=canary <p>Not here".to_vec().into(),
        );
        response
            .headers_mut()
            .insert("content-type", http::HeaderValue::from_static("text/html; charset=utf-8"));
        let answer = Answer::new(&spec, [Now::default(); 2], response);
        // What is cut in two by markup is joined before it is cleaned.
        assert_eq!(answer.excerpt(), "text/html; charset=utf-8: 404 access_token=[redacted] Not here");
    }
}
