//! Taking identities from a workspace or a compute.

use serde_json::{Value, json};

use super::change::{Change, ChangeIdentity};
use super::{IdentityOwner, ResourceIdentity, check_id, type_of};
use crate::arm::ResourceManager;
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, Flow};
use crate::run::Step;

/// The identities that a resource shall not have any more. Each is named: there is no word for all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnwantedIdentity {
    system: bool,
    assigned: Vec<String>,
}

impl UnwantedIdentity {
    /// The one of its own.
    #[must_use]
    pub fn system() -> UnwantedIdentity {
        UnwantedIdentity { system: true, assigned: Vec::new() }
    }

    /// None yet, to which user-assigned ones are added.
    #[must_use]
    pub fn assigned_only() -> UnwantedIdentity {
        UnwantedIdentity::default()
    }

    /// The same with a user-assigned identity, by its ARM id.
    ///
    /// # Errors
    /// `Configuration` when it is not the id of one.
    pub fn and_assigned(mut self, id: &str) -> Result<UnwantedIdentity, Error> {
        check_id(id)?;
        self.assigned.push(id.to_owned());
        Ok(self)
    }

    fn names(&self, id: &str) -> bool {
        self.assigned.iter().any(|unwanted| unwanted.eq_ignore_ascii_case(id))
    }

    /// Those of them that the resource does not have.
    fn absent_from(&self, old: &ResourceIdentity) -> UnwantedIdentity {
        let assigned = self.assigned.iter().filter(|id| !old.has(id));
        UnwantedIdentity { system: self.system && !old.system, assigned: assigned.cloned().collect() }
    }

    /// What the resource has to be told, so that these go and all others stay; nothing, where it has none of them.
    ///
    /// The service replaces the type and merges the map, where null removes. Without a user-assigned one in the
    /// type there is no map.
    pub(super) fn change(
        &self,
        old: &ResourceIdentity,
        primary: Option<&str>,
        compute: Option<&str>,
    ) -> Result<Option<Value>, Error> {
        if self.absent_from(old) == *self {
            return Ok(None);
        }
        if let Some(primary) = primary.filter(|primary| self.names(primary) && old.has(primary)) {
            let what = format!("{primary} is the primary user-assigned identity of the workspace");
            return Err(Error::new(ErrorKind::Configuration, what)
                .with_remedy("make another one the primary one first"));
        }
        let system = old.system && !self.system;
        let stays = old.assigned.iter().any(|one| !self.names(&one.id));
        if let (Some(kind), false, false) = (compute, system, stays) {
            let what = format!("a compute ({kind}) is not told from here to have no identity at all");
            return Err(Error::new(ErrorKind::Configuration, what).with_remedy(
                "give it another user-assigned one first, or take the identity away in the studio",
            ));
        }
        let mut identity = json!({ "type": type_of(system, stays) });
        if stays {
            let all = old.assigned.iter();
            let told =
                all.map(|one| (one.id.clone(), if self.names(&one.id) { Value::Null } else { json!({}) }));
            identity["userAssignedIdentities"] = Value::Object(told.collect());
        }
        Ok(Some(identity))
    }

    /// The words for them: `system`, or the ARM id.
    fn words(&self) -> Vec<String> {
        self.system.then(|| "system".to_owned()).into_iter().chain(self.assigned.iter().cloned()).collect()
    }
}

/// What is left after identities were taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DisabledIdentity {
    /// The identities that it has now.
    pub left: ResourceIdentity,
    /// Those that were to go and were not there: `system`, or the ARM id.
    pub absent: Vec<String>,
}

/// Takes identities from a workspace (`PATCH`) or a compute (`PUT` of all that it is), and waits until they are gone.
/// All others stay; where it has none of them, nothing is written.
///
/// An identity that goes takes its roles' use with it, not the roles themselves: those of one of a resource's own
/// stay behind as roles of nobody, those of a user-assigned one serve whatever else has it.
///
/// Ends in `Configuration`, and nothing is written, where the identity is the workspace's primary one; where a compute
/// would be left with none, for which the interface has no word that is documented; and where a compute has what the
/// service does not tell again (see [`EnableIdentity`](super::EnableIdentity)).
#[derive(Debug)]
pub struct DisableIdentity {
    unwanted: UnwantedIdentity,
    change: ChangeIdentity,
}

impl DisableIdentity {
    /// These identities of this resource.
    ///
    /// # Errors
    /// `Configuration` when no compute can have the name, or no identity is named.
    pub fn new(
        manager: &ResourceManager,
        owner: IdentityOwner,
        unwanted: UnwantedIdentity,
    ) -> Result<DisableIdentity, Error> {
        if unwanted == UnwantedIdentity::default() {
            return Err(Error::new(ErrorKind::Configuration, "no identity is named"));
        }
        let change = ChangeIdentity::new(manager, owner, Change::Disable(unwanted.clone()))?;
        Ok(DisableIdentity { unwanted, change })
    }
}

impl Flow for DisableIdentity {
    type Output = DisabledIdentity;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<DisabledIdentity> {
        let left = crate::pump!(self.change.step(cx, reply));
        let absent = self.unwanted.absent_from(self.change.before()).words();
        Step::Done(Ok(DisabledIdentity { left, absent }))
    }

    fn interrupted(&self, error: Error) -> Error {
        self.change.interrupted(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ml::AssignedIdentity;

    fn id(name: &str) -> String {
        format!(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
        )
    }

    fn has(system: bool, names: &[&str]) -> ResourceIdentity {
        let assigned =
            names.iter().map(|name| AssignedIdentity { id: id(name), principal_id: None, client_id: None });
        ResourceIdentity { system, assigned: assigned.collect(), ..ResourceIdentity::default() }
    }

    fn gone(system: bool, names: &[&str]) -> UnwantedIdentity {
        let first = if system { UnwantedIdentity::system() } else { UnwantedIdentity::assigned_only() };
        names.iter().fold(first, |all, name| all.and_assigned(&id(name)).unwrap())
    }

    #[test]
    fn only_what_is_named_goes() {
        let (a, b) = (id("a"), id("b"));
        for (old, unwanted, told) in [
            (has(true, &[]), gone(true, &[]), Some(json!({ "type": "None" }))),
            (has(true, &["a"]), gone(false, &["a"]), Some(json!({ "type": "SystemAssigned" }))),
            (has(false, &["a"]), gone(false, &["A"]), Some(json!({ "type": "None" }))),
            (
                has(true, &["a"]),
                gone(true, &[]),
                Some(json!({ "type": "UserAssigned", "userAssignedIdentities": { a.as_str(): {} } })),
            ),
            (
                has(true, &["a", "b"]),
                gone(false, &["B", "c"]),
                Some(json!({ "type": "SystemAssigned,UserAssigned",
                    "userAssignedIdentities": { a.as_str(): {}, b.as_str(): null } })),
            ),
            (has(false, &["a"]), gone(true, &["b"]), None),
            (has(false, &[]), gone(true, &[]), None),
        ] {
            assert_eq!(unwanted.change(&old, None, None).unwrap(), told, "{old:?} {unwanted:?}");
        }
        assert_eq!(gone(true, &["a", "b"]).absent_from(&has(false, &["A"])).words(), ["system", &b]);
    }

    #[test]
    fn what_must_stay_is_not_taken() {
        let primary = id("A");
        let refused = gone(false, &["a"]).change(&has(true, &["a"]), Some(&primary), None).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Configuration);
        assert!(gone(false, &["a"]).change(&has(true, &["a", "b"]), Some(&id("b")), None).is_ok());
        assert!(gone(false, &["a"]).change(&has(true, &[]), Some(&primary), None).unwrap().is_none());
        let compute = Some("AmlCompute");
        for old in [has(true, &[]), has(false, &["a"])] {
            let refused = gone(true, &["a"]).change(&old, None, compute).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Configuration, "{old:?}");
        }
        assert!(gone(false, &["a"]).change(&has(false, &["a", "b"]), None, compute).unwrap().is_some());
    }

    #[test]
    fn each_is_named() {
        assert!(UnwantedIdentity::system().and_assigned("9e5f2a61-3c73-4ea4-8fb5-6a3b4c5d7e07").is_err());
        let manager = ResourceManager::of_cloud(crate::Cloud::PUBLIC).unwrap();
        let config =
            crate::ml::WorkspaceConfig::new("c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09", "g", "w").unwrap();
        let owner = IdentityOwner::Workspace(config);
        assert!(DisableIdentity::new(&manager, owner, UnwantedIdentity::assigned_only()).is_err());
    }
}
