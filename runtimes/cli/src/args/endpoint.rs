//! `entrada endpoint`.

use clap::{Subcommand, ValueEnum};

use super::{CredentialArgs, TableOutput, WhichArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum EndpointCommand {
    /// List the online endpoints of a workspace
    List(Box<EndpointListArgs>),
    /// Show an online endpoint
    Show(Box<EndpointShowArgs>),
    /// Get what an online endpoint is called with: its keys, a token of its own, or a token of Entra
    Auth(Box<EndpointAuthArgs>),
}

#[derive(Debug, clap::Args)]
pub(crate) struct EndpointListArgs {
    #[command(flatten)]
    pub(crate) which: WhichArgs,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How they are printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EndpointShowArgs {
    /// The endpoint
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) which: WhichArgs,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EndpointAuthArgs {
    /// The endpoint
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) which: WhichArgs,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "json")]
    pub(crate) output: SecretOutput,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecretOutput {
    /// One object on one line
    Json,
    /// The key or the token alone
    Raw,
    /// An HTTP header
    Header,
}
