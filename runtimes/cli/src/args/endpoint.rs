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
}

#[derive(Debug, clap::Args)]
pub(crate) struct EndpointArgs<F: Format = TableOutput> {
    /// The endpoint
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) at: InWorkspaceArgs<F>,
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
