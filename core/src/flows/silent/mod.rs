//! Tokens for somebody who signed in before, without asking anybody: from what is kept, else by a
//! refresh token that is kept.

mod accounts;
mod memory;
mod remembered;
mod remembered_app;
mod shared_cache;

use std::{mem, vec};

use super::authority_client::EntraClient;
use super::newest::is_dead;
use super::refresh_token::refresh;
use crate::cache::accounts::{Account, AccountCache, Arrival, Change, KeptRefreshToken, WantedToken};
use crate::effect::{Reply, StoreAction, StoreFailure};
use crate::error::{Error, ErrorKind, Suberror};
use crate::flow::{self, BoxFlow, Cx, Flow, expect};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::secret::SecretBytes;
use crate::token::{AccessToken, TokenResponse};

pub use accounts::{KeptAccount, accounts, forget};
pub use memory::Memory;
pub use remembered::{Remembered, SignIn, SignedIn};
pub use remembered_app::RememberedApp;
pub use shared_cache::SharedTokenCacheCredential;

/// Gets a token of a kept account.
#[derive(Debug)]
pub(super) struct Silent {
    source: &'static str,
    client: EntraClient,
    memory: Memory,
    request: TokenRequest,
    /// A token that is due for renewal and still alive.
    due: Option<AccessToken>,
    candidates: vec::IntoIter<KeptRefreshToken>,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Looking,
    Redeeming(Box<KeptRefreshToken>, BoxFlow<TokenResponse>),
    Keeping(AccessToken),
    Dropping(Error),
    Over,
}

impl Silent {
    pub(super) fn new(
        source: &'static str,
        client: &EntraClient,
        memory: &Memory,
        request: &TokenRequest,
    ) -> Silent {
        Silent {
            source,
            client: client.clone(),
            memory: memory.clone(),
            request: request.clone(),
            due: None,
            candidates: Vec::new().into_iter(),
            state: State::Fresh,
        }
    }

    fn store(&self, cx: &mut Cx<'_>, action: StoreAction) -> Step<AccessToken> {
        cx.store(self.memory.name(self.request.cae()), action)
    }

    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match mem::replace(&mut self.state, State::Over) {
            State::Fresh => {
                crate::check!(self.client.tenant_for(&self.request));
                self.state = State::Looking;
                self.store(cx, StoreAction::Read)
            }
            State::Looking => match crate::check!(expect(reply)).stored() {
                Ok(kept) => self.look(cx, &kept),
                Err(failure) => Step::Done(Err(unusable(&failure))),
            },
            State::Redeeming(with, flow) => self.redeem(cx, with, flow, reply),
            // Whether it was kept does not matter to whoever wants the token, but for the time that it took.
            State::Keeping(token) => Step::Done(token.alive_at(cx.now())),
            State::Dropping(error) => self.next(cx, error),
            State::Over => Step::Done(Err(flow::out_of_turn())),
        }
    }

    fn look(&mut self, cx: &mut Cx<'_>, kept: &SecretBytes) -> Step<AccessToken> {
        // What cannot be read is replaced when something is kept the next time.
        let cache = AccountCache::parse(kept.expose()).unwrap_or_default();
        let account = crate::check!(self.choose(&cache));
        let environment = self.client.authority().kept_environment();
        let tenant = crate::check!(self.client.tenant_for(&self.request));
        let wanted = WantedToken {
            environment: &environment,
            client_id: self.client.client_id(),
            home_account_id: Some(&account.home_account_id),
            tenant: &tenant,
            scopes: self.request.scopes(),
        };
        if self.request.claims().is_none() {
            match cache.access_token(&wanted, cx.now(), self.source) {
                Some(token) if cx.now().unix < token.refresh_due() => return Step::Done(Ok(token)),
                due => self.due = due,
            }
        }
        let tokens = cache.refresh_tokens(&environment, &account.home_account_id, self.client.client_id());
        self.candidates = tokens.into_iter();
        self.next(cx, nobody())
    }

    /// The one account that is meant.
    fn choose(&self, cache: &AccountCache) -> Result<Account, Error> {
        let environment = self.client.authority().kept_environment();
        let mut accounts = cache.signed_in(&environment, self.client.client_id());
        let count = accounts.len();
        accounts.retain(|account| self.memory.means(account));
        match (accounts.pop(), accounts.as_slice(), count) {
            (Some(account), [], _) => Ok(account),
            (None, _, 0) => Err(nobody()),
            (None, _, _) => Err(Error::new(
                ErrorKind::Unavailable,
                "accounts are kept here, but not the one that was named",
            )
            .with_remedy("sign in with that account, or name another")),
            (Some(last), others, _) => {
                let names = others.iter().chain([&last]).map(|account| account.username.as_str());
                Err(Error::new(
                    ErrorKind::Unavailable,
                    format!(
                        "{} accounts are kept here, and it was not said whose token is wanted",
                        others.len() + 1
                    ),
                )
                .with_remedy(format!("name one of them: {}", names.collect::<Vec<_>>().join(", ")))
                .nearly())
            }
        }
    }

    /// Tries the next refresh token; `last` is what is said when there is none.
    fn next(&mut self, cx: &mut Cx<'_>, last: Error) -> Step<AccessToken> {
        let Some(with) = self.candidates.next() else { return self.fail(cx, last) };
        let anchor = with.home_account_id.split_once('.').map(|(uid, utid)| format!("Oid:{uid}@{utid}"));
        let mut grant = crate::check!(refresh(self.source, &self.client, &with.secret, &self.request));
        grant.anchor = anchor.filter(|anchor| anchor.bytes().all(|b| b.is_ascii_graphic()));
        self.redeem(cx, Box::new(with), grant.begin(), None)
    }

    fn redeem(
        &mut self,
        cx: &mut Cx<'_>,
        with: Box<KeptRefreshToken>,
        mut flow: BoxFlow<TokenResponse>,
        reply: Option<Reply>,
    ) -> Step<AccessToken> {
        match flow.step(cx, reply) {
            Step::Do(effect) => {
                self.state = State::Redeeming(with, flow);
                Step::Do(effect)
            }
            Step::Done(Ok(response)) => {
                let arrival = Arrival::of_refresh(&self.client, &self.request, &with, &response);
                self.state = State::Keeping(response.access);
                self.store(cx, StoreAction::Change(Box::new(Change::Keep(crate::check!(arrival)))))
            }
            Step::Done(Err(error)) if error.kind() == ErrorKind::InteractionRequired => {
                if is_dead(&error) && self.memory.forgets_refused() {
                    self.state = State::Dropping(error);
                    return self.store(cx, StoreAction::Change(Box::new(Change::RemoveRefreshToken(*with))));
                }
                self.next(cx, error)
            }
            // It is another app's, and so are those of its relatives: a sign-in to this app is what helps.
            Step::Done(Err(error)) if error.suberror() == Some(Suberror::ClientMismatch) => {
                let own = self.client.client_id();
                let left = mem::take(&mut self.candidates);
                let left: Vec<_> = left.filter(|left| left.client_id.eq_ignore_ascii_case(own)).collect();
                self.candidates = left.into_iter();
                self.next(cx, error.as_kind(ErrorKind::InteractionRequired))
            }
            Step::Done(Err(error)) => self.fail(cx, error),
        }
    }

    /// A token that still lives is better than an error.
    fn fail(&mut self, cx: &Cx<'_>, error: Error) -> Step<AccessToken> {
        match self.due.take().filter(|due| due.is_alive(cx.now())) {
            Some(due) => Step::Done(Ok(due)),
            None => Step::Done(Err(error)),
        }
    }
}

fn unusable(failure: &StoreFailure) -> Error {
    let remedy = match failure {
        StoreFailure::Unsupported => "give the driver a store, or use another credential",
        _ => "see why nothing can be kept here, or use another credential",
    };
    let what = format!("nobody is known to be signed in, since the token cache cannot be used: {failure}");
    Error::new(ErrorKind::Unavailable, what).with_remedy(remedy)
}

fn nobody() -> Error {
    Error::new(ErrorKind::Unavailable, "nobody is signed in: no account of this app is kept here")
        .with_remedy("sign in, keeping the account")
}

impl Flow for Silent {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match self.advance(cx, reply) {
            Step::Done(result) => Step::Done(result.map_err(|error| error.from_source(self.source))),
            step => step,
        }
    }
}
