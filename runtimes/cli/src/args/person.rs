//! `entrada login`, `logout` and `whoami`.

use super::{CredentialArgs, TableOutput, TargetArgs};

#[derive(Debug, clap::Args)]
pub(crate) struct LoginArgs {
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// Sign in on another device, where there is no browser here
    #[arg(long)]
    pub(crate) device_code: bool,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Claims that the sign-in has to satisfy, as a service that demanded them named them
    #[arg(long, value_name = "JSON")]
    pub(crate) claims: Option<String>,
    /// How it is printed; json is the record of the sign-in that the Azure Identity libraries read
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LogoutArgs {
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// Forget every account of the authority, and the tokens that apps keep there (--keep-app-tokens)
    #[arg(long, conflicts_with_all = ["username", "authentication_record"])]
    pub(crate) all: bool,
    /// How those who were forgotten are printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WhoamiArgs {
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}
