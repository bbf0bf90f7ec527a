//! Options that say who asks for a token.

use std::path::PathBuf;

use clap::ValueEnum;
use entrada_core::ManagedIdentityId;

/// The credentials that are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CredentialName {
    /// environment, managed-identity, azure-cli, in that order
    Default,
    /// A service principal as AZURE_* variables describe it
    Environment,
    /// A service principal with a client secret
    ClientSecret,
    /// The identity of this Azure machine
    ManagedIdentity,
    /// A person, in the browser of this machine
    InteractiveBrowser,
    /// A person, in the browser of another device
    DeviceCode,
    /// The account that is signed in to the Azure CLI
    AzureCli,
}

impl CredentialName {
    /// Whether a person is asked.
    pub(crate) fn is_interactive(self) -> bool {
        matches!(self, CredentialName::InteractiveBrowser | CredentialName::DeviceCode)
    }
}

impl CredentialName {
    /// Whether it may leave something behind when it is cut off: a tool's process, a listener.
    pub(crate) fn leaves_something(self) -> bool {
        self.is_interactive() || matches!(self, CredentialName::AzureCli | CredentialName::Default)
    }
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Credential")]
pub(crate) struct CredentialArgs {
    /// Whom to ask; several names are tried in order
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "NAME[,NAME…]",
        default_value = "default",
        hide_possible_values = false
    )]
    pub(crate) credential: Vec<CredentialName>,
    /// The tenant [env: AZURE_TENANT_ID]
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant_id: Option<String>,
    /// The app [env: AZURE_CLIENT_ID]
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// A file with the client secret; `-` is standard input [env: AZURE_CLIENT_SECRET]
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// A user-assigned managed identity: client-id:X, object-id:X or resource-id:X
    #[arg(long, value_name = "ID")]
    pub(crate) identity: Option<ManagedIdentityId>,
    /// The authority, or a cloud: public, china, usgov, bleu, delos, govsg [env: AZURE_AUTHORITY_HOST]
    #[arg(long, value_name = "URL")]
    pub(crate) authority: Option<String>,
    /// Trust an authority host that is not a known one, without asking the public cloud about it
    #[arg(long)]
    pub(crate) disable_instance_discovery: bool,
    /// Another tenant that tokens may be of; `*` allows any
    #[arg(long, value_name = "TENANT")]
    pub(crate) additionally_allowed_tenant: Vec<String>,
    /// Say that this client can handle claims challenges
    #[arg(long)]
    pub(crate) enable_cae: bool,
    /// Where the browser comes back to [default: http://localhost at a free port]
    #[arg(long, value_name = "URI")]
    pub(crate) redirect_uri: Option<String>,
    /// The account to sign in
    #[arg(long, value_name = "USER")]
    pub(crate) login_hint: Option<String>,
}
