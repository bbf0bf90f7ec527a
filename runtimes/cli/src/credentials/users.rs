//! People who sign in.

use std::sync::Arc;

use entrada_core::flows::silent::{Memory, Remembered, SignIn};
use entrada_core::{
    BrowserOptions, Credential, DeviceCodeCredential, EntraClient, Error, InteractiveBrowserCredential,
    SharedTokenCacheCredential, UsernamePasswordCredential,
};

use super::Builder;
use crate::args::{CredentialArgs, CredentialName};

/// Whether the options say whose account is meant.
pub(crate) fn names_somebody(args: &CredentialArgs) -> bool {
    args.username.is_some() || args.login_hint.is_some() || args.record.is_some()
}

impl Builder<'_> {
    /// Whose account is meant, of those that are kept.
    pub(super) fn memory(&self) -> Memory {
        let memory = match &self.args.record {
            Some(record) => Memory::shared().of_record(record),
            None => Memory::shared(),
        };
        match self.args.login_hint.as_deref().or(self.args.username.as_deref()) {
            Some(user) => memory.of_user(user),
            None => memory,
        }
    }

    fn kept_if_wanted(&self, sign_in: impl SignIn + 'static) -> Arc<dyn Credential> {
        let remembered = |sign_in| Remembered::of(sign_in, self.memory());
        match (self.args.no_cache, self.args.prompt.as_deref()) {
            (true, _) => Arc::new(sign_in),
            (false, None | Some("none")) => Arc::new(remembered(sign_in)),
            // Whoever says what is to be asked wants it asked.
            (false, Some(_)) => Arc::new(remembered(sign_in).asking_anew()),
        }
    }

    pub(super) fn device_code(&self) -> Result<DeviceCodeCredential, Error> {
        Ok(DeviceCodeCredential::of(self.public_client()?))
    }

    pub(super) fn remembered_device_code(&self) -> Result<Arc<dyn Credential>, Error> {
        Ok(self.kept_if_wanted(self.device_code()?))
    }

    pub(super) fn remembered_browser(&self) -> Result<Arc<dyn Credential>, Error> {
        Ok(self.kept_if_wanted(self.interactive_browser()?))
    }

    pub(super) fn shared_cache(&self) -> Result<SharedTokenCacheCredential, Error> {
        Ok(SharedTokenCacheCredential::of(self.public_client()?, self.kept_memory()))
    }

    /// Whose account is meant among those that are kept: an option says it, else a variable.
    pub(super) fn kept_memory(&self) -> Memory {
        match (names_somebody(self.args), self.variable("AZURE_USERNAME")) {
            (false, Some(user)) => self.memory().of_user(user),
            _ => self.memory(),
        }
    }

    /// That of the default chain, which is no app's of one's own: `AZURE_CLIENT_ID` may name a managed identity.
    pub(super) fn browser_of_chain(&self) -> Result<Arc<dyn Credential>, Error> {
        let shared = EntraClient::developer()?;
        let tenant = self.tenant().unwrap_or_else(|| shared.tenant().as_str());
        Ok(self.kept_if_wanted(self.browser(self.client(tenant, shared.client_id())?)?))
    }

    pub(super) fn interactive_browser(&self) -> Result<InteractiveBrowserCredential, Error> {
        self.browser(self.public_client()?)
    }

    fn browser(&self, app: EntraClient) -> Result<InteractiveBrowserCredential, Error> {
        let mut options = BrowserOptions::default().within(self.setup.limit(true));
        if let Some(uri) = &self.args.redirect_uri {
            options = options.redirect_uri(uri)?;
        }
        let recorded = self.args.record.as_ref().map(|record| &record.username);
        if let Some(user) = self.args.login_hint.as_ref().or(recorded) {
            options = options.login_hint(user);
        }
        if let Some(domain) = &self.args.domain_hint {
            options = options.domain_hint(domain);
        }
        if let Some(prompt) = &self.args.prompt {
            options = options.prompt(Some(prompt));
        }
        Ok(InteractiveBrowserCredential::of(app).with(options))
    }

    pub(super) fn username_password(&self) -> Result<Arc<dyn Credential>, Error> {
        let name = self.args.username.as_deref().or_else(|| self.variable("AZURE_USERNAME"));
        let password = self.secret(self.args.password_file.as_ref(), "AZURE_PASSWORD")?;
        let (Some(name), Some(password)) = (name, &password) else {
            let missing = [
                (name.is_none(), "--username or AZURE_USERNAME"),
                (password.is_none(), "--password-file or AZURE_PASSWORD"),
            ];
            return Err(self.missing(CredentialName::UsernamePassword, &missing));
        };
        let credential =
            UsernamePasswordCredential::of(self.proven(self.public_client()?)?, name, password.clone())?;
        let hosts = self.args.trust_federation.iter();
        Ok(Arc::new(hosts.fold(credential, |credential, host| match host.as_str() {
            "*" => credential.trusting_any_federation(),
            host => credential.trusting_federation(host),
        })))
    }
}
