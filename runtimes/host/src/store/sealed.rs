//! Documents in sealed files, with the key in the keyring of the kernel.

use std::path::PathBuf;

use entrada_core::effect::{StoreFailure, StoreName};
use entrada_core::secret::SecretBytes;

use super::documents::Documents;
use super::kernel::Kernel;
use super::token_store::{LoadFailure, Vault};

/// The files of Azure Identity for Go.
pub(super) struct Sealed {
    pub(super) documents: Documents,
    pub(super) kernel: Kernel,
}

impl Sealed {
    /// The name of the file, and of its key: Go's has no ending where it is not for claims challenges.
    fn file(name: &StoreName) -> &str {
        let name = name.as_str();
        name.strip_suffix(".nocae").unwrap_or(name)
    }
}

impl Vault for Sealed {
    fn load(&self, name: &StoreName) -> Result<Option<SecretBytes>, LoadFailure> {
        let file = Sealed::file(name);
        let Some(sealed) = self.documents.load(file)? else { return Ok(None) };
        if sealed.is_empty() {
            return Ok(Some(sealed));
        }
        // Without its key it is nothing but noise: the machine was restarted since.
        let Some((key, _)) = self.kernel.key(file)? else { return Ok(None) };
        key.open(sealed.expose()).map(Some).map_err(|_| LoadFailure::Damaged)
    }

    fn save(&self, name: &StoreName, bytes: &SecretBytes) -> Result<(), StoreFailure> {
        let file = Sealed::file(name);
        let (key, number) = self.kernel.key_or_new(file)?;
        let mut iv = [0; 16];
        getrandom::fill(&mut iv)
            .map_err(|_| StoreFailure::Broken("the system gives no randomness".into()))?;
        let sealed = key
            .seal(&number, iv, bytes)
            .map_err(|_| StoreFailure::Broken("the token cache could not be encrypted".into()))?;
        self.documents.save(file, &sealed)
    }

    fn set_aside(&self, name: &StoreName) -> Result<String, StoreFailure> {
        self.documents.set_aside(Sealed::file(name))
    }

    fn lock(&self, name: &StoreName) -> Result<PathBuf, StoreFailure> {
        self.documents.lock(Sealed::file(name))
    }

    fn describe(&self) -> String {
        format!(
            "encrypted files in {}, their key in the keyring of the kernel until this machine restarts",
            self.documents.folder.display()
        )
    }
}
