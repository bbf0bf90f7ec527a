//! Accounts and their tokens as they are kept between runs: the unified cache schema, which Microsoft's
//! authentication libraries (MSAL) for Python, .NET, Go, Java and JavaScript share.
//!
//! [`AccountCache`] is the document as a value. It is read from bytes, asked, changed, and written to
//! bytes; where the bytes lie, and how they are protected, is a store's concern. What other programs
//! wrote stays as it is: fields, entries and sections of which nothing is known here are written back.
//! Entries are told by their fields, since writers differ in how they spell the keys.
//!
//! Several programs write to one document. So a flow does not write what it once read: it says what has
//! changed ([`Change`]), and that is applied to the document as it is by then.
//!
//! # Example
//!
//! ```
//! use entrada_core::cache::accounts::AccountCache;
//!
//! let kept = br#"{
//!     "Account": {"u.t-login.windows.net-t": {"home_account_id": "u.t", "environment": "login.windows.net",
//!         "realm": "t", "local_account_id": "u", "username": "jo@contoso.com", "authority_type": "MSSTS"}},
//!     "Elsewhere": {"kept": "as it is"}
//! }"#;
//! let cache = AccountCache::parse(kept)?;
//! let accounts = cache.accounts("login.microsoftonline.com");
//! assert_eq!(accounts[0].username, "jo@contoso.com");
//! let written = cache.to_bytes();
//! assert!(String::from_utf8_lossy(written.expose()).contains("Elsewhere"));
//! # Ok::<(), entrada_core::Error>(())
//! ```

mod access;
mod account;
mod arrival;
mod authentication_record;
mod change;
mod document;
mod entry;
mod environment;
mod refresh;
mod section;
mod who;

use std::collections::BTreeMap;
use std::fmt;

pub use access::{KeptApp, WantedToken};
pub use account::Account;
pub use arrival::{AccountSource, Arrival};
pub use authentication_record::AuthenticationRecord;
pub use change::Change;
pub use refresh::KeptRefreshToken;

use entry::{Entry, Fields, Item};
use section::Section;

/// Everything that is kept of accounts and tokens in one place: the unified cache schema.
#[derive(Clone, Default)]
pub struct AccountCache {
    sections: BTreeMap<Section, BTreeMap<String, Item>>,
    rest: Fields,
}

impl AccountCache {
    /// Nothing.
    #[must_use]
    pub fn new() -> AccountCache {
        AccountCache::default()
    }

    /// The entries of a section that have the form of one, with their keys.
    fn entries(&self, section: Section) -> impl Iterator<Item = (&str, &Entry)> {
        let items = self.sections.get(&section).into_iter().flatten();
        items.filter_map(|(key, item)| Some((key.as_str(), item.entry()?)))
    }

    /// Removes the entries that are told by their fields.
    fn remove(&mut self, section: Section, unwanted: impl Fn(&Entry) -> bool) {
        if let Some(items) = self.sections.get_mut(&section) {
            items.retain(|_, item| !item.entry().is_some_and(&unwanted));
        }
    }

    /// Puts an entry in the place of the one it is the successor of, whose further fields stay; else
    /// beside the others.
    fn put(&mut self, section: Section, entry: Entry, same: impl Fn(&Entry) -> bool) {
        let items = self.sections.entry(section).or_default();
        if let Some(old) = items.values_mut().filter_map(Item::entry_mut).find(|old| same(old)) {
            old.succeed(entry);
            return;
        }
        let mut key = section.key(&entry);
        while items.contains_key(&key) {
            key.push('-');
        }
        items.insert(key, Item::Entry(entry));
    }
}

impl fmt::Debug for AccountCache {
    /// How many entries there are; they are secrets, or say who somebody is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("AccountCache");
        for (section, items) in &self.sections {
            debug.field(section.name(), &items.len());
        }
        debug.finish_non_exhaustive()
    }
}
