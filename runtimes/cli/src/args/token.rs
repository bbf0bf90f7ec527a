//! `entrada token`.

use clap::ValueEnum;

use super::{CredentialArgs, TargetArgs};

#[derive(Debug, clap::Args)]
pub(crate) struct TokenArgs {
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// The account of this subscription (azure-cli)
    #[arg(long, value_name = "SUBSCRIPTION")]
    pub(crate) subscription: Option<String>,
    /// The tenant of this one request, when it differs from the credential's
    #[arg(long, value_name = "TENANT")]
    pub(crate) request_tenant: Option<String>,
    /// Claims that the token must satisfy
    #[arg(long, value_name = "JSON")]
    pub(crate) claims: Option<String>,
    /// How the token is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "json")]
    pub(crate) output: TokenOutput,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TokenOutput {
    /// One object on one line
    Json,
    /// The token alone
    Raw,
    /// An HTTP header
    Header,
    /// `export` lines for a shell
    Env,
    /// An ExecCredential for kubectl
    Kubernetes,
}
