//! On-behalf-of (RFC 7523 section 2.1): a service exchanges the token that a person's client sent it for
//! one that lets it call another service as that person.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::authority_client::EntraClient;
use super::client_auth::ClientAuth;
use super::token_exchange::Grant;
use crate::cache::Partition;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Form, RetryPolicy};
use crate::flow::{self, BoxFlow, Credential};
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::token::{AccessToken, Party, TokenResponse};

const NAME: &str = "on-behalf-of";

/// A service that acts for the person whose token it was sent.
///
/// One value serves one incoming token: the tokens of different people can never be mixed up. A refusal
/// that asks for more of the person has [`Error::claims`]; send them back to the client in a challenge
/// (`WWW-Authenticate: Bearer error="insufficient_claims", claims="…"`).
#[derive(Clone, Debug)]
pub struct OnBehalfOfCredential {
    client: EntraClient,
    assertion: Secret,
}

impl OnBehalfOfCredential {
    /// This app, which proves itself with a secret, a certificate or an assertion, and the access token
    /// that it was sent. That token has to be for this app and of a person.
    ///
    /// # Errors
    /// `Configuration` when the token is empty or cannot be one, or the app proves itself with nothing.
    pub fn of(client: EntraClient, user_assertion: impl Into<Secret>) -> Result<OnBehalfOfCredential, Error> {
        let assertion = user_assertion.into();
        let refused = |what: &'static str, remedy: &'static str| {
            Err(Error::new(ErrorKind::Configuration, what).with_remedy(remedy).from_source(NAME))
        };
        if matches!(client.auth(), ClientAuth::None) {
            return refused(
                "a service that acts for somebody has to prove itself",
                "give the app a client secret, a certificate or an assertion",
            );
        }
        let text = assertion.expose();
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return refused(
                "the user's token is empty, or has characters that no token has",
                "pass the access token of the request's Authorization header, without the word Bearer",
            );
        }
        Ok(OnBehalfOfCredential { client, assertion })
    }

    /// The flow, with all that the authority gives at its end. A refresh token in it belongs to this
    /// person alone.
    #[must_use]
    pub fn exchange(&self, request: &TokenRequest) -> BoxFlow<TokenResponse> {
        match self.grant(request) {
            Ok(grant) => grant.begin(),
            Err(error) => flow::ready(Err(error.from_source(NAME))),
        }
    }

    fn grant(&self, request: &TokenRequest) -> Result<Grant, Error> {
        Ok(Grant {
            tenant: self.client.tenant_for(request)?,
            client: self.client.clone(),
            form: Form::new()
                .field("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
                .secret("assertion", &self.assertion)
                .field("requested_token_use", "on_behalf_of")
                .field("scope", &request.scopes().for_sign_in())
                .field("client_info", "1")
                .optional("claims", request.claims_parameter().as_deref()),
            label: "a token on behalf of the user (jwt-bearer)",
            source: NAME,
            party: Party::User,
            policy: RetryPolicy::AUTHORITY,
            anchor: None,
        })
    }
}

impl Credential for OnBehalfOfCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        flow::map(self.exchange(request), |response| Ok(response.access))
    }

    fn partition(&self) -> Partition {
        let digest = Sha256::digest(self.assertion.expose());
        Partition::of_app(NAME, &self.client).for_user(URL_SAFE_NO_PAD.encode(digest))
    }
}
