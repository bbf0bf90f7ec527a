//! Reading what is kept of accounts and tokens, and changing it.

use std::borrow::Cow;
use std::fmt;

use super::{Outcome, Reply, Ticket};
use crate::cache::accounts::Change;
use crate::error::{Error, ErrorKind};
use crate::secret::SecretBytes;
use crate::time::Mono;

/// The name of one document of accounts and tokens: it becomes the name of a file, or of an entry of a
/// keyring.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreName(String);

impl StoreName {
    /// The document of this name.
    ///
    /// # Errors
    /// `Configuration` when the name has other characters than letters, digits, `.`, `_` and `-`, or begins
    /// with one that is no letter or digit, or is longer than 100.
    pub fn new(name: impl Into<String>) -> Result<StoreName, Error> {
        let name = name.into();
        let legal = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if legal && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.len() <= 100 {
            return Ok(StoreName(name));
        }
        Err(Error::new(
            ErrorKind::Configuration,
            "the name of a token cache takes letters, digits, '.', '_' and '-' only",
        ))
    }

    /// The document that the Azure Identity libraries share, unless they are told otherwise: `msal.cache`.
    #[must_use]
    pub fn shared() -> StoreName {
        StoreName("msal.cache".to_owned())
    }

    /// The document that the Azure CLI keeps for itself, in its own folder: `msal_token_cache.json`. A
    /// store that does not know that folder has no such document.
    #[must_use]
    pub fn azure_cli() -> StoreName {
        StoreName("msal_token_cache.json".to_owned())
    }

    /// The part of the document for clients that can answer claims challenges, or for those that cannot:
    /// a token of the one kind is of no use to the other.
    #[must_use]
    pub(crate) fn for_cae(&self, cae: bool) -> StoreName {
        StoreName(format!("{}{}", self.0, if cae { ".cae" } else { ".nocae" }))
    }

    /// Both parts of the document.
    #[must_use]
    pub fn parts(&self) -> [StoreName; 2] {
        [self.for_cae(false), self.for_cae(true)]
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StoreName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What to do with a document.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StoreAction {
    /// Read it.
    Read,
    /// Change it: read it anew, apply the change, write it, while nobody else does.
    Change(Box<Change>),
    /// Remove what cannot be read: the document itself where it cannot be, and whatever was set aside of it before. A
    /// document that can be read stays.
    ForgetUnreadable,
}

/// A document of accounts and tokens to read or to change. The reply is the document, as it is after
/// that; nothing at all where there is none.
#[derive(Debug)]
pub struct UseStore {
    pub(crate) name: StoreName,
    pub(crate) action: StoreAction,
    pub(crate) deadline: Mono,
    pub(crate) ticket: Ticket,
}

impl UseStore {
    /// Which document.
    #[must_use]
    pub fn name(&self) -> &StoreName {
        &self.name
    }

    /// What to do with it.
    #[must_use]
    pub fn action(&self) -> &StoreAction {
        &self.action
    }

    /// What to do, and the ticket to answer with.
    #[must_use]
    pub fn split(self) -> (StoreName, StoreAction, StoreTicket) {
        (self.name, self.action, StoreTicket(self.ticket))
    }

    pub(super) fn summary(&self) -> String {
        match &self.action {
            StoreAction::Read => format!("look into the token cache {}", self.name),
            StoreAction::Change(change) => format!("{} the token cache {}", change.summary(), self.name),
            StoreAction::ForgetUnreadable => {
                format!("remove what cannot be read of the token cache {}", self.name)
            }
        }
    }
}

/// Answers one [`UseStore`].
#[derive(Debug)]
#[must_use]
pub struct StoreTicket(Ticket);

impl StoreTicket {
    /// The reply: the document, or why there is none.
    pub fn reply(self, result: Result<SecretBytes, StoreFailure>) -> Reply {
        Reply { ticket: self.0, outcome: Outcome::Stored(result) }
    }
}

/// Why a document could not be read or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreFailure {
    /// Nothing can be kept here, or not safely; why, in words of one's own, without a secret.
    Unavailable(Cow<'static, str>),
    /// This user may not read it, or not write it.
    Denied,
    /// Another program kept it locked for too long.
    Locked,
    /// It took too long.
    TimedOut,
    /// Reading or writing failed in another way.
    Broken(Cow<'static, str>),
    /// The driver keeps nothing.
    Unsupported,
    /// The reply was of another kind.
    Mismatch,
}

impl std::error::Error for StoreFailure {}

impl fmt::Display for StoreFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StoreFailure::Unavailable(why) | StoreFailure::Broken(why) => why,
            StoreFailure::Denied => "this user may not read or write it",
            StoreFailure::Locked => "another program keeps it locked",
            StoreFailure::TimedOut => "it took too long",
            StoreFailure::Unsupported => "this driver keeps nothing",
            StoreFailure::Mismatch => "the reply is not that of a token cache",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_fit_for_files() {
        for good in ["msal.cache", "a", "my-tool_2.cache"] {
            assert_eq!(StoreName::new(good).unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", ".hidden", "a/b", "a\\b", "a b", "é", "a\0", "-x", &"a".repeat(101)] {
            assert!(StoreName::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            StoreName::shared().parts().map(|part| part.to_string()),
            ["msal.cache.nocae", "msal.cache.cae"]
        );
    }
}
