//! Where accounts are kept, and whose is meant.

use crate::cache::accounts::{Account, AuthenticationRecord};
use crate::effect::StoreName;

/// Says where in the driver's store kept accounts and tokens are, and whose of them are meant.
///
/// It is a description and holds none of them itself; [`Remembered`](super::Remembered),
/// [`RememberedApp`](super::RememberedApp) and [`SharedTokenCacheCredential`](super::SharedTokenCacheCredential) are given
/// one. [`Memory::shared`] and [`Memory::named`] choose the document; `of_user`, `at_home_in` and `of_record` choose among
/// the people in it, and mean nothing to an app's own tokens.
///
/// The driver has to have a store; without one nobody is found, and nothing is kept.
#[derive(Clone, Debug)]
pub struct Memory {
    place: Place,
    username: Option<String>,
    home_tenant: Option<String>,
    home_account_id: Option<String>,
}

/// How the documents are divided.
#[derive(Clone, Debug)]
enum Place {
    /// One for clients that can answer claims challenges, and one for the others.
    Parts(StoreName),
    /// One for all, of another program.
    Whole(StoreName),
}

impl Memory {
    /// The accounts of this user in the document `msal.cache`, the default name of the Azure Identity libraries.
    ///
    /// Which files those are, the driver's store decides. In its encrypted files, the default, they are shared on Linux
    /// with Azure Identity for Go alone, and on macOS and Windows with nobody. In plain files they are shared with Azure
    /// Identity for Python on Linux, where it may store unencrypted. What the other libraries keep in a keyring, in the
    /// Keychain or encrypted by DPAPI is not read. See the manual's chapter on [caching](crate::manual::caching).
    #[must_use]
    pub fn shared() -> Memory {
        Memory::named(StoreName::shared())
    }

    /// Accounts kept by this name, apart from the others.
    #[must_use]
    pub fn named(name: StoreName) -> Memory {
        Memory::at(Place::Parts(name))
    }

    /// The accounts of the Azure CLI.
    pub(crate) fn azure_cli() -> Memory {
        Memory::at(Place::Whole(StoreName::azure_cli()))
    }

    fn at(place: Place) -> Memory {
        Memory { place, username: None, home_tenant: None, home_account_id: None }
    }

    /// The same, of the account with this sign-in name alone, without regard to case.
    #[must_use]
    pub fn of_user(mut self, username: impl Into<String>) -> Memory {
        self.username = Some(username.into());
        self
    }

    /// The same, of accounts that are at home in this tenant alone, by its GUID.
    #[must_use]
    pub fn at_home_in(mut self, tenant: impl Into<String>) -> Memory {
        self.home_tenant = Some(tenant.into());
        self
    }

    /// The same, of the account that signed in when this record was made, and of no other.
    #[must_use]
    pub fn of_record(mut self, record: &AuthenticationRecord) -> Memory {
        self.home_account_id = Some(record.home_account_id.clone());
        self
    }

    /// The same, of this account alone.
    pub(super) fn of_account(mut self, account: &Account) -> Memory {
        self.home_account_id = Some(account.home_account_id.clone());
        self
    }

    pub(crate) fn name(&self, cae: bool) -> StoreName {
        match &self.place {
            Place::Parts(name) => name.for_cae(cae),
            Place::Whole(name) => name.clone(),
        }
    }

    pub(crate) fn parts(&self) -> Vec<StoreName> {
        match &self.place {
            Place::Parts(name) => name.parts().to_vec(),
            Place::Whole(name) => vec![name.clone()],
        }
    }

    /// Whether refused refresh tokens are removed. Another program wants to see the refusal itself, to
    /// tell its user.
    pub(crate) fn forgets_refused(&self) -> bool {
        matches!(self.place, Place::Parts(_))
    }

    /// Whether an account is one of those that are meant.
    pub(crate) fn means(&self, account: &Account) -> bool {
        let fits = |wanted: &Option<String>, value: Option<&str>| {
            wanted
                .as_deref()
                .is_none_or(|wanted| value.is_some_and(|value| value.eq_ignore_ascii_case(wanted)))
        };
        fits(&self.username, Some(&account.username))
            && fits(&self.home_tenant, account.home_tenant())
            && fits(&self.home_account_id, Some(&account.home_account_id))
    }
}
