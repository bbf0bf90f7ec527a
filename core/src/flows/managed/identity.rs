//! Which managed identity.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};
use crate::tenant::is_guid;

/// Which of a machine's identities is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ManagedIdentityId {
    /// The one that belongs to the machine itself.
    #[default]
    SystemAssigned,
    /// The user-assigned one with this client id.
    ClientId(String),
    /// The user-assigned one whose service principal has this object id.
    ObjectId(String),
    /// The user-assigned one with this ARM resource id.
    ResourceId(String),
}

impl ManagedIdentityId {
    /// The user-assigned identity with this client id.
    ///
    /// # Errors
    /// `Configuration` when it is not a GUID.
    pub fn client_id(id: &str) -> Result<ManagedIdentityId, Error> {
        guid(id, "client id").map(ManagedIdentityId::ClientId)
    }

    /// The user-assigned identity whose service principal has this object id.
    ///
    /// # Errors
    /// `Configuration` when it is not a GUID.
    pub fn object_id(id: &str) -> Result<ManagedIdentityId, Error> {
        guid(id, "object id").map(ManagedIdentityId::ObjectId)
    }

    /// The user-assigned identity with this ARM resource id.
    ///
    /// # Errors
    /// `Configuration` when it does not begin like one.
    pub fn resource_id(id: &str) -> Result<ManagedIdentityId, Error> {
        let id = id.trim();
        if id.to_ascii_lowercase().starts_with("/subscriptions/") && id.chars().all(|c| !c.is_control()) {
            return Ok(ManagedIdentityId::ResourceId(id.to_owned()));
        }
        Err(Error::new(
            ErrorKind::Configuration,
            "the resource id of a managed identity begins with /subscriptions/",
        ))
    }
}

fn guid(id: &str, what: &str) -> Result<String, Error> {
    let id = id.trim();
    if is_guid(id) {
        return Ok(id.to_owned());
    }
    Err(Error::new(ErrorKind::Configuration, format!("the {what} of a managed identity is a GUID, and this is none"))
        .with_remedy("look it up with `az identity show`: a client id, an object (principal) id and a resource id are three different things"))
}

impl FromStr for ManagedIdentityId {
    type Err = Error;

    /// `client-id:X`, `object-id:X`, `resource-id:X` or `system`.
    fn from_str(text: &str) -> Result<ManagedIdentityId, Error> {
        match text.split_once(':') {
            Some(("client-id", id)) => ManagedIdentityId::client_id(id),
            Some(("object-id", id)) => ManagedIdentityId::object_id(id),
            Some(("resource-id", id)) => ManagedIdentityId::resource_id(id),
            None if text == "system" => Ok(ManagedIdentityId::SystemAssigned),
            _ => Err(Error::new(
                ErrorKind::Configuration,
                "a managed identity is named client-id:X, object-id:X, resource-id:X or system",
            )),
        }
    }
}

impl fmt::Display for ManagedIdentityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ManagedIdentityId::SystemAssigned => f.write_str("the system-assigned identity"),
            ManagedIdentityId::ClientId(id) => write!(f, "the identity with client id {id}"),
            ManagedIdentityId::ObjectId(id) => write!(f, "the identity with object id {id}"),
            ManagedIdentityId::ResourceId(id) => write!(f, "the identity {id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let guid = "6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10";
        assert_eq!(
            format!("client-id:{guid}").parse::<ManagedIdentityId>().unwrap(),
            ManagedIdentityId::ClientId(guid.into())
        );
        assert!(format!("object-id:{guid}").parse::<ManagedIdentityId>().is_ok());
        assert!(
            "resource-id:/subscriptions/s/resourceGroups/g/providers/x".parse::<ManagedIdentityId>().is_ok()
        );
        assert_eq!("system".parse::<ManagedIdentityId>().unwrap(), ManagedIdentityId::SystemAssigned);
        for bad in ["", "client-id:", "client-id:x", "name:x", guid, "resource-id:x"] {
            assert!(bad.parse::<ManagedIdentityId>().is_err(), "{bad}");
        }
    }
}
