//! What there is in Azure: subscriptions and what is in them, and who may read it.

use entrada_core::secret::Secret;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{ResourceIdentity, secret};

/// A managed identity of the machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagedIdentity {
    /// Its directory.
    pub tenant: String,
    /// Its client id.
    pub client_id: String,
    /// The object id of its service principal.
    pub object_id: String,
    /// Its resource id; none for the system-assigned identity.
    #[serde(default)]
    pub resource_id: Option<String>,
}

/// An Azure subscription.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// Its id, a GUID.
    pub id: String,
    /// Its display name.
    #[serde(default)]
    pub name: String,
    /// The directory that it trusts.
    pub tenant: String,
}

/// A resource group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceGroup {
    /// The subscription it is in.
    pub subscription: String,
    /// Its name.
    pub name: String,
    /// Its region.
    pub location: String,
}

/// An Azure Machine Learning workspace.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workspace {
    /// The subscription it is in.
    pub subscription: String,
    /// The resource group it is in.
    pub resource_group: String,
    /// Its name.
    pub name: String,
    /// Its region.
    pub location: String,
    /// Its display name.
    #[serde(default)]
    pub friendly_name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Its identities.
    #[serde(default)]
    pub identity: ResourceIdentity,
    /// The ids of what it works with, by the names of the interface: `storageAccount`, `keyVault`. What is not
    /// there has an id that follows from the workspace's name.
    #[serde(default)]
    pub linked: Map<String, Value>,
}

/// A role of a principal on a scope and all below it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleAssignment {
    /// The object id, or `*` for everybody.
    pub principal: String,
    /// The scope, such as `/subscriptions/{id}/resourceGroups/{name}`.
    pub scope: String,
    /// The GUID of a built-in role; Reader where it is empty.
    #[serde(default)]
    pub role: String,
    /// What kind of principal it is: `ServicePrincipal`, `User`, `Group`.
    #[serde(default)]
    pub principal_type: String,
    /// The assignment's own name, a GUID; one that follows from the rest, where it is empty.
    #[serde(default)]
    pub name: String,
}

/// A job of Azure Pipelines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipelines {
    /// The token by which the job calls Azure DevOps (`System.AccessToken`).
    #[serde(deserialize_with = "secret")]
    pub system_access_token: Secret,
    /// The service connections that the job may use.
    #[serde(default)]
    pub service_connections: Vec<ServiceConnection>,
}

/// A service connection of Azure Pipelines, which gets tokens of these claims.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceConnection {
    /// Its id, a GUID.
    pub id: String,
    /// The `iss` claim: `https://vstoken.dev.azure.com/` and the organization's id.
    pub issuer: String,
    /// The `sub` claim: `sc://{organization}/{project}/{connection}`.
    pub subject: String,
    /// The `aud` claim.
    pub audience: String,
}
