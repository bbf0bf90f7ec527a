//! The accounts in the document.

use super::entry::Entry;
use super::section::Section;
use super::{AccountCache, environment};
use crate::time::Unix;

/// Somebody who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// Names the account in every tenant: `{object id}.{tenant id}` of its home.
    pub home_account_id: String,
    /// The host of the authority.
    pub environment: String,
    /// The tenant in which the account was signed in, as it was asked for.
    pub realm: String,
    /// The object id within that tenant.
    pub local_account_id: String,
    /// The name to sign in with; empty where it is not known.
    pub username: String,
    /// How the account was signed in: a grant type, or `broker`.
    pub source: Option<String>,
}

impl Account {
    fn of(entry: &Entry) -> Option<Account> {
        let field = |name: &str| entry.text(name).unwrap_or_default().to_owned();
        Some(Account {
            home_account_id: entry.text("home_account_id")?.to_owned(),
            environment: entry.text("environment")?.to_owned(),
            realm: field("realm"),
            local_account_id: field("local_account_id"),
            username: field("username"),
            source: entry.text("account_source").map(str::to_owned),
        })
    }

    /// The tenant that the account is at home in, where the authority has tenants.
    #[must_use]
    pub fn home_tenant(&self) -> Option<&str> {
        home_tenant(&self.home_account_id)
    }
}

/// The second part of `uid.utid`.
pub(super) fn home_tenant(home_account_id: &str) -> Option<&str> {
    home_account_id.split_once('.').map(|(_, tenant)| tenant).filter(|tenant| !tenant.is_empty())
}

impl AccountCache {
    /// Who signed in at this authority, by the name of its host or of any alias of it: each account once.
    #[must_use]
    pub fn accounts(&self, environment: &str) -> Vec<Account> {
        let mut accounts: Vec<Account> = Vec::new();
        for account in self.entries(Section::Account).filter_map(|(_, entry)| Account::of(entry)) {
            if !environment::same(&account.environment, environment) {
                continue;
            }
            let known = accounts
                .iter_mut()
                .find(|known| known.home_account_id.eq_ignore_ascii_case(&account.home_account_id));
            match known {
                // The entry of the home tenant has the name that the account goes by at home.
                Some(known) if account.home_tenant() == Some(&*account.realm) => *known = account,
                Some(known) if known.username.is_empty() => *known = account,
                Some(_) => {}
                None => accounts.push(account),
            }
        }
        accounts
    }

    /// Those of [`AccountCache::accounts`] who may be served without being asked: a refresh token of this
    /// app is there, or one of a family that it may be of.
    #[must_use]
    pub fn signed_in(&self, environment: &str, client_id: &str) -> Vec<Account> {
        let mut accounts = self.accounts(environment);
        accounts.retain(|account| {
            !self.refresh_tokens(environment, &account.home_account_id, client_id).is_empty()
        });
        accounts
    }

    /// When the last of an app's access tokens for an account dies, as far as it is told.
    #[must_use]
    pub fn last_expiry(&self, environment: &str, home_account_id: &str, client_id: &str) -> Option<Unix> {
        let tokens = self.entries(Section::AccessToken).map(|(_, entry)| entry).filter(|entry| {
            entry.is("home_account_id", Some(home_account_id))
                && entry.is("client_id", Some(client_id))
                && entry.text("environment").is_some_and(|host| environment::same(host, environment))
        });
        tokens.filter_map(|entry| entry.number("expires_on")).max().map(Unix)
    }

    /// Removes all that is there of an account: itself and its access, refresh and id tokens, those of every
    /// app and of every alias of the authority.
    pub fn remove_account(&mut self, environment: &str, home_account_id: &str) {
        let of_account = |entry: &Entry| {
            entry.is("home_account_id", Some(home_account_id))
                && entry.text("environment").is_some_and(|host| environment::same(host, environment))
        };
        if home_account_id.is_empty() {
            return;
        }
        for section in [Section::AccessToken, Section::RefreshToken, Section::IdToken, Section::Account] {
            self.remove(section, of_account);
        }
    }

    /// Removes access tokens that are of no use to anybody any more.
    pub fn remove_expired(&mut self, now: Unix) {
        self.remove(Section::AccessToken, |entry| {
            // MSAL for .NET has called the last of these by either name.
            let ends = ["expires_on", "extended_expires_on", "ext_expires_on"].map(|name| entry.number(name));
            let ends = ends.into_iter().flatten().max();
            ends.is_some_and(|ends| ends < now.0)
        });
    }
}
