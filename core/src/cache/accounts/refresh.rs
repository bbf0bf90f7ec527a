//! Refresh tokens in the document.

use super::entry::Entry;
use super::section::Section;
use super::{AccountCache, environment};
use crate::flows::authority_client::DEVELOPER_CLIENT_ID;
use crate::secret::Secret;

/// The family that the app of the developer tools belongs to.
const FAMILY: &str = "1";

/// A refresh token that was kept.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeptRefreshToken {
    /// The token.
    pub secret: Secret,
    /// The account it speaks for.
    pub home_account_id: String,
    /// The host of the authority that gave it.
    pub environment: String,
    /// The app that it was given to.
    pub client_id: String,
    /// The family of apps that may use it, if any.
    pub family: Option<String>,
}

impl KeptRefreshToken {
    fn of(entry: &Entry) -> Option<KeptRefreshToken> {
        Some(KeptRefreshToken {
            secret: entry.secret()?.clone(),
            home_account_id: entry.text("home_account_id")?.to_owned(),
            environment: entry.text("environment")?.to_owned(),
            client_id: entry.text("client_id").unwrap_or_default().to_owned(),
            family: entry.text("family_id").map(str::to_owned),
        })
    }

    /// Whether an entry is of the same account and the same app, or family of apps.
    pub(super) fn is_of(&self, entry: &Entry) -> bool {
        let of_app = entry.is("client_id", Some(&self.client_id)) && !self.client_id.is_empty();
        let of_family = self.family.is_some() && entry.is("family_id", self.family.as_deref());
        entry.is("home_account_id", Some(&self.home_account_id))
            && entry.text("environment").is_some_and(|host| environment::same(host, &self.environment))
            && (of_app || of_family)
            && !entry.has("user_assertion_hash")
    }
}

impl AccountCache {
    /// The refresh tokens of an account that this app may use: its own, then those of its family, the
    /// newest first. Whether it belongs to a family, its own entry tells; where there is none yet, it may.
    ///
    /// One may be of no use any more, or not for this: the next may be.
    #[must_use]
    pub fn refresh_tokens(
        &self,
        environment: &str,
        home_account_id: &str,
        client_id: &str,
    ) -> Vec<KeptRefreshToken> {
        if home_account_id.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(bool, i64, KeptRefreshToken)> = Vec::new();
        for (_, entry) in self.entries(Section::RefreshToken) {
            let of_account = entry.is("home_account_id", Some(home_account_id))
                && entry.text("environment").is_some_and(|host| environment::same(host, environment))
                && !entry.has("user_assertion_hash");
            let own = entry.is("client_id", Some(client_id));
            let related =
                || entry.text("family_id").is_some_and(|id| self.may_be_of(environment, client_id, id));
            if of_account
                && (own || related())
                && let Some(token) = KeptRefreshToken::of(entry)
                && !found.iter().any(|(_, _, known)| known.secret.matches(token.secret.expose()))
            {
                found.push((!own, -entry.number("last_modification_time").unwrap_or(0), token));
            }
        }
        found.sort_by_key(|(related, age, _)| (*related, *age));
        found.into_iter().map(|(_, _, token)| token).collect()
    }

    /// Whether one of [`AccountCache::refresh_tokens`] is known to be for this app: its own, or one of a family that
    /// the app belongs to for sure.
    #[must_use]
    pub fn is_renewable(&self, environment: &str, home_account_id: &str, client_id: &str) -> bool {
        self.refresh_tokens(environment, home_account_id, client_id).iter().any(|token| {
            let related = |family: &str| {
                let known = self.is_of(environment, client_id, family);
                known.unwrap_or(client_id.eq_ignore_ascii_case(DEVELOPER_CLIENT_ID) && family == FAMILY)
            };
            token.client_id.eq_ignore_ascii_case(client_id) || token.family.as_deref().is_some_and(related)
        })
    }

    /// Whether the app may be of this family: it is, or nothing is known of it.
    fn may_be_of(&self, environment: &str, client_id: &str, family: &str) -> bool {
        self.is_of(environment, client_id, family).unwrap_or(true)
    }

    /// Whether the app is of this family; nothing where it has no entry yet.
    fn is_of(&self, environment: &str, client_id: &str, family: &str) -> Option<bool> {
        let mut known = self.entries(Section::AppMetadata).map(|(_, entry)| entry).filter(|entry| {
            entry.is("client_id", Some(client_id))
                && entry.text("environment").is_some_and(|host| environment::same(host, environment))
        });
        known.next().map(|entry| entry.is("family_id", Some(family)))
    }
}
