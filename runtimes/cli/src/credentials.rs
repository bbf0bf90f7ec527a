//! From names and options to credentials.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use entrada_core::{
    AccessToken, AdditionalTenants, AzureCliCredential, BoxFlow, BrowserOptions, Chain,
    ClientSecretCredential, Credential, DefaultChain, DeviceCodeCredential, EntraClient, Environment,
    EnvironmentCredential, Error, ErrorKind, InteractiveBrowserCredential, ManagedIdentityCredential, Secret,
    Tenant, TokenRequest,
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
    reject_unused(args, subscription.is_some())?;
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

/// An option that none of the named credentials looks at is a mistake, not a wish.
fn reject_unused(args: &CredentialArgs, subscription: bool) -> Result<(), Error> {
    use CredentialName::{
        AzureCli, ClientSecret, Default, DeviceCode, Environment, InteractiveBrowser, ManagedIdentity,
    };
    let options: [(bool, &str, &[CredentialName]); 5] = [
        (args.client_secret_file.is_some(), "--client-secret-file", &[ClientSecret, Environment, Default]),
        (args.identity.is_some(), "--identity", &[ManagedIdentity, Default]),
        (args.redirect_uri.is_some(), "--redirect-uri", &[InteractiveBrowser]),
        (args.login_hint.is_some(), "--login-hint", &[InteractiveBrowser]),
        (subscription, "--subscription", &[AzureCli, Default]),
    ];
    let client = [ClientSecret, Environment, Default, InteractiveBrowser, DeviceCode];
    let uses = |names: &[CredentialName]| args.credential.iter().any(|name| names.contains(name));
    let unused =
        options.into_iter().find(|(given, _, names)| *given && !uses(names)).map(|(_, option, _)| option);
    let unused = unused.or((args.client_id.is_some() && !uses(&client)).then_some("--client-id"));
    match unused {
        None => Ok(()),
        Some(option) => Err(Error::new(
            ErrorKind::Configuration,
            format!("{option} means nothing to the credential that was named"),
        )
        .with_remedy("leave it out, or name the credential it is for with --credential")),
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
        Ok(match name {
            CredentialName::Default => Arc::new(self.default_chain()?),
            CredentialName::Environment => {
                Arc::new(EnvironmentCredential::new(&self.environment()?, &self.setup.authority(self.args)?))
            }
            CredentialName::ClientSecret => self.client_secret()?,
            CredentialName::ManagedIdentity => self.managed_identity()?,
            CredentialName::InteractiveBrowser => self.interactive_browser()?,
            CredentialName::DeviceCode => Arc::new(DeviceCodeCredential::of(self.public_client()?)),
            CredentialName::AzureCli => Arc::new(self.azure_cli()?),
        })
    }

    /// The environment, with the options in the place of the variables that they stand for.
    fn environment(&self) -> Result<Environment, Error> {
        let mut environment = self.setup.environment.clone();
        let named = [("AZURE_TENANT_ID", &self.args.tenant_id), ("AZURE_CLIENT_ID", &self.args.client_id)];
        for (name, value) in named {
            if let Some(value) = value {
                environment = environment.with(name, value);
            }
        }
        if let Some(file) = &self.args.client_secret_file {
            environment = environment.with("AZURE_CLIENT_SECRET", read_secret(self.setup, file)?.expose());
        }
        if !self.args.additionally_allowed_tenant.is_empty() {
            let listed = environment.get("AZURE_ADDITIONALLY_ALLOWED_TENANTS").unwrap_or_default().to_owned();
            let all = format!("{listed};{}", self.args.additionally_allowed_tenant.join(";"));
            environment = environment.with("AZURE_ADDITIONALLY_ALLOWED_TENANTS", all);
        }
        Ok(environment)
    }

    fn default_chain(&self) -> Result<Chain, Error> {
        let mut chain = DefaultChain::new(&self.environment()?, &self.setup.authority(self.args)?);
        if let Some(identity) = &self.args.identity {
            let managed = ManagedIdentityCredential::new(&self.setup.environment, identity.clone());
            chain = chain.managed_identity(managed.probing());
        }
        chain.azure_cli(self.azure_cli()?).build()
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
            Some(file) => Some(read_secret(self.setup, file)?),
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
        let identity = self.args.identity.clone().unwrap_or_default();
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

    fn azure_cli(&self) -> Result<AzureCliCredential, Error> {
        let mut credential = AzureCliCredential::new()
            .in_zone(self.setup.environment.zone())
            .allowing(self.additional())
            .within(self.setup.limit(false).min(Duration::from_secs(60)));
        if let Some(tenant) = tenant_of_tool(self.setup, self.args) {
            credential = credential.in_tenant(Tenant::new(tenant)?);
        }
        if let Some(subscription) = self.subscription {
            credential = credential.for_subscription(subscription)?;
        }
        Ok(credential)
    }
}

/// The tenant of a developer's tool. In the default chain `AZURE_TENANT_ID` is the service principal's,
/// and the account of a tool is of whatever tenant it is.
pub(crate) fn tenant_of_tool<'a>(setup: &'a Setup, args: &'a CredentialArgs) -> Option<&'a str> {
    let named = args.credential.contains(&CredentialName::AzureCli);
    let variable = || setup.environment.get("AZURE_TENANT_ID").filter(|_| named);
    args.tenant_id.as_deref().or_else(variable)
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
fn read_secret(setup: &Setup, file: &Path) -> Result<Secret, Error> {
    let bytes = if file == Path::new("-") {
        setup.standard_input("the secret", 64 << 10)?
    } else {
        let unreadable = |why: String| {
            let what = format!("the secret's file {} cannot be read: {why}", file.display());
            Error::new(ErrorKind::Configuration, what)
        };
        let read = entrada_host::files::read(file, 64 << 10, setup.limit(false));
        read.map_err(|failure| unreadable(failure.to_string()))?.bytes
    };
    let text = std::str::from_utf8(bytes.expose())
        .map_err(|_| Error::new(ErrorKind::Configuration, "the secret is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(Secret::new(text))
}

/// A credential that has its token already, so that a call is made with the very token that is told of,
/// and nobody is asked twice.
#[derive(Debug)]
pub(crate) struct Held(pub(crate) AccessToken);

impl Credential for Held {
    fn name(&self) -> &'static str {
        self.0.source()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        entrada_core::flow::ready(match request.claims() {
            None => Ok(self.0.clone()),
            Some(claims) => Err(Error::new(
                ErrorKind::InteractionRequired,
                "the service demands more than the token at hand has",
            )
            .with_claims(Some(claims.clone()))),
        })
    }
}
