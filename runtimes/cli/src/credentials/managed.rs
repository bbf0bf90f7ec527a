//! The identity of this machine.

use std::sync::Arc;

use entrada_core::flows::managed::Source;
use entrada_core::{Credential, Error, ExpectedIdentity, ManagedIdentityCredential, ManagedIdentityId};

use super::Builder;

impl Builder<'_> {
    /// Whether a managed identity may give no person's token.
    pub(super) fn refuses_to_guess(&self) -> bool {
        self.args.refuse_to_guess || self.args.expect_identity == Some(ExpectedIdentity::App)
    }

    pub(super) fn managed_identity(&self) -> Result<Arc<dyn Credential>, Error> {
        let credential = self.managed(self.args.identity.clone().unwrap_or_default())?;
        Ok(if self.several { Arc::new(credential.probing()) } else { Arc::new(credential) })
    }

    pub(super) fn managed(&self, identity: ManagedIdentityId) -> Result<ManagedIdentityCredential, Error> {
        let credential = ManagedIdentityCredential::new(&self.setup.environment, identity);
        // Nobody else asks an authority.
        let credential = match credential.source() {
            Ok(Source::WorkloadIdentity { .. }) => {
                credential.at(&self.setup.authority(&self.args.authority)?)
            }
            _ => credential,
        };
        Ok(if self.refuses_to_guess() { credential.refusing_to_guess() } else { credential })
    }
}
