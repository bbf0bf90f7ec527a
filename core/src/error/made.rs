//! What an error leaves behind.

/// Something that was made before an error, or may have been, and is there still.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Made {
    /// What it is.
    pub what: MadeKind,
    /// What it is known by: the application id of an app, the object id of a principal, the id of a
    /// certificate, the scope of a role; the name, where there is no id or the service did not tell it.
    pub id: String,
    /// Whether it certainly is there. If not, an answer got lost, and it may or may not have been made.
    pub certain: bool,
}

impl Made {
    pub(crate) fn certain(what: MadeKind, id: &str) -> Made {
        Made { what, id: id.to_owned(), certain: true }
    }

    pub(crate) fn perhaps(what: MadeKind, id: &str) -> Made {
        Made { what, id: id.to_owned(), certain: false }
    }
}

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MadeKind {
    /// An app registration.
    Application,
    /// A service principal.
    ServicePrincipal,
    /// A role that was given.
    Role,
    /// A secret.
    Secret,
    /// A certificate that was registered.
    Certificate,
}

impl MadeKind {
    /// Its name, for programs: `service-principal`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            MadeKind::Application => "application",
            MadeKind::ServicePrincipal => "service-principal",
            MadeKind::Role => "role",
            MadeKind::Secret => "secret",
            MadeKind::Certificate => "certificate",
        }
    }
}
