//! From names and options to credentials.

mod app_tokens;
mod apps;
mod assertions;
mod auth_file;
mod environment;
mod held;
mod inputs;
mod managed;
mod named;
pub(crate) mod record;
mod region;
mod secrets;
mod telling;
mod tools;
mod unused;
mod users;

use std::path::PathBuf;
use std::sync::Arc;

use entrada_core::chain::{Member, Unusable};
use entrada_core::flows::silent::{Memory, Remembered};
use entrada_core::{
    AdditionalTenants, AzureMlOnBehalfOfCredential, Chain, Credential, DefaultChain, EntraClient, Error,
    Expecting, Secret, VisualStudioCodeCredential,
};

use self::secrets::read_secret;
use self::telling::Telling;
use crate::args::{CredentialArgs, CredentialName};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::usage;

pub(crate) use self::held::Held;
pub(crate) use self::tools::tenant_of_tool;
pub(crate) use self::unused::reject_request;
pub(crate) use self::users::names_somebody;

/// Puts what is in the files that the options name into the place of the options that say the same.
pub(crate) fn expand(setup: &Setup, args: &mut CredentialArgs) -> Result<(), Failure> {
    auth_file::expand(setup, args)?;
    record::expand(setup, args)
}

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
            let links = names.iter().map(|name| builder.link(*name)).collect();
            Ok(Arc::new(Chain::new(links)?))
        }
    }
}

/// The credential that the options name, with the driver and the limits of the command.
pub(crate) fn connected(
    setup: &Setup,
    args: &CredentialArgs,
    subscription: Option<&str>,
) -> Result<entrada_blocking::Credential, Failure> {
    unused::reject(args, subscription.is_some())?;
    inputs::reject(args)?;
    region::warn(setup, args);
    let interactive = args.credential.iter().any(|name| match name {
        CredentialName::Default => DefaultChain::selects_the_browser(&setup.environment),
        name => name.is_interactive(),
    });
    let built = expecting(build(setup, args, subscription)?, args);
    let named = args.identity.is_some() || args.client_id.is_some();
    let built = Telling::new(built, &setup.environment, named);
    let connected =
        entrada_blocking::Credential::with_driver(built, &setup.driver).within(setup.limit(interactive));
    // Whatever can be cut off at any moment runs on this thread alone, which is quicker to start.
    match args.credential.iter().any(|name| name.leaves_something()) {
        true => Ok(connected.cancelled_by(setup.interrupts.cancel())),
        false => Ok(connected),
    }
}

/// The same, with tokens of the identity alone that is expected.
fn expecting(built: Arc<dyn Credential>, args: &CredentialArgs) -> Arc<dyn Credential> {
    match &args.expect_identity {
        Some(expected) => Arc::new(Expecting::new(built, expected.clone())),
        None => built,
    }
}

/// A sign-in and what is kept are looked at themselves; no token of theirs is expected to be of anybody.
fn no_expectation(args: &CredentialArgs) -> Result<(), Failure> {
    match args.expect_identity {
        Some(_) => {
            Err(usage("--expect-identity is for verbs that get a token; `whoami` shows whose account it is"))
        }
        None => Ok(()),
    }
}

/// The sign-in that is kept: in the browser, or on another device.
pub(crate) fn sign_in(setup: &Setup, args: &CredentialArgs, device: bool) -> Result<Remembered, Failure> {
    let name = if device { CredentialName::DeviceCode } else { CredentialName::InteractiveBrowser };
    // Whoever signs in, a record of an earlier sign-in says nothing against it.
    let args = CredentialArgs { credential: vec![name], record: None, ..args.clone() };
    unused::reject(&args, false)?;
    no_expectation(&args)?;
    let builder = Builder { setup, args: &args, subscription: None, several: false };
    Ok(match device {
        true => Remembered::of(builder.device_code()?, builder.memory()),
        false => Remembered::of(builder.interactive_browser()?, builder.memory()),
    })
}

/// The app whose accounts are kept, and whose are meant.
pub(crate) fn kept(setup: &Setup, args: &CredentialArgs) -> Result<(EntraClient, Memory), Failure> {
    let args = CredentialArgs { credential: vec![CredentialName::SharedCache], ..args.clone() };
    unused::reject(&args, false)?;
    no_expectation(&args)?;
    whose(setup, &args)
}

/// The app that a person signs in to, and where their account is kept, whatever else is said.
pub(crate) fn whose(setup: &Setup, args: &CredentialArgs) -> Result<(EntraClient, Memory), Failure> {
    let builder = Builder { setup, args, subscription: None, several: false };
    Ok((builder.public_client()?, builder.kept_memory()))
}

struct Builder<'a> {
    setup: &'a Setup,
    args: &'a CredentialArgs,
    subscription: Option<&'a str>,
    several: bool,
}

impl Builder<'_> {
    /// A member of a chain. One that cannot be set up says so when it is asked: whoever comes before it may answer.
    fn link(&self, name: CredentialName) -> Arc<dyn Credential> {
        usable(name, self.one(name))
    }

    fn one(&self, name: CredentialName) -> Result<Arc<dyn Credential>, Error> {
        Ok(match name {
            CredentialName::Default => Arc::new(self.default_chain()?),
            CredentialName::Environment => self.described(&self.environment()?)?,
            CredentialName::ClientSecret => self.client_secret()?,
            CredentialName::ClientCertificate => self.client_certificate()?,
            CredentialName::ClientAssertion => self.client_assertion()?,
            CredentialName::WorkloadIdentity => self.workload_identity()?,
            CredentialName::AzurePipelines => self.azure_pipelines()?,
            CredentialName::OnBehalfOf => self.on_behalf_of()?,
            CredentialName::AzureMlOnBehalfOf => {
                Arc::new(AzureMlOnBehalfOfCredential::new(&self.setup.environment))
            }
            CredentialName::ManagedIdentity => self.managed_identity()?,
            CredentialName::AuthorizationCode => self.authorization_code()?,
            CredentialName::InteractiveBrowser => self.remembered_browser()?,
            CredentialName::DeviceCode => self.remembered_device_code()?,
            CredentialName::SharedCache => Arc::new(self.shared_cache()?),
            CredentialName::RefreshToken => self.refresh_token()?,
            CredentialName::UsernamePassword => self.username_password()?,
            CredentialName::VisualStudioCode => {
                Arc::new(VisualStudioCodeCredential::new(&self.setup.environment))
            }
            CredentialName::AzureCli => Arc::new(self.azure_cli()?),
            CredentialName::AzureDeveloperCli => Arc::new(self.azure_developer_cli()?),
            CredentialName::AzurePowershell => Arc::new(self.azure_powershell()?),
        })
    }

    fn default_chain(&self) -> Result<Chain, Error> {
        let environment = self.environment()?;
        let authority = self.setup.authority_or_why(&self.args.authority)?;
        let mut chain = DefaultChain::of(&environment, &authority)
            .replacing(Member::Environment, self.described(&environment)?);
        if let Some(identity) = self.named_identity(&environment)? {
            chain = chain.with_managed_identity(identity);
        }
        if self.refuses_to_guess() {
            chain = chain.refusing_to_guess();
        }
        if self.args.no_cache {
            chain = chain.without(Member::SharedTokenCache);
        }
        chain
            .replacing(Member::AzureCli, self.azure_cli()?)
            .replacing(Member::AzurePowerShell, self.azure_powershell()?)
            .replacing(Member::AzureDeveloperCli, self.azure_developer_cli()?)
            .replacing(
                Member::InteractiveBrowser,
                usable(CredentialName::InteractiveBrowser, self.browser_of_chain()),
            )
            .build()
    }

    fn tenant(&self) -> Option<&str> {
        self.args.tenant_id.as_deref().or_else(|| self.setup.environment.get("AZURE_TENANT_ID"))
    }

    /// The tenant, else the one that the authority's address stands for.
    fn tenant_or_own(&self) -> Result<Option<String>, Error> {
        match self.tenant() {
            Some(tenant) => Ok(Some(tenant.to_owned())),
            None => {
                let own = self.setup.authority(&self.args.authority)?.own_tenant();
                Ok(own.map(|tenant| tenant.to_string()))
            }
        }
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
            .with_authority(self.setup.authority(&self.args.authority)?)
            .as_environment_says(&self.setup.environment)
            .allowing(self.additional()))
    }

    /// The app that a person signs in to: one's own, or the one that developer tools share.
    fn public_client(&self) -> Result<EntraClient, Error> {
        let shared = EntraClient::developer()?;
        let tenant = self.tenant().unwrap_or_else(|| shared.tenant().as_str());
        let client_id = self.client_id().unwrap_or_else(|| shared.client_id());
        self.client(tenant, client_id)
    }

    /// A variable's value.
    fn variable(&self, name: &str) -> Option<&str> {
        self.setup.environment.get(name)
    }

    /// The secret in the file that an option names, else that of a variable.
    fn secret(&self, file: Option<&PathBuf>, name: &str) -> Result<Option<Secret>, Error> {
        match (file, &self.args.auth_secret) {
            (None, Some(secret)) if name == "AZURE_CLIENT_SECRET" => Ok(Some(secret.clone())),
            (Some(file), _) => read_secret(self.setup, file).map(Some),
            (None, _) => Ok(self.setup.environment.get_exact(name).map(Secret::new)),
        }
    }
}

fn usable(name: CredentialName, made: Result<Arc<dyn Credential>, Error>) -> Arc<dyn Credential> {
    made.unwrap_or_else(|error| Arc::new(Unusable::new(label(name), error)))
}

fn label(name: CredentialName) -> &'static str {
    match name {
        CredentialName::Default => "default",
        CredentialName::Environment => "environment",
        CredentialName::ClientSecret => "client-secret",
        CredentialName::ClientCertificate => "client-certificate",
        CredentialName::ClientAssertion => "client-assertion",
        CredentialName::WorkloadIdentity => "workload-identity",
        CredentialName::ManagedIdentity => "managed-identity",
        CredentialName::AzurePipelines => "azure-pipelines",
        CredentialName::OnBehalfOf => "on-behalf-of",
        CredentialName::AzureMlOnBehalfOf => "azure-ml-on-behalf-of",
        CredentialName::AuthorizationCode => "authorization-code",
        CredentialName::InteractiveBrowser => "interactive-browser",
        CredentialName::DeviceCode => "device-code",
        CredentialName::RefreshToken => "refresh-token",
        CredentialName::UsernamePassword => "username-password",
        CredentialName::SharedCache => "shared-cache",
        CredentialName::VisualStudioCode => "visual-studio-code",
        CredentialName::AzureCli => "azure-cli",
        CredentialName::AzureDeveloperCli => "azure-developer-cli",
        CredentialName::AzurePowershell => "azure-powershell",
    }
}
