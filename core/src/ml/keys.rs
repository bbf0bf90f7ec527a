//! The keys of a workspace: `POST …/listKeys`.

use serde_json::{Map, Value};

use super::resource::steps;
use super::{API_VERSION, WorkspaceConfig};
use crate::arm::ResourceManager;
use crate::call::{Call, Operation, malformed};
use crate::effect::Reply;
use crate::flow::{Cx, Flow};
use crate::run::Step;
use crate::secret::Secret;

/// The keys that a workspace has of what belongs to it. Each may be missing.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct WorkspaceKeys {
    /// The key of its storage account.
    pub storage: Option<Secret>,
    /// The ARM id of that account.
    pub storage_id: Option<String>,
    /// The instrumentation key of Application Insights.
    pub insights: Option<Secret>,
    /// Who signs in to its container registry.
    pub registry_user: Option<String>,
    /// The passwords for that, by name.
    pub registry_passwords: Vec<(String, Secret)>,
    /// The first key of its notebooks.
    pub notebook_primary: Option<Secret>,
    /// The second key of its notebooks.
    pub notebook_secondary: Option<Secret>,
}

impl WorkspaceKeys {
    fn of_document(document: &Map<String, Value>) -> WorkspaceKeys {
        let text = |path: &[&str]| {
            let mut value = document.get(*path.first()?)?;
            for step in &path[1..] {
                value = value.get(step)?;
            }
            value.as_str().filter(|text| !text.is_empty())
        };
        let secret = |path: &[&str]| text(path).map(Secret::new);
        let passwords = document.get("containerRegistryCredentials").and_then(|it| it.get("passwords"));
        let passwords = passwords.and_then(Value::as_array).into_iter().flatten().filter_map(|one| {
            Some((one.get("name")?.as_str()?.to_owned(), Secret::new(one.get("value")?.as_str()?)))
        });
        WorkspaceKeys {
            storage: secret(&["userStorageKey"]),
            storage_id: text(&["userStorageArmId"]).or(text(&["userStorageResourceId"])).map(str::to_owned),
            insights: secret(&["appInsightsInstrumentationKey"]),
            registry_user: text(&["containerRegistryCredentials", "username"]).map(str::to_owned),
            registry_passwords: passwords.collect(),
            notebook_primary: secret(&["notebookAccessKeys", "primaryAccessKey"]),
            notebook_secondary: secret(&["notebookAccessKeys", "secondaryAccessKey"]),
        }
    }
}

/// Reads the keys of a workspace. The role AzureML Data Scientist is not enough for it.
#[derive(Debug)]
pub struct ListWorkspaceKeys(Call);

impl ListWorkspaceKeys {
    /// The keys of this workspace.
    #[must_use]
    pub fn new(manager: &ResourceManager, config: &WorkspaceConfig) -> ListWorkspaceKeys {
        let operation =
            Operation::post(steps(config, &["listKeys"]), "the keys of the workspace").repeatable();
        ListWorkspaceKeys(manager.call(operation, API_VERSION))
    }
}

impl Flow for ListWorkspaceKeys {
    type Output = WorkspaceKeys;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<WorkspaceKeys> {
        let answer = crate::pump!(self.0.step(cx, reply));
        let keys = answer.object().cloned().map(|document| WorkspaceKeys::of_document(&document));
        Step::Done(keys.ok_or_else(|| malformed(&answer, "is no list of keys")))
    }
}
