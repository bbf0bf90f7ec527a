//! From names and options to credentials.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use entrada_core::{
    AdditionalTenants, AzureCliCredential, BrowserOptions, Chain, ClientSecretCredential, Credential,
    DefaultChain, DeviceCodeCredential, EntraClient, EnvironmentCredential, Error, ErrorKind,
    InteractiveBrowserCredential, ManagedIdentityCredential, ManagedIdentityId, Secret, Tenant,
};

use crate::args::{CredentialArgs, CredentialName};
use crate::setup::Setup;

/// The credential that the options name: one, or a chain of several.
fn build(
    setup: &Setup,
    args: &CredentialArgs,
    subscription: Option<&str>,
) -> Result<Arc<dyn Credential>, Error> {
    let builder = Builder { setup, args, subscription, several: args.credential.len() > 1 };
    match args.credential.as_slice() {
        [name] => builder.one(*name),
        names => {
            let links = names.iter().map(|name| builder.link(*name)).collect::<Result<_, _>>()?;
            Ok(Arc::new(Chain::new(links)?))
        }
    }
}

/// The credential that the options name, with the driver and the limits of the command.
pub(crate) fn connected(
    setup: &Setup,
    args: &CredentialArgs,
    subscription: Option<&str>,
) -> Result<entrada_blocking::Credential, Error> {
    let interactive = args.credential.iter().any(|name| name.is_interactive());
    let built = build(setup, args, subscription)?;
    let connected =
        entrada_blocking::Credential::with_driver(built, &setup.driver).within(setup.limit(interactive));
    // Whatever can be cut off at any moment runs on this thread alone, which is quicker to start.
    match args.credential.iter().any(|name| name.leaves_something()) {
        true => Ok(connected.cancelled_by(setup.interrupts.cancel())),
        false => Ok(connected),
    }
}

struct Builder<'a> {
    setup: &'a Setup,
    args: &'a CredentialArgs,
    subscription: Option<&'a str>,
    several: bool,
}

impl Builder<'_> {
    /// A member of a chain: one that was told nothing of is absent, not an error.
    fn link(&self, name: CredentialName) -> Result<Arc<dyn Credential>, Error> {
        match self.one(name) {
            Err(error) if error.is_unavailable() => {
                Ok(Arc::new(entrada_core::chain::Unusable::new(label(name), error)))
            }
            result => result,
        }
    }

    fn one(&self, name: CredentialName) -> Result<Arc<dyn Credential>, Error> {
        let environment = &self.setup.environment;
        Ok(match name {
            CredentialName::Default => {
                Arc::new(DefaultChain::new(environment, &self.setup.authority(self.args)?).build()?)
            }
            CredentialName::Environment => {
                Arc::new(EnvironmentCredential::new(environment, &self.setup.authority(self.args)?))
            }
            CredentialName::ClientSecret => self.client_secret()?,
            CredentialName::ManagedIdentity => self.managed_identity()?,
            CredentialName::InteractiveBrowser => self.interactive_browser()?,
            CredentialName::DeviceCode => Arc::new(DeviceCodeCredential::of(self.public_client()?)),
            CredentialName::AzureCli => self.azure_cli()?,
        })
    }

    fn tenant(&self) -> Option<&str> {
        self.args.tenant_id.as_deref().or_else(|| self.setup.environment.get("AZURE_TENANT_ID"))
    }

    fn client_id(&self) -> Option<&str> {
        self.args.client_id.as_deref().or_else(|| self.setup.environment.get("AZURE_CLIENT_ID"))
    }

    fn additional(&self) -> AdditionalTenants {
        let from_environment = AdditionalTenants::from_environment(&self.setup.environment);
        self.args
            .additionally_allowed_tenant
            .iter()
            .fold(from_environment, |tenants, tenant| tenants.allow(tenant))
    }

    fn client(&self, tenant: &str, client_id: &str) -> Result<EntraClient, Error> {
        Ok(EntraClient::new(tenant, client_id)?
            .with_authority(self.setup.authority(self.args)?)
            .allowing(self.additional()))
    }

    /// The app that a person signs in to: one's own, or the one that developer tools share.
    fn public_client(&self) -> Result<EntraClient, Error> {
        let shared = EntraClient::developer()?;
        let tenant = self.tenant().unwrap_or_else(|| shared.tenant().as_str());
        let client_id = self.client_id().unwrap_or_else(|| shared.client_id());
        self.client(tenant, client_id)
    }

    fn client_secret(&self) -> Result<Arc<dyn Credential>, Error> {
        let secret = match &self.args.client_secret_file {
            Some(file) => Some(read_secret(file)?),
            None => self.setup.environment.get_exact("AZURE_CLIENT_SECRET").map(Secret::new),
        };
        match (self.tenant(), self.client_id(), secret) {
            (Some(tenant), Some(client), Some(secret)) => {
                Ok(Arc::new(ClientSecretCredential::of(self.client(tenant, client)?, secret)?))
            }
            (tenant, client, secret) => Err(self.missing(
                "client-secret",
                &[
                    (tenant.is_none(), "--tenant-id or AZURE_TENANT_ID"),
                    (client.is_none(), "--client-id or AZURE_CLIENT_ID"),
                    (secret.is_none(), "--client-secret-file or AZURE_CLIENT_SECRET"),
                ],
            )),
        }
    }

    fn missing(&self, source: &'static str, inputs: &[(bool, &str)]) -> Error {
        let missing: Vec<_> = inputs.iter().filter(|(missing, _)| *missing).map(|(_, name)| *name).collect();
        let kind = if self.several { ErrorKind::Unavailable } else { ErrorKind::Configuration };
        Error::new(kind, "not everything that is needed was given")
            .with_remedy(format!("give {}", missing.join(", and ")))
            .from_source(source)
    }

    fn managed_identity(&self) -> Result<Arc<dyn Credential>, Error> {
        let identity = match (&self.args.identity, &self.args.client_id) {
            (Some(identity), _) => identity.clone(),
            (None, Some(client_id)) => ManagedIdentityId::client_id(client_id)?,
            (None, None) => ManagedIdentityId::SystemAssigned,
        };
        let credential = ManagedIdentityCredential::new(&self.setup.environment, identity);
        Ok(if self.several { Arc::new(credential.probing()) } else { Arc::new(credential) })
    }

    fn interactive_browser(&self) -> Result<Arc<dyn Credential>, Error> {
        let mut options = BrowserOptions::default().within(self.setup.limit(true));
        if let Some(uri) = &self.args.redirect_uri {
            options = options.redirect_uri(uri)?;
        }
        if let Some(user) = &self.args.login_hint {
            options = options.login_hint(user);
        }
        Ok(Arc::new(InteractiveBrowserCredential::of(self.public_client()?).with(options)))
    }

    fn azure_cli(&self) -> Result<Arc<dyn Credential>, Error> {
        let mut credential = AzureCliCredential::new()
            .in_zone(self.setup.environment.zone())
            .allowing(self.additional())
            .within(self.setup.limit(false).min(Duration::from_secs(60)));
        if let Some(tenant) = &self.args.tenant_id {
            credential = credential.in_tenant(Tenant::new(tenant)?);
        }
        if let Some(subscription) = self.subscription {
            credential = credential.for_subscription(subscription)?;
        }
        Ok(Arc::new(credential))
    }
}

fn label(name: CredentialName) -> &'static str {
    match name {
        CredentialName::Default => "default",
        CredentialName::Environment => "environment",
        CredentialName::ClientSecret => "client-secret",
        CredentialName::ManagedIdentity => "managed-identity",
        CredentialName::InteractiveBrowser => "interactive-browser",
        CredentialName::DeviceCode => "device-code",
        CredentialName::AzureCli => "azure-cli",
    }
}

/// A secret from a file, or from standard input; one line end at its end is not part of it.
fn read_secret(file: &Path) -> Result<Secret, Error> {
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().take(64 << 10).read_to_end(&mut bytes);
        read.map_err(|_| {
            Error::new(ErrorKind::Configuration, "the secret cannot be read from standard input")
        })?;
        entrada_core::SecretBytes::new(bytes)
    } else {
        let unreadable = |why: String| {
            Error::new(
                ErrorKind::Configuration,
                format!("the secret's file {} cannot be read: {why}", file.display()),
            )
        };
        entrada_host::files::read(file, 64 << 10, Duration::from_secs(60))
            .map_err(|failure| unreadable(failure.to_string()))?
            .bytes
    };
    let text = std::str::from_utf8(bytes.expose())
        .map_err(|_| Error::new(ErrorKind::Configuration, "the secret is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(Secret::new(text))
}
