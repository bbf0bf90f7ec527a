//! The resources below a workspace, as operations of Azure Resource Manager.

use super::WorkspaceConfig;
use crate::arm::check_segment;
use crate::arm::roles::Scope;
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

impl Scope {
    /// A workspace.
    ///
    /// # Errors
    /// `Configuration` when a name is impossible.
    pub fn of_workspace(config: &WorkspaceConfig) -> Result<Scope, Error> {
        Scope::new(&format!("/{}", steps(config, &[]).join("/")))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_is_a_scope() {
        let id = "c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09";
        let scope = Scope::of_workspace(&WorkspaceConfig::new(id, "ml-rg", "ml-demo").unwrap()).unwrap();
        assert_eq!(
            scope.as_str(),
            format!("/subscriptions/{id}/resourceGroups/ml-rg/providers/{PROVIDER}/workspaces/ml-demo")
        );
    }
}
