//! `entrada workspace`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::CredentialArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// Open a workspace and show it
    Show(Box<ShowArgs>),
    /// List the workspaces of a subscription or a resource group
    List(Box<ListArgs>),
    /// Write .azureml/config.json
    Init(InitArgs),
    /// Show the keys that a workspace has of its storage, registry and notebooks: all of them secret
    Keys(Box<KeysArgs>),
}

/// Which workspace: by names, or by a configuration file.
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

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// A configuration file, or a folder to search from upwards [default: the working directory]
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,
    /// The name of the configuration file, when it is another
    #[arg(long, value_name = "NAME")]
    pub(crate) file_name: Option<String>,
    /// Only tell which workspace is meant, and every place that was looked at
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArgs,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
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

#[derive(Debug, clap::Args)]
pub(crate) struct KeysArgs {
    #[command(flatten)]
    pub(crate) which: WhichArgs,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How they are printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArgs,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How they are printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}

#[derive(Debug, clap::Args)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArgs,
    /// The project's folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) path: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableOutput {
    /// For people
    Table,
    /// One JSON document
    Json,
}
