//! The identities that a resource shall have.

use serde_json::{Map, Value, json};

use super::{ResourceIdentity, check_id, type_of};
use crate::error::{Error, ErrorKind};

/// The identities that a resource shall have besides those it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedIdentity {
    system: bool,
    assigned: Vec<String>,
}

impl WantedIdentity {
    /// One of its own.
    #[must_use]
    pub fn system() -> WantedIdentity {
        WantedIdentity { system: true, assigned: Vec::new() }
    }

    /// None yet, to which user-assigned ones are added.
    #[must_use]
    pub fn assigned_only() -> WantedIdentity {
        WantedIdentity::default()
    }

    /// The same with a user-assigned identity, by its ARM id.
    ///
    /// # Errors
    /// `Configuration` when it is not the id of one.
    pub fn and_assigned(mut self, id: &str) -> Result<WantedIdentity, Error> {
        check_id(id)?;
        self.assigned.push(id.to_owned());
        Ok(self)
    }

    /// What the resource has to be told, so that nothing is taken from it; nothing, where it has all that
    /// already.
    pub(super) fn change(
        &self,
        old: &ResourceIdentity,
        compute: Option<&str>,
    ) -> Result<Option<Value>, Error> {
        let system = old.system || self.system;
        let new: Vec<_> = self.assigned.iter().filter(|id| !old.has(id)).collect();
        if (old.system || !self.system) && new.is_empty() {
            return Ok(None);
        }
        let assigned = !new.is_empty() || !old.assigned.is_empty();
        if let (Some(kind), true, true) = (compute, system, assigned) {
            let what = format!(
                "a compute ({kind}) has either an identity of its own or user-assigned ones, and this one would have both"
            );
            return Err(Error::new(ErrorKind::Configuration, what)
                .with_remedy("make another compute, or choose one kind"));
        }
        let mut identity = json!({ "type": type_of(system, assigned) });
        if assigned {
            let all = old.assigned.iter().map(|one| &one.id).chain(new);
            identity["userAssignedIdentities"] =
                Value::Object(all.map(|id| (id.clone(), json!({}))).collect::<Map<_, _>>());
        }
        Ok(Some(identity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a";

    fn old(kind: &str, ids: &[&str]) -> ResourceIdentity {
        let ids: Map<_, _> = ids.iter().map(|id| ((*id).to_owned(), json!({ "clientId": "c" }))).collect();
        let Value::Object(resource) =
            json!({ "identity": { "type": kind, "principalId": "p", "userAssignedIdentities": ids } })
        else {
            unreachable!("it is an object")
        };
        ResourceIdentity::of_document(&resource)
    }

    #[test]
    fn what_is_there_stays() {
        let (system, other) = (WantedIdentity::system(), ID.replace("/a", "/b"));
        let change = |wanted: &WantedIdentity, old: &ResourceIdentity| wanted.change(old, None).unwrap();
        assert_eq!(
            change(&system, &ResourceIdentity::default()).unwrap(),
            json!({ "type": "SystemAssigned" })
        );
        assert_eq!(change(&system, &old("systemassigned , UserAssigned", &[ID])), None);
        let both = change(&system, &old("UserAssigned", &[ID])).unwrap();
        assert_eq!(
            both,
            json!({ "type": "SystemAssigned,UserAssigned", "userAssignedIdentities": { ID: {} } })
        );
        let assigned = WantedIdentity::assigned_only().and_assigned(&other).unwrap();
        let more = change(&assigned, &old("SystemAssigned", &[ID])).unwrap();
        assert_eq!(more["type"], "SystemAssigned,UserAssigned");
        assert_eq!(more["userAssignedIdentities"], json!({ ID: {}, other.as_str(): {} }));
        assert_eq!(change(&assigned, &old("UserAssigned", &[&other.to_uppercase()])), None);
        let compute = assigned.change(&old("SystemAssigned", &[]), Some("AmlCompute")).unwrap_err();
        assert_eq!(compute.kind(), ErrorKind::Configuration);
        assert!(assigned.change(&old("None", &[]), Some("AmlCompute")).unwrap().is_some());
    }

    #[test]
    fn an_identity_is_named_by_its_resource_id() {
        for id in [
            "",
            "9e5f2a61-3c73-4ea4-8fb5-6a3b4c5d7e07",
            "/subscriptions/s",
            "/x?/providers/microsoft.managedidentity/userassignedidentities/a",
        ] {
            assert!(WantedIdentity::system().and_assigned(id).is_err(), "{id}");
        }
    }
}
