//! Which of the kept accounts is meant.

use super::Memory;
use crate::cache::accounts::{Account, AccountCache};
use crate::error::{Error, ErrorKind};
use crate::flows::authority_client::EntraClient;
use crate::time::Now;

/// Why there is no account to go on with: the later one tells more.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Missing {
    /// No account of this app.
    Nobody,
    /// Accounts, but not the one that was named.
    Named,
    /// The account of this name, but nothing to get new tokens with.
    SignIn(String),
    /// Several accounts of these names.
    Choice(Vec<String>),
}

/// The one account that is meant: of those that can get new tokens, or else of those that have some.
pub(super) fn choose(
    cache: &AccountCache,
    client: &EntraClient,
    memory: &Memory,
    now: Now,
) -> Result<Account, Missing> {
    let environment = client.authority().kept_environment();
    let mut accounts = cache.signed_in(&environment, client.client_id());
    if !accounts.iter().any(|account| memory.means(account)) {
        accounts = cache.accounts(&environment);
        accounts.retain(|account| {
            cache
                .last_expiry(&environment, &account.home_account_id, client.client_id())
                .is_some_and(|ends| ends > now.unix)
        });
    }
    let count = accounts.len();
    accounts.retain(|account| memory.means(account));
    match (accounts.pop(), accounts.as_slice(), count) {
        (Some(account), [], _) => Ok(account),
        (None, _, 0) => Err(Missing::Nobody),
        (None, _, _) => Err(Missing::Named),
        (Some(last), others, _) => {
            let names = others.iter().chain([&last]).map(|account| account.username.clone());
            Err(Missing::Choice(names.collect()))
        }
    }
}

impl From<Missing> for Error {
    fn from(missing: Missing) -> Error {
        let unavailable = |what: String| Error::new(ErrorKind::Unavailable, what);
        match missing {
            Missing::Nobody => {
                unavailable("nobody is signed in: no account of this app is kept here".to_owned())
                    .with_remedy("sign in, keeping the account")
            }
            Missing::Named => unavailable("accounts are kept here, but not the one that was named".to_owned())
                .with_remedy("sign in with that account, or name another"),
            Missing::SignIn(name) => unavailable(format!(
                "{name} is known here, but has nothing left to get such a token with: no refresh token is kept"
            ))
            .with_remedy("sign in again, keeping the account")
            .nearly(),
            Missing::Choice(names) => unavailable(format!(
                "{} accounts are kept here, and it was not said whose token is wanted",
                names.len()
            ))
            .with_remedy(format!("name one of them: {}", names.join(", ")))
            .nearly(),
        }
    }
}
