//! Workspaces that are made, replaced and removed.

use entrada_core::effect::HttpResponse;
use serde_json::{Map, Value};

use super::identity::changed;
use super::{Below, document};
use crate::ask::Ask;
use crate::config::{ResourceIdentity, Subscription, Workspace};
use crate::fault::Fault;
use crate::{Emulator, reply};

/// What a workspace works with, by the name of the property and the type of the resource. The last one may be
/// left out.
const LINKED: [(&str, &str); 4] = [
    ("storageAccount", "/providers/microsoft.storage/storageaccounts/"),
    ("keyVault", "/providers/microsoft.keyvault/vaults/"),
    ("applicationInsights", "/providers/microsoft.insights/components/"),
    ("containerRegistry", "/providers/microsoft.containerregistry/registries/"),
];

fn bad(message: String) -> Fault {
    Fault::new(400, "BadRequest", message)
}

/// The resources that a document links the workspace to.
fn linked(properties: &Value) -> Result<Map<String, Value>, Fault> {
    let mut found = Map::new();
    for (name, kind) in LINKED {
        match properties[name].as_str() {
            Some(id) if id.starts_with("/subscriptions/") && id.to_ascii_lowercase().contains(kind) => {
                found.insert(name.to_owned(), id.into());
            }
            Some(_) => return Err(bad(format!("The {name} of the workspace is not the id of one."))),
            None if name == "containerRegistry" => {}
            None => return Err(bad(format!("Missing dependent resources in workspace json: {name}."))),
        }
    }
    Ok(found)
}

impl Emulator {
    /// `PUT`: 202, and `Location` tells when it is there.
    pub(super) fn put_workspace(
        &mut self,
        ask: &Ask<'_>,
        subscription: Subscription,
        [group, name]: [&str; 2],
        id: String,
    ) -> Result<HttpResponse, Fault> {
        let (group, _) = self.group(&subscription.id, group)?;
        let wanted = document(ask)?;
        let location = wanted["location"].as_str().ok_or_else(|| {
            let message = "The location property is required for this definition.";
            Fault::new(400, "LocationRequired", message)
        })?;
        let old = self.workspace(&subscription, &group, name).ok().cloned();
        if let Some(old) = old.as_ref().filter(|old| !old.location.eq_ignore_ascii_case(location)) {
            let message = format!(
                "The resource '{name}' already exists in location '{}' in resource group '{group}'. A resource with \
                 the same name cannot be created in location '{location}'. Please select a new resource name.",
                old.location
            );
            return Err(Fault::new(409, "InvalidResourceLocation", message));
        }
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
        if !(3..=33).contains(&name.len()) || !name.bytes().all(legal) {
            return Err(bad(format!("The workspace name '{name}' is not valid.")));
        }
        let properties = &wanted["properties"];
        let text = |name: &str| properties[name].as_str().unwrap_or_default().to_owned();
        let identity = old.as_ref().map(|old| old.identity.clone()).unwrap_or_default();
        let identity = match wanted.get("identity") {
            Some(identity_wanted) => changed(&identity, identity_wanted)?,
            None => identity,
        };
        if identity == ResourceIdentity::default() {
            return Err(bad("A workspace needs an identity.".to_owned()));
        }
        let workspace = Workspace {
            subscription: subscription.id.clone(),
            resource_group: group.clone(),
            name: old.as_ref().map_or(name, |old| &old.name).to_owned(),
            location: location.to_owned(),
            friendly_name: text("friendlyName"),
            description: text("description"),
            identity,
            linked: linked(properties)?,
        };
        self.forget_workspace(&workspace);
        self.config.workspaces.push(workspace.clone());
        let ready = ask.now.unix.0.saturating_add(self.config.policy.operation);
        self.store.operations.insert(id.to_ascii_lowercase(), (ready, String::new()));
        let below = Below { subscription, workspace, id, rest: Vec::new() };
        Ok(self.begin_operation(ask, &below))
    }

    /// `DELETE`: 202 and `Location`, or 204 where there is none.
    pub(super) fn delete_workspace(
        &mut self,
        ask: &Ask<'_>,
        subscription: Subscription,
        [group, name]: [&str; 2],
        id: String,
    ) -> HttpResponse {
        let Ok(workspace) = self.workspace(&subscription, group, name).cloned() else {
            return reply::body(204, "application/json", "");
        };
        self.forget_workspace(&workspace);
        self.config.computes.retain(|one| !one.workspace.eq_ignore_ascii_case(&workspace.name));
        self.config.online_endpoints.retain(|one| !one.workspace.eq_ignore_ascii_case(&workspace.name));
        self.begin_operation(ask, &Below { subscription, workspace, id, rest: Vec::new() })
    }

    fn forget_workspace(&mut self, gone: &Workspace) {
        self.config.workspaces.retain(|known| {
            !(known.subscription.eq_ignore_ascii_case(&gone.subscription)
                && known.resource_group.eq_ignore_ascii_case(&gone.resource_group)
                && known.name.eq_ignore_ascii_case(&gone.name))
        });
    }
}
