//! What exists in the emulated world, as plain values.
//!
//! Every field that a document leaves out is that of the ready-made world ([`crate::world`]).

mod app;
mod azure;
mod hosts;
mod machine_learning;
mod policy;
mod user;

use entrada_core::secret::Secret;
use serde::{Deserialize, Deserializer};

pub use app::{App, AppCertificate, AppSecret, FederatedCredential};
pub use azure::{
    ManagedIdentity, Pipelines, ResourceGroup, RoleAssignment, ServiceConnection, Subscription, Workspace,
};
pub use hosts::{Expiry, Host, Hosts, JobReply};
pub use machine_learning::{Compute, OnlineEndpoint, ResourceIdentity};
pub use policy::{Block, Demand, Policy};
pub use user::{Federation, User};

/// The whole world.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Directories.
    pub tenants: Vec<Tenant>,
    /// App registrations.
    pub apps: Vec<App>,
    /// Domains whose people sign in at an AD FS.
    pub federations: Vec<Federation>,
    /// People.
    pub users: Vec<User>,
    /// The hosts of authorities of private clouds that instance discovery knows.
    pub instances: Vec<String>,
    /// The region of the machine that asks the instance metadata service.
    pub location: String,
    /// The managed identities of the machine that asks the instance metadata service.
    pub identities: Vec<ManagedIdentity>,
    /// What tokens can be asked for.
    pub resources: Vec<Resource>,
    /// Azure subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// Resource groups in them.
    pub resource_groups: Vec<ResourceGroup>,
    /// Azure Machine Learning workspaces in those.
    pub workspaces: Vec<Workspace>,
    /// The computes of those.
    pub computes: Vec<Compute>,
    /// Their online endpoints.
    pub online_endpoints: Vec<OnlineEndpoint>,
    /// Who may read what in Azure Resource Manager.
    pub role_assignments: Vec<RoleAssignment>,
    /// The hosts that give managed identities besides the instance metadata service.
    pub hosts: Hosts,
    /// The job that asks Azure Pipelines.
    pub pipelines: Pipelines,
    /// Lifetimes, intervals and demands.
    pub policy: Policy,
}

/// A directory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// Its id, a GUID.
    pub id: String,
    /// Its verified domains.
    #[serde(default)]
    pub domains: Vec<String>,
    /// What people call it.
    #[serde(default)]
    pub name: String,
}

/// Something that tokens are for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Its application id.
    pub id: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// Its identifier URIs; a slash at the end does not matter.
    #[serde(default)]
    pub uris: Vec<String>,
    /// Which form its access tokens have.
    #[serde(default)]
    pub version: TokenVersion,
}

/// The form of an access token, which the resource chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenVersion {
    /// `appid`, `upn`, and an issuer at `sts.windows.net`.
    #[default]
    V1,
    /// `azp`, `preferred_username`, and an issuer ending in `/v2.0`.
    V2,
}

impl Config {
    pub(crate) fn app(&self, client_id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.client_id.eq_ignore_ascii_case(client_id))
    }

    pub(crate) fn user(&self, username: &str) -> Option<&User> {
        self.users.iter().find(|user| user.username.eq_ignore_ascii_case(username.trim()))
    }

    pub(crate) fn user_of_object(&self, object_id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.object_id.eq_ignore_ascii_case(object_id))
    }

    pub(crate) fn tenant(&self, id_or_domain: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| {
            std::iter::once(&tenant.id)
                .chain(&tenant.domains)
                .any(|name| name.eq_ignore_ascii_case(id_or_domain))
        })
    }
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_changes_what_it_names() {
        let text = r#"{"users":[{"username":"u@x","password":"p","object_id":"o","tenant":"t"}],
                       "policy":{"page_size":7}}"#;
        let config: Config = serde_json::from_str(text).unwrap();
        assert_eq!(config.users.len(), 1);
        assert!(config.users[0].password.matches("p"));
        assert_eq!(config.policy.page_size, 7);
        assert_eq!(config.policy.device_interval, 5);
        assert_eq!(config.apps.len(), Config::default().apps.len());
        assert!(serde_json::from_str::<Config>(r#"{"user":[]}"#).is_err());
    }
}
