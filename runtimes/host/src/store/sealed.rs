//! Documents in sealed files, whose keys others keep.

use std::path::PathBuf;
use std::time::Instant;

use entrada_core::effect::{StoreFailure, StoreName};
use entrada_core::secret::SecretBytes;

use super::documents::Documents;
use super::jwe::{self, Header};
use super::keys::{Holders, Opened};
use super::vault::{LoadFailure, Vault};

/// Why nothing opens a document any more.
const LOST: &str = "its key is gone, as keys in the keyring of the kernel are when the machine restarts";

/// On Linux the files are those of Azure Identity for Go.
pub(super) struct Sealed {
    pub(super) documents: Documents,
    pub(super) holders: Holders,
}

impl Sealed {
    /// The name of the file, and of its key.
    fn file(name: &StoreName) -> String {
        let name = name.as_str();
        match cfg!(target_os = "linux") {
            // Go's has no ending where it is not for claims challenges.
            true => name.strip_suffix(".nocae").unwrap_or(name).to_owned(),
            // The bare names are those of what other libraries have encrypted by the system as a whole.
            false => format!("{name}.jwe"),
        }
    }
}

impl Vault for Sealed {
    fn load(&self, name: &StoreName, until: Instant) -> Result<Option<SecretBytes>, LoadFailure> {
        let file = Sealed::file(name);
        let Some(sealed) = self.documents.load(&file)? else { return Ok(None) };
        if sealed.is_empty() {
            return Ok(Some(sealed));
        }
        let header = Header::of(sealed.expose()).map_err(|_| LoadFailure::Damaged)?;
        let open = |key: &jwe::Key| key.open(sealed.expose()).ok();
        match self.holders.open(&file, header.lasting, until, open)? {
            Opened::Document(document) => Ok(Some(document)),
            Opened::Lost => Err(LoadFailure::Sealed(LOST)),
            Opened::Unreadable => Err(LoadFailure::Sealed("no key that is kept here opens it")),
        }
    }

    fn save(&self, name: &StoreName, bytes: &SecretBytes, until: Instant) -> Result<(), StoreFailure> {
        let file = Sealed::file(name);
        let (key, lasting) = self.holders.to_seal(&file, until)?;
        let mut iv = [0; 16];
        getrandom::fill(&mut iv).map_err(|_| jwe::no_randomness())?;
        let sealed = key
            .seal(&Header { key: key.id(), lasting }, iv, bytes)
            .map_err(|_| StoreFailure::Broken("the token cache could not be encrypted".into()))?;
        self.documents.save(&file, &sealed)
    }

    fn set_aside(&self, name: &StoreName) -> Result<String, StoreFailure> {
        self.documents.set_aside(&Sealed::file(name))
    }

    fn leftovers(&self, name: &StoreName) -> Vec<PathBuf> {
        self.documents.leftovers(&Sealed::file(name))
    }

    fn lock(&self, name: &StoreName) -> Result<PathBuf, StoreFailure> {
        self.documents.lock(&Sealed::file(name))
    }

    fn describe(&self) -> String {
        let (folder, holders) = (self.documents.folder.display(), self.holders.describe());
        format!("encrypted files in {folder}, their key {holders}")
    }
}
