//! From a role's name to its definition.

use serde_json::Value;

use super::{API_VERSION, BuiltIn, Scope};
use crate::arm::ResourceManager;
use crate::call::{Operation, Pages, quoted};
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
/// A name is looked up each time, since a custom role may have any name and exists at its own scopes only; a
/// GUID is taken as it is.
#[derive(Debug)]
pub struct FindRole {
    role: Role,
    scope: Scope,
    pages: Option<Pages>,
}

impl FindRole {
    /// This role at this scope.
    #[must_use]
    pub fn new(manager: &ResourceManager, scope: &Scope, role: &Role) -> FindRole {
        let pages = (!is_guid(role.as_str())).then(|| {
            let filter = format!("roleName eq {}", quoted(role.as_str()));
            let operation = Operation::get(scope.authorization(&["roleDefinitions"]), "the role")
                .query("$filter", filter);
            Pages::new(manager.call(operation, API_VERSION))
        });
        FindRole { role: role.clone(), scope: scope.clone(), pages }
    }

    fn chosen(&self, found: &[Value]) -> Result<String, Error> {
        let id = |value: &Value| {
            let name = value.get("name").and_then(Value::as_str)?;
            is_guid(name).then(|| name.to_owned())
        };
        match found {
            [one] => id(one)
                .ok_or_else(|| Error::new(ErrorKind::Malformed, "a role definition came without its GUID")),
            [] => {
                let what = format!("there is no role '{}' at {}", self.role.as_str(), self.scope);
                Err(Error::new(ErrorKind::Refused, what).with_remedy(
                    "check the name: for work in a workspace it is AzureML Data Scientist; a custom role exists at its own scopes only",
                ))
            }
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
        let Some(pages) = &mut self.pages else {
            return Step::Done(Ok(self.role.as_str().to_ascii_lowercase()));
        };
        let found = crate::pump!(pages.step(cx, reply));
        Step::Done(self.chosen(&found))
    }
}
