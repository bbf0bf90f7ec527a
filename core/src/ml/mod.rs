//! Azure Machine Learning: the workspace's configuration file, and workspaces as Azure Resource
//! Manager has them.

mod choose;
mod cloud;
mod config;
mod find;
mod job;
mod workspace;
mod workspaces;

pub use choose::{ChooseWorkspace, ChosenWorkspace, ExplainWorkspace, Explanation, WorkspaceOrigin};
pub use cloud::authority;
pub use config::WorkspaceConfig;
pub use find::{FindConfig, FoundConfig, Look};
pub use job::{Job, JobIdentity};
pub use workspace::Workspace;
pub use workspaces::{API_VERSION, GetWorkspace, ListWorkspaces, WorkspaceScope};
