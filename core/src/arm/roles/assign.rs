//! Giving a role.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{API_VERSION, FindRole, Principal, Role, Scope};
use crate::arm::ResourceManager;
use crate::call::{Call, Operation, malformed};
use crate::effect::Reply;
use crate::error::{Error, Made, MadeKind};
use crate::exchange::Answer;
use crate::flow::{Cx, Flow};
use crate::patience::{Patience, named_guid};
use crate::run::Step;

/// A role that is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// Where.
    pub scope: Scope,
    /// The GUID of the role's definition.
    pub role: String,
    /// The object id of whom it is given to.
    pub principal: String,
    /// Whether it was given before.
    pub existed: bool,
}

/// Gives a role at a scope to a principal. That it is given already is success.
///
/// The assignment's name follows from scope, principal and role, so that doing it twice comes to the same.
/// A principal that is not known yet (`PrincipalNotFound`) is waited for: 36 times, 5 seconds apart. What type
/// of principal it is is said along, which spares the service the look-up in most cases.
#[derive(Debug)]
pub struct AssignRole {
    manager: ResourceManager,
    scope: Scope,
    principal: Principal,
    role: String,
    patience: Patience,
    state: State,
}

#[derive(Debug)]
enum State {
    Finding(FindRole),
    Found,
    Assigning(Box<Call>),
    Waiting,
}

impl AssignRole {
    /// This role at this scope for this principal.
    #[must_use]
    pub fn new(manager: &ResourceManager, scope: &Scope, role: &Role, principal: &Principal) -> AssignRole {
        AssignRole {
            manager: manager.clone(),
            scope: scope.clone(),
            principal: principal.clone(),
            role: String::new(),
            patience: Patience::for_replication(),
            state: State::Finding(FindRole::new(manager, scope, role)),
        }
    }

    /// The same, of a role whose definition was found at this scope a moment ago: it is not looked up again.
    pub(crate) fn of_found(self, role: &str) -> AssignRole {
        AssignRole { role: role.to_owned(), state: State::Found, ..self }
    }

    fn call(&self) -> Call {
        let Principal { object_id, kind, .. } = &self.principal;
        let definition = format!(
            "/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{}",
            self.scope.subscription(),
            self.role
        );
        let mut properties = json!({ "roleDefinitionId": definition, "principalId": object_id });
        if let Some(kind) = kind {
            properties["principalType"] = kind.name().into();
        }
        let name = name(&self.scope, object_id, &self.role);
        let operation =
            Operation::put(self.scope.authorization(&["roleAssignments", &name]), "the role assignment");
        self.manager.call(operation.document(&json!({ "properties": properties })), API_VERSION)
    }

    fn assign(&mut self, cx: &mut Cx<'_>) -> Step<Assigned> {
        self.state = State::Assigning(Box::new(self.call()));
        self.step(cx, None)
    }

    /// Whether the service confirms what was asked of it.
    fn is_ours(&self, answer: &Answer) -> bool {
        let document = answer.object().cloned().unwrap_or_default();
        let principal = document.get("properties").and_then(|properties| properties.get("principalId"));
        let principal = principal.and_then(|principal| principal.as_str());
        principal.is_some_and(|principal| principal.eq_ignore_ascii_case(&self.principal.object_id))
    }

    fn refused(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<Assigned> {
        match error.code() {
            Some("RoleAssignmentExists") => self.done(true),
            Some("PrincipalNotFound") => match self.patience.wait(cx, "for the principal to be known") {
                Some(step) => {
                    self.state = State::Waiting;
                    step
                }
                None => Step::Done(Err(self.patience.over(cx, error))),
            },
            _ => Step::Done(Err(match error.leaves_open() && self.is_sent() {
                true => self.unknown(error),
                false => error,
            })),
        }
    }

    fn is_sent(&self) -> bool {
        matches!(&self.state, State::Assigning(call) if call.is_under_way())
    }

    /// The error that leaves it open whether the role was given.
    fn unknown(&self, error: Error) -> Error {
        let what = format!("whether the role {} was given at {} is not known", self.role, self.scope);
        let error = error.so_far(&what, "run the same again: a role that was given is not given twice");
        error.after_making([Made::perhaps(MadeKind::Role, self.scope.as_str())])
    }

    fn done(&self, existed: bool) -> Step<Assigned> {
        Step::Done(Ok(Assigned {
            scope: self.scope.clone(),
            role: self.role.clone(),
            principal: self.principal.object_id.clone(),
            existed,
        }))
    }
}

impl Flow for AssignRole {
    type Output = Assigned;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Assigned> {
        match &mut self.state {
            State::Finding(find) => {
                self.role = crate::pump!(find.step(cx, reply));
                self.assign(cx)
            }
            State::Found => self.assign(cx),
            State::Assigning(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Ok(answer)) if !self.is_ours(&answer) => {
                    let error = malformed(&answer, "is not the assignment");
                    self.refused(cx, error)
                }
                Step::Done(Ok(answer)) => self.done(answer.status() == 200),
                Step::Done(Err(error)) => self.refused(cx, error),
            },
            State::Waiting => {
                crate::check!(Patience::waited(reply));
                self.assign(cx)
            }
        }
    }

    fn interrupted(&self, error: Error) -> Error {
        if self.is_sent() { self.unknown(error) } else { error }
    }
}

/// The name of an assignment: a GUID (RFC 9562 version 8) that follows from what is assigned.
fn name(scope: &Scope, principal: &str, role: &str) -> String {
    let text = format!("{scope}\n{principal}\n{role}").to_ascii_lowercase();
    named_guid(&Sha256::digest(text))
}
