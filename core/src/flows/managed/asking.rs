//! Hosts that answer one request with a token.

use std::time::Duration;

use super::reply::ending;
use super::wanted::Wanted;
use crate::effect::Reply;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::exchange::{Answer, Exchange, RequestSpec, RetryPolicy};
use crate::flow::{Cx, Flow};
use crate::run::Step;
use crate::token::AccessToken;

pub(super) const LABEL: &str = "a managed identity token";

/// Limits of one try. A black hole shows within the connect limit.
pub(super) const CONNECT: Duration = Duration::from_secs(2);
pub(super) const WHOLE: Duration = Duration::from_secs(30);

/// A request to a host, with the limits that suit something so near.
pub(super) fn get<'a>(
    endpoint: &Endpoint,
    query: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> RequestSpec {
    RequestSpec::get(endpoint.with_query(query), LABEL).limits(CONNECT, WHOLE)
}

/// One request, its retries, and how its answer is read.
#[derive(Debug)]
pub(super) struct Asking {
    exchange: Exchange,
    wanted: Wanted,
    read: fn(&Answer, &Wanted) -> Result<AccessToken, Error>,
}

impl Asking {
    pub(super) fn new(
        spec: RequestSpec,
        policy: RetryPolicy,
        wanted: Wanted,
        read: fn(&Answer, &Wanted) -> Result<AccessToken, Error>,
    ) -> Asking {
        Asking { exchange: Exchange::new(spec, policy), wanted, read }
    }
}

impl Flow for Asking {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        let result = match self.exchange.step(cx, reply) {
            Step::Do(effect) => return Step::Do(effect),
            Step::Done(answer) => answer.and_then(|answer| (self.read)(&answer, &self.wanted)),
        };
        Step::Done(result.map_err(ending))
    }
}
