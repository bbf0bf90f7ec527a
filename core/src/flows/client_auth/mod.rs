//! How an app proves that it is the one it says it is (RFC 6749 section 2.3, RFC 7523 section 2.2).

mod certificate;
mod source;

use std::fmt::Debug;
use std::sync::Arc;

use crate::authority::Authority;
use crate::error::{Error, ErrorKind};
use crate::exchange::Form;
use crate::flow::BoxFlow;
use crate::secret::Secret;
use crate::tenant::Tenant;

pub use certificate::ClientCertificate;
pub use source::{AssertionCallback, AssertionFile, CredentialAssertion};

/// What an app proves itself with.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum ClientAuth {
    /// Nothing: a public client, on a machine where it could keep no secret.
    #[default]
    None,
    /// A client secret.
    Secret(Secret),
    /// Signed statements that are made, or fetched, when they are needed.
    Assertion(Arc<dyn AssertionSource>),
}

/// Where client assertions come from: JWTs in which somebody whom the authority trusts says who the app
/// is.
pub trait AssertionSource: Debug + Send + Sync {
    /// The flow that obtains one. It is asked for every token request, and again before a request is
    /// repeated.
    fn assertion(&self, wanted: &AssertionRequest) -> BoxFlow<Secret>;
}

impl AssertionSource for Arc<dyn AssertionSource> {
    fn assertion(&self, wanted: &AssertionRequest) -> BoxFlow<Secret> {
        self.as_ref().assertion(wanted)
    }
}

/// What an assertion is for.
#[derive(Clone, Debug)]
pub struct AssertionRequest {
    /// The app.
    pub client_id: String,
    /// Who is going to read it.
    pub authority: Authority,
    /// The tenant in which the token is asked for.
    pub tenant: Tenant,
    /// The address of the token endpoint: what the assertion names as its audience.
    pub audience: String,
}

/// The form's fields of an assertion.
///
/// # Errors
/// `Configuration` when the text cannot be one.
pub(super) fn with_assertion(form: Form, assertion: &Secret) -> Result<Form, Error> {
    let text = assertion.expose();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::new(
            ErrorKind::Configuration,
            "the client assertion is empty, or has characters that no assertion has",
        )
        .with_remedy("an assertion is a JWT: three texts of letters, digits, - and _ with dots between"));
    }
    Ok(form
        .field("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        .secret("client_assertion", assertion))
}
