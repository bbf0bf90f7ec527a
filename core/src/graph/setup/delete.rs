//! Taking an app away, with its service principal and its roles.

use super::hint;
use super::object_id::{MeantByObjectId, check_app_id};
use crate::arm::roles::{RemoveRoles, RoleAssignment, Scope};
use crate::arm::{ListSubscriptions, ResourceManager};
use crate::call::{Call, Operation, nothing_more};
use crate::effect::Reply;
use crate::error::Error;
use crate::flow::{Cx, Flow};
use crate::graph::{Application, Graph, ServicePrincipal, below, quoted};
use crate::patience::Patience;
use crate::run::Step;

/// Which roles are taken with an app that is deleted. Those that are not stay as roles of nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakenRoles {
    /// Those in every subscription that the caller sees.
    Everywhere,
    /// Those at these scopes and below.
    At(Vec<Scope>),
    /// None.
    Left,
}

/// What was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Whether there was such an app.
    pub existed: bool,
    /// The roles that were taken.
    pub roles: Vec<RoleAssignment>,
}

/// Removes an app registration, and its service principal with it; before that the roles that it has, which
/// would be left behind as assignments to nobody. What is gone already is success.
///
/// What is no application id is an error: an object id is told from one, and the error names the application id.
/// Where the deletion fails after roles were taken, the error names each, with the command that gives it back.
///
/// An app, or its service principal, that the directory does not find may have been made a moment ago: both are
/// looked for for a minute. An app without a service principal has no roles, and is deleted after that minute.
#[derive(Debug)]
pub struct DeletePrincipal {
    graph: Graph,
    manager: ResourceManager,
    app_id: String,
    roles: TakenRoles,
    scopes: Vec<Scope>,
    /// The object id of the registration, once it was found.
    object: Option<String>,
    principal: String,
    removed: Vec<RoleAssignment>,
    patience: Patience,
    /// How often an id that no app has was looked up as an object id.
    looked_up: u32,
    state: Deleting,
}

#[derive(Debug)]
enum Deleting {
    Looking(Call),
    LookingUp(Box<MeantByObjectId>),
    Principal(Call),
    WaitingForPrincipal,
    Subscriptions(ListSubscriptions),
    Roles(Box<RemoveRoles>),
    Last(Call),
    Waiting,
}

fn look(graph: &Graph, app_id: &str) -> Deleting {
    let path = below(&[&format!("applications(appId={})", quoted(app_id))]);
    Deleting::Looking(graph.service().call(Operation::get(path, "the app registration")))
}

fn principal(graph: &Graph, app_id: &str) -> Deleting {
    let path = below(&[&format!("servicePrincipals(appId={})", quoted(app_id))]);
    Deleting::Principal(graph.service().call(Operation::get(path, "the service principal")))
}

impl DeletePrincipal {
    /// The app of this application id.
    #[must_use]
    pub fn new(graph: &Graph, manager: &ResourceManager, app_id: &str, roles: TakenRoles) -> DeletePrincipal {
        DeletePrincipal {
            graph: graph.clone(),
            manager: manager.clone(),
            app_id: app_id.to_owned(),
            scopes: match &roles {
                TakenRoles::At(scopes) => scopes.clone(),
                _ => Vec::new(),
            },
            roles,
            object: None,
            principal: String::new(),
            removed: Vec::new(),
            patience: Patience::for_doubt(),
            looked_up: 0,
            state: look(graph, app_id),
        }
    }

    /// Takes the roles at the next scope, or removes the registration.
    fn next(&mut self, cx: &mut Cx<'_>) -> Step<Deleted> {
        self.state = match self.scopes.pop() {
            Some(scope) => {
                Deleting::Roles(Box::new(RemoveRoles::new(&self.manager, &scope, &self.principal)))
            }
            None => {
                let path = below(&["applications", self.object.as_deref().unwrap_or_default()]);
                Deleting::Last(self.graph.service().call(Operation::delete(path, "the app registration")))
            }
        };
        self.advance(cx, None)
    }

    fn done(&mut self) -> Step<Deleted> {
        let existed = self.object.is_some();
        Step::Done(Ok(Deleted { existed, roles: std::mem::take(&mut self.removed) }))
    }

    fn found(&mut self, cx: &mut Cx<'_>, found: Application) -> Step<Deleted> {
        if self.object.replace(found.id).is_some() {
            // It was found before, so its roles are taken: only the last step failed.
            return self.next(cx);
        }
        if self.roles == TakenRoles::Left || self.roles == TakenRoles::At(Vec::new()) {
            return self.next(cx);
        }
        self.patience = Patience::for_doubt();
        self.state = principal(&self.graph, &self.app_id);
        self.advance(cx, None)
    }

    /// The directory does not find the registration.
    fn not_found(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<Deleted> {
        if self.object.is_some() {
            return self.done();
        }
        if self.looked_up == 0 {
            return self.look_up(cx);
        }
        if let Some(step) = self.patience.wait(cx, "for the app registration to be known") {
            self.state = Deleting::Waiting;
            return step;
        }
        match self.patience.is_out_of_time() {
            true => Step::Done(Err(self.patience.over(cx, error))),
            // What it is the object id of may not have been known at first either.
            false => self.look_up(cx),
        }
    }

    fn look_up(&mut self, cx: &mut Cx<'_>) -> Step<Deleted> {
        self.looked_up += 1;
        self.state = Deleting::LookingUp(Box::new(MeantByObjectId::new(&self.graph, &self.app_id)));
        self.advance(cx, None)
    }

    fn looked_up(&mut self, cx: &mut Cx<'_>, meant: Option<Error>) -> Step<Deleted> {
        match meant {
            Some(error) => Step::Done(Err(error)),
            None if self.looked_up > 1 => self.done(),
            None => {
                self.state = look(&self.graph, &self.app_id);
                self.advance(cx, None)
            }
        }
    }

    /// The directory does not find the service principal.
    fn no_principal(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<Deleted> {
        if let Some(step) = self.patience.wait(cx, "for the service principal to be known") {
            self.state = Deleting::WaitingForPrincipal;
            return step;
        }
        if self.patience.is_out_of_time() {
            return Step::Done(Err(self.patience.over(cx, error)));
        }
        self.scopes.clear();
        self.next(cx)
    }

    /// The registration could not be removed, being unknown to the server that was to do it: gone, or not known
    /// there yet.
    fn unknown(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<Deleted> {
        match self.patience.wait(cx, "for the app registration to be known, or gone") {
            Some(step) => {
                self.state = Deleting::Waiting;
                step
            }
            None => Step::Done(Err(self.patience.over(cx, error))),
        }
    }

    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Deleted> {
        match &mut self.state {
            Deleting::Looking(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Err(error)) if super::status(&error) == Some(404) => self.not_found(cx, error),
                Step::Done(Err(error)) => Step::Done(Err(error)),
                Step::Done(Ok(answer)) => {
                    let found = crate::check!(Application::of_answer(&answer));
                    self.found(cx, found)
                }
            },
            Deleting::LookingUp(look) => {
                let meant = crate::pump!(look.step(cx, reply));
                self.looked_up(cx, meant)
            }
            Deleting::Principal(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Err(error)) if super::status(&error) == Some(404) => self.no_principal(cx, error),
                Step::Done(Err(error)) => Step::Done(Err(error)),
                Step::Done(Ok(answer)) => {
                    self.principal = crate::check!(ServicePrincipal::of_answer(&answer)).id;
                    if self.roles != TakenRoles::Everywhere {
                        return self.next(cx);
                    }
                    self.state = Deleting::Subscriptions(ListSubscriptions::new(&self.manager));
                    self.advance(cx, None)
                }
            },
            Deleting::Subscriptions(list) => {
                self.scopes = crate::pump!(list.step(cx, reply));
                self.next(cx)
            }
            Deleting::Roles(remove) => {
                let removed = crate::pump!(remove.step(cx, reply));
                self.removed.extend(removed);
                self.next(cx)
            }
            Deleting::Last(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Err(error)) if super::status(&error) == Some(404) => self.unknown(cx, error),
                Step::Done(Err(error)) => Step::Done(Err(error)),
                Step::Done(Ok(answer)) => {
                    crate::check!(nothing_more(&answer));
                    self.done()
                }
            },
            Deleting::WaitingForPrincipal => {
                crate::check!(Patience::waited(reply));
                self.state = principal(&self.graph, &self.app_id);
                self.advance(cx, None)
            }
            Deleting::Waiting => {
                crate::check!(Patience::waited(reply));
                self.state = look(&self.graph, &self.app_id);
                self.advance(cx, None)
            }
        }
    }

    /// A failure, with what was taken by now.
    fn failed(&self, error: Error) -> Error {
        let looking = matches!(self.state, Deleting::Subscriptions(_) | Deleting::Roles(_));
        let error = match looking && self.roles == TakenRoles::Everywhere {
            true => error.so_far(
                "the app was not deleted, since its roles would be left behind",
                "say where its roles are with --scopes, or leave them with --leave-roles",
            ),
            false => error,
        };
        let mut taken: Vec<_> = self.removed.iter().collect();
        if let Deleting::Roles(remove) = &self.state {
            taken.extend(remove.removed());
        }
        if taken.is_empty() {
            return error;
        }
        let roles: Vec<_> = taken.iter().map(|role| format!("{} at {}", role.role_id, role.scope)).collect();
        let undo: Vec<_> = taken.iter().map(|role| hint::assign(role)).collect();
        error.so_far(
            &format!("so far these roles of it were taken: {}", roles.join(", ")),
            &format!("go on with the same command; or give them back with: {}", undo.join("; ")),
        )
    }
}

impl Flow for DeletePrincipal {
    type Output = Deleted;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Deleted> {
        crate::check!(check_app_id(&self.app_id));
        match self.advance(cx, reply) {
            Step::Done(Err(error)) => Step::Done(Err(self.failed(error))),
            other => other,
        }
    }

    fn interrupted(&self, error: Error) -> Error {
        let error = match &self.state {
            Deleting::Last(call) if call.is_under_way() => error.so_far(
                &format!("whether the app registration {} was deleted is not known", self.app_id),
                "run the same command again",
            ),
            _ => error,
        };
        self.failed(error)
    }
}
