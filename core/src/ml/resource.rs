//! The resources below a workspace, as operations of Azure Resource Manager.

use super::WorkspaceConfig;
use crate::arm::check_segment;
use crate::error::{Error, ErrorKind};

pub(super) const PROVIDER: &str = "Microsoft.MachineLearningServices";

/// The steps of the path of a workspace, and of what is below it.
pub(super) fn steps(config: &WorkspaceConfig, below: &[&str]) -> Vec<String> {
    let workspace = [
        "subscriptions",
        &config.subscription_id,
        "resourceGroups",
        &config.resource_group,
        "providers",
        PROVIDER,
        "workspaces",
        &config.workspace_name,
    ];
    workspace.iter().chain(below).map(|step| (*step).to_owned()).collect()
}

/// The name of a compute or an endpoint: letters, digits and hyphens, a letter first.
pub(super) fn check_name(name: &str, what: &str) -> Result<(), Error> {
    check_segment(name, what)?;
    let legal = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    match legal && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.len() <= 64 {
        true => Ok(()),
        false => Err(Error::new(
            ErrorKind::Configuration,
            format!("the {what} is not one: it takes letters, digits and hyphens, and begins with a letter"),
        )),
    }
}
