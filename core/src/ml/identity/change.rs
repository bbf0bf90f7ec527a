//! Changing the identities of a workspace or a compute.

use serde_json::{Map, Value, json};

use super::{IdentityOwner, ResourceIdentity, UnwantedIdentity, WantedIdentity, compute, identity_of};
use crate::arm::ResourceManager;
use crate::call::{Call, LongRunning, Operation, malformed};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::flow::{Cx, Flow};
use crate::ml::API_VERSION;
use crate::run::Step;

/// What becomes of the identities.
#[derive(Debug)]
pub(super) enum Change {
    /// These are added.
    Enable(WantedIdentity),
    /// These are taken away.
    Disable(UnwantedIdentity),
}

impl Change {
    /// What the resource has to be told; nothing, where it is so already.
    fn of(&self, resource: &Map<String, Value>, compute: Option<&str>) -> Result<Option<Value>, Error> {
        let old = ResourceIdentity::of_document(resource);
        match self {
            Change::Enable(wanted) => wanted.change(&old, compute),
            Change::Disable(unwanted) => {
                let primary = resource.get("properties").and_then(|it| it.get("primaryUserAssignedIdentity"));
                unwanted.change(&old, primary.and_then(Value::as_str), compute)
            }
        }
    }
}

/// Reads the resource, changes its identities (`PATCH` of a workspace; `PUT` of all that a compute is), and waits
/// until it has them. Ends in those before and those after.
#[derive(Debug)]
pub(super) struct ChangeIdentity {
    manager: ResourceManager,
    owner: IdentityOwner,
    change: Change,
    old: ResourceIdentity,
    state: State,
}

#[derive(Debug)]
enum State {
    Reading(Box<Call>),
    Writing(Box<LongRunning>),
}

impl ChangeIdentity {
    pub(super) fn new(
        manager: &ResourceManager,
        owner: IdentityOwner,
        change: Change,
    ) -> Result<ChangeIdentity, Error> {
        let call = manager.get(owner.steps()?, API_VERSION, "the resource");
        let (manager, state) = (manager.clone(), State::Reading(Box::new(call)));
        Ok(ChangeIdentity { manager, owner, change, old: ResourceIdentity::default(), state })
    }

    /// What it had.
    pub(super) fn before(&self) -> &ResourceIdentity {
        &self.old
    }

    /// Those after the change, if they are as was asked: the end of an operation may be told wrongly.
    fn ended(&self, answer: &Answer) -> Result<ResourceIdentity, Error> {
        let after = identity_of(answer)?;
        let resource = answer.object().cloned().unwrap_or_default();
        match self.change.of(&resource, kind_of(&self.owner, &resource)) {
            Ok(None) => Ok(after),
            _ => Err(Error::new(
                ErrorKind::Service,
                "the change of the identities was told to be done, and they are not yet as was asked",
            )
            .with_remedy("look again in a minute before it is done again")),
        }
    }

    fn read(&mut self, cx: &mut Cx<'_>, answer: &Answer) -> Step<ResourceIdentity> {
        let Some(resource) = answer.object().cloned() else {
            return Step::Done(Err(malformed(answer, "is not a resource")));
        };
        self.old = ResourceIdentity::of_document(&resource);
        let kind = kind_of(&self.owner, &resource);
        if kind.is_none() && matches!(self.owner, IdentityOwner::Compute(..)) {
            return Step::Done(Err(malformed(answer, "is not a compute")));
        }
        let Some(identity) = crate::check!(self.change.of(&resource, kind)) else {
            return Step::Done(Ok(self.old.clone()));
        };
        let steps = crate::check!(self.owner.steps());
        let operation = match kind {
            None => Operation::patch(steps, "a change of the workspace's identity")
                .document(&json!({ "identity": identity }))
                .repeatable(),
            Some(kind) => {
                let document = crate::check!(compute::with_identity(&resource, kind, identity));
                Operation::put(steps, "a change of the compute's identity").document(&document)
            }
        };
        let State::Reading(reading) = &self.state else { return Step::Done(Err(crate::flow::out_of_turn())) };
        let call = self.manager.call(operation, API_VERSION).after(reading);
        self.state = State::Writing(Box::new(LongRunning::new(call)));
        self.step(cx, None)
    }
}

/// Of which kind a compute is.
fn kind_of<'r>(owner: &IdentityOwner, resource: &'r Map<String, Value>) -> Option<&'r str> {
    match owner {
        IdentityOwner::Workspace(_) => None,
        IdentityOwner::Compute(..) => {
            resource.get("properties").and_then(|it| it.get("computeType")).and_then(Value::as_str)
        }
    }
}

impl Flow for ChangeIdentity {
    type Output = ResourceIdentity;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<ResourceIdentity> {
        match &mut self.state {
            State::Reading(call) => {
                let answer = crate::pump!(call.step(cx, reply));
                self.read(cx, &answer)
            }
            State::Writing(operation) => {
                let answer = crate::pump!(operation.step(cx, reply));
                Step::Done(self.ended(&answer))
            }
        }
    }

    fn interrupted(&self, error: Error) -> Error {
        match &self.state {
            State::Reading(_) => error,
            State::Writing(operation) => operation.interrupted(error),
        }
    }
}
