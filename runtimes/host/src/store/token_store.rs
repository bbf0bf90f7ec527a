//! Keeping documents of accounts and tokens.

use std::sync::Arc;

use entrada_core::effect::{StoreAction, StoreFailure, StoreName};
use entrada_core::secret::SecretBytes;
use entrada_core::time::Unix;

use super::Patience;

/// What became of an effect: the document as it is after that, or why nothing did.
pub type Stored = Result<SecretBytes, StoreFailure>;

/// Keeps documents of accounts and tokens between runs: what a driver's effect `Store` is carried out by.
///
/// Several processes may use one at the same time, other libraries' among them.
pub trait TokenStore: Send + Sync {
    /// Carries an effect out. What is read is nothing at all where there is no document, or one that cannot be
    /// read. For a change the document is read, changed and written while nobody else does; then what was
    /// written is given.
    ///
    /// # Errors
    /// As [`StoreFailure`] says; then the document is as it was.
    fn perform(&self, name: &StoreName, action: &StoreAction, now: Unix, patience: &Patience) -> Stored;

    /// Where it keeps things and how they are protected, for people: one line.
    fn describe(&self) -> String;
}

impl<S: TokenStore + ?Sized> TokenStore for Arc<S> {
    fn perform(&self, name: &StoreName, action: &StoreAction, now: Unix, patience: &Patience) -> Stored {
        (**self).perform(name, action, now, patience)
    }

    fn describe(&self) -> String {
        (**self).describe()
    }
}

/// Who is told, for people, when a document cannot be read, is set aside or removed, or when something could not be
/// kept: each of it once.
pub type Warn = Arc<dyn Fn(&str) + Send + Sync>;
