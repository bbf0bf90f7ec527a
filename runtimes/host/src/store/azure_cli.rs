//! The token cache of the Azure CLI, where it is a plain file.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use entrada_core::effect::{StoreAction, StoreFailure, StoreName};
use entrada_core::environment::Environment;
use entrada_core::flows::azure_cli::config_folder;
use entrada_core::secret::SecretBytes;
use entrada_core::time::Unix;

use super::documents::Documents;
use super::turns::Turns;
use super::vault::{LoadFailure, Vault};
use super::{Patience, Stored, TokenStore};

/// A store that has the document which the Azure CLI keeps for itself ([`StoreName::azure_cli`]), for
/// `AzureCliCredential::natively`; the other documents are those of another store, if there is one.
///
/// The document is changed under the tool's own lock, and replaced whole. One that cannot be read is left
/// as it is.
pub struct AzureCliCache {
    tool: Option<Turns<ToolFile>>,
    others: Option<Arc<dyn TokenStore>>,
}

impl AzureCliCache {
    /// The one of this environment.
    #[must_use]
    pub fn of(environment: &Environment) -> AzureCliCache {
        let vault = config_folder(environment).map(|folder| ToolFile(Documents { folder }));
        AzureCliCache { tool: vault.map(|vault| Turns::new(vault, None)), others: None }
    }

    /// The same beside another store.
    #[must_use]
    pub fn beside(mut self, others: impl TokenStore + 'static) -> AzureCliCache {
        self.others = Some(Arc::new(others));
        self
    }

    fn store(&self, name: &StoreName) -> Result<&dyn TokenStore, StoreFailure> {
        let tool = self.tool.as_ref().map(|tool| tool as &dyn TokenStore);
        let store = if *name == StoreName::azure_cli() { tool } else { self.others.as_deref() };
        store.ok_or_else(|| StoreFailure::Unavailable("there is no place for it".into()))
    }
}

impl TokenStore for AzureCliCache {
    fn perform(&self, name: &StoreName, action: &StoreAction, now: Unix, patience: &Patience) -> Stored {
        self.store(name)?.perform(name, action, now, patience)
    }

    fn describe(&self) -> String {
        match (&self.others, &self.tool) {
            (Some(others), _) => others.describe(),
            (None, Some(tool)) => tool.describe(),
            (None, None) => "nowhere".to_owned(),
        }
    }
}

/// The tool's file.
struct ToolFile(Documents);

impl Vault for ToolFile {
    fn load(&self, name: &StoreName, _: Instant) -> Result<Option<SecretBytes>, LoadFailure> {
        self.0.load(name.as_str())
    }

    fn save(&self, name: &StoreName, bytes: &SecretBytes, _: Instant) -> Result<(), StoreFailure> {
        self.0.save(name.as_str(), bytes.expose())
    }

    fn set_aside(&self, _: &StoreName) -> Result<String, StoreFailure> {
        Err(StoreFailure::Broken("the token cache of the Azure CLI cannot be read".into()))
    }

    /// What the tool leaves behind is its own too.
    fn leftovers(&self, _: &StoreName) -> Vec<PathBuf> {
        Vec::new()
    }

    fn lock(&self, name: &StoreName) -> Result<PathBuf, StoreFailure> {
        self.0.lock(name.as_str())
    }

    fn describe(&self) -> String {
        format!("the Azure CLI's own token cache in {}", self.0.folder.display())
    }
}

impl fmt::Debug for AzureCliCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AzureCliCache").field(&self.describe()).finish()
    }
}
