//! Where documents lie, without any thought of who else is there.

use std::path::PathBuf;
use std::time::Instant;

use entrada_core::effect::{StoreFailure, StoreName};
use entrada_core::secret::SecretBytes;

/// A place for documents.
pub(super) trait Vault: Send + Sync {
    /// The document, or nothing where there is none.
    fn load(&self, name: &StoreName, until: Instant) -> Result<Option<SecretBytes>, LoadFailure>;
    /// Puts the document in the place of the one before, whole or not at all.
    fn save(&self, name: &StoreName, bytes: &SecretBytes, until: Instant) -> Result<(), StoreFailure>;
    /// Moves a document out of the way that cannot be read, and tells where to.
    fn set_aside(&self, name: &StoreName) -> Result<String, StoreFailure>;
    /// What lies beside a document and is none: what was set aside, and what writers left behind that were killed.
    fn leftovers(&self, name: &StoreName) -> Vec<PathBuf>;
    /// The file that is locked while the document is changed. Its folder exists after this.
    fn lock(&self, name: &StoreName) -> Result<PathBuf, StoreFailure>;
    /// As [`TokenStore::describe`](super::TokenStore::describe).
    fn describe(&self) -> String;
}

/// Why a document was not loaded.
pub(super) enum LoadFailure {
    /// It is there, and is not what it should be.
    Damaged,
    /// It is there, and cannot be opened here: why.
    #[cfg_attr(
        not(feature = "encrypted-store"),
        allow(dead_code, reason = "plain documents are never sealed")
    )]
    Sealed(&'static str),
    /// It could not be got at.
    Failed(StoreFailure),
}

impl From<StoreFailure> for LoadFailure {
    fn from(failure: StoreFailure) -> LoadFailure {
        LoadFailure::Failed(failure)
    }
}

/// What went wrong with a file, without its path.
pub(super) fn failed(error: &std::io::Error) -> StoreFailure {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => StoreFailure::Denied,
        kind => StoreFailure::Broken(kind.to_string().into()),
    }
}
