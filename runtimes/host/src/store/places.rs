//! Which store there is on this machine.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use entrada_core::effect::StoreFailure;
use entrada_core::environment::Environment;

use super::documents::Documents;
use super::plain::Plain;
use super::token_store::{TokenStore, Turns, Warn};

/// How tokens are to be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protection {
    /// Encrypted, by what this machine has for that; not at all where it has nothing.
    #[default]
    Encrypted,
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

    /// The same, telling somebody when a document that cannot be read is set aside.
    #[must_use]
    pub fn warning(mut self, warn: impl Fn(&str) + Send + Sync + 'static) -> Places {
        self.warn = Some(Arc::new(warn));
        self
    }

    /// The store. What was chosen, [`TokenStore::describe`] says.
    ///
    /// | system | encrypted | plaintext |
    /// |---|---|---|
    /// | Linux | `$XDG_CACHE_HOME/.IdentityService`, else `~/.cache/.IdentityService`, with a key in the keyring of the kernel: the cache of Azure Identity for Go | `~/.IdentityService`: that of Azure Identity for Python and of MSAL's extensions where they may leave it unencrypted |
    /// | others | none yet | `~/.IdentityService`; on Windows `%LOCALAPPDATA%\.IdentityService` |
    ///
    /// # Errors
    /// `Unavailable`, saying why nothing can be kept here.
    pub fn open(&self) -> Result<Arc<dyn TokenStore>, StoreFailure> {
        match self.protection {
            Protection::Plaintext => {
                let documents = Documents { folder: self.service_folder()? };
                Ok(Arc::new(Turns { vault: Plain(documents), warn: self.warn.clone() }))
            }
            Protection::Encrypted => self.open_encrypted(),
        }
    }

    #[cfg(all(target_os = "linux", feature = "encrypted-store"))]
    fn open_encrypted(&self) -> Result<Arc<dyn TokenStore>, StoreFailure> {
        let kernel = super::kernel::Kernel::open()?;
        let folder = match self.path("XDG_CACHE_HOME") {
            Some(folder) => folder,
            None => self.own()?.join(".cache"),
        };
        let vault = super::sealed::Sealed { documents: Documents { folder: folder.join(FOLDER) }, kernel };
        Ok(Arc::new(Turns { vault, warn: self.warn.clone() }))
    }

    #[cfg(not(all(target_os = "linux", feature = "encrypted-store")))]
    fn open_encrypted(&self) -> Result<Arc<dyn TokenStore>, StoreFailure> {
        Err(StoreFailure::Unavailable("this build has no way to keep tokens encrypted on this system".into()))
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

/// Where Microsoft's libraries keep tokens, below a folder of the user's.
const FOLDER: &str = ".IdentityService";

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places").field("protection", &self.protection).finish_non_exhaustive()
    }
}
