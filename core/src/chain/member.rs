//! The members of the default chain, and which of them `AZURE_TOKEN_CREDENTIALS` selects.

use crate::environment::Environment;
use crate::error::{Error, ErrorKind};

/// A member of the default chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Member {
    /// Whoever the `AZURE_*` variables describe.
    Environment,
    /// A workload whose platform writes it a token.
    WorkloadIdentity,
    /// The identity of the machine or the host.
    ManagedIdentity,
    /// An account that developer tools share, where the driver keeps accounts.
    SharedTokenCache,
    /// Whoever is signed in to Azure in Visual Studio Code.
    VisualStudioCode,
    /// The session of the Azure CLI.
    AzureCli,
    /// The session of Azure PowerShell.
    AzurePowerShell,
    /// The session of the Azure Developer CLI.
    AzureDeveloperCli,
    /// A person, in the browser; only where it is selected by name.
    InteractiveBrowser,
}

impl Member {
    /// Every member, in order.
    pub const ALL: [Member; 9] = [
        Member::Environment,
        Member::WorkloadIdentity,
        Member::ManagedIdentity,
        Member::SharedTokenCache,
        Member::VisualStudioCode,
        Member::AzureCli,
        Member::AzurePowerShell,
        Member::AzureDeveloperCli,
        Member::InteractiveBrowser,
    ];

    /// The name of its credential.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Member::Environment => "environment",
            Member::WorkloadIdentity => "workload-identity",
            Member::ManagedIdentity => "managed-identity",
            Member::SharedTokenCache => "shared-cache",
            Member::VisualStudioCode => "visual-studio-code",
            Member::AzureCli => "azure-cli",
            Member::AzurePowerShell => "azure-powershell",
            Member::AzureDeveloperCli => "azure-developer-cli",
            Member::InteractiveBrowser => "interactive-browser",
        }
    }

    /// Whether it is a developer's: a tool, or what tools keep. One that nobody is signed in to does not hide
    /// the next.
    #[must_use]
    pub fn is_tool(self) -> bool {
        !self.is_production() && self != Member::InteractiveBrowser
    }

    /// Whether it belongs to a machine in production.
    #[must_use]
    pub fn is_production(self) -> bool {
        matches!(self, Member::Environment | Member::WorkloadIdentity | Member::ManagedIdentity)
    }

    /// What the variable calls it: the name of its class in the Azure identity libraries. None of them lets
    /// the shared token cache be selected by name.
    fn selector(self) -> Option<&'static str> {
        Some(match self {
            Member::Environment => "EnvironmentCredential",
            Member::WorkloadIdentity => "WorkloadIdentityCredential",
            Member::ManagedIdentity => "ManagedIdentityCredential",
            Member::SharedTokenCache => return None,
            Member::VisualStudioCode => "VisualStudioCodeCredential",
            Member::AzureCli => "AzureCliCredential",
            Member::AzurePowerShell => "AzurePowerShellCredential",
            Member::AzureDeveloperCli => "AzureDeveloperCliCredential",
            Member::InteractiveBrowser => "InteractiveBrowserCredential",
        })
    }
}

/// Which members the environment selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    Production,
    Development,
    One(Member),
}

impl Selection {
    /// What `AZURE_TOKEN_CREDENTIALS` says, without regard to case and blanks around it; nothing where it
    /// is not set.
    pub(crate) fn of_environment(environment: &Environment) -> Result<Option<Selection>, Error> {
        let Some(value) = environment.get("AZURE_TOKEN_CREDENTIALS") else { return Ok(None) };
        let is_called = |name: &str| value.eq_ignore_ascii_case(name);
        let one = Member::ALL.into_iter().find(|member| member.selector().is_some_and(is_called));
        match (value.to_ascii_lowercase().as_str(), one) {
            ("prod", _) => Ok(Some(Selection::Production)),
            ("dev", _) => Ok(Some(Selection::Development)),
            (_, Some(member)) => Ok(Some(Selection::One(member))),
            (_, None) => {
                let names: Vec<_> = Member::ALL.into_iter().filter_map(Member::selector).collect();
                Err(Error::new(
                    ErrorKind::Configuration,
                    "AZURE_TOKEN_CREDENTIALS has a value that it cannot have",
                )
                .with_remedy(format!("set it to prod, dev, or one of {}", names.join(", "))))
            }
        }
    }

    /// Whether a person is asked, and nobody else.
    pub(crate) fn is_the_browser(self) -> bool {
        self == Selection::One(Member::InteractiveBrowser)
    }

    pub(crate) fn includes(self, member: Member) -> bool {
        match self {
            Selection::Production => member.is_production(),
            Selection::Development => member.is_tool(),
            Selection::One(one) => one == member,
        }
    }
}
