//! On-behalf-of (RFC 7523 section 2.1): a service exchanges the token that a person's client sent it for
//! one that lets it call another service as that person.

use std::mem;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::authority_client::EntraClient;
use super::client_auth::ClientAuth;
use super::latest_refresh_token::{LatestRefreshToken, is_dead};
use super::refresh_token::refresh;
use super::token_exchange::Grant;
use crate::cache::Partition;
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Form, RetryPolicy};
use crate::flow::{self, BoxFlow, Credential, Cx, Flow};
use crate::jwt::Jwt;
use crate::request::TokenRequest;
use crate::run::Step;
use crate::secret::Secret;
use crate::time::Unix;
use crate::token::{AccessToken, Party, TokenResponse};

const NAME: &str = "on-behalf-of";

/// A service that acts for the person whose token it was sent.
///
/// One value serves one incoming token: the tokens of different people can never be mixed up. A refusal
/// that asks for more of the person has [`Error::claims`]; send them back to the client in a challenge
/// (`WWW-Authenticate: Bearer error="insufficient_claims", claims="…"`).
///
/// The person's token is exchanged as long as it lives. For work that takes longer, the value and its
/// clones remember the refresh token that comes with the first exchange, and redeem it after that; it
/// is theirs alone, whatever cache they share.
///
/// ```no_run
/// use entrada_core::{EntraClient, OnBehalfOfCredential, Secret};
///
/// /// Once for each request that the service is sent.
/// fn on_behalf_of(authorization: &str) -> Result<OnBehalfOfCredential, entrada_core::Error> {
///     let secret = std::env::var("API_SECRET").unwrap_or_default();
///     let service = EntraClient::new("contoso.onmicrosoft.com", "client-id")?.with_secret(secret)?;
///     let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
///     OnBehalfOfCredential::of(service, Secret::new(token))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct OnBehalfOfCredential {
    client: EntraClient,
    assertion: Secret,
    /// Who the person is does not matter: it is whoever the assertion is of.
    renewal: LatestRefreshToken,
}

/// The refusal of an assertion that has expired.
const EXPIRED: u64 = 500_133;

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
        Ok(OnBehalfOfCredential { client, assertion, renewal: LatestRefreshToken::default() })
    }

    /// The flow, with all that the authority gives at its end. A refresh token in it belongs to this
    /// person alone.
    #[must_use]
    pub fn exchange(&self, request: &TokenRequest) -> BoxFlow<TokenResponse> {
        Box::new(Acting { credential: self.clone(), request: request.clone(), state: State::Fresh })
    }

    /// Whether the person's token says that its time is over. It is not ours to read, and may not tell.
    fn is_over(&self, now: Unix) -> bool {
        let jwt = Jwt::decode(self.assertion.expose());
        let ends = jwt.and_then(|jwt| jwt.claims.get("exp")?.as_i64());
        ends.is_some_and(|ends| ends <= now.0)
    }

    fn grant(&self, request: &TokenRequest) -> Result<Grant, Error> {
        Ok(Grant {
            tenant: self.client.tenant_for_person(request)?,
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

/// Exchanges the person's token; where that has expired, redeems the refresh token that is left of it.
#[derive(Debug)]
struct Acting {
    credential: OnBehalfOfCredential,
    request: TokenRequest,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Exchanging(BoxFlow<TokenResponse>),
    Redeeming(Secret, BoxFlow<TokenResponse>),
    Over,
}

impl Acting {
    fn exchange(&self) -> Result<State, Error> {
        let OnBehalfOfCredential { renewal, .. } = &self.credential;
        Ok(State::Exchanging(renewal.noting(self.credential.grant(&self.request)?.begin())))
    }

    fn redeem(&self, token: Secret) -> Result<State, Error> {
        let OnBehalfOfCredential { client, renewal, .. } = &self.credential;
        let grant = refresh(NAME, client, &token, &self.request)?;
        Ok(State::Redeeming(token, renewal.noting(grant.begin())))
    }

    fn begin(&self, now: Unix) -> Result<State, Error> {
        match self.credential.renewal.get() {
            Some(token) if self.credential.is_over(now) => self.redeem(token),
            _ => self.exchange(),
        }
    }

    /// What comes next after an error: the other way, where there is one.
    fn after(&self, state: State, error: Error) -> Result<State, Error> {
        match state {
            State::Exchanging(_) if error.aadsts().contains(&EXPIRED) => {
                self.credential.renewal.get().map_or(Err(error), |token| self.redeem(token))
            }
            State::Redeeming(token, _) if is_dead(&error) => {
                self.credential.renewal.forget(&token);
                Err(for_the_caller(error.with_remedy("let the person's client send a new token")))
            }
            _ => Err(for_the_caller(error)),
        }
    }
}

/// What is demanded of the person is for the app that sent their token; nobody can be asked here.
fn for_the_caller(error: Error) -> Error {
    match error.claims().filter(|_| error.kind() == ErrorKind::InteractionRequired) {
        Some(_) => error.with_remedy(
            "answer the app that sent the person's token with status 401 and a WWW-Authenticate header that demands \
             the claims of this error (Claims::to_challenge): it signs the person in again with them",
        ),
        None => error,
    }
}

impl Flow for Acting {
    type Output = TokenResponse;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        let named = |result: Result<State, Error>| result.map_err(|error| error.from_source(NAME));
        let mut reply = reply;
        let mut state = match mem::replace(&mut self.state, State::Over) {
            State::Fresh => crate::check!(named(self.begin(cx.now().unix))),
            State::Over => return Step::Done(Err(flow::out_of_turn())),
            running => running,
        };
        loop {
            let (State::Exchanging(flow) | State::Redeeming(_, flow)) = &mut state else {
                return Step::Done(Err(flow::out_of_turn()));
            };
            match flow.step(cx, reply.take()) {
                Step::Do(effect) => {
                    self.state = state;
                    return Step::Do(effect);
                }
                Step::Done(Ok(response)) => return Step::Done(Ok(response)),
                Step::Done(Err(error)) => state = crate::check!(named(self.after(state, error))),
            }
        }
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
