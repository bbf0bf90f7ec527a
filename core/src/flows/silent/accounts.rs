//! Telling who is kept, and forgetting them.

use std::mem;

use super::Memory;
use crate::cache::accounts::{Account, AccountCache, Change};
use crate::effect::{Reply, StoreAction, StoreFailure, StoreName};
use crate::error::{Error, ErrorKind};
use crate::flow::{BoxFlow, Cx, Flow, expect};
use crate::flows::authority_client::EntraClient;
use crate::run::Step;
use crate::time::Unix;

/// An account that is kept for an app.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeptAccount {
    /// The account.
    pub account: Account,
    /// When the last of the app's access tokens for it dies; nothing where there is none that lives.
    pub expires_on: Option<Unix>,
    /// Whether new ones can be had without asking anybody, as far as is known here.
    pub renewable: bool,
}

/// The flow that tells which accounts are kept, those alone that [`Memory`] means.
///
/// It ends in `Unavailable` where nothing can be kept.
#[must_use]
pub fn accounts(client: &EntraClient, memory: &Memory) -> BoxFlow<Vec<KeptAccount>> {
    Box::new(Walk::new(client, memory, false))
}

/// The flow that forgets accounts, those alone that [`Memory`] means, with all of their tokens, those of
/// other apps included; it tells which there were. What cannot be read is forgotten too, since it may well hold some of
/// theirs.
///
/// What the authority gave out stays good until it dies: whoever copied it still has it.
#[must_use]
pub fn forget(client: &EntraClient, memory: &Memory) -> BoxFlow<Vec<KeptAccount>> {
    Box::new(Walk::new(client, memory, true))
}

/// Looks into both parts of a token cache, one after the other.
#[derive(Debug)]
struct Walk {
    client: EntraClient,
    memory: Memory,
    forgetting: bool,
    /// What is still to be looked into, the next last.
    parts: Vec<StoreName>,
    found: Vec<KeptAccount>,
    /// Accounts to be removed from the part that was looked into.
    removing: Vec<String>,
    doing: Doing,
}

#[derive(Debug)]
enum Doing {
    Nothing,
    Looking(StoreName),
    Removing(StoreName),
    /// What cannot be read is being removed.
    Clearing,
}

impl Walk {
    fn new(client: &EntraClient, memory: &Memory, forgetting: bool) -> Walk {
        let mut parts = memory.parts();
        parts.reverse();
        Walk {
            client: client.clone(),
            memory: memory.clone(),
            forgetting,
            parts,
            found: Vec::new(),
            removing: Vec::new(),
            doing: Doing::Nothing,
        }
    }

    fn next_part(&mut self, cx: &mut Cx<'_>) -> Step<Vec<KeptAccount>> {
        match self.parts.pop() {
            Some(part) => {
                self.doing = Doing::Looking(part.clone());
                cx.store(part, StoreAction::Read)
            }
            None => Step::Done(Ok(mem::take(&mut self.found))),
        }
    }

    fn look(&mut self, cx: &Cx<'_>, cache: &AccountCache) {
        let environment = &self.client.authority().kept_environment();
        let app = self.client.client_id();
        for account in cache.accounts(environment).into_iter().filter(|account| self.memory.means(account)) {
            let home = account.home_account_id.clone();
            let kept = KeptAccount {
                expires_on: cache.last_expiry(environment, &home, app).filter(|ends| *ends > cx.now().unix),
                renewable: cache.is_renewable(environment, &home, app),
                account,
            };
            let known = self.found.iter_mut().find(|known| known.account.home_account_id == home);
            match known {
                Some(known) => {
                    known.expires_on = known.expires_on.max(kept.expires_on);
                    known.renewable |= kept.renewable;
                }
                None => self.found.push(kept),
            }
            self.removing.extend(self.forgetting.then_some(home));
        }
    }
}

impl Flow for Walk {
    type Output = Vec<KeptAccount>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Vec<KeptAccount>> {
        let part = match mem::replace(&mut self.doing, Doing::Nothing) {
            Doing::Nothing => return self.next_part(cx),
            Doing::Looking(part) => {
                let kept = crate::check!(crate::check!(expect(reply)).stored().map_err(unusable));
                self.look(cx, &AccountCache::parse(kept.expose()).unwrap_or_default());
                part
            }
            Doing::Removing(part) => {
                crate::check!(crate::check!(expect(reply)).stored().map_err(unusable));
                part
            }
            Doing::Clearing => {
                return match crate::check!(expect(reply)).stored() {
                    // A store that sets nothing aside.
                    Ok(_) | Err(StoreFailure::Unsupported) => self.next_part(cx),
                    Err(failure) => Step::Done(Err(unusable(failure))),
                };
            }
        };
        if let Some(home_account_id) = self.removing.pop() {
            let environment = self.client.authority().kept_environment();
            let change = Change::RemoveAccount { environment, home_account_id };
            self.doing = Doing::Removing(part.clone());
            return cx.store(part, StoreAction::Change(Box::new(change)));
        }
        match self.forgetting {
            true => {
                self.doing = Doing::Clearing;
                cx.store(part, StoreAction::ForgetUnreadable)
            }
            false => self.next_part(cx),
        }
    }
}

pub(super) fn unusable(failure: StoreFailure) -> Error {
    Error::new(ErrorKind::Unavailable, format!("the token cache cannot be used: {failure}"))
}
