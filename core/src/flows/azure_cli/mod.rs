//! Azure CLI: the session of a developer who ran `az login`, through the tool itself.

mod failure;
mod native;
mod output;

use std::time::Duration;

use crate::effect::CommandOutput;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::flow::{BoxFlow, Credential};
use crate::flows::silent::Pace;
use crate::flows::tool::{Asking, Reading, Tool};
use crate::request::TokenRequest;
use crate::tenant::{AdditionalTenants, Tenant};
use crate::time::{LocalZone, Now};
use crate::token::AccessToken;

pub use native::config_folder;
pub use output::{CliToken, parse_output};

const NAME: &str = "azure-cli";

const TOOL: Tool = Tool {
    source: NAME,
    name: "the Azure CLI",
    program: "az",
    install: "https://aka.ms/azure-cli",
    login: "az login",
    variables: &[
        ("AZURE_CORE_NO_COLOR", "true"),
        ("AZURE_CORE_COLLECT_TELEMETRY", "no"),
        ("NO_COLOR", "true"),
    ],
};

/// The account that is signed in to the Azure CLI.
///
/// ```
/// use entrada_core::{AzureCliCredential, Tenant};
///
/// let session = AzureCliCredential::new().in_tenant(Tenant::new("contoso.onmicrosoft.com")?);
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AzureCliCredential {
    tenant: Option<Tenant>,
    subscription: Option<String>,
    additional: AdditionalTenants,
    zone: LocalZone,
    limit: Duration,
    native: Option<Environment>,
}

impl Default for AzureCliCredential {
    fn default() -> AzureCliCredential {
        AzureCliCredential {
            tenant: None,
            subscription: None,
            additional: AdditionalTenants::none(),
            zone: LocalZone::default(),
            limit: Duration::from_secs(13),
            native: None,
        }
    }
}

impl AzureCliCredential {
    /// The tool's current account, given 13 seconds to answer.
    #[must_use]
    pub fn new() -> AzureCliCredential {
        AzureCliCredential::default()
    }

    /// The same in this tenant.
    #[must_use]
    pub fn in_tenant(mut self, tenant: Tenant) -> AzureCliCredential {
        self.tenant = Some(tenant);
        self
    }

    /// The same for the account of this subscription, by id or name.
    ///
    /// # Errors
    /// `Configuration` when the text has characters that the tool might misread.
    pub fn for_subscription(mut self, subscription: impl Into<String>) -> Result<AzureCliCredential, Error> {
        let subscription = subscription.into();
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
        if subscription.trim().is_empty() || subscription.starts_with('-') || !subscription.chars().all(legal)
        {
            return Err(Error::new(
                ErrorKind::Configuration,
                "the subscription has characters that are not passed to the Azure CLI",
            )
            .with_remedy("use the subscription's ID instead of its name"));
        }
        self.subscription = Some(subscription);
        Ok(self)
    }

    /// The same, allowed to get tokens of other tenants too.
    #[must_use]
    pub fn allowing(mut self, tenants: AdditionalTenants) -> AzureCliCredential {
        self.additional = tenants;
        self
    }

    /// The same on a machine of this time zone: versions before 2.54.0 tell only the local time.
    #[must_use]
    pub fn in_zone(mut self, zone: LocalZone) -> AzureCliCredential {
        self.zone = zone;
        self
    }

    /// The same with another limit for the tool.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> AzureCliCredential {
        self.limit = limit;
        self
    }

    /// The same, without running the tool where that can be helped: its files in this environment are read
    /// ([`config_folder`]), the token is taken from its own token cache or got with the refresh token there,
    /// and what came is kept there for the tool.
    ///
    /// Whatever is not as expected is left to the tool: its files are encrypted or of an unknown form, the
    /// account is a managed identity or not to be told, the authority refuses, the cache is locked. The
    /// driver's store has to know the tool's own document ([`crate::effect::StoreName::azure_cli`]), as
    /// `entrada_host::store::AzureCliCache` does; without it the tool is run. Microsoft documents none of
    /// these files, so this has to be asked for.
    #[must_use]
    pub fn natively(mut self, environment: &Environment) -> AzureCliCredential {
        self.native = Some(environment.clone());
        self
    }

    fn plan(&self, request: &TokenRequest) -> Result<Asking<Account>, Error> {
        let tenant = self.additional.resolve_any(self.tenant.as_ref(), request.tenant())?;
        // The tool takes one of the two, and tells the tenant of a token by GUID alone.
        if self.subscription.is_some() && tenant.as_ref().is_some_and(|tenant| !tenant.is_guid()) {
            return Err(Error::new(
                ErrorKind::Configuration,
                "beside a subscription, the tenant of the Azure CLI's account has to be a GUID",
            )
            .with_remedy("give the directory (tenant) ID, or either the tenant or the subscription"));
        }
        let scope = request.scopes().single()?;
        TOOL.check_scope(scope)?;
        if let Some(claims) = request.claims() {
            let in_tenant = tenant.as_ref().map(|tenant| format!(" --tenant {tenant}")).unwrap_or_default();
            return Err(Error::new(
                ErrorKind::InteractionRequired,
                "the Azure CLI cannot satisfy the claims that were demanded",
            )
            .with_remedy(format!(
                "run `az login --claims-challenge {}{in_tenant} --scope {scope}` (Azure CLI 2.76.0 or later)",
                claims.to_base64()
            ))
            .with_claims(Some(claims.clone())));
        }
        let mut arguments: Vec<String> =
            ["account", "get-access-token", "--output", "json", "--scope", scope].map(str::to_owned).into();
        // The tool refuses the two together; where both are wanted the tenant is checked afterwards.
        match (&self.subscription, &tenant) {
            (Some(subscription), _) => arguments.extend(["--subscription".to_owned(), subscription.clone()]),
            (None, Some(tenant)) => arguments.extend(["--tenant".to_owned(), tenant.to_string()]),
            (None, None) => {}
        }
        let subscription = self.subscription.clone();
        let account = Account { scope: scope.to_owned(), tenant, subscription, zone: self.zone };
        Ok(Asking::new(&TOOL, arguments, self.limit, account))
    }
}

impl Credential for AzureCliCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        self.flow(request, Pace::Brisk)
    }

    fn renew(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        self.flow(request, Pace::Patient)
    }
}

impl AzureCliCredential {
    fn flow(&self, request: &TokenRequest, pace: Pace) -> BoxFlow<AccessToken> {
        match (self.plan(request), &self.native) {
            (Ok(asking), Some(environment)) => {
                let wanted = native::Wanted {
                    scopes: request.scopes().clone(),
                    tenant: asking.reading().tenant.clone(),
                    subscription: self.subscription.clone(),
                };
                Box::new(native::Native::new(environment, wanted, Box::new(asking)).at(pace))
            }
            (planned, _) => TOOL.begin(planned),
        }
    }
}

/// The account that was asked for.
#[derive(Debug)]
struct Account {
    scope: String,
    tenant: Option<Tenant>,
    subscription: Option<String>,
    zone: LocalZone,
}

impl Reading for Account {
    fn look(&self) -> String {
        let account = match (&self.subscription, &self.tenant) {
            (Some(subscription), _) => format!(" --subscription \"{subscription}\""),
            (None, Some(tenant)) => format!(" --tenant {tenant}"),
            (None, None) => String::new(),
        };
        format!("az account get-access-token --scope {}{account} --output none", self.scope)
    }

    fn read(&self, output: &CommandOutput, asked: Now, now: Now) -> Result<AccessToken, Error> {
        if output.code != Some(0) {
            return Err(failure::of_output(output, self));
        }
        let token = parse_output(output.stdout.expose(), self.zone)?;
        let CliToken { secret, expires_on, tenant: told, .. } = token;
        let token = AccessToken::new(secret, expires_on, asked, NAME)?.alive_at(now)?;
        // What the token says itself comes before what the tool says of it.
        let told = token.identity().tenant.clone().or(told);
        self.same_tenant(told.as_deref())?;
        let tenant = told.or_else(|| self.tenant.as_ref().map(Tenant::to_string));
        Ok(token.of_tenant(tenant.as_deref()))
    }
}

impl Account {
    /// Whether the token is of the tenant that was wanted. Where a subscription chose the account, the
    /// tool was not told of the tenant, so it has to be proved; elsewhere it was told, and is believed
    /// unless it says otherwise.
    fn same_tenant(&self, told: Option<&str>) -> Result<(), Error> {
        let Some(wanted) = self.tenant.as_ref().filter(|wanted| wanted.is_guid()) else {
            return Ok(());
        };
        let (what, remedy) = match (told, self.subscription.is_some()) {
            (Some(told), _) if wanted.is(told) => return Ok(()),
            (None, false) => return Ok(()),
            (Some(_), true) => (
                "the chosen subscription of the Azure CLI belongs to another tenant",
                "give either the tenant or the subscription",
            ),
            (None, true) => (
                "the Azure CLI does not tell the tenant of the chosen subscription",
                "give the tenant without the subscription, or update the Azure CLI",
            ),
            (Some(_), false) => ("the Azure CLI gave one of another tenant", ""),
        };
        let remedy = match remedy {
            "" => format!("run `{}`", TOOL.login_in("--tenant", Some(wanted))),
            remedy => remedy.to_owned(),
        };
        Err(Error::new(
            ErrorKind::Configuration,
            format!("a token of tenant {wanted} was asked for, but {what}"),
        )
        .with_remedy(remedy))
    }
}
