//! Documents, each changed by one process at a time.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use entrada_core::cache::accounts::{AccountCache, Change};
use entrada_core::effect::{StoreAction, StoreFailure, StoreName};
use entrada_core::secret::SecretBytes;
use entrada_core::time::Unix;

use super::lock::{FileLock, LockFailure};
use super::vault::{LoadFailure, Vault, failed};
use super::{Patience, Stored, TokenStore, Warn};

/// A vault, with everybody taking turns.
pub(super) struct Turns<V> {
    vault: V,
    warn: Option<Warn>,
    /// What was told, which is not told again.
    told: Mutex<BTreeSet<String>>,
    /// Documents that somebody kept locked for as long as they were waited for, and maybe still does.
    held_up: Mutex<BTreeSet<StoreName>>,
}

impl<V: Vault> Turns<V> {
    pub(super) fn new(vault: V, warn: Option<Warn>) -> Turns<V> {
        Turns { vault, warn, told: Mutex::default(), held_up: Mutex::default() }
    }

    fn tell(&self, what: String) {
        let Some(warn) = &self.warn else { return };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if !told.contains(&what) {
            warn(&what);
            told.insert(what);
        }
    }

    /// The lock of a document. Where it was waited for in vain once, it is tried and no more.
    fn locked(&self, name: &StoreName, patience: &Patience) -> Result<FileLock, StoreFailure> {
        let held_up = || self.held_up.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.vault.lock(name)?;
        let before = held_up().contains(name);
        let lock = match before {
            true => FileLock::take(&path, &Patience::none()),
            false => FileLock::take(&path, patience),
        };
        match lock {
            Ok(lock) => {
                held_up().remove(name);
                Ok(lock)
            }
            Err(LockFailure::Held) => {
                held_up().insert(name.clone());
                self.tell(format!(
                    "another program keeps the token cache {name} locked ({}); nothing is kept there meanwhile",
                    path.display()
                ));
                Err(StoreFailure::Locked)
            }
            Err(LockFailure::GivenUp) => Err(StoreFailure::Locked),
            Err(LockFailure::Io(error)) => Err(failed(&error)),
        }
    }

    /// The document, if it is one.
    fn load(&self, name: &StoreName, until: Instant) -> Result<Option<SecretBytes>, LoadFailure> {
        let bytes = self.vault.load(name, until)?;
        match &bytes {
            Some(bytes) if AccountCache::parse(bytes.expose()).is_err() => Err(LoadFailure::Damaged),
            _ => Ok(bytes),
        }
    }

    fn read(&self, name: &StoreName, patience: &Patience) -> Stored {
        match self.load(name, patience.ends()) {
            Ok(None) => return Ok(SecretBytes::default()),
            Ok(Some(bytes)) if !bytes.is_empty() => return Ok(bytes),
            Err(LoadFailure::Failed(failure)) => return Err(failure),
            Ok(Some(_)) | Err(LoadFailure::Damaged | LoadFailure::Sealed(_)) => {}
        }
        // Other libraries write in place: a document may be empty, or a part, until the lock is let go.
        let lock = match self.locked(name, patience) {
            // Nobody can be writing there, and nothing be moved.
            Err(StoreFailure::Denied) => None,
            lock => Some(lock?),
        };
        match self.load(name, patience.ends()) {
            Ok(bytes) => return Ok(bytes.unwrap_or_default()),
            Err(LoadFailure::Failed(failure)) => return Err(failure),
            // Where its key is, it may be opened yet.
            Err(LoadFailure::Sealed(why)) => self.tell(format!(
                "the token cache {name} cannot be opened, and nobody is signed in by it: {why}"
            )),
            Err(LoadFailure::Damaged) => {
                let aside = lock.as_ref().map(|_| self.vault.set_aside(name));
                self.tell(match aside {
                    Some(Ok(aside)) => {
                        format!("the token cache {name} cannot be read; it was set aside ({aside})")
                    }
                    _ => format!("the token cache {name} cannot be read; it was left where it is"),
                });
            }
        }
        Ok(SecretBytes::default())
    }

    fn change(&self, name: &StoreName, change: &Change, now: Unix, patience: &Patience) -> Stored {
        let _lock = self.locked(name, patience)?;
        let anew = |why: &str| -> Stored {
            let aside = self.vault.set_aside(name)?;
            self.tell(format!(
                "the token cache {name} {why}; it was set aside ({aside}), and a new one begun"
            ));
            Ok(SecretBytes::default())
        };
        let before = match self.load(name, patience.ends()) {
            Ok(bytes) => bytes.unwrap_or_default(),
            Err(LoadFailure::Failed(failure)) => return Err(failure),
            Err(LoadFailure::Damaged) => anew("cannot be read")?,
            Err(LoadFailure::Sealed(why)) => anew(&format!("cannot be opened: {why}"))?,
        };
        let after = change
            .apply_to_bytes(before.expose(), now)
            .map_err(|_| StoreFailure::Broken("the token cache cannot be read".into()))?;
        if after.expose() != before.expose() {
            self.vault.save(name, &after, patience.ends())?;
        }
        Ok(after)
    }

    fn forget_unreadable(&self, name: &StoreName, patience: &Patience) -> Stored {
        let legible = |loaded| match loaded {
            Ok(bytes) => Ok(Some(bytes)),
            Err(LoadFailure::Damaged | LoadFailure::Sealed(_)) => Ok(None),
            Err(LoadFailure::Failed(failure)) => Err(failure),
        };
        let before = legible(self.load(name, patience.ends()))?;
        match before {
            // Nothing is made where there is nothing to remove.
            Some(bytes) if self.vault.leftovers(name).is_empty() => return Ok(bytes.unwrap_or_default()),
            _ => {}
        }
        let _lock = self.locked(name, patience)?;
        let document = legible(self.load(name, patience.ends()))?;
        if document.is_none() {
            self.vault.set_aside(name)?;
        }
        for leftover in self.vault.leftovers(name) {
            match std::fs::remove_file(&leftover) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(&error)),
                _ => {}
            }
            let leftover = leftover.display();
            self.tell(format!("what could not be read of the token cache {name} was removed ({leftover})"));
        }
        Ok(document.flatten().unwrap_or_default())
    }
}

impl<V: Vault> TokenStore for Turns<V> {
    fn perform(&self, name: &StoreName, action: &StoreAction, now: Unix, patience: &Patience) -> Stored {
        let done = match action {
            StoreAction::Read => return self.read(name, patience),
            StoreAction::Change(change) => self.change(name, change, now, patience),
            StoreAction::ForgetUnreadable => self.forget_unreadable(name, patience),
            _ => Err(StoreFailure::Unsupported),
        };
        done.inspect_err(|failure| match failure {
            // That was told, or nobody waits any more.
            StoreFailure::Locked => {}
            failure => self.tell(format!("the token cache {name} could not be changed: {failure}")),
        })
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
