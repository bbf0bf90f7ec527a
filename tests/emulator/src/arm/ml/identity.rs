//! Managed identities of workspaces and computes.

use entrada_core::effect::HttpResponse;
use serde_json::{Map, Value, json};

use super::{Below, document};
use crate::Emulator;
use crate::arm::WORKSPACES;
use crate::ask::Ask;
use crate::config::{Config, ManagedIdentity, ResourceIdentity, Workspace};
use crate::draw::stable;
use crate::fault::Fault;

/// The object that stands for the identities of a resource.
pub(in crate::arm) fn object(config: &Config, id: &str, tenant: &str, identity: &ResourceIdentity) -> Value {
    let kind = match (identity.system, identity.user.is_empty()) {
        (true, true) => "SystemAssigned",
        (true, false) => "SystemAssigned,UserAssigned",
        (false, false) => "UserAssigned",
        (false, true) => "None",
    };
    let mut document = json!({ "type": kind });
    if identity.system {
        document["principalId"] = of_its_own(id, tenant).object_id.into();
        document["tenantId"] = tenant.into();
    }
    if !identity.user.is_empty() {
        let one = |id: &String| {
            let known = config.identities.iter().find(|known| {
                known.resource_id.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(id))
            });
            let (principal, client) = match known {
                Some(known) => (known.object_id.clone(), known.client_id.clone()),
                None => (stable(&format!("{id} principal")), stable(&format!("{id} client"))),
            };
            (id.clone(), json!({ "principalId": principal, "clientId": client }))
        };
        document["userAssignedIdentities"] =
            Value::Object(identity.user.iter().map(one).collect::<Map<_, _>>());
    }
    document
}

/// The identity that a resource has of its own, however its id is spelt.
fn of_its_own(id: &str, tenant: &str) -> ManagedIdentity {
    let derived = |what: &str| stable(&format!("{id} {what}").to_ascii_lowercase());
    ManagedIdentity {
        tenant: tenant.to_owned(),
        client_id: derived("client"),
        object_id: derived("principal"),
        resource_id: Some(id.to_owned()),
    }
}

/// What becomes of identities: the type says what there is in the end, the map is merged, and a null in
/// it removes.
pub(super) fn changed(old: &ResourceIdentity, wanted: &Value) -> Result<ResourceIdentity, Fault> {
    let bad = |message: &str| Fault::new(400, "InvalidIdentityValues", message.to_owned());
    let kind = wanted["type"]
        .as_str()
        .ok_or_else(|| bad("Invalid value for the identities: the type is missing."))?;
    let parts: Vec<String> = kind.split(',').map(|part| part.trim().to_ascii_lowercase()).collect();
    let has = |name: &str| parts.iter().any(|part| part == name);
    if !parts.iter().all(|part| ["none", "systemassigned", "userassigned"].contains(&part.as_str())) {
        return Err(bad("Invalid value for the identities: the type is not one."));
    }
    let mut user = if has("userassigned") { old.user.clone() } else { Vec::new() };
    for (id, value) in wanted["userAssignedIdentities"].as_object().into_iter().flatten() {
        if !has("userassigned") {
            return Err(bad("The assigned identities do not fit the type of the identity."));
        }
        if !id.to_ascii_lowercase().contains("/providers/microsoft.managedidentity/userassignedidentities/") {
            return Err(bad("An assigned identity is not the resource id of one."));
        }
        user.retain(|known| !known.eq_ignore_ascii_case(id));
        if !value.is_null() {
            user.push(id.clone());
        }
    }
    if has("userassigned") && user.is_empty() {
        return Err(bad("The identity type UserAssigned needs at least one assigned identity."));
    }
    Ok(ResourceIdentity { system: has("systemassigned"), user })
}

impl Emulator {
    /// The identities that workspaces and computes have of their own.
    pub(crate) fn system_identities(&self) -> Vec<ManagedIdentity> {
        let mut found = Vec::new();
        for workspace in &self.config.workspaces {
            let Workspace { subscription, resource_group, name, .. } = workspace;
            let known =
                self.config.subscriptions.iter().find(|one| one.id.eq_ignore_ascii_case(subscription));
            let tenant = known.map(|known| known.tenant.as_str()).unwrap_or_default();
            let id = format!(
                "/subscriptions/{subscription}/resourceGroups/{resource_group}/providers/{WORKSPACES}/{name}"
            );
            if workspace.identity.system {
                found.push(of_its_own(&id, tenant));
            }
            let computes = self.config.computes.iter().filter(|one| one.identity.system);
            let computes = computes.filter(|one| one.workspace.eq_ignore_ascii_case(name));
            found.extend(computes.map(|one| of_its_own(&format!("{id}/computes/{}", one.name), tenant)));
        }
        found
    }

    pub(super) fn change_workspace(
        &mut self,
        ask: &Ask<'_>,
        below: &Below<'_>,
    ) -> Result<HttpResponse, Fault> {
        let wanted = document(ask)?;
        if wanted.get("identity").is_some() {
            let identity = changed(&below.workspace.identity, &wanted["identity"])?;
            let name = &below.workspace.name;
            for known in &mut self.config.workspaces {
                if known.name == *name && known.resource_group == below.workspace.resource_group {
                    known.identity = identity.clone();
                }
            }
        }
        Ok(self.begin_operation(ask, below))
    }
}
