//! Client credentials with a secret (RFC 6749 section 4.4): an app signs in as itself.

use super::authority_client::EntraClient;
use super::client_credentials::acts_as_itself;
use crate::error::Error;
use crate::secret::Secret;

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

acts_as_itself!(ClientSecretCredential, NAME);
