//! Client credentials with an assertion of somebody else's making (RFC 7523 section 2.2).

use super::authority_client::EntraClient;
use super::client_auth::AssertionSource;
use super::client_credentials::acts_as_itself;
use crate::error::Error;

const NAME: &str = "client-assertion";

/// A service principal that proves itself by assertions: of a function, a file, or another credential.
///
/// ```
/// use std::sync::Arc;
///
/// use entrada_core::flows::client_auth::CredentialAssertion;
/// use entrada_core::{ClientAssertionCredential, Environment, ManagedIdentityCredential, ManagedIdentityId};
///
/// // An app that trusts the managed identity of the machine by a federated identity credential.
/// let identity = ManagedIdentityId::client_id("6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10")?;
/// let identity = ManagedIdentityCredential::new(&Environment::new(), identity);
/// let source = CredentialAssertion::of(Arc::new(identity));
/// let app = ClientAssertionCredential::new("contoso.onmicrosoft.com", "client-id", source)?;
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClientAssertionCredential {
    client: EntraClient,
}

impl ClientAssertionCredential {
    /// The service principal of the app `client_id` in `tenant`, in the public cloud.
    ///
    /// # Errors
    /// `Configuration` when a value is missing or cannot be what it is meant to be.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        source: impl AssertionSource + 'static,
    ) -> Result<ClientAssertionCredential, Error> {
        Ok(ClientAssertionCredential::of(EntraClient::new(tenant, client_id)?, source))
    }

    /// The service principal of this app.
    #[must_use]
    pub fn of(client: EntraClient, source: impl AssertionSource + 'static) -> ClientAssertionCredential {
        ClientAssertionCredential { client: client.with_assertion(source) }
    }
}

acts_as_itself!(ClientAssertionCredential, NAME);
