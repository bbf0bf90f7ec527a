//! Refresh tokens (RFC 6749 section 6): a new token for somebody who signed in before.

use super::authority_client::EntraClient;
use super::token_exchange::Grant;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Form, RetryPolicy};
use crate::flow::{self, BoxFlow, Credential};
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::token::{AccessToken, Party, TokenResponse};

const NAME: &str = "refresh-token";

/// Somebody who signed in before, by the refresh token that was kept.
///
/// Each redemption may bring a new refresh token ([`TokenResponse::refresh_token`]); the old one stays
/// good, but the new one lives longer, so keep that. `InteractionRequired` means that the token is of no
/// use any more, or not for this: the person has to sign in again.
#[derive(Clone, Debug)]
pub struct RefreshTokenCredential {
    client: EntraClient,
    refresh_token: Secret,
}

impl RefreshTokenCredential {
    /// The person of this refresh token, which was given to this app or to one of its family.
    ///
    /// # Errors
    /// `Configuration` when the token is empty or has characters that none has.
    pub fn of(
        client: EntraClient,
        refresh_token: impl Into<Secret>,
    ) -> Result<RefreshTokenCredential, Error> {
        let refresh_token = refresh_token.into();
        let text = refresh_token.expose();
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::new(
                ErrorKind::Configuration,
                "the refresh token is empty, or has characters that no token has",
            )
            .from_source(NAME));
        }
        Ok(RefreshTokenCredential { client, refresh_token })
    }

    /// The flow, with all that the authority gives at its end.
    #[must_use]
    pub fn redeem(&self, request: &TokenRequest) -> BoxFlow<TokenResponse> {
        match refresh(NAME, &self.client, &self.refresh_token, request) {
            Ok(grant) => grant.begin(),
            Err(error) => flow::ready(Err(error.from_source(NAME))),
        }
    }
}

/// The redemption of a refresh token by the credential of this name.
pub(crate) fn refresh(
    source: &'static str,
    client: &EntraClient,
    refresh_token: &Secret,
    request: &TokenRequest,
) -> Result<Grant, Error> {
    Ok(Grant {
        tenant: client.tenant_for(request)?,
        client: client.clone(),
        form: Form::new()
            .field("grant_type", "refresh_token")
            .secret("refresh_token", refresh_token)
            .field("scope", &request.scopes().for_sign_in())
            .field("client_info", "1")
            .optional("claims", request.claims_parameter().as_deref()),
        label: "a token for who signed in before (refresh_token)",
        source,
        party: Party::User,
        policy: RetryPolicy::AUTHORITY,
        anchor: None,
    })
}

impl Credential for RefreshTokenCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        flow::map(self.redeem(request), |response| Ok(response.access))
    }
}
