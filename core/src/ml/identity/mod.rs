//! Managed identities of workspaces and computes.

mod change;
mod compute;
mod disable;
mod enable;
mod wanted;

use serde_json::{Map, Value};

use super::resource::{check_name, steps};
use super::{API_VERSION, WorkspaceConfig};
use crate::arm::ResourceManager;
use crate::call::{Call, malformed};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::flow::{Cx, Flow};
use crate::run::Step;

pub use disable::{DisableIdentity, DisabledIdentity, UnwantedIdentity};
pub use enable::EnableIdentity;
pub use wanted::WantedIdentity;

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
    /// What kind of compute the resource is, if it is one: `ComputeInstance`, `AmlCompute`.
    pub compute: Option<String>,
}

impl ResourceIdentity {
    /// Reads the `identity` of a resource. The type is compared without regard to case and blanks.
    #[must_use]
    pub fn of_document(resource: &Map<String, Value>) -> ResourceIdentity {
        let properties = resource.get("properties");
        let compute =
            properties.and_then(|own| own.get("computeType")).and_then(Value::as_str).map(str::to_owned);
        let Some(identity) = resource.get("identity").and_then(Value::as_object) else {
            return ResourceIdentity { compute, ..ResourceIdentity::default() };
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
            compute,
        }
    }

    fn has(&self, id: &str) -> bool {
        self.assigned.iter().any(|one| one.id.eq_ignore_ascii_case(id))
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

/// Fails for what is not the ARM id of a user-assigned identity.
fn check_id(id: &str) -> Result<(), Error> {
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
    Ok(())
}

/// The word for what a resource has: identities of its own, user-assigned ones, both or none.
fn type_of(system: bool, assigned: bool) -> &'static str {
    match (system, assigned) {
        (true, false) => "SystemAssigned",
        (true, true) => "SystemAssigned,UserAssigned",
        (false, true) => "UserAssigned",
        (false, false) => "None",
    }
}
