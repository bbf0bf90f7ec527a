//! The sessions of developers' tools.

use std::time::Duration;

use entrada_core::{
    AzureCliCredential, AzureDeveloperCliCredential, AzurePowerShellCredential, Error, Tenant,
};

use super::Builder;
use crate::args::CredentialArgs;
use crate::setup::Setup;

impl Builder<'_> {
    pub(super) fn azure_developer_cli(&self) -> Result<AzureDeveloperCliCredential, Error> {
        let credential =
            AzureDeveloperCliCredential::new().allowing(self.additional()).within(self.tool_limit());
        Ok(match tenant_of_tool(self.setup, self.args) {
            Some(tenant) => credential.in_tenant(Tenant::new(tenant)?),
            None => credential,
        })
    }

    pub(super) fn azure_powershell(&self) -> Result<AzurePowerShellCredential, Error> {
        let credential = AzurePowerShellCredential::new()
            .on(self.setup.environment.system())
            .allowing(self.additional())
            .within(self.tool_limit());
        Ok(match tenant_of_tool(self.setup, self.args) {
            Some(tenant) => credential.in_tenant(Tenant::new(tenant)?),
            None => credential,
        })
    }

    /// How long a developer's tool may take.
    fn tool_limit(&self) -> Duration {
        self.setup.limit(false).min(Duration::from_secs(60))
    }

    pub(super) fn azure_cli(&self) -> Result<AzureCliCredential, Error> {
        let mut credential = AzureCliCredential::new()
            .in_zone(self.setup.environment.zone())
            .allowing(self.additional())
            .within(self.tool_limit());
        if let Some(tenant) = tenant_of_tool(self.setup, self.args) {
            credential = credential.in_tenant(Tenant::new(tenant)?);
        }
        if let Some(subscription) = self.subscription {
            credential = credential.for_subscription(subscription)?;
        }
        if self.args.native {
            credential = credential.natively(&self.setup.environment);
        }
        Ok(credential)
    }
}

/// The tenant of a developer's tool. In the default chain `AZURE_TENANT_ID` is the service principal's,
/// and the account of a tool is of whatever tenant it is.
pub(crate) fn tenant_of_tool<'a>(setup: &'a Setup, args: &'a CredentialArgs) -> Option<&'a str> {
    let named = args.credential.iter().any(|name| name.is_tool());
    let variable = || setup.environment.get("AZURE_TENANT_ID").filter(|_| named);
    args.tenant_id.as_deref().or_else(variable)
}
