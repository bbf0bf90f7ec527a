//! Which of the kept accounts is meant.

use super::Memory;
use crate::cache::accounts::{Account, AccountCache};
use crate::error::{Error, ErrorKind};
use crate::flows::authority_client::EntraClient;
use crate::tenant::Tenant;
use crate::time::Now;

/// Why there is no account to go on with: the later one tells more.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Missing {
    /// No account of this app.
    Nobody,
    /// Accounts, but not the one that was named.
    Named,
    /// Accounts, but none that signs in through this name for a kind of accounts.
    Kind(Tenant),
    /// The account of this name, but nothing to get new tokens with.
    SignIn(String),
    /// Several accounts of these names.
    Choice(Vec<String>),
}

/// The one account that is meant and can have tokens of this tenant: of those that are known to get new tokens, or
/// else of those that have some, or else of those that may get some.
pub(super) fn choose(
    cache: &AccountCache,
    client: &EntraClient,
    memory: &Memory,
    (tenant, now): (&Tenant, Now),
) -> Result<Account, Missing> {
    let environment = client.authority().kept_environment();
    let all = cache.accounts(&environment);
    let app = client.client_id();
    let fits = |account: &&Account| tenant.takes_accounts_of(account.home_tenant(), client.client_id());
    let means = |account: &&Account| memory.means(account) && fits(account);
    let perhaps = cache.signed_in(&environment, app);
    let surely = |account: &&Account| cache.is_renewable(&environment, &account.home_account_id, app);
    let mut meant: Vec<_> = perhaps.iter().filter(means).filter(surely).collect();
    let served = |account: &&Account| {
        let ends = cache.last_expiry(&environment, &account.home_account_id, app);
        ends.is_some_and(|ends| ends > now.unix)
    };
    if meant.is_empty() {
        meant = all.iter().filter(means).filter(served).collect();
    }
    if meant.is_empty() {
        meant = perhaps.iter().filter(means).collect();
    }
    match meant.as_slice() {
        [account] => Ok((*account).clone()),
        [] if perhaps.is_empty() && !all.iter().any(|account| served(&account)) => Err(Missing::Nobody),
        [] if !all.iter().any(|account| fits(&account)) => Err(Missing::Kind(tenant.clone())),
        [] => Err(Missing::Named),
        several => Err(Missing::Choice(several.iter().map(|account| account.username.clone()).collect())),
    }
}

impl Missing {
    /// As an error, which tells whom else nobody looked for where nobody was found.
    pub(super) fn besides(self, unseen: Option<&str>) -> Error {
        let unseen = unseen.filter(|_| self == Missing::Nobody);
        match unseen {
            Some(unseen) => Error::from(self).adding(unseen),
            None => Error::from(self),
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
            Missing::Kind(tenant) => unavailable(format!(
                "the accounts that are kept here are not of the kind that signs in through {tenant}"
            ))
            .with_remedy("sign in with an account of that kind, or give the tenant of one that is kept"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::PERSONAL;
    use crate::tenant::kinds::{LETS_IN, WORK};
    use crate::time::{Mono, Unix};

    #[test]
    fn an_account_of_another_kind_is_not_meant() {
        let now = Now { mono: Mono(0), unix: Unix(1000) };
        for (home, name, meant) in LETS_IN.into_iter().chain([(PERSONAL, WORK, true)]) {
            let kept = format!(
                r#"{{"Account": {{"a": {{"home_account_id": "uid.{home}", "environment": "login.microsoftonline.com",
                "realm": "{home}", "local_account_id": "uid", "username": "jo@x.example", "authority_type": "MSSTS"}}}},
                "RefreshToken": {{"r": {{"credential_type": "RefreshToken", "secret": "s", "client_id": "app",
                "home_account_id": "uid.{home}", "environment": "login.microsoftonline.com"}}}}}}"#
            );
            let cache = AccountCache::parse(kept.as_bytes()).unwrap();
            let client = EntraClient::new(name, "app").unwrap();
            let chosen = choose(&cache, &client, &Memory::shared(), (&Tenant::new(name).unwrap(), now));
            let refused = (!meant).then(|| Missing::Kind(Tenant::new(name).unwrap()));
            assert_eq!(chosen.err(), refused, "{home} {name}");
        }
    }
}
