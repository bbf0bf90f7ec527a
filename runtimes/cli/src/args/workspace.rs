//! `entrada workspace`.

use std::path::PathBuf;

use clap::Subcommand;

use super::{CredentialArgs, InWorkspaceArgs, TableOutput, WorkspaceArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// Open a workspace and show it
    Show(Box<ShowArgs>),
    /// List the workspaces of a subscription or a resource group
    List(Box<InWorkspaceArgs>),
    /// Write .azureml/config.json
    Init(InitArgs),
    /// Show the keys that a workspace has of its storage, registry and notebooks: all of them secret
    Keys(Box<InWorkspaceArgs>),
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
    /// How it is printed; table is the path of the file alone
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}
