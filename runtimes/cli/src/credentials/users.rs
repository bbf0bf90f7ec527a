//! People who sign in.

use std::sync::Arc;

use entrada_core::{
    BrowserOptions, Credential, Error, InteractiveBrowserCredential, UsernamePasswordCredential,
};

use super::Builder;

impl Builder<'_> {
    pub(super) fn interactive_browser(&self) -> Result<Arc<dyn Credential>, Error> {
        let mut options = BrowserOptions::default().within(self.setup.limit(true));
        if let Some(uri) = &self.args.redirect_uri {
            options = options.redirect_uri(uri)?;
        }
        if let Some(user) = &self.args.login_hint {
            options = options.login_hint(user);
        }
        if let Some(domain) = &self.args.domain_hint {
            options = options.domain_hint(domain);
        }
        if let Some(prompt) = &self.args.prompt {
            options = options.prompt(Some(prompt));
        }
        Ok(Arc::new(InteractiveBrowserCredential::of(self.public_client()?).with(options)))
    }

    pub(super) fn username_password(&self) -> Result<Arc<dyn Credential>, Error> {
        let name = self.args.username.as_deref().or_else(|| self.variable("AZURE_USERNAME"));
        let password = self.secret(self.args.password_file.as_ref(), "AZURE_PASSWORD")?;
        let (Some(name), Some(password)) = (name, &password) else {
            let missing = [
                (name.is_none(), "--username or AZURE_USERNAME"),
                (password.is_none(), "--password-file or AZURE_PASSWORD"),
            ];
            return Err(self.missing("username-password", &missing));
        };
        let credential = UsernamePasswordCredential::of(self.public_client()?, name, password.clone())?;
        let hosts = self.args.trust_federation.iter();
        Ok(Arc::new(hosts.fold(credential, |credential, host| match host.as_str() {
            "*" => credential.trusting_any_federation(),
            host => credential.trusting_federation(host),
        })))
    }
}
