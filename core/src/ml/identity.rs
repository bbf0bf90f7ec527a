//! Managed identities of workspaces and computes.

use serde_json::{Map, Value, json};

use super::resource::{check_name, steps};
use super::{API_VERSION, WorkspaceConfig};
use crate::arm::ResourceManager;
use crate::call::{Call, LongRunning, Operation, malformed};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::flow::{Cx, Flow};
use crate::run::Step;

/// What has a managed identity.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityOwner {
    /// A workspace.
    Workspace(WorkspaceConfig),
    /// A compute cluster or compute instance of a workspace, by its name.
    Compute(WorkspaceConfig, String),
}

impl IdentityOwner {
    fn steps(&self) -> Result<Vec<String>, Error> {
        Ok(match self {
            IdentityOwner::Workspace(config) => steps(config, &[]),
            IdentityOwner::Compute(config, name) => {
                check_name(name, "name of the compute")?;
                steps(config, &["computes", name])
            }
        })
    }
}

/// A user-assigned identity of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssignedIdentity {
    /// Its ARM id.
    pub id: String,
    /// Its object id: what roles are given to.
    pub principal_id: Option<String>,
    /// Its client id: what tokens are asked for with.
    pub client_id: Option<String>,
}

/// The identities of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceIdentity {
    /// Whether it has one of its own.
    pub system: bool,
    /// The object id of that: what roles are given to.
    pub principal_id: Option<String>,
    /// The directory of it.
    pub tenant_id: Option<String>,
    /// The user-assigned ones.
    pub assigned: Vec<AssignedIdentity>,
}

impl ResourceIdentity {
    /// Reads the `identity` of a resource. The type is compared without regard to case and blanks.
    #[must_use]
    pub fn of_document(resource: &Map<String, Value>) -> ResourceIdentity {
        let Some(identity) = resource.get("identity").and_then(Value::as_object) else {
            return ResourceIdentity::default();
        };
        let text = |value: Option<&Value>| {
            value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let kind = text(identity.get("type")).unwrap_or_default().replace(' ', "").to_ascii_lowercase();
        let assigned = identity.get("userAssignedIdentities").and_then(Value::as_object);
        let assigned = assigned.into_iter().flatten().map(|(id, one)| AssignedIdentity {
            id: id.clone(),
            principal_id: text(one.get("principalId")),
            client_id: text(one.get("clientId")),
        });
        ResourceIdentity {
            system: kind.split(',').any(|part| part == "systemassigned"),
            principal_id: text(identity.get("principalId")),
            tenant_id: text(identity.get("tenantId")),
            assigned: assigned.collect(),
        }
    }

    fn has(&self, id: &str) -> bool {
        self.assigned.iter().any(|one| one.id.eq_ignore_ascii_case(id))
    }
}

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
        let kind = "/providers/microsoft.managedidentity/userassignedidentities/";
        let legal = id.starts_with("/subscriptions/")
            && id.to_ascii_lowercase().contains(kind)
            && id.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '\\' | '"'));
        if !legal {
            return Err(Error::new(
                ErrorKind::Configuration,
                "a user-assigned identity is named by its resource id here",
            )
            .with_remedy("it reads /subscriptions/…/resourceGroups/…/providers/Microsoft.ManagedIdentity/userAssignedIdentities/…"));
        }
        self.assigned.push(id.to_owned());
        Ok(self)
    }

    /// What the resource has to be told, so that nothing is taken from it; nothing, where it has all that
    /// already.
    fn change(&self, old: &ResourceIdentity, compute: Option<&str>) -> Result<Option<Value>, Error> {
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
        let kind = match (system, assigned) {
            (true, false) => "SystemAssigned",
            (true, true) => "SystemAssigned,UserAssigned",
            (false, _) => "UserAssigned",
        };
        let mut identity = json!({ "type": kind });
        if assigned {
            let all = old.assigned.iter().map(|one| &one.id).chain(new);
            identity["userAssignedIdentities"] =
                Value::Object(all.map(|id| (id.clone(), json!({}))).collect::<Map<_, _>>());
        }
        Ok(Some(identity))
    }
}

/// Reads the identities of a workspace or a compute.
#[derive(Debug)]
pub struct ShowIdentity(Call);

impl ShowIdentity {
    /// Those of this resource.
    ///
    /// # Errors
    /// `Configuration` when no compute can have the name.
    pub fn new(manager: &ResourceManager, owner: &IdentityOwner) -> Result<ShowIdentity, Error> {
        Ok(ShowIdentity(manager.get(owner.steps()?, API_VERSION, "the resource")))
    }
}

impl Flow for ShowIdentity {
    type Output = ResourceIdentity;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<ResourceIdentity> {
        let answer = crate::pump!(self.0.step(cx, reply));
        Step::Done(identity_of(&answer))
    }
}

fn identity_of(answer: &Answer) -> Result<ResourceIdentity, Error> {
    let document = answer.object().cloned().ok_or_else(|| malformed(answer, "is not a resource"))?;
    Ok(ResourceIdentity::of_document(&document))
}

/// Gives identities to a workspace (`PATCH`) or a compute (`PUT` of what it is, with the identity), and
/// waits until it has them. Those that it has stay; where it has all of them already, nothing is written.
#[derive(Debug)]
pub struct EnableIdentity {
    manager: ResourceManager,
    owner: IdentityOwner,
    wanted: WantedIdentity,
    state: State,
}

#[derive(Debug)]
enum State {
    Reading(Box<Call>),
    Writing(Box<LongRunning>),
}

impl EnableIdentity {
    /// These identities for this resource.
    ///
    /// # Errors
    /// `Configuration` when no compute can have the name, or nothing is wanted.
    pub fn new(
        manager: &ResourceManager,
        owner: IdentityOwner,
        wanted: WantedIdentity,
    ) -> Result<EnableIdentity, Error> {
        if wanted == WantedIdentity::default() {
            return Err(Error::new(ErrorKind::Configuration, "no identity is wanted"));
        }
        let call = manager.get(owner.steps()?, API_VERSION, "the resource");
        Ok(EnableIdentity { manager: manager.clone(), owner, wanted, state: State::Reading(Box::new(call)) })
    }

    fn read(&mut self, cx: &mut Cx<'_>, answer: &Answer) -> Step<ResourceIdentity> {
        let Some(resource) = answer.object().cloned() else {
            return Step::Done(Err(malformed(answer, "is not a resource")));
        };
        let old = ResourceIdentity::of_document(&resource);
        let compute = match &self.owner {
            IdentityOwner::Workspace(_) => None,
            IdentityOwner::Compute(..) => {
                let kind =
                    resource.get("properties").and_then(|it| it.get("computeType")).and_then(Value::as_str);
                Some(crate::check!(kind.ok_or_else(|| malformed(answer, "is not a compute"))))
            }
        };
        let Some(identity) = crate::check!(self.wanted.change(&old, compute)) else {
            return Step::Done(Ok(old));
        };
        let steps = crate::check!(self.owner.steps());
        let operation = match compute {
            None => Operation::patch(steps, "a change of the workspace's identity")
                .document(&json!({ "identity": identity }))
                .repeatable(),
            Some(kind) => {
                let own = resource.get("properties").and_then(|it| it.get("properties"));
                let document = json!({
                    "location": resource.get("location"),
                    "identity": identity,
                    "properties": { "computeType": kind, "properties": writable(own) },
                });
                Operation::put(steps, "a change of the compute's identity").document(&document)
            }
        };
        let State::Reading(reading) = &self.state else { return Step::Done(Err(crate::flow::out_of_turn())) };
        let call = self.manager.call(operation, API_VERSION).after(reading);
        self.state = State::Writing(Box::new(LongRunning::new(call)));
        self.step(cx, None)
    }
}

/// What of a compute may be written: what it is made of, not what it is doing.
fn writable(properties: Option<&Value>) -> Value {
    const NAMES: [&str; 9] = [
        "vmSize",
        "vmPriority",
        "osType",
        "scaleSettings",
        "enableSSO",
        "personalComputeInstanceSettings",
        "computeInstanceAuthorizationType",
        "applicationSharingPolicy",
        "subnet",
    ];
    let all = properties.and_then(Value::as_object);
    let kept = all.into_iter().flatten().filter(|(name, _)| NAMES.contains(&name.as_str()));
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

impl Flow for EnableIdentity {
    type Output = ResourceIdentity;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<ResourceIdentity> {
        match &mut self.state {
            State::Reading(call) => {
                let answer = crate::pump!(call.step(cx, reply));
                self.read(cx, &answer)
            }
            State::Writing(operation) => {
                let answer = crate::pump!(operation.step(cx, reply));
                Step::Done(identity_of(&answer))
            }
        }
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
