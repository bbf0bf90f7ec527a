//! The sessions of developers' tools.

use std::time::Duration;

use entrada_core::{
    AzureCliCredential, AzureDeveloperCliCredential, AzurePowerShellCredential, Error, Tenant,
};

use super::Builder;
use crate::args::{CredentialArgs, CredentialName};
use crate::setup::Setup;

/// The longest that a tool takes without being given more: Azure PowerShell's limit.
const LONGEST: Duration = Duration::from_secs(20);

impl Builder<'_> {
    pub(super) fn azure_developer_cli(&self) -> Result<AzureDeveloperCliCredential, Error> {
        let mut credential = AzureDeveloperCliCredential::new().allowing(self.additional());
        if let Some(limit) = self.tool_limit() {
            credential = credential.within(limit);
        }
        Ok(match tenant_of_tool(self.setup, self.args) {
            Some(tenant) => credential.in_tenant(Tenant::new(tenant)?),
            None => credential,
        })
    }

    pub(super) fn azure_powershell(&self) -> Result<AzurePowerShellCredential, Error> {
        let mut credential =
            AzurePowerShellCredential::new().on(self.setup.environment.system()).allowing(self.additional());
        if let Some(limit) = self.tool_limit() {
            credential = credential.within(limit);
        }
        Ok(match tenant_of_tool(self.setup, self.args) {
            Some(tenant) => credential.in_tenant(Tenant::new(tenant)?),
            None => credential,
        })
    }

    /// How long a developer's tool may take, where that is not its own limit.
    fn tool_limit(&self) -> Option<Duration> {
        let own = |name: &CredentialName| match name {
            CredentialName::Default => 3,
            name => u32::from(name.is_tool()),
        };
        share(self.setup.given_limit()?, self.args.credential.iter().map(own).sum())
    }

    pub(super) fn azure_cli(&self) -> Result<AzureCliCredential, Error> {
        let mut credential =
            AzureCliCredential::new().in_zone(self.setup.environment.zone()).allowing(self.additional());
        if let Some(limit) = self.tool_limit() {
            credential = credential.within(limit);
        }
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

/// The share of each of so many tools in the time that was given. Of several, none has less than its own
/// limit: a time that is short ends the whole command, and not each of them earlier.
fn share(given: Duration, tools: u32) -> Option<Duration> {
    let share = given / tools.max(1);
    (tools == 1 || share > LONGEST).then_some(share)
}

/// The tenant of a developer's tool. In the default chain `AZURE_TENANT_ID` is the service principal's,
/// and the account of a tool is of whatever tenant it is.
pub(crate) fn tenant_of_tool<'a>(setup: &'a Setup, args: &'a CredentialArgs) -> Option<&'a str> {
    let named = args.credential.iter().any(|name| name.is_tool());
    let variable = || setup.environment.get("AZURE_TENANT_ID").filter(|_| named);
    args.tenant_id.as_deref().or_else(variable)
}

#[cfg(test)]
mod tests {
    use entrada_core::effect::{CommandFailure, Effect, HttpFailure};
    use entrada_core::{Credential as _, Entropy, Now, Run, Step, TokenRequest};

    use super::*;
    use crate::args::Global;

    #[derive(clap::Parser)]
    struct Options {
        #[command(flatten)]
        global: Global,
        #[command(flatten)]
        credential: CredentialArgs,
    }

    struct Fixed;

    impl Entropy for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn the_default_chain_gives_each_tool_its_own_limit() {
        let options: Options = clap::Parser::parse_from(["entrada", "--token-cache", "none"]);
        let setup = Setup::new(&options.global).unwrap_or_else(|_| panic!("no setup"));
        let builder =
            Builder { setup: &setup, args: &options.credential, subscription: None, several: false };
        let request = TokenRequest::new(["https://management.azure.com/.default"]).unwrap();
        let mut run = Run::new(builder.default_chain().unwrap().begin(&request));
        let (mut now, mut given) = (Now::default(), Vec::new());
        let mut step = run.start(now, &mut Fixed);
        while let Step::Do(effect) = step {
            let deadline = effect.deadline();
            let reply = match effect {
                Effect::Http(call) => call.split().1.reply(Err(HttpFailure::Refused)),
                Effect::RunCommand(command) => {
                    let deadline = deadline.unwrap();
                    given.push((command.program(), now.mono.until(deadline).as_secs()));
                    now.mono = deadline;
                    command.ticket().reply(Err(CommandFailure::TimedOut))
                }
                other => other.unsupported(),
            };
            step = run.resume(now, &mut Fixed, reply);
        }
        assert_eq!(given, [("az", 13), ("pwsh", 20), ("azd", 13)]);
    }

    #[test]
    fn a_tool_that_hangs_leaves_time_for_the_others() {
        let seconds = Duration::from_secs;
        // One alone has all of it.
        assert_eq!(share(seconds(5), 1), Some(seconds(5)));
        assert_eq!(share(seconds(300), 1), Some(seconds(300)));
        // Several have their own limits, unless there is more for each.
        assert_eq!(share(seconds(5), 3), None);
        assert_eq!(share(seconds(60), 3), None);
        assert_eq!(share(seconds(300), 3), Some(seconds(100)));
        assert_eq!(share(seconds(100), 2), Some(seconds(50)));
    }
}
