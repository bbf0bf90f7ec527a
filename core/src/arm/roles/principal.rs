//! Whom roles are given to.

use crate::error::{Error, ErrorKind};
use crate::tenant::is_guid;

/// What kind of principal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrincipalKind {
    /// An app's or a managed identity's.
    ServicePrincipal,
    /// A person.
    User,
    /// A group.
    Group,
}

impl PrincipalKind {
    /// The service's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            PrincipalKind::ServicePrincipal => "ServicePrincipal",
            PrincipalKind::User => "User",
            PrincipalKind::Group => "Group",
        }
    }

    /// The kind of this name, without regard to case.
    #[must_use]
    pub fn named(name: &str) -> Option<PrincipalKind> {
        let known = [PrincipalKind::ServicePrincipal, PrincipalKind::User, PrincipalKind::Group];
        known.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

/// Whom a role can be given to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The object id.
    pub object_id: String,
    /// What it is, where that is known.
    pub kind: Option<PrincipalKind>,
    /// What people call it, where that is known.
    pub name: Option<String>,
}

impl Principal {
    /// The principal of this object id, which is taken as it is: nothing is looked up in the directory.
    ///
    /// # Errors
    /// `Configuration` when it is no GUID.
    pub fn of_object(id: &str, kind: Option<PrincipalKind>) -> Result<Principal, Error> {
        if !is_guid(id) {
            return Err(Error::new(ErrorKind::Configuration, "the object id of the principal is not a GUID"));
        }
        Ok(Principal { object_id: id.to_ascii_lowercase(), kind, name: None })
    }
}
