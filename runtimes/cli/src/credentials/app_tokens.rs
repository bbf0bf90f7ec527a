//! Tokens of service principals, kept where that was asked for.

use std::sync::Arc;

use entrada_core::{Credential, EntraClient, Error, Memory, RememberedApp};

use super::Builder;

impl Builder<'_> {
    /// The credential of an app, its tokens kept if that is wanted.
    pub(super) fn keeping(
        &self,
        app: EntraClient,
        credential: impl Credential + 'static,
    ) -> Arc<dyn Credential> {
        match self.keeps_app_tokens() {
            true => Arc::new(RememberedApp::of(app, credential, Memory::shared())),
            false => Arc::new(credential),
        }
    }

    fn keeps_app_tokens(&self) -> bool {
        let said = matches!(self.variable("ENTRADA_KEEP_APP_TOKENS"), Some("1" | "true"));
        (self.args.keep_app_tokens || said) && !self.args.no_cache
    }

    /// Whom the variables describe. The tokens of a person with a password are not an app's.
    pub(super) fn environment_credential(&self) -> Result<Arc<dyn Credential>, Error> {
        let environment = self.environment()?;
        let credential = self.described(&environment)?;
        let proof = environment.get_exact("AZURE_CLIENT_SECRET").is_some()
            || environment.get("AZURE_CLIENT_CERTIFICATE_PATH").is_some();
        match (self.tenant(), self.client_id()) {
            (Some(tenant), Some(client)) if proof => {
                Ok(self.keeping(self.client(tenant, client)?, credential))
            }
            _ => Ok(Arc::new(credential)),
        }
    }
}
