//! Azure Resource Manager: subscriptions, resource groups, and Azure Machine Learning workspaces, to
//! read.

mod access;
mod definitions;
mod endpoints;
mod fault;
mod list;
mod ml;
mod roles;
mod tenants;
mod workspace;

use entrada_core::effect::HttpResponse;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::fault::Fault;
use crate::{Emulator, reply};
use access::{Caller, authenticate};
pub(crate) use access::{audiences as management_audiences, authenticate_for};
pub(crate) use fault::reply as fault_reply;

const WORKSPACES: &str = "Microsoft.MachineLearningServices/workspaces";
/// The versions of the workspaces' interface.
const WORKSPACE_VERSIONS: [&str; 14] = [
    "2020-08-01",
    "2021-01-01",
    "2021-04-01",
    "2021-07-01",
    "2022-01-01-preview",
    "2022-05-01",
    "2022-10-01",
    "2023-04-01",
    "2023-10-01",
    "2024-04-01",
    "2024-10-01",
    "2024-10-01-preview",
    "2025-06-01",
    "2025-12-01",
];
/// The versions of the interface of subscriptions and resource groups.
const RESOURCE_VERSIONS: [&str; 8] = [
    "2016-06-01",
    "2019-06-01",
    "2020-01-01",
    "2021-01-01",
    "2021-04-01",
    "2022-04-01",
    "2022-09-01",
    "2022-12-01",
];

impl Emulator {
    pub(crate) fn arm(&mut self, ask: &Ask<'_>) -> HttpResponse {
        let response = match self.answer_arm(ask) {
            Ok(response) => reply::with(response, "x-ms-ratelimit-remaining-subscription-reads", "249"),
            Err(fault) => fault::reply(&fault),
        };
        let id = self.draw.guid();
        let response = reply::with(response, "x-ms-request-id", &id);
        let response = reply::with(response, "x-ms-correlation-request-id", &id);
        match (ask.header("x-ms-client-request-id"), ask.header("x-ms-return-client-request-id")) {
            (Some(id), Some(wanted)) if wanted.eq_ignore_ascii_case("true") => {
                reply::with(response, "x-ms-client-request-id", id)
            }
            _ => response,
        }
    }

    fn answer_arm(&mut self, ask: &Ask<'_>) -> Result<HttpResponse, Fault> {
        if let Some(result) = self.roles(ask) {
            return Ok(match result? {
                (204, _) => reply::body(204, "application/json", ""),
                (status, document) => reply::json(status, &document),
            });
        }
        if let Some(result) = self.below_workspace(ask) {
            return result;
        }
        self.resource(ask).map(|document| reply::json(200, &document))
    }

    fn resource(&mut self, ask: &Ask<'_>) -> Result<Value, Fault> {
        let mut path = ask.pieces();
        if path.last() == Some(&"") {
            path.pop();
        }
        if !ask.is_get() {
            let message = format!("The http method '{}' is not supported for this resource.", ask.method());
            return Err(Fault::new(405, "MethodNotAllowed", message));
        }
        if path.as_slice() == ["metadata", "endpoints"] {
            return endpoints::document(ask);
        }
        let known = path.first().is_some_and(|first| first.eq_ignore_ascii_case("subscriptions"));
        let id = path.get(1).copied().filter(|_| known);
        let tenant = id.and_then(|id| {
            let known = self.config.subscriptions.iter().find(|known| known.id.eq_ignore_ascii_case(id));
            known.map(|known| known.tenant.as_str())
        });
        let caller = authenticate(ask, tenant)?;
        if path.len() == 1 && path[0].eq_ignore_ascii_case("tenants") {
            let version = version(ask, "tenants", &RESOURCE_VERSIONS)?;
            return self.tenants(ask, &caller, version);
        }
        if !known {
            return Err(unknown_type(ask));
        }
        let Some(id) = id else {
            let version = version(ask, "subscriptions", &RESOURCE_VERSIONS)?;
            return self.subscriptions(ask, &caller, version);
        };
        let subscription = self.subscription(ask, &caller, id)?;
        self.demanded(ask, &caller, ask.path())?;
        let is = |piece: &str, name: &str| piece.eq_ignore_ascii_case(name);
        let root = format!("/subscriptions/{}", subscription.id);
        let action = |name: &str| format!("Microsoft.Resources/subscriptions/{name}");
        match &path[2..] {
            [] => {
                version(ask, "subscriptions", &RESOURCE_VERSIONS)?;
                if !self.may_see(&caller, &root) {
                    self.authorize_action(ask, &caller, &action("read"), &root)?;
                }
                Ok(subscription_object(&subscription.id, &subscription.name, &subscription.tenant))
            }
            [groups] if is(groups, "resourceGroups") => {
                let version = version(ask, "resourceGroups", &RESOURCE_VERSIONS)?;
                if !self.may_see(&caller, &root) {
                    self.authorize_action(ask, &caller, &action("resourceGroups/read"), &root)?;
                }
                let groups = self.config.resource_groups.iter();
                let groups = groups.filter(|group| is(&group.subscription, &subscription.id));
                let seen =
                    groups.filter(|g| self.may_see(&caller, &format!("{root}/resourceGroups/{}", g.name)));
                let items = seen.map(|group| group_object(&root, &group.name, &group.location)).collect();
                list::page(ask, items, self.config.policy.page_size, version)
            }
            [groups, name] if is(groups, "resourceGroups") => {
                version(ask, "resourceGroups", &RESOURCE_VERSIONS)?;
                let scope = format!("{root}/resourceGroups/{name}");
                self.authorize_action(ask, &caller, &action("resourceGroups/read"), &scope)?;
                let (name, location) = self.group(&subscription.id, name)?;
                Ok(group_object(&root, &name, &location))
            }
            [providers, provider, workspaces]
                if is(providers, "providers") && is(&format!("{provider}/{workspaces}"), WORKSPACES) =>
            {
                let version = version(ask, "workspaces", &WORKSPACE_VERSIONS)?;
                self.authorize_action(ask, &caller, &format!("{WORKSPACES}/read"), &root)?;
                self.workspaces(ask, &subscription, None, version)
            }
            [groups, group, providers, provider, workspaces, rest @ ..]
                if is(groups, "resourceGroups")
                    && is(providers, "providers")
                    && is(&format!("{provider}/{workspaces}"), WORKSPACES)
                    && rest.len() < 2 =>
            {
                let version = version(ask, "workspaces", &WORKSPACE_VERSIONS)?;
                let scope = format!("{root}/resourceGroups/{group}");
                let scope = match rest.first() {
                    Some(name) => format!("{scope}/providers/{WORKSPACES}/{name}"),
                    None => scope,
                };
                self.authorize_action(ask, &caller, &format!("{WORKSPACES}/read"), &scope)?;
                let (group, _) = self.group(&subscription.id, group)?;
                match rest.first() {
                    Some(name) => {
                        let found = self.workspace(&subscription, &group, name)?;
                        Ok(self.workspace_object(ask, found, &subscription.tenant))
                    }
                    None => self.workspaces(ask, &subscription, Some(&group), version),
                }
            }
            _ => Err(unknown_type(ask)),
        }
    }

    fn subscriptions(&self, ask: &Ask<'_>, caller: &Caller, version: &str) -> Result<Value, Fault> {
        let items = self
            .config
            .subscriptions
            .iter()
            .filter(|known| known.tenant.eq_ignore_ascii_case(caller.tenant()))
            .filter(|known| self.may_see(caller, &format!("/subscriptions/{}", known.id)))
            .map(|known| subscription_object(&known.id, &known.name, &known.tenant))
            .collect();
        list::page(ask, items, self.config.policy.page_size, version)
    }

    /// Name and region of a resource group.
    pub(super) fn group(&self, subscription: &str, name: &str) -> Result<(String, String), Fault> {
        let found = self.config.resource_groups.iter().find(|group| {
            group.subscription.eq_ignore_ascii_case(subscription) && group.name.eq_ignore_ascii_case(name)
        });
        found.map(|group| (group.name.clone(), group.location.clone())).ok_or_else(|| {
            let message = format!("Resource group '{name}' could not be found.");
            Fault::new(404, "ResourceGroupNotFound", message)
        })
    }
}

fn unknown_type(ask: &Ask<'_>) -> Fault {
    let message = format!("The resource type could not be found in the path '{}'.", ask.path());
    Fault::new(404, "InvalidResourceType", message)
}

/// The version of the interface that is asked for, if it is one there is.
fn version<'a>(ask: &'a Ask<'_>, kind: &str, known: &[&str]) -> Result<&'a str, Fault> {
    let Some(version) = ask.query.get_any_case("api-version") else {
        let message = "The api-version query parameter (?api-version=) is required for all requests.";
        return Err(Fault::new(400, "MissingApiVersionParameter", message));
    };
    if known.contains(&version) {
        return Ok(version);
    }
    let message = format!(
        "The api-version '{version}' is invalid for the resource type '{kind}'. The supported versions are '{}'.",
        known.join(",")
    );
    Err(Fault::new(400, "InvalidApiVersionParameter", message))
}

fn subscription_object(id: &str, name: &str, tenant: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{id}"), "subscriptionId": id, "displayName": name, "tenantId": tenant,
        "state": "Enabled", "authorizationSource": "RoleBased", "managedByTenants": [],
        "subscriptionPolicies": { "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off" },
    })
}

fn group_object(root: &str, name: &str, location: &str) -> Value {
    json!({
        "id": format!("{root}/resourceGroups/{name}"), "name": name, "location": location,
        "type": "Microsoft.Resources/resourceGroups", "properties": { "provisioningState": "Succeeded" },
    })
}
