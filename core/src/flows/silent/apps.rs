//! The tokens that apps keep for themselves: telling of them, and forgetting them.

use std::collections::BTreeSet;
use std::mem;

use super::Memory;
use super::accounts::unusable;
use crate::authority::Authority;
use crate::cache::accounts::{AccountCache, Change, KeptApp};
use crate::effect::{Reply, StoreAction, StoreName};
use crate::flow::{self, BoxFlow, Cx, Flow, expect};
use crate::run::Step;

/// The flow that tells which apps keep tokens for themselves at this authority
/// ([`RememberedApp`](super::RememberedApp)): each once for each of its tenants.
///
/// It ends in `Unavailable` where nothing can be kept.
#[must_use]
pub fn apps(authority: &Authority, memory: &Memory) -> BoxFlow<Vec<KeptApp>> {
    Box::new(walk(authority, memory, false))
}

/// The flow that forgets the tokens which apps keep for themselves at this authority
/// ([`RememberedApp`](super::RememberedApp)); it tells the client ids of those apps.
///
/// It ends in `Unavailable` where nothing can be kept.
#[must_use]
pub fn forget_apps(authority: &Authority, memory: &Memory) -> BoxFlow<BTreeSet<String>> {
    flow::map(walk(authority, memory, true), |found| Ok(found.into_iter().map(|app| app.client_id).collect()))
}

fn walk(authority: &Authority, memory: &Memory, forgetting: bool) -> Apps {
    let mut parts = memory.parts();
    parts.reverse();
    let environment = authority.kept_environment();
    Apps { environment, forgetting, parts, found: Vec::new(), state: State::Fresh }
}

/// Looks into both parts of a token cache, one after the other.
#[derive(Debug)]
struct Apps {
    environment: String,
    forgetting: bool,
    /// What is still to be looked into, the next last.
    parts: Vec<StoreName>,
    found: Vec<KeptApp>,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Looking(StoreName),
    Removing,
}

impl Apps {
    fn add(&mut self, app: KeptApp) {
        let same = |known: &&mut KeptApp| known.client_id == app.client_id && known.tenant == app.tenant;
        match self.found.iter_mut().find(same) {
            Some(known) => known.expires_on = known.expires_on.max(app.expires_on),
            None => self.found.push(app),
        }
    }
}

impl Flow for Apps {
    type Output = Vec<KeptApp>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Vec<KeptApp>> {
        if let State::Looking(part) = mem::replace(&mut self.state, State::Fresh) {
            let kept = crate::check!(crate::check!(expect(reply)).stored().map_err(unusable));
            let cache = AccountCache::parse(kept.expose()).unwrap_or_default();
            let apps = cache.apps(&self.environment, cx.now().unix);
            let any = !apps.is_empty();
            apps.into_iter().for_each(|app| self.add(app));
            if any && self.forgetting {
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
            None => Step::Done(Ok(mem::take(&mut self.found))),
        }
    }
}
