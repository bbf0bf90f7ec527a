//! A workspace as Azure Resource Manager describes it.

use serde_json::{Map, Value};

/// A workspace. Everything but its name may be missing; what is not listed here is in
/// [`Workspace::document`].
#[derive(Clone, Debug, PartialEq)]
pub struct Workspace {
    document: Map<String, Value>,
}

impl Workspace {
    /// Reads one, if the document names a resource.
    #[must_use]
    pub fn of_document(document: Value) -> Option<Workspace> {
        match document {
            Value::Object(document) if document.get("name").is_some_and(Value::is_string) => {
                Some(Workspace { document })
            }
            _ => None,
        }
    }

    /// Everything the service said.
    #[must_use]
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    fn at<'a>(&'a self, path: &[&str]) -> Option<&'a str> {
        let mut value = self.document.get(*path.first()?)?;
        for step in &path[1..] {
            value = value.get(step)?;
        }
        value.as_str().filter(|text| !text.is_empty())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.at(&["name"]).unwrap_or_default()
    }

    /// Its ARM resource id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.at(&["id"])
    }

    /// The resource group, from its id.
    #[must_use]
    pub fn resource_group(&self) -> Option<&str> {
        let mut steps = self.id()?.split('/');
        steps.find(|step| step.eq_ignore_ascii_case("resourceGroups"))?;
        steps.next()
    }

    /// The Azure region.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.at(&["location"])
    }

    /// Default, Hub, Project or FeatureStore.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.at(&["kind"])
    }

    /// The name shown in studio.
    #[must_use]
    pub fn friendly_name(&self) -> Option<&str> {
        self.at(&["properties", "friendlyName"])
    }

    /// The immutable GUID, which is not the ARM id.
    #[must_use]
    pub fn workspace_id(&self) -> Option<&str> {
        self.at(&["properties", "workspaceId"])
    }

    /// Where the addresses of its services are listed.
    #[must_use]
    pub fn discovery_url(&self) -> Option<&str> {
        self.at(&["properties", "discoveryUrl"])
    }

    /// Where MLflow sends its records.
    #[must_use]
    pub fn tracking_uri(&self) -> Option<&str> {
        self.at(&["properties", "mlFlowTrackingUri"])
    }

    /// Succeeded, Creating, Failed and so on.
    #[must_use]
    pub fn provisioning_state(&self) -> Option<&str> {
        self.at(&["properties", "provisioningState"])
    }

    /// Enabled or Disabled.
    #[must_use]
    pub fn public_network_access(&self) -> Option<&str> {
        self.at(&["properties", "publicNetworkAccess"])
    }

    /// SystemAssigned, UserAssigned, both, or None.
    #[must_use]
    pub fn identity_type(&self) -> Option<&str> {
        self.at(&["identity", "type"])
    }

    /// The object id of its system-assigned identity: what roles are given to.
    #[must_use]
    pub fn principal_id(&self) -> Option<&str> {
        self.at(&["identity", "principalId"])
    }

    /// The directory it belongs to.
    #[must_use]
    pub fn tenant_id(&self) -> Option<&str> {
        self.at(&["identity", "tenantId"]).or_else(|| self.at(&["properties", "tenantId"]))
    }
}
