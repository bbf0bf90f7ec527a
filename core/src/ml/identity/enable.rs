//! Giving identities to a workspace or a compute.

use serde_json::{Value, json};

use super::{IdentityOwner, ResourceIdentity, WantedIdentity, compute, identity_of};
use crate::arm::ResourceManager;
use crate::call::{Call, LongRunning, Operation, malformed};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::flow::{Cx, Flow};
use crate::ml::API_VERSION;
use crate::run::Step;

/// Gives identities to a workspace (`PATCH`) or a compute (`PUT` of all that it is, with the identity), and
/// waits until it has them. Those that it has stay; where it has all of them already, nothing is written.
///
/// A `PUT` replaces. Where a compute has what the service does not tell again (a cluster with a password for its
/// nodes, an attached compute of another kind than `AmlCompute` and `ComputeInstance`), the flow ends in
/// `Configuration`, and nothing is written.
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
        let kind = match &self.owner {
            IdentityOwner::Workspace(_) => None,
            IdentityOwner::Compute(..) => {
                let kind =
                    resource.get("properties").and_then(|it| it.get("computeType")).and_then(Value::as_str);
                Some(crate::check!(kind.ok_or_else(|| malformed(answer, "is not a compute"))))
            }
        };
        let Some(identity) = crate::check!(self.wanted.change(&old, kind)) else {
            return Step::Done(Ok(old));
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

    fn interrupted(&self, error: Error) -> Error {
        match &self.state {
            State::Reading(_) => error,
            State::Writing(operation) => operation.interrupted(error),
        }
    }
}
