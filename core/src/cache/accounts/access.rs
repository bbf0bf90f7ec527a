//! Access tokens in the document.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::Entry;
use super::section::Section;
use super::{AccountCache, account, environment};
use crate::scope::Scopes;
use crate::tenant::Tenant;
use crate::time::{Now, Unix};
use crate::token::AccessToken;

/// A token that was kept further in the future than this was kept by another clock.
const SKEW: i64 = 300;

/// One that lives longer is a mistake.
const LONGEST: i64 = 10 * 365 * 86_400;

/// From this life on a token is renewed half way.
const LONG_LIVED: i64 = 7200;

/// Fields that tie a token to something more than its holder: a key, a user's assertion, parameters.
const TIES: [&str; 7] =
    ["key_id", "kid", "keyid", "user_assertion_hash", "ext_cache_key", "ext", "persisted_cache_parameters"];

/// An app that keeps tokens for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeptApp {
    /// Its client id.
    pub client_id: String,
    /// The tenant that its tokens are of, as it was asked for.
    pub tenant: String,
    /// When the last of its tokens of this tenant dies; nothing where there is none that lives.
    pub expires_on: Option<Unix>,
}

/// Which access token is looked for.
#[derive(Clone, Copy, Debug)]
pub struct WantedToken<'a> {
    /// The host of the authority.
    pub environment: &'a str,
    /// The app.
    pub client_id: &'a str,
    /// The account; nothing for a token of the app itself.
    pub home_account_id: Option<&'a str>,
    /// The tenant.
    pub tenant: &'a Tenant,
    /// What it has to be good for.
    pub scopes: &'a Scopes,
}

impl WantedToken<'_> {
    /// Whether an entry is such a token. It may be good for more than is asked.
    fn matches(&self, entry: &Entry) -> bool {
        entry.is("client_id", Some(self.client_id))
            && entry.is("home_account_id", self.home_account_id)
            && entry.text("environment").is_some_and(|host| environment::same(host, self.environment))
            && entry.text("realm").is_some_and(|realm| self.is_tenant(realm))
            && is_plain_bearer(entry)
            && entry.text("target").is_some_and(|target| {
                let granted = scope_set(target.split_whitespace());
                scope_set(self.scopes.iter()).is_subset(&granted)
            })
    }

    /// Whether a realm is the tenant, where `organizations` and its like stand for the account's home, if it is
    /// of their kind.
    fn is_tenant(&self, realm: &str) -> bool {
        let home = self.home_account_id.and_then(account::home_tenant);
        let resolve = |tenant: &str| match (Tenant::new(tenant), home) {
            (Ok(tenant), Some(home)) if tenant.is_special() => home.to_ascii_lowercase(),
            _ => tenant.to_ascii_lowercase(),
        };
        self.tenant.takes_accounts_of(home, self.client_id) && resolve(realm) == resolve(self.tenant.as_str())
    }
}

pub(super) fn is_plain_bearer(entry: &Entry) -> bool {
    let bearer = entry.text("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    bearer && !TIES.iter().any(|tie| entry.has(tie))
}

/// Scopes as a set, without regard to case.
pub(super) fn scope_set<'a>(scopes: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    scopes.map(str::to_ascii_lowercase).collect()
}

impl AccountCache {
    /// The newest of the access tokens that were asked for which is still alive, as obtained by the
    /// credential of this name. Whether it is due for renewal, the token itself tells.
    ///
    /// The second clock starts at `now`, since it did not run when the token was kept; so the first one
    /// is not believed where it says that the token was kept in the future.
    #[must_use]
    pub fn access_token(
        &self,
        wanted: &WantedToken<'_>,
        now: Now,
        source: &'static str,
    ) -> Option<AccessToken> {
        let usable = self.entries(Section::AccessToken).map(|(_, entry)| entry).filter(|entry| {
            wanted.matches(entry)
                && entry.number("cached_at").is_none_or(|at| at <= now.unix.0.saturating_add(SKEW))
                && entry
                    .number("expires_on")
                    .is_some_and(|ends| ends > now.unix.0 && ends.saturating_sub(now.unix.0) <= LONGEST)
        });
        let newest = usable.max_by_key(|entry| (entry.number("cached_at"), entry.number("expires_on")))?;
        let ends = newest.number("expires_on")?;
        let token = AccessToken::new(newest.secret()?.clone(), Unix(ends), now, source).ok()?;
        let life = ends.saturating_sub(newest.number("cached_at").unwrap_or(ends));
        let half = (life >= LONG_LIVED).then_some(ends.saturating_sub(life / 2));
        let realm = newest.text("realm").filter(|realm| Tenant::new(*realm).is_ok_and(|t| !t.is_special()));
        Some(
            token
                .refreshed_on(newest.number("refresh_on").or(half).map(Unix))
                .of_tenant(realm.or(wanted.home_account_id.and_then(account::home_tenant)))
                .granting(newest.text("target").map(str::to_owned)),
        )
    }

    /// The apps that keep tokens for themselves at this authority: each once for each of its tenants.
    #[must_use]
    pub fn apps(&self, environment: &str, now: Unix) -> Vec<KeptApp> {
        let mut apps: BTreeMap<_, Option<Unix>> = BTreeMap::new();
        for (_, entry) in self.entries(Section::AccessToken) {
            let named = entry.text("client_id").filter(|_| is_of_an_app(entry, environment));
            let Some(client_id) = named else { continue };
            let tenant = entry.text("realm").unwrap_or_default().to_owned();
            let ends = entry.number("expires_on").map(Unix).filter(|ends| *ends > now);
            let known = apps.entry((client_id.to_owned(), tenant)).or_default();
            *known = (*known).max(ends);
        }
        let app = |((client_id, tenant), expires_on)| KeptApp { client_id, tenant, expires_on };
        apps.into_iter().map(app).collect()
    }

    /// Removes the tokens that apps keep for themselves at this authority.
    pub(super) fn remove_apps(&mut self, environment: &str) {
        self.remove(Section::AccessToken, |entry| is_of_an_app(entry, environment));
    }
}

/// Whether an access token speaks for an app alone, at this authority.
fn is_of_an_app(entry: &Entry, environment: &str) -> bool {
    entry.is("home_account_id", None)
        && entry.text("environment").is_some_and(|host| environment::same(host, environment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::PERSONAL;
    use crate::tenant::kinds::{LETS_IN, WORK};
    use crate::time::Mono;

    #[test]
    fn a_name_for_a_kind_of_accounts_stands_for_a_home_of_that_kind() {
        let now = Now { mono: Mono(0), unix: Unix(1000) };
        // A token of an account's home is none of a directory where it is a guest.
        let named = [(WORK, WORK, true), (PERSONAL, WORK, false)];
        for (home, name, served) in LETS_IN.into_iter().chain(named) {
            let account = format!("uid.{home}");
            let kept = format!(
                r#"{{"AccessToken": {{"k": {{"credential_type": "AccessToken", "secret": "s", "client_id": "app",
                "home_account_id": "{account}", "environment": "login.microsoftonline.com", "realm": "{home}",
                "target": "a/.default", "cached_at": "900", "expires_on": "4000"}}}}}}"#
            );
            let wanted = WantedToken {
                environment: "login.microsoftonline.com",
                client_id: "app",
                home_account_id: Some(&account),
                tenant: &Tenant::new(name).unwrap(),
                scopes: &Scopes::new(["a/.default"]).unwrap(),
            };
            let token = AccountCache::parse(kept.as_bytes()).unwrap().access_token(&wanted, now, "test");
            assert_eq!(token.is_some(), served, "{home} {name}");
        }
    }
}
