//! What is asked of a service.

use http::Method;
use http::header::HeaderName;
use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::exchange::{RequestSpec, RetryPolicy};
use crate::secret::{Secret, SecretBytes};

/// What is asked of a service: a method, a path below its address, a query, a document, and how often
/// it may be asked again.
///
/// Reading, `PUT` and `DELETE` come to the same when they are done twice, so they are repeated after a
/// failure that may pass. `POST` and `PATCH` are repeated only where the service did certainly nothing
/// ([`RetryPolicy::CREATION`]), unless the caller says that they are [repeatable](Operation::repeatable).
#[derive(Clone, Debug)]
pub struct Operation {
    method: Method,
    steps: Vec<String>,
    query: Vec<(&'static str, String)>,
    headers: Vec<(HeaderName, String)>,
    document: Option<SecretBytes>,
    secrets: Vec<Secret>,
    policy: RetryPolicy,
    label: &'static str,
}

impl Operation {
    fn new<S: Into<String>>(
        method: Method,
        steps: impl IntoIterator<Item = S>,
        label: &'static str,
    ) -> Operation {
        let repeatable = matches!(method, Method::GET | Method::HEAD | Method::PUT | Method::DELETE);
        Operation {
            method,
            steps: steps.into_iter().map(Into::into).collect(),
            query: Vec::new(),
            headers: Vec::new(),
            document: None,
            secrets: Vec::new(),
            policy: if repeatable { RetryPolicy::RESOURCE_MANAGER } else { RetryPolicy::CREATION },
            label,
        }
    }

    /// Reads. `label` names it to people: "the list of workspaces". Each step is one of the path, and is
    /// percent-encoded.
    #[must_use]
    pub fn get<S: Into<String>>(steps: impl IntoIterator<Item = S>, label: &'static str) -> Operation {
        Operation::new(Method::GET, steps, label)
    }

    /// Makes or replaces what has this name.
    #[must_use]
    pub fn put<S: Into<String>>(steps: impl IntoIterator<Item = S>, label: &'static str) -> Operation {
        Operation::new(Method::PUT, steps, label)
    }

    /// Makes something new, or has something done.
    #[must_use]
    pub fn post<S: Into<String>>(steps: impl IntoIterator<Item = S>, label: &'static str) -> Operation {
        Operation::new(Method::POST, steps, label)
    }

    /// Changes a part.
    #[must_use]
    pub fn patch<S: Into<String>>(steps: impl IntoIterator<Item = S>, label: &'static str) -> Operation {
        Operation::new(Method::PATCH, steps, label)
    }

    /// Removes.
    #[must_use]
    pub fn delete<S: Into<String>>(steps: impl IntoIterator<Item = S>, label: &'static str) -> Operation {
        Operation::new(Method::DELETE, steps, label)
    }

    /// An operation of another method, known by its name: `GET`, `put`. Nothing, where it is none of the
    /// five.
    #[must_use]
    pub fn of_method<S: Into<String>>(
        method: &str,
        steps: impl IntoIterator<Item = S>,
        label: &'static str,
    ) -> Option<Operation> {
        let known = [Method::GET, Method::PUT, Method::POST, Method::PATCH, Method::DELETE];
        let method = known.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(method))?;
        Some(Operation::new(method, steps, label))
    }

    /// The same with this in its query.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Operation {
        self.query.push((name, value.into()));
        self
    }

    /// The same with a header that is not secret.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Operation {
        self.headers.push((name, value.into()));
        self
    }

    /// The same with a document.
    #[must_use]
    pub fn document(self, document: &Value) -> Operation {
        self.body(SecretBytes::new(document.to_string()))
    }

    /// The same with a document that is JSON already.
    #[must_use]
    pub fn body(mut self, document: SecretBytes) -> Operation {
        self.document = Some(document);
        self
    }

    /// The same, knowing that this part of its document is secret.
    #[must_use]
    pub fn secret_value(mut self, value: &Secret) -> Operation {
        self.secrets.push(value.clone());
        self
    }

    /// The same, which comes to the same when it is done twice.
    #[must_use]
    pub fn repeatable(self) -> Operation {
        self.retried(RetryPolicy::RESOURCE_MANAGER)
    }

    /// The same, asked again as this policy says.
    #[must_use]
    pub fn retried(mut self, policy: RetryPolicy) -> Operation {
        self.policy = policy;
        self
    }

    pub(super) fn policy(&self) -> RetryPolicy {
        self.policy.clone()
    }

    pub(super) fn spec(&self, service: &Endpoint) -> RequestSpec {
        self.spec_at(service.join(&self.steps))
    }

    pub(super) fn spec_at(&self, target: Endpoint) -> RequestSpec {
        let target = match self.query.as_slice() {
            [] => target,
            query => target.with_query(query.iter().map(|(name, value)| (*name, value.as_str()))),
        };
        let spec = RequestSpec::json(self.method.clone(), target, self.document.clone(), self.label);
        let spec = self.secrets.iter().fold(spec, RequestSpec::secret_value);
        self.headers.iter().fold(spec, |spec, (name, value)| spec.header(name.clone(), value))
    }
}
