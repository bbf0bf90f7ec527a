//! Which subscriptions there are.

use super::ResourceManager;
use super::roles::Scope;
use crate::call::{Operation, Pages};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, Flow};
use crate::run::Step;

/// The version of the interface that is spoken.
const API_VERSION: &str = "2022-12-01";

/// Lists the subscriptions in which the caller has a role somewhere. Ends in their scopes.
#[derive(Debug)]
pub struct ListSubscriptions(Pages);

impl ListSubscriptions {
    /// Those of the directory that the token is of.
    #[must_use]
    pub fn new(manager: &ResourceManager) -> ListSubscriptions {
        let operation = Operation::get(["subscriptions"], "the subscriptions");
        ListSubscriptions(Pages::new(manager.call(operation, API_VERSION)))
    }
}

impl Flow for ListSubscriptions {
    type Output = Vec<Scope>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Vec<Scope>> {
        let found = crate::pump!(self.0.step(cx, reply));
        let ids = found.iter().map(|value| value.get("subscriptionId").and_then(|id| id.as_str()));
        let scopes = ids.map(|id| Scope::new(&format!("/subscriptions/{}", id.unwrap_or_default())));
        let scopes: Result<Vec<_>, _> = scopes.collect();
        Step::Done(scopes.map_err(|_| {
            Error::new(ErrorKind::Malformed, "the list of subscriptions has what is not one in it")
        }))
    }
}
