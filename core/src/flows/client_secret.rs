//! Client credentials with a secret (RFC 6749 section 4.4): an app signs in as itself.

use super::authority_client::EntraClient;
use super::token_exchange::TokenExchange;
use crate::error::{Error, ErrorKind};
use crate::exchange::RetryPolicy;
use crate::flow::{self, BoxFlow, Credential};
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::token::{AccessToken, Party};

const NAME: &str = "client-secret";

/// A service principal with a client secret.
#[derive(Clone, Debug)]
pub struct ClientSecretCredential {
    client: EntraClient,
    secret: Secret,
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
        let secret = secret.into();
        if secret.is_empty() {
            return Err(Error::new(ErrorKind::Configuration, "the client secret is empty")
                .with_remedy("use the Value of a client secret of the app registration"));
        }
        Ok(ClientSecretCredential { client, secret })
    }

    fn exchange(&self, request: &TokenRequest) -> Result<TokenExchange, Error> {
        let tenant = self.client.tenant_for(request)?;
        let form = self
            .client
            .form()
            .secret("client_secret", &self.secret)
            .field("grant_type", "client_credentials")
            .field("scope", &request.scopes().joined())
            .optional("claims", request.claims_parameter().as_deref());
        let post = self.client.token_post(&tenant, form, "a token for the app (client_credentials)");
        Ok(TokenExchange::new(post, RetryPolicy::AUTHORITY, self.client.issued(NAME, &tenant, Party::App)))
    }
}

impl Credential for ClientSecretCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        match self.exchange(request) {
            Ok(exchange) => flow::map(Box::new(exchange), |response| Ok(response.access)),
            Err(error) => flow::ready(Err(error.from_source(NAME))),
        }
    }
}
