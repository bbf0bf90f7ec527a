//! Refresh tokens (RFC 6749 section 6): a new token for somebody who signed in before.

use super::authority_client::EntraClient;
use super::latest_refresh_token::LatestRefreshToken;
use super::token_exchange::Grant;
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Form, RetryPolicy};
use crate::flow::{self, BoxFlow, Credential, Cx, Flow};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::secret::Secret;
use crate::token::{AccessToken, Party, TokenResponse};

const NAME: &str = "refresh-token";

/// Somebody who signed in before, by the refresh token that was kept.
///
/// Each redemption may bring a new refresh token. The newest is what this value and its clones redeem
/// next, and what [`RefreshTokenCredential::newest`] gives a program that keeps it for its next start: the
/// old one stays good at Entra, but the new one lives longer, and other providers take each but once.
/// `InteractionRequired` means that the token is of no use any more, or not for this: the person has to
/// sign in again. `Refused` with [`crate::error::Suberror::ClientMismatch`] means that it is of another app.
///
/// ```no_run
/// use entrada_core::{EntraClient, RefreshTokenCredential, Secret};
///
/// # fn keep(_: &Secret) {}
/// let app = EntraClient::new("contoso.onmicrosoft.com", "client-id")?;
/// let kept = Secret::new(std::fs::read_to_string("refresh-token").unwrap_or_default().trim());
/// let person = RefreshTokenCredential::of(app, kept)?;
/// // Hand a clone of it to a driver and ask for tokens; from time to time:
/// keep(&person.newest());
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RefreshTokenCredential {
    client: EntraClient,
    newest: LatestRefreshToken,
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
        Ok(RefreshTokenCredential { client, newest: LatestRefreshToken::of(refresh_token) })
    }

    /// The newest refresh token: what is redeemed next.
    #[must_use]
    pub fn newest(&self) -> Secret {
        self.newest.get().unwrap_or_default()
    }

    /// The flow, with all that the authority gives at its end.
    #[must_use]
    pub fn redeem(&self, request: &TokenRequest) -> BoxFlow<TokenResponse> {
        Box::new(Redeeming { credential: self.clone(), request: request.clone(), flow: None })
    }
}

/// Redeems the token that is the newest when the flow begins.
#[derive(Debug)]
struct Redeeming {
    credential: RefreshTokenCredential,
    request: TokenRequest,
    flow: Option<BoxFlow<TokenResponse>>,
}

impl Flow for Redeeming {
    type Output = TokenResponse;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        let RefreshTokenCredential { client, newest, .. } = &self.credential;
        let flow = match &mut self.flow {
            Some(flow) => flow,
            fresh => {
                let grant = refresh(NAME, client, &self.credential.newest(), &self.request);
                let grant = crate::check!(grant.map_err(|error| error.from_source(NAME)));
                fresh.insert(newest.noting(grant.begin()))
            }
        };
        flow.step(cx, reply)
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
        tenant: client.tenant_for_person(request)?,
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
