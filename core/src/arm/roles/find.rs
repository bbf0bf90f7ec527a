//! From a role's name to its definition.

use serde_json::Value;

use super::{API_VERSION, BuiltIn, Scope, built_in};
use crate::arm::ResourceManager;
use crate::call::{Call, Operation, Pages, malformed, quoted};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, Flow};
use crate::run::Step;
use crate::tenant::is_guid;

/// A role, by the name or by the GUID of its definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role(String);

impl Role {
    /// A role of this name, this GUID, or this resource id of a definition.
    ///
    /// # Errors
    /// `Configuration` when it is empty.
    pub fn new(text: &str) -> Result<Role, Error> {
        let text = text.trim();
        let last = text.rsplit('/').next().filter(|id| is_guid(id)).unwrap_or(text);
        match last {
            "" => Err(Error::new(ErrorKind::Configuration, "the role is empty")
                .with_remedy("name it, such as AzureML Data Scientist, or give the GUID of its definition")),
            role => Ok(Role(role.to_owned())),
        }
    }

    /// The name or the GUID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn is(&self, known: &BuiltIn) -> bool {
        self.0.eq_ignore_ascii_case(known.name) || self.0.eq_ignore_ascii_case(known.id)
    }
}

/// Finds the definition of a role at a scope. Ends in the GUID of the definition.
///
/// A name and a GUID are both looked up each time: a custom role may have any name and exists at its own scopes
/// only, and what is done before a role that is not there would be left behind. Where there is no such role, the
/// error names the built-in ones, the nearest first.
#[derive(Debug)]
pub struct FindRole {
    role: Role,
    scope: Scope,
    state: State,
}

#[derive(Debug)]
enum State {
    Named(Box<Pages>),
    One(Box<Call>),
}

impl FindRole {
    /// This role at this scope.
    #[must_use]
    pub fn new(manager: &ResourceManager, scope: &Scope, role: &Role) -> FindRole {
        let call = |steps: &[&str], filter: Option<String>| {
            let operation = Operation::get(scope.authorization(steps), "the role");
            let operation = match filter {
                Some(filter) => operation.query("$filter", filter),
                None => operation,
            };
            manager.call(operation, API_VERSION)
        };
        let state = match role.as_str() {
            id if is_guid(id) => {
                State::One(Box::new(call(&["roleDefinitions", &id.to_ascii_lowercase()], None)))
            }
            name => {
                let filter = format!("roleName eq {}", quoted(name));
                State::Named(Box::new(Pages::new(call(&["roleDefinitions"], Some(filter)))))
            }
        };
        FindRole { role: role.clone(), scope: scope.clone(), state }
    }

    fn none(&self) -> Error {
        let what = format!("there is no role '{}' at {}", self.role.as_str(), self.scope);
        let names = built_in::nearest(self.role.as_str()).join(", ");
        let said = if is_guid(self.role.as_str()) { "id" } else { "name" };
        Error::new(ErrorKind::Refused, what).with_remedy(format!(
            "check the {said}: for work in a workspace it is AzureML Data Scientist; a custom role exists at its own scopes only; built-in roles are {names}"
        ))
    }

    fn chosen(&self, found: &[Value]) -> Result<String, Error> {
        let id = |value: &Value| {
            let name = value.get("name").and_then(Value::as_str)?;
            is_guid(name).then(|| name.to_owned())
        };
        match found {
            [one] => id(one)
                .ok_or_else(|| Error::new(ErrorKind::Malformed, "a role definition came without its GUID")),
            [] => Err(self.none()),
            several => {
                let what =
                    format!("there are {} roles '{}' at {}", several.len(), self.role.as_str(), self.scope);
                Err(Error::new(ErrorKind::Refused, what).with_remedy("name the role by its GUID"))
            }
        }
    }
}

impl Flow for FindRole {
    type Output = String;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<String> {
        match &mut self.state {
            State::Named(pages) => {
                let found = crate::pump!(pages.step(cx, reply));
                Step::Done(self.chosen(&found))
            }
            State::One(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                // A scope that is not there has another code, and another 404 is that of something in between.
                Step::Done(Err(error)) if error.code() == Some("RoleDefinitionDoesNotExist") => {
                    Step::Done(Err(self.none()))
                }
                Step::Done(Err(error)) => Step::Done(Err(error)),
                Step::Done(Ok(answer)) => {
                    let document = answer.object().cloned().unwrap_or_default();
                    let id = document.get("name").and_then(Value::as_str);
                    match id.filter(|id| id.eq_ignore_ascii_case(self.role.as_str())) {
                        Some(id) => Step::Done(Ok(id.to_ascii_lowercase())),
                        None => Step::Done(Err(malformed(&answer, "is not that role definition"))),
                    }
                }
            },
        }
    }
}
