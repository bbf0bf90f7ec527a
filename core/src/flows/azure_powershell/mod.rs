//! Azure PowerShell: the session of a developer who ran `Connect-AzAccount`, through the tool itself.

mod clixml;
mod script;

use std::time::Duration;

use crate::aadsts;
use crate::effect::CommandOutput;
use crate::environment::System;
use crate::error::{Error, ErrorKind};
use crate::flow::{BoxFlow, Credential};
use crate::flows::tool::{Asking, Reading, Tool, complaint, text, without_warnings};
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::tenant::{AdditionalTenants, Tenant, is_guid};
use crate::time::{Now, Unix};
use crate::token::AccessToken;

const NAME: &str = "azure-powershell";

const TOOL: Tool = Tool {
    source: NAME,
    name: "Azure PowerShell",
    program: "pwsh",
    install: "https://aka.ms/azps",
    login: "Connect-AzAccount",
    variables: &[("NO_COLOR", "true"), ("POWERSHELL_UPDATECHECK", "Off")],
};

/// What Windows has where the current PowerShell is not installed.
const OLDER: &str = "powershell";

/// Words of a module whose account needs a person. It names the command to sign in as well.
const PERSON_NEEDED: [&str; 5] = [
    "user interaction is required",
    "multi-factor",
    "multifactor",
    "conditional access",
    "token acquisition failed for user",
];

/// Sentences of a module that has no account to use.
const SIGNED_OUT: [&str; 4] = [
    "run connect-azaccount to login",
    "connect-azaccount",
    "no accounts were found in the cache",
    "cannot retrieve access token",
];

/// The account that is signed in to Azure PowerShell.
///
/// ```
/// use entrada_core::{AzurePowerShellCredential, Tenant};
///
/// let session = AzurePowerShellCredential::new().in_tenant(Tenant::new("contoso.onmicrosoft.com")?);
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AzurePowerShellCredential {
    tenant: Option<Tenant>,
    additional: AdditionalTenants,
    system: System,
    limit: Duration,
}

impl Default for AzurePowerShellCredential {
    fn default() -> AzurePowerShellCredential {
        AzurePowerShellCredential {
            tenant: None,
            additional: AdditionalTenants::none(),
            system: System::default(),
            limit: Duration::from_secs(20),
        }
    }
}

impl AzurePowerShellCredential {
    /// The module's account, given 20 seconds: PowerShell takes its time to start.
    #[must_use]
    pub fn new() -> AzurePowerShellCredential {
        AzurePowerShellCredential::default()
    }

    /// The same in this tenant.
    #[must_use]
    pub fn in_tenant(mut self, tenant: Tenant) -> AzurePowerShellCredential {
        self.tenant = Some(tenant);
        self
    }

    /// The same, allowed to get tokens of other tenants too.
    #[must_use]
    pub fn allowing(mut self, tenants: AdditionalTenants) -> AzurePowerShellCredential {
        self.additional = tenants;
        self
    }

    /// The same on another system: Windows has an older PowerShell where the current one is not installed.
    #[must_use]
    pub fn on(mut self, system: System) -> AzurePowerShellCredential {
        self.system = system;
        self
    }

    /// The same with another limit for the tool.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> AzurePowerShellCredential {
        self.limit = limit;
        self
    }

    fn plan(&self, request: &TokenRequest) -> Result<Asking<Account>, Error> {
        let tenant = self.additional.resolve_any(self.tenant.as_ref(), request.tenant())?;
        let resource = request.scopes().resource()?;
        TOOL.check_scope(resource)?;
        if let Some(claims) = request.claims() {
            let login = TOOL.login_in("-Tenant", tenant.as_ref());
            let command = format!("{login} -ClaimsChallenge {}", claims.to_base64());
            return Err(Error::new(
                ErrorKind::InteractionRequired,
                "Azure PowerShell cannot satisfy the claims that were demanded",
            )
            .with_remedy(format!("run `{command}` (Az.Accounts 5.2.0 or later)"))
            .with_claims(Some(claims.clone())));
        }
        let text = script::script(resource, tenant.as_ref().map(Tenant::as_str));
        let script = script::encoded(&text);
        let arguments = ["-NoProfile", "-NonInteractive", "-EncodedCommand", script.as_str()];
        let arguments = arguments.map(str::to_owned).into();
        let account = Account { resource: resource.to_owned(), tenant };
        let asking = Asking::new(&TOOL, arguments, self.limit, account);
        Ok(if self.system == System::Windows { asking.or(OLDER) } else { asking })
    }
}

impl Credential for AzurePowerShellCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        TOOL.begin(self.plan(request))
    }
}

/// The account that was asked for.
#[derive(Debug)]
struct Account {
    resource: String,
    tenant: Option<Tenant>,
}

impl Reading for Account {
    fn is_missing(&self, output: &CommandOutput) -> bool {
        output.code != Some(0) && not_begun(output, &text(output.stderr.expose())).is_some()
    }

    fn look(&self) -> String {
        let tenant = self.tenant.as_ref().map(|tenant| format!(" -TenantId {tenant}")).unwrap_or_default();
        format!("Get-AzAccessToken -ResourceUrl {}{tenant} | Out-Null", self.resource)
    }

    fn read(&self, output: &CommandOutput, asked: Now, now: Now) -> Result<AccessToken, Error> {
        if output.code != Some(0) {
            return Err(self.failure(output));
        }
        let stdout = text(output.stdout.expose());
        if stdout.contains(script::NO_MODULE) {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "PowerShell has no module Az.Accounts of 2.2.0 or later",
            )
            .with_remedy("run `Install-Module Az.Accounts` and `Connect-AzAccount`"));
        }
        let marked = stdout.lines().find_map(|line| line.trim().strip_prefix(script::TOKEN));
        let mut parts = marked.unwrap_or_default().split('%');
        let (Some(secret), Some(ends)) = (parts.next().filter(|text| !text.is_empty()), parts.next()) else {
            // From the mark on it may be a token, or a part of one.
            let before = stdout.split(script::TOKEN).next().unwrap_or_default();
            return Err(TOOL.malformed("something that is not a token", before));
        };
        let ends =
            ends.parse().map_err(|_| TOOL.malformed("a token without the time when it expires", ""))?;
        let told = parts.next().filter(|tenant| is_guid(tenant));
        let token = AccessToken::new(Secret::new(secret), Unix(ends), asked, NAME)?.alive_at(now)?;
        let told = token.identity().tenant.as_deref().or(told).map(str::to_owned);
        TOOL.same_tenant(self.tenant.as_ref(), told.as_deref(), "Connect-AzAccount -Tenant")?;
        let tenant = told.or_else(|| self.tenant.as_ref().map(Tenant::to_string));
        Ok(token.of_tenant(tenant.as_deref()))
    }
}

/// What it means where it was not PowerShell that ended so.
fn not_begun(output: &CommandOutput, stderr: &str) -> Option<Error> {
    TOOL.not_begun(&[TOOL.program, OLDER], output.code, stderr)
}

impl Account {
    /// PowerShell ended with a failure.
    fn failure(&self, output: &CommandOutput) -> Error {
        let stderr = text(output.stderr.expose());
        if let Some(error) = not_begun(output, &stderr) {
            return error;
        }
        let stderr = clixml::errors(&stderr);
        let said = without_warnings(&stderr);
        let lower = said.to_ascii_lowercase();
        let says = |phrases: &[&str]| phrases.iter().any(|phrase| lower.contains(phrase));
        let numbers = aadsts::numbers_in(&said);
        let login = TOOL.login_in("-Tenant", self.tenant.as_ref());
        let error = match () {
            () if !numbers.is_empty() => TOOL.refused(numbers, &login),
            () if says(&PERSON_NEEDED) => TOOL.person_needed(&login),
            () if says(&SIGNED_OUT) => TOOL.signed_out(&login),
            () if lower.contains("authorizationmanager check failed") => {
                Error::new(ErrorKind::Unavailable, "an execution policy keeps Azure PowerShell from running")
                    .with_remedy("allow it: `Set-ExecutionPolicy RemoteSigned -Scope CurrentUser`")
            }
            () => TOOL.failed(&lower),
        };
        error.with_detail(complaint(&stderr))
    }
}
