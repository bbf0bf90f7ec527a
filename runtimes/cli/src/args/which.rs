//! Options that say which workspace is meant, who asks for it, and how the answer is printed.

use std::path::PathBuf;

use clap::ValueEnum;

use super::CredentialArgs;

/// Which workspace, by its names.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Workspace")]
pub(crate) struct WorkspaceArgs {
    /// The subscription
    #[arg(long, short = 's', visible_alias = "subscription", value_name = "GUID")]
    pub(crate) subscription_id: Option<String>,
    /// The resource group
    #[arg(long, short = 'g', value_name = "NAME")]
    pub(crate) resource_group: Option<String>,
    /// The workspace
    #[arg(long, short = 'w', visible_alias = "workspace", value_name = "NAME")]
    pub(crate) workspace_name: Option<String>,
}

/// Which workspace, for verbs whose arguments name other things.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct WhichArgs {
    /// The workspace's configuration file, or a folder to search from upwards [default: the working directory]
    #[arg(long, value_name = "PATH")]
    pub(crate) config: Option<PathBuf>,
    /// The name of the configuration file, when it is another
    #[arg(long, value_name = "NAME")]
    pub(crate) file_name: Option<String>,
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArgs,
}

/// A workspace, who asks about it, and how the answer is printed: in one of these formats, the default one
/// unless another is named.
#[derive(Debug, clap::Args)]
pub(crate) struct InWorkspaceArgs<F: Format = TableOutput> {
    #[command(flatten)]
    pub(crate) which: WhichArgs,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = F::DEFAULT)]
    pub(crate) output: F,
}

/// Ways to print something.
pub(crate) trait Format: ValueEnum + Send + Sync + 'static {
    /// The name of the one that is chosen when none is named.
    const DEFAULT: &'static str;
}

impl Format for TableOutput {
    const DEFAULT: &'static str = "table";
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableOutput {
    /// For people
    Table,
    /// One JSON document
    Json,
}
