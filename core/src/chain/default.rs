//! The default chain: what a program may try that was told nothing.

use std::sync::Arc;

use super::{Chain, DeveloperTool, EnvironmentCredential, Unusable};
use crate::authority::Authority;
use crate::environment::Environment;
use crate::error::Error;
use crate::flow::Credential;
use crate::flows::azure_cli::AzureCliCredential;
use crate::flows::managed::{ManagedIdentityCredential, ManagedIdentityId};
use crate::tenant::AdditionalTenants;

/// Builds the default chain: environment, managed identity, Azure CLI.
///
/// The members that the Azure libraries have besides these are not built yet.
#[derive(Debug)]
pub struct DefaultChain {
    links: [Arc<dyn Credential>; 3],
}

impl DefaultChain {
    /// The chain for this environment, at this authority. A member that cannot be set up does not
    /// keep the chain from being built; it says why when its turn comes.
    #[must_use]
    pub fn new(environment: &Environment, authority: &Authority) -> DefaultChain {
        let managed = match environment.get("AZURE_CLIENT_ID").map(ManagedIdentityId::client_id) {
            None => usable(
                ManagedIdentityCredential::new(environment, ManagedIdentityId::SystemAssigned).probing(),
            ),
            Some(Ok(id)) => {
                usable(ManagedIdentityCredential::new(environment, id).probing().named_by_environment())
            }
            Some(Err(error)) => {
                let error = error.as_kind(crate::ErrorKind::Unavailable);
                usable(Unusable::new("managed-identity", error))
            }
        };
        let cli = AzureCliCredential::new()
            .in_zone(environment.zone())
            .allowing(AdditionalTenants::from_environment(environment));
        DefaultChain {
            links: [
                usable(EnvironmentCredential::new(environment, authority)),
                managed,
                usable(DeveloperTool(cli)),
            ],
        }
    }

    /// The same with this managed identity in place of the usual one.
    #[must_use]
    pub fn managed_identity(mut self, credential: ManagedIdentityCredential) -> DefaultChain {
        self.links[1] = usable(credential);
        self
    }

    /// The same with the Azure CLI asked in this way.
    #[must_use]
    pub fn azure_cli(mut self, credential: AzureCliCredential) -> DefaultChain {
        self.links[2] = usable(DeveloperTool(credential));
        self
    }

    /// The chain.
    ///
    /// # Errors
    /// `Configuration` when no member is left.
    pub fn build(self) -> Result<Chain, Error> {
        Chain::named("default", self.links.into())
    }
}

fn usable(credential: impl Credential + 'static) -> Arc<dyn Credential> {
    Arc::new(credential)
}
