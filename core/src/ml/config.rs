//! `.azureml/config.json`: which workspace a project works in.

use serde_json::{Map, Value, json};

use crate::arm::check_segment;
use crate::error::{Error, ErrorKind};
use crate::json_file;
use crate::redact;
use crate::tenant::is_guid;

/// The three names that tell a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkspaceConfig {
    /// The GUID of the subscription.
    pub subscription_id: String,
    /// The resource group.
    pub resource_group: String,
    /// The workspace.
    pub workspace_name: String,
}

impl WorkspaceConfig {
    /// The workspace of these names.
    ///
    /// # Errors
    /// `Configuration` when a name is empty, a placeholder, or impossible.
    pub fn new(
        subscription_id: impl Into<String>,
        resource_group: impl Into<String>,
        workspace_name: impl Into<String>,
    ) -> Result<WorkspaceConfig, Error> {
        let names = [subscription_id.into(), resource_group.into(), workspace_name.into()];
        WorkspaceConfig::called(["subscription_id", "resource_group", "workspace_name"], names)
    }

    /// The workspace of these names, which errors call what their place calls them.
    pub(super) fn called(labels: [&str; 3], names: [String; 3]) -> Result<WorkspaceConfig, Error> {
        for (label, value) in labels.into_iter().zip(&names) {
            if value.trim_start().starts_with('<') {
                return Err(Error::new(ErrorKind::Configuration, format!("{label} is still a placeholder"))
                    .with_remedy("fill in the real value; the Overview page of the workspace shows it"));
            }
            check_segment(value, label)?;
        }
        let [subscription_id, resource_group, workspace_name] = names;
        if !is_guid(&subscription_id) {
            return Err(Error::new(ErrorKind::Configuration, format!("{} is not a GUID", labels[0]))
                .with_remedy("use the subscription's ID, not its name"));
        }
        Ok(WorkspaceConfig { subscription_id, resource_group, workspace_name })
    }

    /// Reads a configuration file: the three keys, or an older `Scope`, which wins. A byte-order mark
    /// is tolerated, other keys are ignored.
    ///
    /// # Errors
    /// `Configuration`, saying what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<WorkspaceConfig, Error> {
        let document = json_file::object(bytes)?;
        match document.get("Scope").filter(|scope| truthy(scope)) {
            Some(scope) => from_scope(scope),
            None => from_keys(&document),
        }
    }

    /// The workspace of this ARM resource id, and of whatever is below it.
    ///
    /// # Errors
    /// `Configuration` when it is not the id of one.
    pub fn of_resource_id(id: &str) -> Result<WorkspaceConfig, Error> {
        let parts: Vec<_> = id.split('/').collect();
        match (parts.get(2), parts.get(4), parts.get(8)) {
            (Some(subscription), Some(group), Some(workspace)) => {
                WorkspaceConfig::new(*subscription, *group, *workspace)
            }
            _ => Err(Error::new(ErrorKind::Configuration, "it is not the resource id of a workspace")
                .with_remedy("an id reads /subscriptions/…/resourceGroups/…/providers/Microsoft.MachineLearningServices/workspaces/…")),
        }
    }

    /// The file's content: the three keys, pretty-printed.
    #[must_use]
    pub fn to_json(&self) -> String {
        let document = json!({
            "subscription_id": self.subscription_id,
            "resource_group": self.resource_group,
            "workspace_name": self.workspace_name,
        });
        format!("{document:#}\n")
    }

    /// The ARM resource id.
    #[must_use]
    pub fn resource_id(&self) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}",
            self.subscription_id, self.resource_group, self.workspace_name
        )
    }
}

/// What the `Scope` of a file names instead of a workspace, if it does: the SDK takes the fourth name of any id for
/// the workspace.
pub(super) fn other_than_workspace(bytes: &[u8]) -> Option<String> {
    let document = json_file::object(bytes).ok()?;
    let scope = document.get("Scope").filter(|scope| truthy(scope))?.as_str()?.to_owned();
    let steps: Vec<&str> = scope.split('/').collect();
    let is = |at: usize, word: &str| steps.get(at).is_some_and(|step| step.eq_ignore_ascii_case(word));
    let words = ["subscriptions", "resourceGroups", "providers"];
    let is_one = words.into_iter().zip([1, 3, 5]).all(|(word, at)| is(at, word))
        && is(6, "Microsoft.MachineLearningServices")
        && is(7, "workspaces");
    let kind = steps.get(6..8).map(|kind| redact::clean(&kind.join("/"), &[])).unwrap_or_default();
    (!is_one).then(|| format!("its Scope is not the id of a workspace but of {kind}"))
}

fn truthy(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value != ""
}

fn from_scope(scope: &Value) -> Result<WorkspaceConfig, Error> {
    WorkspaceConfig::of_resource_id(scope.as_str().unwrap_or_default()).map_err(|error| {
        let what = format!("its Scope cannot be used: {}", error.message());
        error.saying(what)
    })
}

fn from_keys(document: &Map<String, Value>) -> Result<WorkspaceConfig, Error> {
    let names = ["subscription_id", "resource_group", "workspace_name"];
    let missing: Vec<_> = names.into_iter().filter(|name| !document.contains_key(*name)).collect();
    if !missing.is_empty() {
        return Err(Error::new(ErrorKind::Configuration, format!("it lacks {}", missing.join(" and ")))
            .with_remedy("it must have subscription_id, resource_group and workspace_name"));
    }
    let text = |name: &str| match document.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        _ => Err(Error::new(ErrorKind::Configuration, format!("its {name} is not a text"))),
    };
    WorkspaceConfig::new(text(names[0])?, text(names[1])?, text(names[2])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10";

    #[test]
    fn every_form_of_the_file() {
        let expected = WorkspaceConfig::new(GUID, "rg", "ws").unwrap();
        let keys = format!(
            r#"{{"subscription_id":"{GUID}","resource_group":"rg","workspace_name":"ws","extra":1}}"#
        );
        let scope = format!(
            r#"{{"Scope":"/subscriptions/{GUID}/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws/more","subscription_id":"x"}}"#
        );
        let empty_scope = keys.replacen('{', r#"{"Scope":"","scope":"/x","#, 1);
        for text in [keys.clone(), scope, empty_scope, format!("\u{feff}{keys}"), expected.to_json()] {
            assert_eq!(WorkspaceConfig::parse(text.as_bytes()).unwrap(), expected, "{text}");
        }
        assert!(
            expected.to_json().starts_with("{\n  \"resource_group\"")
                || expected.to_json().starts_with("{\n  \"subscription_id\"")
        );
        assert!(expected.to_json().ends_with("}\n"));
    }

    #[test]
    fn a_scope_of_something_else_is_remarked() {
        let file =
            |rest: &str| format!(r#"{{"Scope":"/subscriptions/{GUID}/resourceGroups/rg/providers/{rest}"}}"#);
        let workspace = file("microsoft.machinelearningservices/Workspaces/ws/computes/c");
        assert_eq!(other_than_workspace(workspace.as_bytes()), None);
        let machine = file("Microsoft.Compute/virtualMachines/vm");
        let remark = other_than_workspace(machine.as_bytes()).unwrap();
        assert!(remark.ends_with("of Microsoft.Compute/virtualMachines"), "{remark}");
        assert_eq!(WorkspaceConfig::parse(machine.as_bytes()).unwrap().workspace_name, "vm");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let lacking = format!(r#"{{"subscription_id":"{GUID}"}}"#);
        for (text, said) in [
            ("", "not JSON"),
            ("{,}", "line 1"),
            ("[]", "not a JSON object"),
            (lacking.as_str(), "resource_group and workspace_name"),
            (r#"{"Scope":"/subscriptions/x"}"#, "Scope"),
            (r#"{"Scope":7}"#, "Scope"),
            (
                r#"{"subscription_id":"<SUBSCRIPTION_ID>","resource_group":"a","workspace_name":"b"}"#,
                "placeholder",
            ),
            (r#"{"subscription_id":"x","resource_group":"a","workspace_name":"b"}"#, "GUID"),
            (r#"{"subscription_id":null,"resource_group":"a","workspace_name":"b"}"#, "not a text"),
            (r#"{"subscription_id":"x","resource_group":"a ","workspace_name":"b"}"#, "resource_group"),
            (r#"{"subscription_id":"x","resource_group":"a/b","workspace_name":"b"}"#, "resource_group"),
        ] {
            let error = WorkspaceConfig::parse(text.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(said), "{text}: {error}");
        }
        assert!(WorkspaceConfig::parse(&[0xff, 0xfe, b'{', 0]).unwrap_err().to_string().contains("UTF-16"));
        assert!(WorkspaceConfig::parse(&[0xff, b'{']).is_err());
    }
}
