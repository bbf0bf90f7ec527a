//! An app that is there before a run begins, and what is changed about it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entrada_core::arm::roles::Scope;
use entrada_core::effect::Reply;
use entrada_core::error::{Error, ErrorKind};
use entrada_core::flow::{BoxFlow, Cx, Flow};
use entrada_core::graph::setup::{Certificate, EnsureApplication, Which};
use entrada_core::graph::{Application, Graph, KnownCredential};
use entrada_core::run::Step;
use entrada_emulator::config::{App, AppCertificate, AppSecret, RoleAssignment};
use entrada_emulator::world as w;

use crate::canaries::Kind as Canary;
use crate::world::World;

/// What it is called, and what one that is made is called.
pub const NAME: &str = "o'brien ml";
/// Its application id.
pub const APP_ID: &str = "5f1d9c3a-77e4-4b02-9d61-0c8a2e4f6b31";
/// The object id of its service principal.
pub const PRINCIPAL: &str = "6a2e0d4b-88f5-4c13-8e72-1d9b3f507c42";
const REGISTRATION: &str = "7b3f1e5c-9906-4d24-9f83-2eac40618d53";
/// The ids of its secrets: one that stays, and one that is removed where something is.
pub const SECRETS: [&str; 2] =
    ["8c402f6d-aa17-4e35-8094-3fbd51729e64", "9d51307e-bb28-4f46-91a5-40ce6283af75"];
/// The same of its certificates.
pub const CERTIFICATES: [&str; 2] =
    ["ae62418f-cc39-4057-82b6-51df7394b086", "bf73529a-dd4a-4168-93c7-62e084a5c197"];

/// Puts it into the directory, where it has a role.
pub fn put(world: &mut World) {
    let secret = |number: usize| AppSecret {
        value: format!("tkJ8Q~kept-secret-of-the-app-{number}").into(),
        key_id: SECRETS[number].into(),
        name: format!("secret {number}"),
        ..AppSecret::default()
    };
    let certificate = |number: usize, pem: &str| AppCertificate {
        pem: pem.into(),
        key_id: CERTIFICATES[number].into(),
        name: format!("certificate {number}"),
        ..AppCertificate::default()
    };
    let app = App {
        client_id: APP_ID.into(),
        object_id: PRINCIPAL.into(),
        name: NAME.into(),
        tenant: Some(w::TENANT.into()),
        secrets: vec![secret(0), secret(1)],
        certificates: vec![certificate(0, w::CERTIFICATE_PEM), certificate(1, w::CERTIFICATE_PEM)],
        registration: REGISTRATION.into(),
        owners: vec![w::APP_OBJECT.into(), w::USER_OBJECT.into()],
        ..App::default()
    };
    for secret in &app.secrets {
        world.canaries.add(Canary::ClientSecret, secret.value.expose());
    }
    let config = world.emulator.config_mut();
    config.apps.push(app);
    config.role_assignments.push(RoleAssignment {
        principal: PRINCIPAL.into(),
        scope: scope().map(|scope| scope.as_str().to_owned()).unwrap_or_default(),
        role: w::READER.into(),
        principal_type: "ServicePrincipal".into(),
        ..RoleAssignment::default()
    });
}

/// The apps of its name.
pub fn apps(world: &World) -> Vec<&App> {
    world.emulator.config().apps.iter().filter(|app| app.name == NAME).collect()
}

/// The scope that roles are given at: the workspace.
///
/// # Errors
/// None, unless the ready-made world has impossible names.
pub fn scope() -> Result<Scope, Error> {
    Scope::new(&format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}",
        w::SUBSCRIPTION,
        w::RESOURCE_GROUP,
        w::WORKSPACE
    ))
}

/// A certificate that is none of its own.
///
/// # Errors
/// None, unless the ready-made world has another form.
pub fn certificate() -> Result<Certificate, Error> {
    let block = w::RENEWED_CERTIFICATE_PEM.split("-----BEGIN CERTIFICATE-----").nth(1);
    let text: String =
        block.and_then(|rest| rest.split("-----").next()).unwrap_or_default().split_whitespace().collect();
    let der = STANDARD
        .decode(text)
        .map_err(|_| Error::new(ErrorKind::Configuration, "the certificate is no PEM"))?;
    Ok(Certificate { der, valid: None })
}

/// The secret and the certificate that are removed.
pub fn doomed(app: &Application) -> Result<Vec<KnownCredential>, Error> {
    [SECRETS[1], "certificate 1"].into_iter().map(|id| app.credential(id)).collect()
}

type Change<T> = Box<dyn Fn(&Graph, &Application) -> BoxFlow<T> + Send>;

/// Reads the app registration, then changes it, as the command does in two calls.
pub(super) struct Changed<T> {
    graph: Graph,
    change: Change<T>,
    state: State<T>,
}

enum State<T> {
    Reading(Box<EnsureApplication>),
    Changing(BoxFlow<T>),
}

impl<T> Changed<T> {
    pub(super) fn new(
        graph: &Graph,
        change: impl Fn(&Graph, &Application) -> BoxFlow<T> + Send + 'static,
    ) -> Changed<T> {
        let reading = EnsureApplication::new(graph, &Which::Of(APP_ID.to_owned()), None);
        Changed { graph: graph.clone(), change: Box::new(change), state: State::Reading(Box::new(reading)) }
    }
}

impl<T> fmt::Debug for Changed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::Reading(flow) => flow.fmt(f),
            State::Changing(flow) => flow.fmt(f),
        }
    }
}

impl<T> Flow for Changed<T> {
    type Output = T;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<T> {
        match &mut self.state {
            State::Reading(flow) => {
                let (app, _) = entrada_core::pump!(flow.step(cx, reply));
                self.state = State::Changing((self.change)(&self.graph, &app));
                self.step(cx, None)
            }
            State::Changing(flow) => flow.step(cx, reply),
        }
    }

    fn interrupted(&self, error: Error) -> Error {
        match &self.state {
            State::Reading(flow) => flow.interrupted(error),
            State::Changing(flow) => flow.interrupted(error),
        }
    }
}
