//! Tokens of service principals, kept where that was asked for.

use std::sync::Arc;

use entrada_core::{
    Credential, EntraClient, Environment, EnvironmentCredential, Error, Memory, RememberedApp,
};

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

    /// Whoever this environment describes. The tokens of a person with a password are not an app's.
    pub(super) fn described(&self, environment: &Environment) -> Result<Arc<dyn Credential>, Error> {
        self.check_named(environment)?;
        let authority = self.setup.authority_or_why(&self.args.authority)?;
        let credential = EnvironmentCredential::of(environment, &authority);
        let hosts = self.args.trust_federation.iter();
        let credential = hosts.fold(credential, |credential, host| match host.as_str() {
            "*" => credential.trusting_any_federation(),
            host => credential.trusting_federation(host),
        });
        let proof = environment.get_exact("AZURE_CLIENT_SECRET").is_some()
            || environment.get("AZURE_CLIENT_CERTIFICATE_PATH").is_some();
        let app = match (self.tenant(), self.client_id()) {
            (Some(tenant), Some(client)) if proof => self.client(tenant, client).ok(),
            _ => None,
        };
        Ok(match app {
            Some(app) => self.keeping(app, credential),
            // What is wrong with the variables, the credential says when it is asked.
            None => Arc::new(credential),
        })
    }
}
