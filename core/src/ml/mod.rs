//! Azure Machine Learning: the workspace's configuration file, and workspaces as Azure Resource
//! Manager has them.

mod choose;
mod cloud;
mod config;
mod find;
mod identity;
mod job;
mod keys;
mod online_endpoint;
mod regenerate_key;
mod resource;
mod workspace;
mod workspaces;

pub use choose::{ChooseWorkspace, ChosenWorkspace, ExplainWorkspace, Explanation, WorkspaceOrigin};
pub use cloud::authority;
pub use config::WorkspaceConfig;
pub use find::{FindConfig, FoundConfig, Look};
pub use identity::{
    AssignedIdentity, DisableIdentity, DisabledIdentity, EnableIdentity, IdentityOwner, ResourceIdentity,
    ShowIdentity, UnwantedIdentity, WantedIdentity,
};
pub use job::{Job, JobIdentity};
pub use keys::{ListWorkspaceKeys, WorkspaceKeys};
pub use online_endpoint::{
    AccessEndpoint, EndpointAccess, EndpointAuth, ListOnlineEndpoints, OnlineEndpoint, OpenEndpoint,
    data_plane_scopes,
};
pub use regenerate_key::{EndpointKey, RegenerateKey};
pub use workspace::Workspace;
pub use workspaces::{API_VERSION, GetWorkspace, ListWorkspaces, WorkspaceScope};
