//! What exists in the emulated world, as plain values.
//!
//! Every field that a document leaves out is that of the ready-made world ([`crate::world`]).

mod policy;

use entrada_core::secret::Secret;
use serde::{Deserialize, Deserializer};

pub use policy::{Demand, Policy};

/// The whole world.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Directories.
    pub tenants: Vec<Tenant>,
    /// App registrations.
    pub apps: Vec<App>,
    /// People.
    pub users: Vec<User>,
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
    /// Who may read what in Azure Resource Manager.
    pub role_assignments: Vec<RoleAssignment>,
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

/// An app registration, and its service principal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// The application (client) id.
    pub client_id: String,
    /// The object id of the service principal.
    pub object_id: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// The only directory it is in; none for an app that is in all of them.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Whether it is a public client, which has no secret.
    #[serde(default)]
    pub public: bool,
    /// The secrets of a confidential client.
    #[serde(default)]
    pub secrets: Vec<AppSecret>,
    /// Where authorization codes may be sent. The port of `http://localhost` and `http://127.0.0.1`
    /// does not matter.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// The family whose refresh tokens it shares.
    #[serde(default)]
    pub family: Option<String>,
    /// App roles that its own tokens carry.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// A client secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppSecret {
    /// The secret itself.
    #[serde(deserialize_with = "secret")]
    pub value: Secret,
    /// When it stops working, in seconds since 1970.
    #[serde(default)]
    pub expires: Option<i64>,
}

/// A person.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The sign-in name.
    pub username: String,
    /// The password.
    #[serde(deserialize_with = "secret")]
    pub password: Secret,
    /// The object id.
    pub object_id: String,
    /// The home directory.
    pub tenant: String,
    /// The display name.
    #[serde(default)]
    pub name: String,
    /// Whether each sign-in has to be approved on a second device.
    #[serde(default)]
    pub mfa: bool,
    /// Whether the account is disabled.
    #[serde(default)]
    pub disabled: bool,
}

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
}

/// A role that lets a principal read a scope and all below it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleAssignment {
    /// The object id, or `*` for everybody.
    pub principal: String,
    /// The scope, such as `/subscriptions/{id}/resourceGroups/{name}`.
    pub scope: String,
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
