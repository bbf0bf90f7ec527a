//! `entrada identity`.

use clap::Subcommand;

use super::InWorkspaceArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum IdentityCommand {
    /// Show the managed identities of a workspace, or of one of its computes
    Show(Box<IdentityShowArgs>),
    /// Give a workspace, or one of its computes, managed identities; those it has stay
    Enable(Box<IdentityEnableArgs>),
}

#[derive(Debug, clap::Args)]
pub(crate) struct IdentityShowArgs {
    /// A compute cluster or compute instance of the workspace
    #[arg(long, value_name = "NAME")]
    pub(crate) compute: Option<String>,
    #[command(flatten)]
    pub(crate) at: InWorkspaceArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct IdentityEnableArgs {
    /// One of its own
    #[arg(long)]
    pub(crate) system: bool,
    /// A user-assigned one, by its resource id; may be given several times
    #[arg(long, value_name = "RESOURCE-ID")]
    pub(crate) user_assigned: Vec<String>,
    #[command(flatten)]
    pub(crate) show: IdentityShowArgs,
}
