//! Authorization code (RFC 6749 section 4.1) for web apps and whoever receives the redirect by itself.

mod attempt;
mod id_token;
mod issuer;
mod kept;
mod redemption;
mod web;

use std::time::Duration;

use super::authority_client::EntraClient;
use super::refresh_token::refresh;
use super::token_exchange::{Grant, TokenExchange};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{BoxFlow, Credential, Cx, Flow, expect};
use crate::memo::Memo;
use crate::request::TokenRequest;
use crate::run::Step;
use crate::secret::Secret;
use crate::time::Mono;
use crate::token::{AccessToken, TokenResponse};

pub(crate) use attempt::{Attempt, Code};
pub(crate) use issuer::same_issuer;
pub(crate) use redemption::Redemption;

pub use attempt::SignInHints;
pub use web::{PendingSignIn, WebSignIn};

const NAME: &str = "authorization-code";

/// Somebody whose authorization code the program has got.
///
/// The first token redeems the code, which is good for that once; later ones redeem the refresh token
/// that came with it. Who asks while the code is being redeemed waits for that, half a minute at the
/// longest. A sign-in that the program begins itself is a [`WebSignIn`].
///
/// ```no_run
/// use entrada_core::flows::authorization_code::AuthorizationCodeCredential;
/// use entrada_core::{EntraClient, Secret};
///
/// // The web app got `code` in the query or the form of its redirect URI.
/// fn signed_in(code: Secret, verifier: Secret) -> Result<AuthorizationCodeCredential, entrada_core::Error> {
///     let secret = std::env::var("WEB_APP_SECRET").unwrap_or_default();
///     let app = EntraClient::new("contoso.onmicrosoft.com", "client-id")?.with_secret(secret)?;
///     let person = AuthorizationCodeCredential::of(app, "https://app.contoso.com/signin", code)?;
///     Ok(person.with_verifier(verifier))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct AuthorizationCodeCredential {
    client: EntraClient,
    redirect_uri: String,
    code: Secret,
    verifier: Option<Secret>,
    left: Memo<Left>,
}

/// What is left once somebody has the code.
#[derive(Clone)]
enum Left {
    /// It is being redeemed.
    UnderWay,
    /// It was used; perhaps a refresh token came.
    Over(Option<Secret>),
}

/// How often, and for how long, somebody looks whether the code was redeemed.
const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(30);

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

    /// What is to be asked for now; nothing, while somebody else redeems the code. With it, that it is the code.
    fn next(&self, request: &TokenRequest) -> Result<Option<(Grant, Option<Redeeming>)>, Error> {
        let tenant = self.client.tenant_for_person(request)?;
        match self.left.get_or_leave(Left::UnderWay) {
            None => {
                let code = Code {
                    code: &self.code,
                    redirect_uri: &self.redirect_uri,
                    verifier: self.verifier.as_ref(),
                };
                let redeeming = Redeeming(Some(self.left.clone()));
                Ok(Some((code.grant(NAME, &self.client, &tenant, request), Some(redeeming))))
            }
            Some(Left::UnderWay) => Ok(None),
            Some(Left::Over(Some(refresh_token))) => {
                Ok(Some((refresh(NAME, &self.client, &refresh_token, request)?, None)))
            }
            Some(Left::Over(None)) => Err(Error::new(
                ErrorKind::InteractionRequired,
                "the authorization code was used, and no refresh token came with it",
            )
            .with_remedy("let the person sign in again")),
        }
    }
}

/// Whoever redeems the code. However that ends, dropped half-way too, it is over then.
#[derive(Debug)]
struct Redeeming(Option<Memo<Left>>);

impl Redeeming {
    /// A code that nobody received is as good as before. From here on it may be somebody else's.
    fn give_back(mut self) {
        if let Some(left) = self.0.take() {
            left.forget(|left| matches!(left, Left::UnderWay));
        }
    }
}

impl Drop for Redeeming {
    fn drop(&mut self) {
        if let Some(left) = self.0.take().filter(|left| matches!(left.get(), Some(Left::UnderWay))) {
            left.set(Left::Over(None));
        }
    }
}

impl Credential for AuthorizationCodeCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        let (credential, request) = (self.clone(), request.clone());
        self.client
            .once_known(NAME, Box::new(Keeping { credential, request, waits_until: None, exchange: None }))
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
    /// How long somebody else's redemption is waited for.
    waits_until: Option<Mono>,
    exchange: Option<(TokenExchange, Option<Redeeming>)>,
}

impl Keeping {
    /// The pause before the next look.
    fn wait(&mut self, cx: &mut Cx<'_>) -> Step<AccessToken> {
        let now = cx.now().mono;
        let until = *self.waits_until.get_or_insert_with(|| now.after(PATIENCE));
        if now >= until || cx.outlasts(PAUSE) {
            return Step::Done(Err(Error::new(
                ErrorKind::Timeout,
                "the authorization code is being redeemed for another request, and that did not end in time",
            )
            .with_remedy("try again later")
            .from_source(NAME)));
        }
        cx.wait(PAUSE, "for the redemption of the authorization code")
    }
}

impl Flow for Keeping {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        let (exchange, reply) = match &mut self.exchange {
            Some((exchange, _)) => (exchange, reply),
            None => {
                if self.waits_until.is_some() {
                    crate::check!(crate::check!(expect(reply)).waited());
                }
                match crate::check!(
                    self.credential.next(&self.request).map_err(|error| error.from_source(NAME))
                ) {
                    Some((grant, redeeming)) => {
                        (&mut self.exchange.insert((grant.exchange(), redeeming)).0, None)
                    }
                    None => return self.wait(cx),
                }
            }
        };
        let result = match exchange.step(cx, reply) {
            Step::Do(effect) => return Step::Do(effect),
            Step::Done(result) => result,
        };
        if let Ok(TokenResponse { refresh_token: Some(token), .. }) = &result {
            self.credential.left.set(Left::Over(Some(token.clone())));
        }
        // The others need not wait until this is dropped.
        let redeeming = self.exchange.take().and_then(|(_, redeeming)| redeeming);
        if let Some(redeeming) = redeeming.filter(|_| result.as_ref().is_err_and(Error::nothing_was_sent)) {
            redeeming.give_back();
        }
        Step::Done(result.map(|response| response.access))
    }
}
