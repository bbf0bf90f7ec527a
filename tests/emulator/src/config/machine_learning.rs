//! What there is in an Azure Machine Learning workspace.

use entrada_core::secret::Secret;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::secret;

/// The identities that a resource has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResourceIdentity {
    /// Whether it has one of its own.
    pub system: bool,
    /// The resource ids of the user-assigned ones.
    pub user: Vec<String>,
}

/// A compute of a workspace.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compute {
    /// The workspace.
    pub workspace: String,
    /// Its name.
    pub name: String,
    /// `AmlCompute` or `ComputeInstance`.
    pub kind: String,
    /// The size of its machines.
    #[serde(default)]
    pub size: String,
    /// Its identities.
    #[serde(default)]
    pub identity: ResourceIdentity,
    /// What is said of it besides: `description`, `disableLocalAuth`.
    #[serde(default)]
    pub described: Map<String, Value>,
    /// What it is made of besides, by the names of the interface: `subnet`, `scaleSettings`, `schedules`.
    #[serde(default)]
    pub made_of: Map<String, Value>,
    /// Its tags.
    #[serde(default)]
    pub tags: Map<String, Value>,
}

/// An online endpoint of a workspace.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnlineEndpoint {
    /// The workspace.
    pub workspace: String,
    /// Its name.
    pub name: String,
    /// Who may call it: `Key`, `AMLToken` or `AADToken`.
    pub auth_mode: String,
    /// Its first key.
    #[serde(deserialize_with = "secret")]
    pub primary_key: Secret,
    /// Its second key.
    #[serde(deserialize_with = "secret")]
    pub secondary_key: Secret,
}
