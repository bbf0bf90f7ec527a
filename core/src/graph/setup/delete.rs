//! Looking at a service principal, and taking it away.

use serde_json::Value;

use crate::arm::ResourceManager;
use crate::arm::roles::{RemoveRoles, RoleAssignment, Scope};
use crate::call::{Call, Operation, Pages, malformed, nothing_more};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, Flow};
use crate::graph::{Application, Graph, ServicePrincipal, below, quoted};
use crate::run::Step;
use crate::tenant::is_guid;

/// Finds a service principal by its application id or any of its names, or by its object id.
#[derive(Debug)]
pub struct ShowPrincipal {
    graph: Graph,
    wanted: String,
    state: Showing,
}

#[derive(Debug)]
enum Showing {
    Names(Pages),
    One(Call),
}

impl ShowPrincipal {
    /// The one of this id or name.
    #[must_use]
    pub fn new(graph: &Graph, wanted: &str) -> ShowPrincipal {
        let operation = Operation::get(below(&["servicePrincipals"]), "the service principal")
            .query("$filter", format!("servicePrincipalNames/any(c:c eq {})", quoted(wanted)));
        let state = Showing::Names(Pages::new(graph.service().call(operation)));
        ShowPrincipal { graph: graph.clone(), wanted: wanted.to_owned(), state }
    }

    fn nobody(&self) -> Error {
        let what = format!("there is no service principal '{}' in the directory", self.wanted);
        Error::new(ErrorKind::Refused, what).with_remedy(
            "check the id: the object id of an app registration is not that of its service principal",
        )
    }
}

impl Flow for ShowPrincipal {
    type Output = ServicePrincipal;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<ServicePrincipal> {
        match &mut self.state {
            Showing::Names(pages) => {
                let mut found = crate::pump!(pages.step(cx, reply));
                match found.pop() {
                    Some(found) => Step::Done(ServicePrincipal::of(found).ok_or_else(|| self.nobody())),
                    None if is_guid(&self.wanted) => {
                        let path = below(&["servicePrincipals", &self.wanted]);
                        let operation = Operation::get(path, "the service principal");
                        self.state = Showing::One(self.graph.service().call(operation));
                        self.step(cx, None)
                    }
                    None => Step::Done(Err(self.nobody())),
                }
            }
            Showing::One(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Err(error)) if error.status() == Some(404) => Step::Done(Err(self.nobody())),
                Step::Done(Err(error)) => Step::Done(Err(error)),
                Step::Done(Ok(answer)) => {
                    let found = answer.object().cloned().map(Value::Object).and_then(ServicePrincipal::of);
                    Step::Done(found.ok_or_else(|| malformed(&answer, "is not a service principal")))
                }
            },
        }
    }
}

/// Removes an app registration, and its service principal with it; before that, the roles that it has at
/// these scopes and below, which would be left behind as assignments to nobody. Ends in the roles that were
/// taken. What is gone already is success.
#[derive(Debug)]
pub struct DeletePrincipal {
    graph: Graph,
    manager: ResourceManager,
    app_id: String,
    scopes: Vec<Scope>,
    object: Option<String>,
    removed: Vec<RoleAssignment>,
    state: Deleting,
}

#[derive(Debug)]
enum Deleting {
    Looking(Call),
    Principal(Call),
    Roles(Box<RemoveRoles>),
    Last(Call),
}

impl DeletePrincipal {
    /// The app of this application id.
    #[must_use]
    pub fn new(
        graph: &Graph,
        manager: &ResourceManager,
        app_id: &str,
        scopes: Vec<Scope>,
    ) -> DeletePrincipal {
        let path = below(&[&format!("applications(appId={})", quoted(app_id))]);
        let call = graph.service().call(Operation::get(path, "the app registration"));
        DeletePrincipal {
            graph: graph.clone(),
            manager: manager.clone(),
            app_id: app_id.to_owned(),
            scopes,
            object: None,
            removed: Vec::new(),
            state: Deleting::Looking(call),
        }
    }

    fn roles(&mut self, cx: &mut Cx<'_>, principal: Option<&str>) -> Step<Vec<RoleAssignment>> {
        self.state = match (self.scopes.pop(), principal) {
            (Some(scope), Some(principal)) => {
                Deleting::Roles(Box::new(RemoveRoles::new(&self.manager, &scope, principal)))
            }
            _ => {
                let path = below(&["applications", self.object.as_deref().unwrap_or_default()]);
                let operation = Operation::delete(path, "the app registration");
                Deleting::Last(self.graph.service().call(operation))
            }
        };
        self.step(cx, None)
    }
}

impl Flow for DeletePrincipal {
    type Output = Vec<RoleAssignment>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Vec<RoleAssignment>> {
        match &mut self.state {
            Deleting::Looking(call) => {
                let answer = crate::pump!(call.step(cx, reply));
                let found = answer.object().cloned().map(Value::Object).and_then(Application::of);
                let found =
                    crate::check!(found.ok_or_else(|| malformed(&answer, "is not an app registration")));
                self.object = Some(found.id);
                if self.scopes.is_empty() {
                    return self.roles(cx, None);
                }
                let path = below(&[&format!("servicePrincipals(appId={})", quoted(&self.app_id))]);
                let operation = Operation::get(path, "the service principal");
                self.state = Deleting::Principal(self.graph.service().call(operation));
                self.step(cx, None)
            }
            Deleting::Principal(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Err(error)) if error.status() == Some(404) => self.roles(cx, None),
                Step::Done(Err(error)) => Step::Done(Err(error)),
                Step::Done(Ok(answer)) => {
                    let found = answer.object().cloned().map(Value::Object).and_then(ServicePrincipal::of);
                    let found =
                        crate::check!(found.ok_or_else(|| malformed(&answer, "is not a service principal")));
                    self.roles(cx, Some(&found.id))
                }
            },
            Deleting::Roles(remove) => {
                let principal = remove.principal().to_owned();
                let removed = crate::pump!(remove.step(cx, reply));
                self.removed.extend(removed);
                self.roles(cx, Some(&principal))
            }
            Deleting::Last(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Err(error)) if error.status() != Some(404) => Step::Done(Err(error)),
                Step::Done(result) => {
                    if let Ok(answer) = &result {
                        crate::check!(nothing_more(answer));
                    }
                    Step::Done(Ok(std::mem::take(&mut self.removed)))
                }
            },
        }
    }
}
