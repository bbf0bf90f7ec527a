//! Objects of the directory, as Graph describes them.

use serde_json::{Map, Value};

use crate::tenant::is_guid;

fn text<'a>(document: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    document.get(name)?.as_str()
}

fn guid(document: &Map<String, Value>, name: &str) -> Option<String> {
    text(document, name).filter(|id| is_guid(id)).map(str::to_owned)
}

/// An app registration.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    /// The object id of the registration, which is needed to change it and good for nothing else.
    pub id: String,
    /// The application (client) id.
    pub app_id: String,
    document: Map<String, Value>,
}

impl Application {
    pub(crate) fn of(value: Value) -> Option<Application> {
        let Value::Object(document) = value else { return None };
        Some(Application { id: guid(&document, "id")?, app_id: guid(&document, "appId")?, document })
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        text(&self.document, "displayName").unwrap_or_default()
    }

    /// Its secrets (`passwordCredentials`) or its certificates (`keyCredentials`).
    #[must_use]
    pub fn credentials(&self, list: &str) -> Vec<KnownCredential> {
        let items = self.document.get(list).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_object).filter_map(KnownCredential::of).collect()
    }

    /// Everything that Graph told, without a secret: it never tells them again.
    #[must_use]
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }
}

/// What the directory tells of a secret or a certificate: never its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCredential {
    /// The id that it is removed by.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
    /// The first characters of a secret, as the portal shows them.
    pub hint: Option<String>,
    /// From when on it serves (RFC 3339).
    pub from: Option<String>,
    /// Until when it serves (RFC 3339).
    pub until: Option<String>,
}

impl KnownCredential {
    fn of(item: &Map<String, Value>) -> Option<KnownCredential> {
        let own = |name| text(item, name).map(str::to_owned);
        Some(KnownCredential {
            id: guid(item, "keyId")?,
            name: own("displayName"),
            hint: own("hint"),
            from: own("startDateTime"),
            until: own("endDateTime"),
        })
    }
}

/// A service principal: what an app, or a managed identity, is in one directory.
#[derive(Clone, Debug, PartialEq)]
pub struct ServicePrincipal {
    /// Its object id: the one that roles are given to.
    pub id: String,
    /// The application (client) id.
    pub app_id: String,
    document: Map<String, Value>,
}

impl ServicePrincipal {
    pub(crate) fn of(value: Value) -> Option<ServicePrincipal> {
        let Value::Object(document) = value else { return None };
        Some(ServicePrincipal { id: guid(&document, "id")?, app_id: guid(&document, "appId")?, document })
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        text(&self.document, "displayName").unwrap_or_default()
    }

    /// What it stands for: `Application`, `ManagedIdentity`, `Legacy`, `SocialIdp`.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        text(&self.document, "servicePrincipalType")
    }

    /// The directory of the app.
    #[must_use]
    pub fn owner_tenant(&self) -> Option<&str> {
        text(&self.document, "appOwnerOrganizationId")
    }

    /// Everything that Graph told.
    #[must_use]
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }
}
