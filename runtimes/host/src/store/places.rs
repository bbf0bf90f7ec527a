//! Which store there is on this machine.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use entrada_core::effect::StoreFailure;
use entrada_core::environment::Environment;

use super::documents::Documents;
#[cfg(all(any(target_os = "linux", target_os = "macos", windows), feature = "encrypted-store"))]
use super::keys::{Holders, Unheld};
use super::plain::Plain;
#[cfg(all(any(target_os = "linux", target_os = "macos", windows), feature = "encrypted-store"))]
use super::sealed::Sealed;
use super::turns::Turns;
use super::{TokenStore, Warn};

/// How tokens are to be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protection {
    /// In encrypted files, their key wherever this machine has a place for it; not at all where it has none.
    #[default]
    Encrypted,
    /// The same, with the key in the keyring of the system and nowhere else.
    Keyring,
    /// The same, with the key in the keyring of the Linux kernel and nowhere else, until the machine restarts.
    Kernel,
    /// In files that are not encrypted, readable by this user alone. Whoever reads the files, a backup of
    /// them included, is signed in.
    Plaintext,
}

/// Where tokens are kept on this machine.
#[derive(Clone)]
pub struct Places {
    environment: Environment,
    protection: Protection,
    warn: Option<Warn>,
}

impl Places {
    /// Those of this environment: `HOME`, `XDG_CACHE_HOME`, `LOCALAPPDATA`.
    #[must_use]
    pub fn of(environment: &Environment) -> Places {
        Places { environment: environment.clone(), protection: Protection::default(), warn: None }
    }

    /// The same with another protection.
    #[must_use]
    pub fn protected_by(mut self, protection: Protection) -> Places {
        self.protection = protection;
        self
    }

    /// The same, telling somebody what is the matter with it: see [`Warn`].
    #[must_use]
    pub fn warning(mut self, warn: impl Fn(&str) + Send + Sync + 'static) -> Places {
        self.warn = Some(Arc::new(warn));
        self
    }

    /// The store. What was chosen, [`TokenStore::describe`] says.
    ///
    /// | system | encrypted files | their key | plaintext |
    /// |---|---|---|---|
    /// | Linux | `$XDG_CACHE_HOME/.IdentityService`, else `~/.cache/.IdentityService`: the cache of Azure Identity for Go | in the keyring of the desktop (Secret Service) where a session bus exists and a keyring answers on it, with the feature `secret-service`; and in the keyring of the kernel, until the machine restarts | `~/.IdentityService`: that of Azure Identity for Python and of MSAL's extensions where they may leave it unencrypted |
    /// | macOS | `~/.IdentityService` | in the Keychain | the same |
    /// | Windows | `%LOCALAPPDATA%\.IdentityService` | in the Credential Manager, which DPAPI protects | the same |
    ///
    /// The kernel is asked first. Where it has the key, the desktop is not asked before something is to be
    /// written, which gives it the key if it lacks it. What is locked stays as it is: a document whose key
    /// cannot be had just now is neither read nor replaced.
    ///
    /// # Errors
    /// `Unavailable`, saying why nothing can be kept here.
    pub fn open(&self) -> Result<Arc<dyn TokenStore>, StoreFailure> {
        match self.protection {
            Protection::Plaintext => {
                let documents = Documents { folder: self.service_folder()? };
                Ok(Arc::new(Turns::new(Plain(documents), self.warn.clone())))
            }
            _ => self.open_encrypted(),
        }
    }

    #[cfg(all(any(target_os = "linux", target_os = "macos", windows), feature = "encrypted-store"))]
    fn open_encrypted(&self) -> Result<Arc<dyn TokenStore>, StoreFailure> {
        let unwanted = |what: &str| Unheld::Absent(format!("{what} is not to be used").into());
        let near = match self.protection {
            Protection::Keyring => Err(unwanted("the keyring of the kernel")),
            _ => holders::near(),
        };
        let lasting = match self.protection {
            Protection::Kernel => Err(unwanted("the keyring of the system")),
            _ => holders::lasting(&self.environment),
        };
        let vault = Sealed {
            holders: Holders::new(near, lasting)?,
            documents: Documents { folder: self.sealed_folder()? },
        };
        Ok(Arc::new(Turns::new(vault, self.warn.clone())))
    }

    #[cfg(not(all(any(target_os = "linux", target_os = "macos", windows), feature = "encrypted-store")))]
    fn open_encrypted(&self) -> Result<Arc<dyn TokenStore>, StoreFailure> {
        Err(StoreFailure::Unavailable(UNENCRYPTED.into()))
    }

    /// The folder of sealed files.
    #[cfg(all(target_os = "linux", feature = "encrypted-store"))]
    fn sealed_folder(&self) -> Result<PathBuf, StoreFailure> {
        let folder = match self.path("XDG_CACHE_HOME") {
            Some(folder) => folder,
            None => self.own()?.join(".cache"),
        };
        Ok(folder.join(FOLDER))
    }

    #[cfg(all(any(target_os = "macos", windows), feature = "encrypted-store"))]
    fn sealed_folder(&self) -> Result<PathBuf, StoreFailure> {
        self.service_folder()
    }

    /// The folder of the Azure Identity libraries.
    fn service_folder(&self) -> Result<PathBuf, StoreFailure> {
        Ok(self.own()?.join(FOLDER))
    }

    /// The folder of the user's that files of programs go into.
    fn own(&self) -> Result<PathBuf, StoreFailure> {
        let variable = if cfg!(windows) { "LOCALAPPDATA" } else { "HOME" };
        self.path(variable).ok_or_else(|| {
            let why = format!("there is no home folder: {variable} is not set to an absolute path");
            StoreFailure::Unavailable(why.into())
        })
    }

    fn path(&self, variable: &str) -> Option<PathBuf> {
        self.environment.get(variable).map(PathBuf::from).filter(|path| path.is_absolute())
    }
}

/// Why there are no encrypted files, and what helps.
#[cfg(not(feature = "encrypted-store"))]
const UNENCRYPTED: &str = "this build cannot keep tokens encrypted: enable the feature `encrypted-store`, or choose plaintext by name";
#[cfg(all(not(any(target_os = "linux", target_os = "macos", windows)), feature = "encrypted-store"))]
const UNENCRYPTED: &str = "tokens cannot be kept encrypted on this system: choose plaintext by name";

/// Where Microsoft's libraries keep tokens, below a folder of the user's.
const FOLDER: &str = ".IdentityService";

/// Who keeps keys on this system.
#[cfg(all(target_os = "linux", feature = "encrypted-store"))]
mod holders {
    use entrada_core::environment::Environment;

    use super::super::kernel::Kernel;
    use super::super::keys::{Holder, Unheld};

    pub(super) fn near() -> Result<Box<dyn Holder>, Unheld> {
        Ok(Box::new(Kernel::open()?))
    }

    #[cfg(feature = "secret-service")]
    pub(super) fn lasting(environment: &Environment) -> Result<Box<dyn Holder>, Unheld> {
        Ok(Box::new(super::super::secret_service::SecretService::of(environment)?))
    }

    #[cfg(not(feature = "secret-service"))]
    pub(super) fn lasting(_: &Environment) -> Result<Box<dyn Holder>, Unheld> {
        Err(Unheld::Absent("this build does not ask the keyring of a desktop".into()))
    }
}

#[cfg(all(any(target_os = "macos", windows), feature = "encrypted-store"))]
mod holders {
    use entrada_core::environment::Environment;

    use super::super::keys::{Holder, Unheld};
    use super::super::system_keyring::SystemKeyring;

    pub(super) fn near() -> Result<Box<dyn Holder>, Unheld> {
        Err(Unheld::Absent("this system has no keyring of the kernel".into()))
    }

    pub(super) fn lasting(_: &Environment) -> Result<Box<dyn Holder>, Unheld> {
        Ok(Box::new(SystemKeyring))
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places").field("protection", &self.protection).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(feature = "encrypted-store")))]
mod tests {
    use super::*;

    #[test]
    fn a_build_without_encryption_says_what_helps() {
        let environment: Environment =
            [("HOME", "/nowhere"), ("LOCALAPPDATA", "/nowhere")].into_iter().collect();
        let why =
            Places::of(&environment).open().err().map(|failure| failure.to_string()).unwrap_or_default();
        assert!(why.contains("encrypted-store") && why.contains("plaintext"), "{why}");
    }
}
