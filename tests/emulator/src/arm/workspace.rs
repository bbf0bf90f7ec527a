//! Azure Machine Learning workspaces.

use serde_json::{Value, json};

use super::ml::identity;
use super::{WORKSPACES, list};
use crate::Emulator;
use crate::arm::fault::not_found;
use crate::ask::Ask;
use crate::config::{Subscription, Workspace};
use crate::draw::stable;
use crate::fault::Fault;

impl Emulator {
    /// A workspace that there is.
    pub(super) fn workspace(
        &self,
        subscription: &Subscription,
        group: &str,
        name: &str,
    ) -> Result<&Workspace, Fault> {
        let found = self.config.workspaces.iter().find(|workspace| {
            workspace.subscription.eq_ignore_ascii_case(&subscription.id)
                && workspace.resource_group.eq_ignore_ascii_case(group)
                && workspace.name.eq_ignore_ascii_case(name)
        });
        found.ok_or_else(|| not_found(WORKSPACES, name, group))
    }

    pub(super) fn workspaces(
        &self,
        ask: &Ask<'_>,
        subscription: &Subscription,
        group: Option<&str>,
        version: &str,
    ) -> Result<Value, Fault> {
        let all = self.workspaces_in(subscription, group);
        let items =
            all.map(|workspace| self.workspace_object(ask, workspace, &subscription.tenant)).collect();
        list::page(ask, items, self.config.policy.page_size, version)
    }

    fn workspaces_in<'a>(
        &'a self,
        subscription: &'a Subscription,
        group: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Workspace> {
        self.config.workspaces.iter().filter(move |workspace| {
            workspace.subscription.eq_ignore_ascii_case(&subscription.id)
                && group.is_none_or(|group| workspace.resource_group.eq_ignore_ascii_case(group))
        })
    }
}

impl Emulator {
    pub(super) fn workspace_object(&self, ask: &Ask<'_>, workspace: &Workspace, tenant: &str) -> Value {
        let Workspace { subscription, resource_group, name, location, .. } = workspace;
        let group = format!("/subscriptions/{subscription}/resourceGroups/{resource_group}");
        let id = format!("{group}/providers/{WORKSPACES}/{name}");
        let part = |provider: &str, kind: &str| format!("{group}/providers/{provider}/{kind}");
        let short: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let discovery = match ask.origin.cloud() {
            Some(_) => format!("https://{location}.api.azureml.ms/discovery"),
            None => format!("{}/discovery", ask.origin),
        };
        json!({
            "id": id, "name": name, "type": WORKSPACES, "location": location, "kind": "Default",
            "sku": { "name": "Basic", "tier": "Basic" }, "tags": {},
            "etag": stable(&format!("{id} etag")),
            "systemData": { "createdAt": "2024-05-14T09:30:00.0000000Z", "createdByType": "User",
                "lastModifiedAt": "2024-05-14T09:30:00.0000000Z", "lastModifiedByType": "User" },
            "identity": identity::object(&self.config, &id, tenant, &workspace.identity),
            "properties": {
                "workspaceId": stable(&id), "tenantId": tenant,
                "friendlyName": workspace.friendly_name, "description": workspace.description,
                "discoveryUrl": discovery,
                "mlFlowTrackingUri": format!("azureml://{location}.api.azureml.ms/mlflow/v1.0{id}"),
                "storageAccount": part("Microsoft.Storage", &format!("storageAccounts/{short}store")),
                "keyVault": part("Microsoft.KeyVault", &format!("vaults/{short}-kv")),
                "applicationInsights": part("Microsoft.Insights", &format!("components/{short}-insights")),
                "containerRegistry": null, "hbiWorkspace": false, "provisioningState": "Succeeded",
                "publicNetworkAccess": "Enabled", "allowPublicAccessWhenBehindVnet": false,
                "privateEndpointConnections": [], "privateLinkCount": 0, "v1LegacyMode": false,
                "systemDatastoresAuthMode": "AccessKey", "creationTime": "2024-05-14T09:30:00.0000000Z",
            },
        })
    }
}
