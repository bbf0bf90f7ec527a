//! What changes in the document, said so that it can be done to whatever the document is by then.

use super::entry::{Entry, Item};
use super::section::Section;
use super::{AccountCache, Arrival, KeptRefreshToken};
use crate::error::Error;
use crate::secret::SecretBytes;
use crate::time::Unix;
use crate::token::AccessToken;

/// One change of an [`AccountCache`].
///
/// The same change can be applied to any document, and applied again: stores read the document anew
/// under a lock, apply it, and write the result.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Change {
    /// Keep tokens that came.
    Keep(Arrival),
    /// Forget an account, with all of its tokens.
    RemoveAccount {
        /// The host of the authority, by any of its names.
        environment: String,
        /// The account.
        home_account_id: String,
    },
    /// Forget every token that an app keeps for itself, of whichever app.
    RemoveApps {
        /// The host of the authority, by any of its names.
        environment: String,
    },
    /// Forget an access token that a service rejected.
    RemoveAccessToken(AccessToken),
    /// Renew this access token when it says ([`AccessToken::refresh_on`]), since it could not be renewed just now.
    PutOffRenewal(AccessToken),
    /// Forget a refresh token that the authority does not accept any more.
    RemoveRefreshToken(KeptRefreshToken),
}

impl Change {
    /// Changes the document. Access tokens that have expired are removed on the way.
    pub fn apply(&self, cache: &mut AccountCache, now: Unix) {
        match self {
            Change::Keep(arrival) => arrival.settle(cache, now),
            Change::RemoveAccount { environment, home_account_id } => {
                cache.remove_account(environment, home_account_id);
            }
            Change::RemoveApps { environment } => cache.remove_apps(environment),
            Change::RemoveAccessToken(token) => cache.remove_access_token(token),
            Change::PutOffRenewal(token) => cache.put_off_renewal(token),
            Change::RemoveRefreshToken(token) => cache.remove_refresh_token(token),
        }
        cache.remove_expired(now);
    }

    /// What it does, for logs: completes "… the token cache".
    pub(crate) fn summary(&self) -> &'static str {
        match self {
            Change::Keep(_) => "keep the tokens in",
            Change::RemoveAccount { .. } => "remove an account from",
            Change::RemoveApps { .. } => "remove the tokens of apps from",
            Change::RemoveAccessToken(_) => "remove a rejected access token from",
            Change::PutOffRenewal(_) => "put off a renewal in",
            Change::RemoveRefreshToken(_) => "remove a refused refresh token from",
        }
    }

    /// Changes the document that was read, and gives it as it is to be written.
    ///
    /// # Errors
    /// As for [`AccountCache::parse`].
    pub fn apply_to_bytes(&self, bytes: &[u8], now: Unix) -> Result<SecretBytes, Error> {
        let mut cache = AccountCache::parse(bytes)?;
        self.apply(&mut cache, now);
        Ok(cache.to_bytes())
    }
}

impl AccountCache {
    /// Removes an access token wherever it stands. A newer one in its place stays.
    fn remove_access_token(&mut self, token: &AccessToken) {
        self.remove(Section::AccessToken, |entry| is_this(entry, token));
    }

    /// Sets the time of renewal of an access token wherever it stands. A newer one in its place keeps its own.
    fn put_off_renewal(&mut self, token: &AccessToken) {
        let entries =
            self.sections.get_mut(&Section::AccessToken).into_iter().flat_map(|items| items.values_mut());
        for entry in entries.filter_map(Item::entry_mut).filter(|entry| is_this(entry, token)) {
            entry.succeed(Entry::default().with_time("refresh_on", token.refresh_due().0));
        }
    }

    /// Removes a refresh token wherever it stands. A newer one in its place stays.
    fn remove_refresh_token(&mut self, token: &KeptRefreshToken) {
        self.remove(Section::RefreshToken, |entry| {
            entry.secret().is_some_and(|secret| secret.matches(token.secret.expose())) && token.is_of(entry)
        });
    }
}

fn is_this(entry: &Entry, token: &AccessToken) -> bool {
    entry.secret().is_some_and(|secret| secret.matches(token.secret().expose()))
}
