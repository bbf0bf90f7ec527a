//! The redemption of a code, and whether what comes back belongs to the sign-in.

use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, Flow};
use crate::flows::token_exchange::{Grant, TokenExchange};
use crate::jwt::Jwt;
use crate::run::Step;
use crate::secret::Secret;
use crate::token::TokenResponse;

/// Redeems a code and checks the id token that comes with it.
#[derive(Debug)]
pub(crate) struct Redemption {
    exchange: TokenExchange,
    source: &'static str,
    client_id: String,
    nonce: Secret,
}

impl Redemption {
    pub(crate) fn new(grant: Grant, nonce: Secret) -> Redemption {
        let client_id = grant.client.client_id().to_owned();
        Redemption { source: grant.source, exchange: grant.exchange(), client_id, nonce }
    }

    /// Whether the id token belongs to this very sign-in (OpenID Connect Core section 3.1.3.7).
    fn same_sign_in(&self, response: TokenResponse) -> Result<TokenResponse, Error> {
        let Some(id_token) = &response.id_token else {
            return Ok(response);
        };
        let jwt = Jwt::decode(id_token.expose());
        let belongs = jwt.is_some_and(|jwt| {
            jwt.text("nonce").is_some_and(|got| self.nonce.matches(got))
                && jwt.text("aud").is_some_and(|aud| aud.eq_ignore_ascii_case(&self.client_id))
        });
        if belongs {
            return Ok(response);
        }
        Err(Error::new(ErrorKind::Malformed, "the id token that was received belongs to another sign-in")
            .with_remedy("sign in again; if it happens again, somebody may be tampering with the sign-in")
            .from_source(self.source))
    }
}

impl Flow for Redemption {
    type Output = TokenResponse;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        let response = crate::pump!(self.exchange.step(cx, reply));
        Step::Done(self.same_sign_in(response))
    }
}
