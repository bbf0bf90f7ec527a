//! Azure Machine Learning: the workspace's configuration file, and workspaces as Azure Resource
//! Manager has them.

mod config;
mod find;
mod workspace;
mod workspaces;

pub use config::WorkspaceConfig;
pub use find::{FindConfig, FoundConfig, Look};
pub use workspace::Workspace;
pub use workspaces::{API_VERSION, GetWorkspace, ListWorkspaces, WorkspaceScope};
