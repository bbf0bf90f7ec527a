//! Which roles are given at a scope, and taking them away.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{API_VERSION, Scope};
use crate::arm::ResourceManager;
use crate::call::{Call, Operation, Pages, malformed, quoted};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::flow::{Cx, Flow};
use crate::run::Step;
use crate::tenant::is_guid;

/// A role that is given to somebody somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleAssignment {
    /// The assignment's own resource id.
    pub id: String,
    /// The GUID of the role's definition.
    pub role_id: String,
    /// The role's name, where it could be found.
    pub role: Option<String>,
    /// The object id of whom it is given to.
    pub principal: String,
    /// What that is, in the service's words: `ServicePrincipal`, `User`, `Group`.
    pub principal_type: Option<String>,
    /// Where it was given: the scope itself or one above it.
    pub scope: String,
}

impl RoleAssignment {
    fn of(value: &Value) -> Option<RoleAssignment> {
        let properties = value.get("properties")?;
        let text = |name: &str| properties.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(RoleAssignment {
            id: value.get("id")?.as_str()?.to_owned(),
            role_id: text("roleDefinitionId")?.rsplit('/').next()?.to_owned(),
            role: None,
            principal: text("principalId")?,
            principal_type: text("principalType"),
            scope: text("scope")?,
        })
    }
}

/// Lists the roles that are given at a scope and above it, or those of one principal at, above and below it.
#[derive(Debug)]
pub struct ListRoles {
    assignments: Pages,
    definitions: Pages,
    found: Option<Vec<RoleAssignment>>,
}

impl ListRoles {
    /// The roles at this scope, of the principal of this object id, or of everybody.
    #[must_use]
    pub fn new(manager: &ResourceManager, scope: &Scope, principal: Option<&str>) -> ListRoles {
        let definitions = Operation::get(scope.authorization(&["roleDefinitions"]), "the list of roles");
        ListRoles {
            assignments: assignments(manager, scope, principal),
            definitions: Pages::new(manager.call(definitions, API_VERSION)),
            found: None,
        }
    }
}

fn assignments(manager: &ResourceManager, scope: &Scope, principal: Option<&str>) -> Pages {
    let filter = match principal {
        Some(principal) => format!("principalId eq {}", quoted(principal)),
        None => "atScope()".to_owned(),
    };
    let operation = Operation::get(scope.authorization(&["roleAssignments"]), "the list of role assignments")
        .query("$filter", filter);
    Pages::new(manager.call(operation, API_VERSION))
}

fn read(values: &[Value]) -> Result<Vec<RoleAssignment>, Error> {
    let read: Option<Vec<_>> = values.iter().map(RoleAssignment::of).collect();
    read.ok_or_else(|| {
        Error::new(ErrorKind::Malformed, "the list of role assignments has what is not one in it")
    })
}

impl Flow for ListRoles {
    type Output = Vec<RoleAssignment>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Vec<RoleAssignment>> {
        if self.found.is_none() {
            let values = crate::pump!(self.assignments.step(cx, reply));
            self.found = Some(crate::check!(read(&values)));
            return self.step(cx, None);
        }
        let names: BTreeMap<String, String> = crate::pump!(self.definitions.step(cx, reply))
            .iter()
            .filter_map(|value| {
                let id = value.get("name")?.as_str()?.to_ascii_lowercase();
                Some((id, value.get("properties")?.get("roleName")?.as_str()?.to_owned()))
            })
            .collect();
        let mut found = self.found.take().unwrap_or_default();
        for assignment in &mut found {
            assignment.role = names.get(&assignment.role_id.to_ascii_lowercase()).cloned();
        }
        Step::Done(Ok(found))
    }
}

/// Takes all roles of a principal away that it has at a scope and below it. Ends in those that were taken.
#[derive(Debug)]
pub struct RemoveRoles {
    manager: ResourceManager,
    scope: Scope,
    state: Removing,
    left: Vec<RoleAssignment>,
    removed: Vec<RoleAssignment>,
}

#[derive(Debug)]
enum Removing {
    Listing(Pages),
    Removing(Call),
}

impl RemoveRoles {
    /// The roles of the principal of this object id.
    #[must_use]
    pub fn new(manager: &ResourceManager, scope: &Scope, principal: &str) -> RemoveRoles {
        RemoveRoles {
            manager: manager.clone(),
            scope: scope.clone(),
            state: Removing::Listing(assignments(manager, scope, Some(principal))),
            left: Vec::new(),
            removed: Vec::new(),
        }
    }

    /// Those that were taken by now.
    #[must_use]
    pub fn removed(&self) -> &[RoleAssignment] {
        &self.removed
    }

    fn next(&mut self, cx: &mut Cx<'_>) -> Step<Vec<RoleAssignment>> {
        let Some(next) = self.left.last() else {
            return Step::Done(Ok(std::mem::take(&mut self.removed)));
        };
        let scope = crate::check!(Scope::new(&next.scope));
        let name = next.id.rsplit('/').next().unwrap_or_default();
        if !is_guid(name) {
            return Step::Done(Err(Error::new(
                ErrorKind::Malformed,
                "a role assignment came without its name",
            )));
        }
        let operation =
            Operation::delete(scope.authorization(&["roleAssignments", name]), "the role assignment");
        self.state = Removing::Removing(self.manager.call(operation, API_VERSION));
        self.step(cx, None)
    }
}

impl Flow for RemoveRoles {
    type Output = Vec<RoleAssignment>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Vec<RoleAssignment>> {
        match &mut self.state {
            Removing::Listing(pages) => {
                let values = crate::pump!(pages.step(cx, reply));
                let below = self.scope.as_str().to_ascii_lowercase();
                self.left = crate::check!(read(&values));
                // Those above the scope are not ours to take.
                self.left.retain(|known| {
                    let scope = known.scope.to_ascii_lowercase();
                    scope == below || scope.starts_with(&format!("{below}/"))
                });
                self.next(cx)
            }
            Removing::Removing(call) => {
                match call.step(cx, reply) {
                    Step::Do(effect) => return Step::Do(effect),
                    // What is gone is deleted with success; a scope that is gone has a code. Any other 404 is
                    // that of something between here and there.
                    Step::Done(Err(error)) if error.status() != Some(404) || error.code().is_none() => {
                        return Step::Done(Err(error));
                    }
                    Step::Done(Err(_)) => {}
                    Step::Done(Ok(answer)) => crate::check!(removed(&answer)),
                }
                self.removed.extend(self.left.pop());
                self.next(cx)
            }
        }
    }
}

/// The service answers with what it removed, or with nothing (204). Anything else is from something in between.
fn removed(answer: &Answer) -> Result<(), Error> {
    let told = answer.object().is_some_and(|document| document.get("id").is_some_and(Value::is_string));
    match answer.status() == 204 || told {
        true => Ok(()),
        false => Err(malformed(answer, "is not the role assignment that was removed")),
    }
}
