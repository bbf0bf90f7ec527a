//! `entrada endpoint`.

use clap::{Subcommand, ValueEnum};

use super::{Format, InWorkspaceArgs, TableOutput};

#[derive(Debug, Subcommand)]
pub(crate) enum EndpointCommand {
    /// List the online endpoints of a workspace
    List(Box<InWorkspaceArgs>),
    /// Show an online endpoint
    Show(Box<EndpointArgs>),
    /// Get what an online endpoint is called with: its keys, a token of its own, or a token of Entra
    Auth(Box<EndpointArgs<SecretOutput>>),
    /// Have one of an online endpoint's keys made anew, and print it: the one it had is refused from then on
    RegenerateKey(Box<RegenerateKeyArgs>),
}

#[derive(Debug, clap::Args)]
pub(crate) struct EndpointArgs<F: Format = TableOutput> {
    /// The endpoint
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) at: InWorkspaceArgs<F>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RegenerateKeyArgs {
    /// Which one; whoever calls the endpoint with it needs the new one, so let them use the other one before
    #[arg(long, value_enum, value_name = "WHICH")]
    pub(crate) key: KeyName,
    #[command(flatten)]
    pub(crate) endpoint: EndpointArgs<SecretOutput>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyName {
    /// The first
    Primary,
    /// The second
    Secondary,
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

impl Format for SecretOutput {
    const DEFAULT: &'static str = "json";
}
