//! Client credentials with a secret (RFC 6749 section 4.4): an app signs in as itself.

use super::authority_client::EntraClient;
use super::client_credentials::client_credentials;
use crate::cache::Partition;
use crate::error::Error;
use crate::flow::{BoxFlow, Credential};
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::token::AccessToken;

const NAME: &str = "client-secret";

/// A service principal with a client secret.
///
/// ```
/// use entrada_core::ClientSecretCredential;
///
/// let secret = "its Value, from wherever the program keeps secrets";
/// let app = ClientSecretCredential::new("contoso.onmicrosoft.com", "client-id", secret)?;
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClientSecretCredential {
    client: EntraClient,
}

impl ClientSecretCredential {
    /// The service principal of the app `client_id` in `tenant`, in the public cloud.
    ///
    /// # Errors
    /// `Configuration` when a value is missing or cannot be what it is meant to be.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        secret: impl Into<Secret>,
    ) -> Result<ClientSecretCredential, Error> {
        ClientSecretCredential::of(EntraClient::new(tenant, client_id)?, secret)
    }

    /// The service principal of this app.
    ///
    /// # Errors
    /// `Configuration` when the secret is empty.
    pub fn of(client: EntraClient, secret: impl Into<Secret>) -> Result<ClientSecretCredential, Error> {
        Ok(ClientSecretCredential { client: client.with_secret(secret)? })
    }
}

impl Credential for ClientSecretCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        client_credentials(NAME, &self.client, request)
    }

    fn partition(&self) -> Partition {
        Partition::of_app(NAME, &self.client)
    }
}
