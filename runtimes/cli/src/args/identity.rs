//! `entrada identity`.

use clap::Subcommand;

use super::InWorkspaceArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum IdentityCommand {
    /// Show the managed identities of a workspace, or of one of its computes
    Show(Box<IdentityShowArgs>),
    /// Give a workspace, or one of its computes, managed identities; those it has stay
    Enable(Box<IdentityChangeArgs>),
    /// Take managed identities from a workspace, or from one of its computes; those that are not named stay
    #[command(
        after_help = "What a workspace reaches its storage account, its key vault and its registry with is its identity: take one away when another one has its roles. A user-assigned one is not deleted. The roles of an identity of its own stay behind as roles of nobody; `entrada role list` shows them before."
    )]
    Disable(Box<IdentityChangeArgs>),
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
pub(crate) struct IdentityChangeArgs {
    /// The one of its own
    #[arg(long)]
    pub(crate) system: bool,
    /// A user-assigned one, by its resource id; may be given several times
    #[arg(long, value_name = "RESOURCE-ID")]
    pub(crate) user_assigned: Vec<String>,
    #[command(flatten)]
    pub(crate) show: IdentityShowArgs,
}
