//! The whole set-up, step by step.

use super::{
    AddCertificate, AddSecret, Certificate, EnsureApplication, EnsurePrincipal, Life, NewSecret, Which, hint,
};
use crate::arm::ResourceManager;
use crate::arm::roles::{AssignRole, Assigned, FindRole, Role, Scope};
use crate::effect::Reply;
use crate::error::{Error, Made, MadeKind};
use crate::flow::{Cx, Flow};
use crate::graph::{Application, Graph, Principal, ServicePrincipal};
use crate::run::Step;

/// What the app proves with who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A secret that is made for it.
    Secret(Life),
    /// A certificate, whose key stays with the caller.
    Certificate(Certificate),
    /// Nothing is added: it has something already, or will have a federated credential.
    Nothing,
}

/// What is set up.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The app registration.
    pub which: Which,
    /// The service that a new one belongs to, where the tenant wants to know.
    pub reference: Option<String>,
    /// The role that the service principal gets, and where; none where there is no scope.
    pub role: Option<Role>,
    /// Where it gets the role.
    pub scopes: Vec<Scope>,
    /// What it proves with who it is.
    pub proof: Proof,
}

/// What was set up.
#[derive(Clone, Debug)]
pub struct Created {
    /// The app registration.
    pub application: Application,
    /// Whether it is new.
    pub is_new: bool,
    /// Its service principal.
    pub principal: ServicePrincipal,
    /// The roles it has now, of those that were wanted: all.
    pub assigned: Vec<Assigned>,
    /// The secret, told this one time.
    pub secret: Option<NewSecret>,
    /// The id of the certificate.
    pub certificate: Option<String>,
}

/// Sets a service principal up: app registration, service principal, roles, secret or certificate, in this
/// order.
///
/// Roles are looked up before anything is made, so that a wrong name leaves nothing behind. The secret, or the
/// certificate, comes last: what can fail has not failed by then, and no later step can lose it. A failure half
/// way says what there is ([`Error::made`]); running the same again with [`Which::Of`] goes on from there, and
/// [`DeletePrincipal`](super::DeletePrincipal) undoes it.
#[derive(Debug)]
pub struct CreatePrincipal {
    graph: Graph,
    manager: ResourceManager,
    plan: Plan,
    definitions: Vec<Role>,
    application: Option<(Application, bool)>,
    principal: Option<ServicePrincipal>,
    assigned: Vec<Assigned>,
    state: State,
}

#[derive(Debug)]
enum State {
    Begin,
    Roles(Box<FindRole>),
    Application(Box<EnsureApplication>),
    Principal(Box<EnsurePrincipal>),
    Assign(Box<AssignRole>),
    Secret(Box<AddSecret>),
    Certificate(Box<AddCertificate>),
}

impl CreatePrincipal {
    /// What this plan says, over these two services.
    #[must_use]
    pub fn new(graph: &Graph, manager: &ResourceManager, plan: Plan) -> CreatePrincipal {
        CreatePrincipal {
            graph: graph.clone(),
            manager: manager.clone(),
            plan,
            definitions: Vec::new(),
            application: None,
            principal: None,
            assigned: Vec::new(),
            state: State::Begin,
        }
    }

    fn roles(&mut self, cx: &mut Cx<'_>) -> Step<Created> {
        let next = self.plan.scopes.get(self.definitions.len());
        self.state = match (next, &self.plan.role) {
            (Some(scope), Some(role)) => State::Roles(Box::new(FindRole::new(&self.manager, scope, role))),
            _ => {
                let Plan { which, reference, .. } = &self.plan;
                State::Application(Box::new(EnsureApplication::new(&self.graph, which, reference.as_deref())))
            }
        };
        self.advance(cx, None)
    }

    fn principal(&mut self, cx: &mut Cx<'_>) -> Step<Created> {
        let Some((application, _)) = &self.application else {
            return Step::Done(Err(crate::flow::out_of_turn()));
        };
        self.state = State::Principal(Box::new(EnsurePrincipal::new(&self.graph, &application.app_id)));
        self.advance(cx, None)
    }

    /// Gives the next role, or goes on to what the app proves itself with.
    fn assign(&mut self, cx: &mut Cx<'_>) -> Step<Created> {
        let (Some((application, _)), Some(principal)) = (&self.application, &self.principal) else {
            return Step::Done(Err(crate::flow::out_of_turn()));
        };
        let at = self.assigned.len();
        self.state = match (self.plan.scopes.get(at), self.definitions.get(at), &self.plan.proof) {
            (Some(scope), Some(role), _) => {
                let assign = AssignRole::new(&self.manager, scope, role, &Principal::from(principal));
                State::Assign(Box::new(assign.of_found(role.as_str())))
            }
            (_, _, Proof::Secret(life)) => {
                State::Secret(Box::new(AddSecret::new(&self.graph, application, *life)))
            }
            (_, _, Proof::Certificate(certificate)) => {
                State::Certificate(Box::new(AddCertificate::new(&self.graph, application, certificate)))
            }
            (_, _, Proof::Nothing) => return self.done(None, None),
        };
        self.advance(cx, None)
    }

    fn done(&mut self, secret: Option<NewSecret>, certificate: Option<String>) -> Step<Created> {
        let (Some((application, is_new)), Some(principal)) = (self.application.take(), self.principal.take())
        else {
            return Step::Done(Err(crate::flow::out_of_turn()));
        };
        let assigned = std::mem::take(&mut self.assigned);
        Step::Done(Ok(Created { application, is_new, principal, assigned, secret, certificate }))
    }

    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Created> {
        match &mut self.state {
            State::Begin => self.roles(cx),
            State::Roles(find) => {
                let id = crate::pump!(find.step(cx, reply));
                self.definitions.push(crate::check!(Role::new(&id)));
                self.roles(cx)
            }
            State::Application(ensure) => {
                self.application = Some(crate::pump!(ensure.step(cx, reply)));
                self.principal(cx)
            }
            State::Principal(ensure) => {
                self.principal = Some(crate::pump!(ensure.step(cx, reply)));
                self.assign(cx)
            }
            State::Assign(assign) => {
                let assigned = crate::pump!(assign.step(cx, reply));
                self.assigned.push(assigned);
                self.assign(cx)
            }
            State::Secret(add) => {
                let secret = crate::pump!(add.step(cx, reply));
                self.done(Some(secret), None)
            }
            State::Certificate(add) => {
                let certificate = crate::pump!(add.step(cx, reply));
                self.done(None, Some(certificate))
            }
        }
    }

    /// What was made by now.
    fn made(&self) -> Vec<Made> {
        let Some((application, true)) = &self.application else { return Vec::new() };
        let application = Made::certain(MadeKind::Application, &application.app_id);
        let principal = self.principal.iter().map(|own| Made::certain(MadeKind::ServicePrincipal, &own.id));
        let roles = self.assigned.iter().filter(|assigned| !assigned.existed);
        let roles = roles.map(|assigned| Made::certain(MadeKind::Role, assigned.scope.as_str()));
        std::iter::once(application).chain(principal).chain(roles).collect()
    }

    /// A failure, with what there is by now, and how to go on or undo it.
    fn failed(&self, error: Error) -> Error {
        let Some((application, is_new)) = &self.application else { return error };
        let (app, new) = (&application.app_id, if *is_new { "new " } else { "" });
        let mut done = format!("so far there is the {new}app registration {app}");
        if let Some(principal) = &self.principal {
            done.push_str(&format!(", its service principal {}", principal.id));
        }
        for assigned in &self.assigned {
            done.push_str(&format!(", its role {} at {}", assigned.role, assigned.scope));
        }
        let same = match &self.plan.which {
            Which::Of(_) => "go on with the same command".to_owned(),
            Which::New(_) => format!("go on with the same command and --app-id {app} in place of --name"),
            Which::Reused(_) => {
                format!("go on with the same command and --app-id {app} in place of --name and --reuse")
            }
        };
        let undo = match is_new {
            true => format!("; undo with: {}", hint::delete(app, &self.plan.scopes)),
            false => String::new(),
        };
        error.so_far(&done, &format!("{same}{undo}")).after_making(self.made())
    }
}

impl Flow for CreatePrincipal {
    type Output = Created;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Created> {
        match self.advance(cx, reply) {
            Step::Done(Err(error)) => Step::Done(Err(self.failed(error))),
            other => other,
        }
    }

    fn interrupted(&self, error: Error) -> Error {
        self.failed(match &self.state {
            State::Begin | State::Roles(_) => error,
            State::Application(ensure) => ensure.interrupted(error),
            State::Principal(ensure) => ensure.interrupted(error),
            State::Assign(assign) => assign.interrupted(error),
            State::Secret(add) => add.interrupted(error),
            State::Certificate(add) => add.interrupted(error),
        })
    }
}
