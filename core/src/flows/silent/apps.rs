//! Forgetting the tokens that apps keep for themselves.

use std::collections::BTreeSet;

use super::Memory;
use super::accounts::unusable;
use crate::authority::Authority;
use crate::cache::accounts::{AccountCache, Change};
use crate::effect::{Reply, StoreAction, StoreName};
use crate::flow::{BoxFlow, Cx, Flow, expect};
use crate::run::Step;

/// The flow that forgets the tokens which apps keep for themselves at this authority
/// ([`RememberedApp`](super::RememberedApp)); it tells the client ids of those apps.
///
/// It ends in `Unavailable` where nothing can be kept.
#[must_use]
pub fn forget_apps(authority: &Authority, memory: &Memory) -> BoxFlow<BTreeSet<String>> {
    let mut parts = memory.parts();
    parts.reverse();
    let environment = authority.kept_environment();
    Box::new(ForgetApps { environment, parts, found: BTreeSet::new(), state: State::Fresh })
}

#[derive(Debug)]
struct ForgetApps {
    environment: String,
    /// What is still to be looked into, the next last.
    parts: Vec<StoreName>,
    found: BTreeSet<String>,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Looking(StoreName),
    Removing,
}

impl Flow for ForgetApps {
    type Output = BTreeSet<String>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<BTreeSet<String>> {
        if let State::Looking(part) = std::mem::replace(&mut self.state, State::Fresh) {
            let kept = crate::check!(crate::check!(expect(reply)).stored().map_err(unusable));
            let apps = AccountCache::parse(kept.expose()).unwrap_or_default().apps(&self.environment);
            if !apps.is_empty() {
                self.found.extend(apps);
                self.state = State::Removing;
                let change = Change::RemoveApps { environment: self.environment.clone() };
                return cx.store(part, StoreAction::Change(Box::new(change)));
            }
        } else if let Some(reply) = reply {
            crate::check!(reply.stored().map_err(unusable));
        }
        match self.parts.pop() {
            Some(part) => {
                self.state = State::Looking(part.clone());
                cx.store(part, StoreAction::Read)
            }
            None => Step::Done(Ok(std::mem::take(&mut self.found))),
        }
    }
}
