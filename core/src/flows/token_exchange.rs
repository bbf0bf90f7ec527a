//! A request to the token endpoint and what comes of it: most flows end in one.

use super::authority_client::with_request_id;
use crate::effect::Reply;
use crate::exchange::{Exchange, RequestSpec, RetryPolicy};
use crate::flow::{Cx, Flow};
use crate::run::Step;
use crate::token::{self, Issued, TokenResponse};

/// Sends one token request, with the retries its policy allows, and reads the reply.
#[derive(Debug)]
pub struct TokenExchange {
    issued: Issued,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh(Option<Box<RequestSpec>>, RetryPolicy),
    Sent(Box<Exchange>),
}

impl TokenExchange {
    /// The exchange of this request.
    #[must_use]
    pub fn new(spec: RequestSpec, policy: RetryPolicy, issued: Issued) -> TokenExchange {
        TokenExchange { issued, state: State::Fresh(Some(Box::new(spec)), policy) }
    }
}

impl Flow for TokenExchange {
    type Output = TokenResponse;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        if let State::Fresh(spec, policy) = &mut self.state
            && let Some(spec) = spec.take()
        {
            let exchange = Exchange::new(with_request_id(*spec, cx), policy.clone());
            self.state = State::Sent(Box::new(exchange));
        }
        match &mut self.state {
            State::Sent(exchange) => match exchange.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Err(error)) => Step::Done(Err(error.from_source(self.issued.source))),
                Step::Done(Ok(answer)) => Step::Done(token::parse(&answer, &self.issued)),
            },
            State::Fresh(..) => Step::Done(Err(crate::flow::out_of_turn())),
        }
    }
}
