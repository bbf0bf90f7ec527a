//! Credentials that use what the driver's store keeps between runs, so that nobody is asked again.
//!
//! | | what it is | whose tokens | where nothing that is kept does |
//! |---|---|---|---|
//! | [`Memory`] | no credential: it says to the others where in the store to look, and for whom | | |
//! | [`Remembered`] | a credential around a sign-in by device code or browser | a person's | the person is asked, and who it is is kept |
//! | [`SharedTokenCacheCredential`] | a credential of its own | a person's, who signed in before | it fails: nobody is ever asked |
//! | [`RememberedApp`] | a credential around that of an app (secret, certificate, assertion) | the app's own | that credential gets one, which is kept |
//!
//! A person's token comes from the store, else by a refresh token that is kept there; an app has no refresh tokens.

mod accounts;
mod apps;
mod choice;
mod due;
mod memory;
mod relative;
mod remembered;
mod remembered_app;
mod shared_cache;

use std::{mem, vec};

use super::authority_client::EntraClient;
use super::latest_refresh_token::is_dead;
use super::refresh_token::refresh;
use crate::cache::accounts::{Account, AccountCache, Arrival, Change, KeptRefreshToken, WantedToken};
use crate::effect::{Reply, StoreAction, StoreFailure, StoreName};
use crate::error::{Error, ErrorKind};
use crate::flow::{self, BoxFlow, Cx, Flow, expect};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::secret::{Secret, SecretBytes};
use crate::token::{AccessToken, TokenResponse};

use choice::Missing;
use due::Due;

pub(crate) use due::Pace;

pub use accounts::{KeptAccount, accounts, forget};
pub use apps::{apps, forget_apps};
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
    due: Due,
    /// The part of the token cache that is looked into, and those that may be looked into after it.
    place: StoreName,
    parts: vec::IntoIter<StoreName>,
    /// Why the parts looked into did not do.
    missing: Option<Missing>,
    /// What is not looked at, told where nobody is found.
    unseen: Option<&'static str>,
    candidates: vec::IntoIter<KeptRefreshToken>,
    /// What was redeemed so far.
    tried: Vec<Secret>,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Looking,
    Redeeming(Box<KeptRefreshToken>, BoxFlow<TokenResponse>),
    Keeping(AccessToken),
    /// A refresh token of this account that was refused is being removed.
    Dropping(String, Error),
    Over,
}

impl Silent {
    pub(super) fn new(
        source: &'static str,
        client: &EntraClient,
        memory: &Memory,
        request: &TokenRequest,
    ) -> Silent {
        let place = memory.name(request.cae());
        // A sign-in serves clients of either kind; the access tokens do not.
        let parts: Vec<_> = memory.parts().into_iter().filter(|part| *part != place).collect();
        Silent {
            source,
            client: client.clone(),
            memory: memory.clone(),
            request: request.clone(),
            due: Due::at(Pace::Brisk),
            place,
            parts: parts.into_iter(),
            missing: None,
            unseen: None,
            candidates: Vec::new().into_iter(),
            tried: Vec::new(),
            state: State::Fresh,
        }
    }

    /// The same, where a person may expect others to be found, who are not seen.
    pub(super) fn not_seeing(self, unseen: &'static str) -> Silent {
        Silent { unseen: Some(unseen), ..self }
    }

    /// The same at this pace.
    pub(super) fn at(self, pace: Pace) -> Silent {
        Silent { due: Due::at(pace), ..self }
    }

    /// The document that tokens of this request are kept in.
    fn document(&self) -> StoreName {
        self.memory.name(self.request.cae())
    }

    fn read(&mut self, cx: &mut Cx<'_>, part: StoreName) -> Step<AccessToken> {
        self.place = part.clone();
        self.state = State::Looking;
        cx.store(part, StoreAction::Read)
    }

    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match mem::replace(&mut self.state, State::Over) {
            State::Fresh => {
                crate::check!(self.client.tenant_for_person(&self.request));
                self.read(cx, self.document())
            }
            State::Looking => match crate::check!(expect(reply)).stored() {
                Ok(kept) => self.look(cx, &kept),
                Err(failure) => Step::Done(Err(unusable(&failure))),
            },
            State::Redeeming(with, flow) => self.redeem(cx, with, flow, reply),
            // Whether it was kept does not matter to whoever wants the token, but for the time that it took.
            State::Keeping(token) => Step::Done(token.alive_at(cx.now())),
            State::Dropping(account, error) => {
                if let Ok(kept) = crate::check!(expect(reply)).stored() {
                    self.look_again(&kept, &account);
                }
                self.next(cx, error)
            }
            State::Over => Step::Done(Err(flow::out_of_turn())),
        }
    }

    fn look(&mut self, cx: &mut Cx<'_>, kept: &SecretBytes) -> Step<AccessToken> {
        // What cannot be read is replaced when something is kept the next time.
        let cache = AccountCache::parse(kept.expose()).unwrap_or_default();
        let environment = self.client.authority().kept_environment();
        let tenant = crate::check!(self.client.tenant_for(&self.request));
        match choice::choose(&cache, &self.client, &self.memory, (&tenant, cx.now())) {
            Ok(account) => {
                if self.place == self.document() {
                    match crate::check!(self.kept(cx, &cache, &account)) {
                        Some(token) if cx.now().unix < token.refresh_due() => return Step::Done(Ok(token)),
                        due => self.due.set(due, cx.now()),
                    }
                }
                let tokens =
                    cache.refresh_tokens(&environment, &account.home_account_id, self.client.client_id());
                if !tokens.is_empty() {
                    self.candidates = tokens.into_iter();
                    return self.next(cx, Missing::Nobody.into());
                }
                // Only that account's sign-in serves, wherever it is kept.
                self.missing = self.missing.take().max(Some(Missing::SignIn(account.username.clone())));
                self.memory = self.memory.clone().of_account(&account);
            }
            Err(missing) => self.missing = self.missing.take().max(Some(missing)),
        }
        match self.parts.next() {
            Some(part) => self.read(cx, part),
            None => {
                let missing = self.missing.take().unwrap_or(Missing::Nobody);
                self.fail(cx, missing.besides(self.unseen))
            }
        }
    }

    /// Takes what took the place of a refresh token in the meantime: another process redeemed it, or somebody signed
    /// in again.
    fn look_again(&mut self, kept: &SecretBytes, account: &str) {
        let cache = AccountCache::parse(kept.expose()).unwrap_or_default();
        let environment = self.client.authority().kept_environment();
        let mut tokens = cache.refresh_tokens(&environment, account, self.client.client_id());
        tokens.retain(|token| !self.tried.iter().any(|tried| tried.matches(token.secret.expose())));
        self.candidates = tokens.into_iter();
    }

    /// A token of the account that is kept and alive, unless claims demand a new one.
    fn kept(
        &self,
        cx: &Cx<'_>,
        cache: &AccountCache,
        account: &Account,
    ) -> Result<Option<AccessToken>, Error> {
        if self.request.claims().is_some() {
            return Ok(None);
        }
        let wanted = WantedToken {
            environment: &self.client.authority().kept_environment(),
            client_id: self.client.client_id(),
            home_account_id: Some(&account.home_account_id),
            tenant: &self.client.tenant_for(&self.request)?,
            scopes: self.request.scopes(),
        };
        let token = cache.access_token(&wanted, cx.now(), self.source);
        Ok(token.map(|token| token.kept_in(self.document())))
    }

    /// Tries the next refresh token; `last` is what is said when there is none.
    fn next(&mut self, cx: &mut Cx<'_>, last: Error) -> Step<AccessToken> {
        let Some(with) = self.candidates.next() else { return self.fail(cx, last) };
        self.tried.push(with.secret.clone());
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
        match self.due.step(cx, &mut flow, reply) {
            Step::Do(effect) => {
                self.state = State::Redeeming(with, flow);
                Step::Do(effect)
            }
            Step::Done(Ok(response)) => {
                // What serves the one kind of clients is of no use to the other.
                let (arrival, token) = match self.place == self.document() {
                    true => (Arrival::of_refresh(&self.client, &self.request, &with, &response), {
                        response.access.kept_in(self.document())
                    }),
                    false => {
                        (Arrival::of_rotation(&self.client, &self.request, &with, &response), response.access)
                    }
                };
                self.state = State::Keeping(token);
                self.due.store(cx, self.place.clone(), Change::Keep(crate::check!(arrival)))
            }
            Step::Done(Err(error)) if error.kind() == ErrorKind::InteractionRequired => {
                if is_dead(&error) && self.memory.forgets_refused() {
                    self.state = State::Dropping(with.home_account_id.clone(), error);
                    return self.due.store(cx, self.place.clone(), Change::RemoveRefreshToken(*with));
                }
                self.next(cx, error)
            }
            Step::Done(Err(error)) => match relative::stranger(error, &with, &self.client) {
                Ok(stranger) => self.next_own(cx, stranger),
                Err(error) => self.fail(cx, error),
            },
        }
    }

    /// Tries the next refresh token of the app itself.
    fn next_own(&mut self, cx: &mut Cx<'_>, last: Error) -> Step<AccessToken> {
        let mut left: Vec<_> = mem::take(&mut self.candidates).collect();
        left.retain(|token| !relative::is_of_another(token, &self.client));
        self.candidates = left.into_iter();
        self.next(cx, last)
    }

    fn fail(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<AccessToken> {
        // Where nothing was tried, nothing is noted.
        let tried = !error.is_unavailable();
        let token = crate::check!(self.due.or(error, cx.now()));
        let noting = if tried { due::noting(cx, self.document(), &token) } else { None };
        match noting {
            Some(step) => {
                self.state = State::Keeping(token);
                step
            }
            None => Step::Done(Ok(token)),
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

impl Flow for Silent {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match self.advance(cx, reply) {
            Step::Done(result) => Step::Done(result.map_err(|error| error.from_source(self.source))),
            step => step,
        }
    }
}
