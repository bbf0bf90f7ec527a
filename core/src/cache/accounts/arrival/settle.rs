//! Where tokens that came go in the document.

use super::super::access::{is_plain_bearer, scope_set};
use super::super::entry::{Entry, Item};
use super::super::section::Section;
use super::super::who::Who;
use super::super::{AccountCache, KeptRefreshToken};
use super::{AccountSource, Arrival, How};
use crate::secret::Secret;
use crate::time::Unix;
use crate::token::{AccessToken, TokenResponse};

impl Arrival {
    /// Puts the tokens in their places.
    ///
    /// A refresh never brings back somebody who has signed out in the meantime.
    pub(in crate::cache::accounts) fn settle(&self, cache: &mut AccountCache, now: Unix) {
        match &self.how {
            How::SignedIn(source, response) => {
                let who = Who::of(response);
                let Some(home) = &who.home_account_id else { return };
                cache.put(Section::Account, self.account(&who, *source), |old| {
                    self.is_here(old, Some(home)) && old.is("realm", Some(self.tenant.as_str()))
                });
                if let Some(secret) = &response.refresh_token {
                    self.settle_refresh(cache, home, secret, response.family.as_deref(), now);
                }
                self.settle_rest(cache, home, response, now);
            }
            How::Refreshed(with, response) => {
                if self.settle_rotation(cache, with, response, now) {
                    self.settle_rest(cache, &with.home_account_id, response, now);
                }
            }
            How::Rotated(with, response) => {
                self.settle_rotation(cache, with, response, now);
            }
            How::App(token) => self.settle_access(cache, None, token, now),
        }
    }

    /// Puts what came for a refresh token in its place; says whether it is here still, and the account's.
    fn settle_rotation(
        &self,
        cache: &mut AccountCache,
        with: &KeptRefreshToken,
        response: &TokenResponse,
        now: Unix,
    ) -> bool {
        let home = &with.home_account_id;
        let told = Who::of(response).home_account_id;
        if told.is_some_and(|id| !id.eq_ignore_ascii_case(home)) || !cache.has_refresh_token(with) {
            return false;
        }
        // What a relative's token was redeemed for is the relative's successor only within the family.
        let own = with.client_id.eq_ignore_ascii_case(&self.client_id) || response.family.is_some();
        match &response.refresh_token {
            Some(secret) if own => cache.renew(with, secret, response.family.as_deref(), now),
            Some(secret) => self.settle_refresh(cache, home, secret, None, now),
            None => {}
        }
        true
    }

    /// Without the scopes, which a refresh token is not tied to: so its key is what every library makes.
    fn settle_refresh(
        &self,
        cache: &mut AccountCache,
        home: &str,
        secret: &Secret,
        family: Option<&str>,
        now: Unix,
    ) {
        let entry = self
            .credential(Section::RefreshToken, Some(home))
            .holding(secret)
            .with_time("last_modification_time", now.0)
            .with_some("family_id", family);
        cache.put(Section::RefreshToken, entry, |old| {
            self.is_here(old, Some(home))
                && old.is("client_id", Some(&self.client_id))
                && !old.has("user_assertion_hash")
        });
    }

    fn settle_rest(&self, cache: &mut AccountCache, home: &str, response: &TokenResponse, now: Unix) {
        self.settle_access(cache, Some(home), &response.access, now);
        if let Some(secret) = &response.id_token {
            let entry = self.credential(Section::IdToken, Some(home)).holding(secret);
            cache.put(Section::IdToken, entry.with("realm", self.tenant.as_str()), |old| {
                self.is_here(old, Some(home))
                    && old.is("client_id", Some(&self.client_id))
                    && old.is("realm", Some(self.tenant.as_str()))
            });
        }
        let app = Entry::default()
            .with("client_id", self.client_id.clone())
            .with("environment", self.environment.clone())
            .with_some("family_id", response.family.clone());
        cache.put(Section::AppMetadata, app, |old| {
            old.is("client_id", Some(&self.client_id)) && old.is("environment", Some(&self.environment))
        });
    }

    fn settle_access(&self, cache: &mut AccountCache, home: Option<&str>, token: &AccessToken, now: Unix) {
        let ends = token.expires_on().0;
        let entry = self
            .credential(Section::AccessToken, home)
            .holding(token.secret())
            .with("realm", self.tenant.as_str())
            .with("target", self.target.clone())
            .with("token_type", "Bearer")
            .with_time("cached_at", now.0)
            .with_time("expires_on", ends)
            .with_time("extended_expires_on", ends)
            .with_some("refresh_on", token.refresh_on().map(|at| at.0.to_string()));
        let target = scope_set(self.target.split_whitespace());
        cache.put_access(entry, |old| {
            self.is_here(old, home)
                && old.is("client_id", Some(&self.client_id))
                && old.is("realm", Some(self.tenant.as_str()))
                && is_plain_bearer(old)
                && scope_set(old.text("target").unwrap_or_default().split_whitespace()) == target
        });
    }

    /// The fields that every token has.
    fn credential(&self, section: Section, home: Option<&str>) -> Entry {
        Entry::default()
            .with("credential_type", section.name())
            .with("home_account_id", home.map(str::to_owned))
            .with("environment", self.environment.clone())
            .with("client_id", self.client_id.clone())
    }

    fn account(&self, who: &Who, source: AccountSource) -> Entry {
        Entry::default()
            .with("home_account_id", who.home_account_id.clone())
            .with("environment", self.environment.clone())
            .with("realm", self.tenant.as_str())
            .with("local_account_id", who.local_account_id.clone().unwrap_or_default())
            .with("username", who.username.clone().unwrap_or_default())
            .with("authority_type", if self.adfs { "ADFS" } else { "MSSTS" })
            .with("account_source", source.grant_type())
            .with_some("name", who.name.clone())
    }

    /// Whether an entry is of the account and of this very host: MSAL for Python looks no further.
    fn is_here(&self, entry: &Entry, home: Option<&str>) -> bool {
        entry.is("home_account_id", home) && entry.is("environment", Some(&self.environment))
    }
}

impl AccountCache {
    /// Puts an access token in the place of its predecessor, whose time of renewal goes with it.
    fn put_access(&mut self, entry: Entry, same: impl Fn(&Entry) -> bool) {
        if let Some(items) = self.sections.get_mut(&Section::AccessToken) {
            for old in items.values_mut().filter_map(Item::entry_mut).filter(|old| same(old)) {
                old.forget("refresh_on");
            }
        }
        self.put(Section::AccessToken, entry, same);
    }

    /// Whether the account has a refresh token of the same app or family still: it has none once it has
    /// signed out.
    fn has_refresh_token(&self, with: &KeptRefreshToken) -> bool {
        self.entries(Section::RefreshToken).any(|(_, entry)| with.is_of(entry))
    }

    /// Puts the successor of a refresh token in its place, and in that of any other of the same app.
    fn renew(&mut self, with: &KeptRefreshToken, secret: &Secret, family: Option<&str>, now: Unix) {
        let items = self.sections.entry(Section::RefreshToken).or_default();
        for entry in items.values_mut().filter_map(Item::entry_mut).filter(|entry| with.is_of(entry)) {
            let redeemed = entry.secret().is_some_and(|old| old.matches(with.secret.expose()));
            if redeemed || entry.is("client_id", Some(&with.client_id)) {
                let newer = Entry::default()
                    .holding(secret)
                    .with_time("last_modification_time", now.0)
                    .with_some("family_id", family);
                entry.succeed(newer);
            }
        }
    }
}
