//! The redemption of a code, and whether what comes back belongs to the sign-in.

use super::id_token::Expected;
use crate::effect::Reply;
use crate::flow::{Cx, Flow};
use crate::flows::token_exchange::{Grant, TokenExchange};
use crate::run::Step;
use crate::secret::Secret;
use crate::token::TokenResponse;

/// Redeems a code and checks the id token that comes with it.
#[derive(Debug)]
pub(crate) struct Redemption {
    exchange: TokenExchange,
    source: &'static str,
    expected: Expected,
}

impl Redemption {
    pub(crate) fn new(grant: Grant, nonce: Secret) -> Redemption {
        let expected = Expected { client: grant.client.clone(), tenant: grant.tenant.clone(), nonce };
        Redemption { source: grant.source, exchange: grant.exchange(), expected }
    }
}

impl Flow for Redemption {
    type Output = TokenResponse;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        let response = crate::pump!(self.exchange.step(cx, reply));
        let checked = match &response.id_token {
            Some(id_token) => self.expected.check(id_token, cx.now().unix),
            None => Ok(()),
        };
        Step::Done(checked.map(|()| response).map_err(|error| error.from_source(self.source)))
    }
}
