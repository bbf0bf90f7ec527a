//! Requests as flows write them, before there is a transport.

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method};
use url::form_urlencoded::byte_serialize;

use crate::effect::HttpRequest;
use crate::endpoint::{Endpoint, Route};
use crate::error::{Error, ErrorKind};
use crate::product;
use crate::secret::{Secret, SecretBytes};

/// How many headers there is room for at first: a token request has eight.
const HEADERS: usize = 12;

/// A request to an endpoint that the caller configured.
///
/// It remembers which of its parts are secret, so that an answer that repeats one can be cleaned.
#[derive(Clone, Debug)]
pub struct RequestSpec {
    method: Method,
    target: Endpoint,
    headers: HeaderMap,
    body: SecretBytes,
    secrets: Vec<Secret>,
    /// A header whose secret no header can have: the request is not sent without it.
    unsendable: Option<HeaderName>,
    label: &'static str,
    connect_limit: Duration,
    limit: Duration,
}

impl RequestSpec {
    fn new(method: Method, target: Endpoint, label: &'static str) -> RequestSpec {
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.append(ACCEPT, HeaderValue::from_static("application/json"));
        headers.append(USER_AGENT, HeaderValue::from_static(product::LIBRARY));
        RequestSpec {
            method,
            target,
            headers,
            body: SecretBytes::default(),
            secrets: Vec::new(),
            unsendable: None,
            label,
            connect_limit: Duration::from_secs(10),
            limit: Duration::from_secs(30),
        }
    }

    /// A `GET`. `label` names the request to people: "the list of workspaces".
    #[must_use]
    pub fn get(target: Endpoint, label: &'static str) -> RequestSpec {
        RequestSpec::new(Method::GET, target, label)
    }

    /// A `POST` of a form.
    #[must_use]
    pub fn post(target: Endpoint, form: Form, label: &'static str) -> RequestSpec {
        let mut spec = RequestSpec::new(Method::POST, target, label);
        spec.body = form.text.into_bytes();
        spec.secrets = form.secrets;
        spec.fixed_header(CONTENT_TYPE, "application/x-www-form-urlencoded")
    }

    /// A `POST` of a body that is not a form, such as a SOAP envelope. What in it is secret has to be
    /// named with [`RequestSpec::secret_value`].
    #[must_use]
    pub fn post_body(
        target: Endpoint,
        body: SecretBytes,
        content_type: &'static str,
        label: &'static str,
    ) -> RequestSpec {
        let mut spec = RequestSpec::new(Method::POST, target, label);
        spec.body = body;
        spec.fixed_header(CONTENT_TYPE, content_type)
    }

    /// A request of any method with a JSON document, or with no body. What in it is secret has to be named
    /// with [`RequestSpec::secret_value`].
    #[must_use]
    pub fn json(
        method: Method,
        target: Endpoint,
        document: Option<SecretBytes>,
        label: &'static str,
    ) -> RequestSpec {
        let bare = document.is_none();
        let mut spec = RequestSpec::new(method, target, label);
        spec.body = document.unwrap_or_default();
        if bare { spec } else { spec.header(CONTENT_TYPE, "application/json") }
    }

    /// The same, knowing that this part of its body is secret.
    #[must_use]
    pub fn secret_value(mut self, value: &Secret) -> RequestSpec {
        self.secrets.push(value.clone());
        self
    }

    /// The same, asking for an answer of this type instead of JSON.
    #[must_use]
    pub fn accepting(mut self, content_type: &'static str) -> RequestSpec {
        self.headers.insert(ACCEPT, HeaderValue::from_static(content_type));
        self
    }

    /// The same with a header. A value that no header can have is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> RequestSpec {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// The same with a header whose value is known to be one.
    pub(crate) fn fixed_header(mut self, name: HeaderName, value: &'static str) -> RequestSpec {
        self.headers.append(name, HeaderValue::from_static(value));
        self
    }

    /// The same with a header that is secret, written as `before` and the secret. Where no header can have that
    /// value, the request is not sent, and fails with `Configuration`.
    #[must_use]
    pub fn secret_header(mut self, name: HeaderName, before: &str, secret: &Secret) -> RequestSpec {
        let text = Secret::new(format!("{before}{}", secret.expose()));
        match HeaderValue::from_str(text.expose()) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.headers.append(name, value);
                self.secrets.push(secret.clone());
            }
            Err(_) => self.unsendable = Some(name),
        }
        self
    }

    /// The id by which the service's people find it (`client-request-id`), if it has one.
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.headers.get("client-request-id")?.to_str().ok()
    }

    /// The same with other limits: for connecting, and for the whole exchange.
    #[must_use]
    pub fn limits(mut self, connect: Duration, whole: Duration) -> RequestSpec {
        self.connect_limit = connect;
        self.limit = whole;
        self
    }

    /// Where it goes.
    #[must_use]
    pub fn target(&self) -> &Endpoint {
        &self.target
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// What it is, in the words of the protocol.
    #[must_use]
    pub fn label(&self) -> &'static str {
        self.label
    }

    pub(crate) fn route(&self) -> &Route {
        self.target.route()
    }

    pub(crate) fn connect_limit(&self) -> Duration {
        self.connect_limit
    }

    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    pub(crate) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    pub(crate) fn to_request(&self) -> Result<HttpRequest, Error> {
        if let Some(name) = &self.unsendable {
            let what = format!("the secret for the header {name} has characters that no header can have");
            return Err(Error::new(ErrorKind::Configuration, what)
                .with_remedy("take it as it is from where it was given out"));
        }
        let Some(uri) = self.target.uri() else {
            let what = format!("the address of {} cannot be requested", self.label);
            return Err(Error::new(ErrorKind::Configuration, what));
        };
        let mut request = HttpRequest::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }
}

/// A form (`application/x-www-form-urlencoded`) in the order it was written.
#[derive(Clone, Debug, Default)]
pub struct Form {
    text: Secret,
    secrets: Vec<Secret>,
}

impl Form {
    /// An empty form.
    #[must_use]
    pub fn new() -> Form {
        Form::default()
    }

    /// The same with a field.
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Form {
        let between = if self.text.is_empty() { "" } else { "&" };
        for (before, text) in [(between, name), ("=", value)] {
            self.text.push_str(before);
            byte_serialize(text.as_bytes()).for_each(|part| self.text.push_str(part));
        }
        self
    }

    /// The same, followed by the fields of another form.
    #[must_use]
    pub fn followed_by(mut self, other: &Form) -> Form {
        let between = if self.text.is_empty() || other.text.is_empty() { "" } else { "&" };
        self.text.push_str(between);
        self.text.push_str(other.text.expose());
        self.secrets.extend(other.secrets.iter().cloned());
        self
    }

    /// The form as it is sent.
    #[must_use]
    pub fn into_body(self) -> SecretBytes {
        self.text.into_bytes()
    }

    /// The same with a field, if there is a value for it.
    #[must_use]
    pub fn optional(self, name: &str, value: Option<&str>) -> Form {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// The same with a field whose value is secret.
    #[must_use]
    pub fn secret(self, name: &str, value: &Secret) -> Form {
        let mut form = self.field(name, value.expose());
        form.secrets.push(value.clone());
        form
    }
}
