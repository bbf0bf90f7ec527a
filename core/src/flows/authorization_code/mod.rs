//! Authorization code (RFC 6749 section 4.1) for web apps and whoever receives the redirect by itself.

mod attempt;
mod kept;
mod redemption;
mod web;

use super::authority_client::EntraClient;
use super::refresh_token::refresh;
use super::token_exchange::{Grant, TokenExchange};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{BoxFlow, Credential, Cx, Flow};
use crate::memo::Memo;
use crate::request::TokenRequest;
use crate::run::Step;
use crate::secret::Secret;
use crate::token::{AccessToken, TokenResponse};

pub(crate) use attempt::{Attempt, Code, same_issuer};
pub(crate) use redemption::Redemption;

pub use attempt::SignInHints;
pub use web::{PendingSignIn, WebSignIn};

const NAME: &str = "authorization-code";

/// Somebody whose authorization code the program has got.
///
/// The first token redeems the code, which is good for that once; later ones redeem the refresh token
/// that came with it. A sign-in that the program begins itself is a [`WebSignIn`].
#[derive(Clone, Debug)]
pub struct AuthorizationCodeCredential {
    client: EntraClient,
    redirect_uri: String,
    code: Secret,
    verifier: Option<Secret>,
    left: Memo<Left>,
}

/// What is left after the code was used.
#[derive(Clone)]
struct Left(Option<Secret>);

impl AuthorizationCodeCredential {
    /// The person of this code, which came back to this redirect URI.
    ///
    /// # Errors
    /// `Configuration` when the code is empty.
    pub fn of(
        client: EntraClient,
        redirect_uri: impl Into<String>,
        code: impl Into<Secret>,
    ) -> Result<AuthorizationCodeCredential, Error> {
        let code = code.into();
        if code.expose().trim().is_empty() {
            return Err(
                Error::new(ErrorKind::Configuration, "the authorization code is empty").from_source(NAME)
            );
        }
        let redirect_uri = redirect_uri.into();
        Ok(AuthorizationCodeCredential { client, redirect_uri, code, verifier: None, left: Memo::default() })
    }

    /// The same, where the sign-in was begun with a PKCE challenge: this is its verifier.
    #[must_use]
    pub fn with_verifier(mut self, verifier: impl Into<Secret>) -> AuthorizationCodeCredential {
        self.verifier = Some(verifier.into());
        self
    }

    fn grant(&self, request: &TokenRequest) -> Result<Grant, Error> {
        let tenant = self.client.tenant_for(request)?;
        match self.left.get_or_leave(Left(None)) {
            None => {
                let code = Code {
                    code: &self.code,
                    redirect_uri: &self.redirect_uri,
                    verifier: self.verifier.as_ref(),
                };
                Ok(code.grant(NAME, &self.client, &tenant, request))
            }
            Some(Left(Some(refresh_token))) => refresh(NAME, &self.client, &refresh_token, request),
            Some(Left(None)) => Err(Error::new(
                ErrorKind::InteractionRequired,
                "the authorization code was used, and no refresh token came with it",
            )
            .with_remedy("let the person sign in again")),
        }
    }
}

impl Credential for AuthorizationCodeCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        let (credential, request) = (self.clone(), request.clone());
        self.client.once_known(NAME, Box::new(Keeping { credential, request, exchange: None }))
    }
}

/// Remembers the refresh token that comes.
///
/// The code counts as used from the first step on, not from `begin`: a flow that is never run, or that
/// learns nothing of the authority, leaves it to the next.
#[derive(Debug)]
struct Keeping {
    credential: AuthorizationCodeCredential,
    request: TokenRequest,
    exchange: Option<TokenExchange>,
}

impl Flow for Keeping {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        let exchange = match &mut self.exchange {
            Some(exchange) => exchange,
            fresh => {
                let grant = self.credential.grant(&self.request).map_err(|error| error.from_source(NAME));
                fresh.insert(crate::check!(grant).exchange())
            }
        };
        let TokenResponse { access, refresh_token, .. } = crate::pump!(exchange.step(cx, reply));
        if refresh_token.is_some() {
            self.credential.left.set(Left(refresh_token));
        }
        Step::Done(Ok(access))
    }
}
