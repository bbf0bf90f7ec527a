//! Azure Developer CLI: the session of a developer who ran `azd auth login`, through the tool itself.

mod output;

use std::time::Duration;

use crate::aadsts;
use crate::effect::CommandOutput;
use crate::error::{Error, ErrorKind};
use crate::flow::{BoxFlow, Credential};
use crate::flows::tool::{Asking, Reading, Tool, text};
use crate::redact;
use crate::request::TokenRequest;
use crate::tenant::{AdditionalTenants, Tenant};
use crate::time::Now;
use crate::token::AccessToken;
use output::Said;

const NAME: &str = "azure-developer-cli";

const TOOL: Tool = Tool {
    source: NAME,
    name: "the Azure Developer CLI",
    program: "azd",
    install: "https://aka.ms/azure-dev",
    login: "azd auth login",
    variables: &[("NO_COLOR", "true")],
};

/// The account that is signed in to the Azure Developer CLI.
///
/// ```
/// use entrada_core::{AzureDeveloperCliCredential, Tenant};
///
/// let session = AzureDeveloperCliCredential::new().in_tenant(Tenant::new("contoso.onmicrosoft.com")?);
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AzureDeveloperCliCredential {
    tenant: Option<Tenant>,
    additional: AdditionalTenants,
    limit: Duration,
}

impl Default for AzureDeveloperCliCredential {
    fn default() -> AzureDeveloperCliCredential {
        AzureDeveloperCliCredential {
            tenant: None,
            additional: AdditionalTenants::none(),
            limit: Duration::from_secs(13),
        }
    }
}

impl AzureDeveloperCliCredential {
    /// The tool's account, given 13 seconds to answer.
    #[must_use]
    pub fn new() -> AzureDeveloperCliCredential {
        AzureDeveloperCliCredential::default()
    }

    /// The same in this tenant.
    #[must_use]
    pub fn in_tenant(mut self, tenant: Tenant) -> AzureDeveloperCliCredential {
        self.tenant = Some(tenant);
        self
    }

    /// The same, allowed to get tokens of other tenants too.
    #[must_use]
    pub fn allowing(mut self, tenants: AdditionalTenants) -> AzureDeveloperCliCredential {
        self.additional = tenants;
        self
    }

    /// The same with another limit for the tool.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> AzureDeveloperCliCredential {
        self.limit = limit;
        self
    }

    fn plan(&self, request: &TokenRequest) -> Result<Asking<Account>, Error> {
        let tenant = self.additional.resolve_any(self.tenant.as_ref(), request.tenant())?;
        let mut arguments: Vec<String> =
            ["auth", "token", "--output", "json", "--no-prompt"].map(str::to_owned).into();
        for scope in request.scopes().iter() {
            TOOL.check_scope(scope)?;
            arguments.extend(["--scope".to_owned(), scope.to_owned()]);
        }
        if let Some(tenant) = &tenant {
            arguments.extend(["--tenant-id".to_owned(), tenant.to_string()]);
        }
        if let Some(claims) = request.claims() {
            arguments.extend(["--claims".to_owned(), claims.to_base64()]);
        }
        Ok(Asking::new(&TOOL, arguments, self.limit, Account { tenant, request: request.clone() }))
    }
}

impl Credential for AzureDeveloperCliCredential {
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
    tenant: Option<Tenant>,
    request: TokenRequest,
}

impl Reading for Account {
    /// The status is that of a token which it asks for and does not print.
    fn look(&self) -> String {
        format!("azd auth login --check-status{}", self.of_what())
    }

    fn read(&self, output: &CommandOutput, asked: Now, now: Now) -> Result<AccessToken, Error> {
        if output.code != Some(0) {
            return Err(self.failure(output));
        }
        let stdout = text(output.stdout.expose());
        let (secret, expires_on) = match output::parse(&stdout) {
            Ok(token) => token,
            // It may say what went wrong, and end as if nothing had.
            Err(_) if output::says_something(&stdout) => return Err(self.failure(output)),
            Err(error) => return Err(error),
        };
        let token = AccessToken::new(secret, expires_on, asked, NAME)?.alive_at(now)?;
        let told = token.identity().tenant.as_deref();
        TOOL.same_tenant(self.tenant.as_ref(), told, "azd auth login --tenant-id")?;
        let tenant = self.tenant.as_ref().map(Tenant::to_string);
        Ok(token.of_tenant(tenant.as_deref()))
    }
}

impl Account {
    /// The scopes and the tenant, as options of the tool.
    fn of_what(&self) -> String {
        let scopes: String = self.request.scopes().iter().map(|scope| format!(" --scope {scope}")).collect();
        let tenant = self.tenant.as_ref().map(|tenant| format!(" --tenant-id {tenant}")).unwrap_or_default();
        format!("{scopes}{tenant}")
    }

    /// What the tool says in one of its three ways, on either of its outputs.
    fn failure(&self, output: &CommandOutput) -> Error {
        let (stdout, stderr) = (text(output.stdout.expose()), text(output.stderr.expose()));
        if let Some(error) = TOOL.not_begun(&[TOOL.program], output.code, &stderr) {
            return error;
        }
        let Said { message, more } = Said::of(&stdout, &stderr);
        let whole = [message, more].join("\n");
        let lower = whole.to_ascii_lowercase();
        let numbers = aadsts::numbers_in(&whole);
        let login = TOOL.login_in("--tenant-id", self.tenant.as_ref());
        let scope = self.request.scopes().iter().next().unwrap_or_default();
        // Claims are asked for by the command that gets the token, which signs in again where nobody keeps it from
        // asking.
        let renew = match self.request.claims() {
            Some(claims) => {
                format!("azd auth token --output json{} --claims {}", self.of_what(), claims.to_base64())
            }
            None => format!("{login} --scope {scope}"),
        };
        let error = match () {
            () if lower.contains("unknown flag: --claims") => Error::new(
                ErrorKind::InteractionRequired,
                "this version of the Azure Developer CLI cannot satisfy the claims that were demanded",
            )
            .with_remedy("update it to 1.18.1 or later"),
            () if !numbers.is_empty() => TOOL.refused(numbers, &renew),
            () if lower.contains("not logged in, run `azd auth login`") => TOOL.signed_out(&login),
            // It may be set up to ask the Azure CLI.
            () if lower.contains("please run 'az login'") => TOOL.signed_out("az login"),
            () if lower.contains("multi-factor authentication")
                || lower.contains("reauthentication required") =>
            {
                TOOL.person_needed(&renew)
            }
            () => TOOL.failed(&lower),
        };
        error.with_claims(self.request.claims().cloned()).with_detail(redact::clean(&whole, &[]))
    }
}
