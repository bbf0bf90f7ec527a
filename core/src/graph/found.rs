//! Objects of the directory, as Graph describes them.

use serde_json::{Map, Value};

use crate::call::described;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
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

    /// The one that an answer describes.
    pub(crate) fn of_answer(answer: &Answer) -> Result<Application, Error> {
        described(answer, Application::of, "is not an app registration")
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        text(&self.document, "displayName").unwrap_or_default()
    }

    /// Its secrets, or its certificates.
    #[must_use]
    pub fn credentials(&self, kind: CredentialKind) -> Vec<KnownCredential> {
        let items = self.document.get(kind.list()).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_object).filter_map(|item| KnownCredential::of(kind, item)).collect()
    }

    /// The one secret or certificate of this id or, where none has it, of this name.
    ///
    /// # Errors
    /// `Refused` when there is none, or several have the name.
    pub fn credential(&self, wanted: &str) -> Result<KnownCredential, Error> {
        let all = || CredentialKind::ALL.into_iter().flat_map(|kind| self.credentials(kind));
        if let Some(found) = all().find(|known| known.id.eq_ignore_ascii_case(wanted)) {
            return Ok(found);
        }
        let mut named: Vec<_> = all().filter(|known| known.name.as_deref() == Some(wanted)).collect();
        match (named.pop(), named.len()) {
            (Some(found), 0) => Ok(found),
            (_, more) => {
                let count = if more == 0 { "no" } else { "more than one" };
                let what = format!("the app has {count} secret or certificate of the id or name '{wanted}'");
                Err(Error::new(ErrorKind::Refused, what)
                    .with_remedy("name one by its id, which `entrada sp show` tells"))
            }
        }
    }

    /// What is meant by this id or name, to be removed: the one secret or certificate that has it. Several secrets may
    /// share a name that [`AddSecret`](super::setup::AddSecret) gave them, being those that got lost in one run: all.
    ///
    /// # Errors
    /// `Refused` when there is none, or several have another name.
    pub fn meant(&self, wanted: &str) -> Result<Vec<KnownCredential>, Error> {
        if super::setup::is_own_name(wanted) {
            let mut named = self.credentials(CredentialKind::Secret);
            named.retain(|known| known.name.as_deref() == Some(wanted));
            if !named.is_empty() {
                return Ok(named);
            }
        }
        Ok(vec![self.credential(wanted)?])
    }

    /// Everything that Graph told, without a secret: it never tells them again.
    #[must_use]
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }
}

/// What an app signs in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialKind {
    /// A secret, which Graph calls a password.
    Secret,
    /// A certificate, whose key signs.
    Certificate,
}

impl CredentialKind {
    /// Both.
    pub const ALL: [CredentialKind; 2] = [CredentialKind::Secret, CredentialKind::Certificate];

    /// The list of a registration that they are in.
    #[must_use]
    pub fn list(self) -> &'static str {
        match self {
            CredentialKind::Secret => "passwordCredentials",
            CredentialKind::Certificate => "keyCredentials",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CredentialKind::Secret => "secret",
            CredentialKind::Certificate => "certificate",
        }
    }
}

/// What the directory tells of a secret or a certificate: never its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCredential {
    /// Which of the two it is.
    pub kind: CredentialKind,
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
    fn of(kind: CredentialKind, item: &Map<String, Value>) -> Option<KnownCredential> {
        let own = |name| text(item, name).filter(|text| !text.is_empty()).map(str::to_owned);
        Some(KnownCredential {
            kind,
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

    /// The one that an answer describes.
    pub(crate) fn of_answer(answer: &Answer) -> Result<ServicePrincipal, Error> {
        described(answer, ServicePrincipal::of, "is not a service principal")
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
