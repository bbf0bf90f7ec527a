//! Documents as they are, in files that only their owner may read.

use std::path::PathBuf;
use std::time::Instant;

use entrada_core::effect::{StoreFailure, StoreName};
use entrada_core::secret::SecretBytes;

use super::documents::Documents;
use super::vault::{LoadFailure, Vault};

/// Files that are not encrypted. On Linux they lie where MSAL's extensions for Python look for such.
pub(super) struct Plain(pub(super) Documents);

impl Plain {
    fn file(name: &StoreName) -> String {
        // Elsewhere the bare name is that of what other libraries encrypt.
        if cfg!(target_os = "linux") { name.to_string() } else { format!("{name}.json") }
    }
}

impl Vault for Plain {
    fn load(&self, name: &StoreName, _: Instant) -> Result<Option<SecretBytes>, LoadFailure> {
        self.0.load(&Plain::file(name))
    }

    fn save(&self, name: &StoreName, bytes: &SecretBytes, _: Instant) -> Result<(), StoreFailure> {
        self.0.save(&Plain::file(name), bytes.expose())
    }

    fn set_aside(&self, name: &StoreName) -> Result<String, StoreFailure> {
        self.0.set_aside(&Plain::file(name))
    }

    fn leftovers(&self, name: &StoreName) -> Vec<PathBuf> {
        self.0.leftovers(&Plain::file(name))
    }

    fn lock(&self, name: &StoreName) -> Result<PathBuf, StoreFailure> {
        self.0.lock(&Plain::file(name))
    }

    fn describe(&self) -> String {
        format!("plain files in {}, NOT encrypted, readable by this user alone", self.0.folder.display())
    }
}
