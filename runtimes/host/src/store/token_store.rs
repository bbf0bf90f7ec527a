//! Keeping documents of accounts and tokens, each changed by one process at a time.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use entrada_core::cache::accounts::{AccountCache, Change};
use entrada_core::effect::{StoreAction, StoreFailure, StoreName};
use entrada_core::secret::SecretBytes;
use entrada_core::time::Unix;

use super::lock::{FileLock, LockFailure};

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
    fn perform(
        &self,
        name: &StoreName,
        action: &StoreAction,
        now: Unix,
        limit: Duration,
    ) -> Result<SecretBytes, StoreFailure>;

    /// Where it keeps things and how they are protected, for people: one line.
    fn describe(&self) -> String;
}

impl<S: TokenStore + ?Sized> TokenStore for Arc<S> {
    fn perform(
        &self,
        name: &StoreName,
        action: &StoreAction,
        now: Unix,
        limit: Duration,
    ) -> Result<SecretBytes, StoreFailure> {
        (**self).perform(name, action, now, limit)
    }

    fn describe(&self) -> String {
        (**self).describe()
    }
}

/// Where documents lie, without any thought of who else is there.
pub(super) trait Vault: Send + Sync {
    /// The document, or nothing where there is none, or none that anybody can read any more.
    fn load(&self, name: &StoreName) -> Result<Option<SecretBytes>, LoadFailure>;
    /// Puts the document in the place of the one before, whole or not at all.
    fn save(&self, name: &StoreName, bytes: &SecretBytes) -> Result<(), StoreFailure>;
    /// Moves a document out of the way that cannot be read, and tells where to.
    fn set_aside(&self, name: &StoreName) -> Result<String, StoreFailure>;
    /// The file that is locked while the document is changed. Its folder exists after this.
    fn lock(&self, name: &StoreName) -> Result<PathBuf, StoreFailure>;
    /// As [`TokenStore::describe`].
    fn describe(&self) -> String;
}

/// Why a document was not loaded.
pub(super) enum LoadFailure {
    /// It is there, and is not what it should be.
    Damaged,
    /// It could not be got at.
    Failed(StoreFailure),
}

impl From<StoreFailure> for LoadFailure {
    fn from(failure: StoreFailure) -> LoadFailure {
        LoadFailure::Failed(failure)
    }
}

/// Who is told when a document had to be set aside.
pub type Warn = Arc<dyn Fn(&str) + Send + Sync>;

/// A vault, with everybody taking turns.
pub(super) struct Turns<V> {
    pub(super) vault: V,
    pub(super) warn: Option<Warn>,
}

impl<V: Vault> Turns<V> {
    fn locked(&self, name: &StoreName, until: Instant) -> Result<FileLock, StoreFailure> {
        FileLock::take(&self.vault.lock(name)?, until).map_err(|failure| match failure {
            LockFailure::Held => StoreFailure::Locked,
            LockFailure::Io(error) => failed(&error),
        })
    }

    /// The document, if it is one.
    fn load(&self, name: &StoreName) -> Result<Option<SecretBytes>, LoadFailure> {
        let bytes = self.vault.load(name)?;
        match &bytes {
            Some(bytes) if AccountCache::parse(bytes.expose()).is_err() => Err(LoadFailure::Damaged),
            _ => Ok(bytes),
        }
    }

    fn read(&self, name: &StoreName, until: Instant) -> Result<SecretBytes, StoreFailure> {
        match self.load(name) {
            Ok(None) => return Ok(SecretBytes::default()),
            Ok(Some(bytes)) if !bytes.is_empty() => return Ok(bytes),
            Err(LoadFailure::Failed(failure)) => return Err(failure),
            Ok(Some(_)) | Err(LoadFailure::Damaged) => {}
        }
        // Other libraries write in place: a document may be empty, or a part, until the lock is let go.
        let _lock = self.locked(name, until)?;
        match self.load(name) {
            Ok(bytes) => Ok(bytes.unwrap_or_default()),
            Err(LoadFailure::Damaged) => Ok(SecretBytes::default()),
            Err(LoadFailure::Failed(failure)) => Err(failure),
        }
    }

    fn change(
        &self,
        name: &StoreName,
        change: &Change,
        now: Unix,
        until: Instant,
    ) -> Result<SecretBytes, StoreFailure> {
        let _lock = self.locked(name, until)?;
        let before = match self.load(name) {
            Ok(bytes) => bytes.unwrap_or_default(),
            Err(LoadFailure::Failed(failure)) => return Err(failure),
            Err(LoadFailure::Damaged) => {
                let aside = self.vault.set_aside(name)?;
                if let Some(warn) = &self.warn {
                    warn(&format!(
                        "the token cache {name} cannot be read; it was set aside ({aside}), and a new one begun"
                    ));
                }
                SecretBytes::default()
            }
        };
        let after = change
            .apply_to_bytes(before.expose(), now)
            .map_err(|_| StoreFailure::Broken("the token cache cannot be read".into()))?;
        if after.expose() != before.expose() {
            self.vault.save(name, &after)?;
        }
        Ok(after)
    }
}

impl<V: Vault> TokenStore for Turns<V> {
    fn perform(
        &self,
        name: &StoreName,
        action: &StoreAction,
        now: Unix,
        limit: Duration,
    ) -> Result<SecretBytes, StoreFailure> {
        let until = Instant::now() + limit;
        match action {
            StoreAction::Read => self.read(name, until),
            StoreAction::Change(change) => self.change(name, change, now, until),
            _ => Err(StoreFailure::Unsupported),
        }
    }

    fn describe(&self) -> String {
        self.vault.describe()
    }
}

impl<V: Vault> fmt::Debug for Turns<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TokenStore").field(&self.describe()).finish()
    }
}

/// What went wrong with a file, without its path.
pub(super) fn failed(error: &std::io::Error) -> StoreFailure {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => StoreFailure::Denied,
        kind => StoreFailure::Broken(kind.to_string().into()),
    }
}
