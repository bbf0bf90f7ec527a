//! What must hold of the directory and the subscription, whatever became of a run.

use entrada_core::error::{Error, MadeKind};
use entrada_core::graph::setup::NewSecret;
use entrada_emulator::config::App;
use entrada_emulator::world::READER;

use super::there::{APP_ID, CERTIFICATES, PRINCIPAL, SECRETS, apps, certificate, scope};
use crate::setups::Output;
use crate::world::World;

type Ended = Result<Output, Error>;

/// The role that is given.
const DATA_SCIENTIST: &str = "f6c7c914-8db3-469d-8ca1-694a8f32e121";

/// What the caller was told.
fn told(result: &Ended) -> String {
    match result {
        Ok(_) => String::new(),
        Err(error) => format!("{error} {}", error.remedy().unwrap_or_default()),
    }
}

fn of_secret(result: &Ended) -> Option<&NewSecret> {
    match result {
        Ok(Output::Secret(made)) => Some(made),
        Ok(Output::Created(created)) => created.secret.as_ref(),
        _ => None,
    }
}

/// Every secret is one that was there, or that the caller has, or was told of.
fn secrets(app: &App, result: &Ended, broken: &mut Vec<String>) {
    let (own, mut told) = (of_secret(result), told(result));
    told.push_str(own.and_then(|own| own.left_behind.as_deref()).unwrap_or_default());
    let has = |value: &str| own.is_some_and(|own| own.secret.expose() == value);
    for secret in app.secrets.iter().filter(|secret| !SECRETS.contains(&&*secret.key_id)) {
        if !has(secret.value.expose()) && !told.contains(&secret.name) {
            broken.push(format!("nobody knows the secret {}, and nobody was told: {told}", secret.name));
        }
    }
    if own.is_some() && !app.secrets.iter().any(|secret| has(secret.value.expose())) {
        broken.push("the app does not have the secret that was handed out".to_owned());
    }
}

fn has_certificate(app: &App, id: &str) -> bool {
    app.certificates.iter().any(|known| known.key_id == id)
}

/// Where no error names the certificate, whoever made it throws its key away.
fn refused(app: &App, result: &Ended, broken: &mut Vec<String>) {
    let named = |error: &Error| error.made().iter().any(|made| made.what == MadeKind::Certificate);
    if result.as_ref().is_err_and(|error| !named(error)) && has_certificate(app, &new_certificate()) {
        broken.push("the app has a certificate that was said to be refused".to_owned());
    }
}

/// The first of its secrets and certificates are there, and the others where they were not removed.
fn kept(app: &App, how_many: usize, broken: &mut Vec<String>) {
    for id in &SECRETS[..how_many] {
        if !app.secrets.iter().any(|secret| secret.key_id == *id) {
            broken.push(format!("the secret {id} is gone"));
        }
    }
    for id in CERTIFICATES[..how_many].iter().filter(|id| !has_certificate(app, id)) {
        broken.push(format!("the certificate {id} is gone"));
    }
}

/// How many assignments of a role a principal has at the scope.
fn roles(world: &World, principal: &str, role: Option<&str>) -> usize {
    let scope = scope().map(|scope| scope.as_str().to_owned()).unwrap_or_default();
    let all = world.emulator.config().role_assignments.iter();
    let of = all.filter(|known| known.principal == principal && known.scope == scope);
    of.filter(|known| role.is_none_or(|role| known.role == role)).count()
}

fn new_certificate() -> String {
    certificate().map(|certificate| certificate.key_id()).unwrap_or_default()
}

pub(super) fn nothing(_: &World, _: &Ended) -> Vec<String> {
    Vec::new()
}

/// After a set-up there is one app of the name at the most; it is complete, or the caller knows how to go on.
pub(super) fn created(world: &World, result: &Ended) -> Vec<String> {
    let (mut broken, apps) = (Vec::new(), apps(world));
    if apps.len() > 1 {
        broken.push(format!("there are {} apps of the name", apps.len()));
    }
    let Some(app) = apps.first() else {
        if result.is_ok() {
            broken.push("there is no app".to_owned());
        }
        return broken;
    };
    secrets(app, result, &mut broken);
    if app.client_id == APP_ID {
        kept(app, 2, &mut broken);
    }
    match result {
        Ok(Output::Created(created)) => {
            if roles(world, &created.principal.id, Some(DATA_SCIENTIST)) != 1 {
                broken.push("the principal does not have its role".to_owned());
            }
            if created.principal.id != app.object_id || created.application.app_id != app.client_id {
                broken.push("what is told is not what there is".to_owned());
            }
            if created.certificate.as_ref().is_some_and(|id| !has_certificate(app, id)) {
                broken.push("the app does not have its certificate".to_owned());
            }
        }
        _ => {
            let told = told(result);
            let knows = told.contains(&app.client_id) || told.contains("--reuse");
            if app.client_id != APP_ID && !knows {
                broken.push(format!("there is an app that nobody was told of: {told}"));
            }
            refused(app, result, &mut broken);
        }
    }
    broken
}

/// After something was added to an app, what it had is there.
pub(super) fn added(world: &World, result: &Ended) -> Vec<String> {
    let mut broken = Vec::new();
    for app in apps(world) {
        kept(app, 2, &mut broken);
        secrets(app, result, &mut broken);
        refused(app, result, &mut broken);
        if matches!(result, Ok(Output::Certificate(_))) && !has_certificate(app, &new_certificate()) {
            broken.push("the app does not have the certificate".to_owned());
        }
    }
    broken
}

/// After something was removed, the rest is there.
pub(super) fn removed(world: &World, result: &Ended) -> Vec<String> {
    let mut broken = Vec::new();
    for app in apps(world) {
        kept(app, 1, &mut broken);
        let left = app.secrets.len() + app.certificates.len();
        if result.is_ok() && left != 2 {
            broken.push(format!("{left} secrets and certificates are left"));
        }
    }
    broken
}

/// A deleted app leaves nothing behind.
pub(super) fn deleted(world: &World, result: &Ended) -> Vec<String> {
    let left = apps(world).len() + roles(world, PRINCIPAL, None);
    if result.is_ok() && left > 0 { vec![format!("{left} apps and roles are left")] } else { Vec::new() }
}

/// A role is given once.
pub(super) fn assigned(world: &World, result: &Ended) -> Vec<String> {
    let given = roles(world, PRINCIPAL, Some(DATA_SCIENTIST));
    let mut broken = Vec::new();
    if given > 1 || (result.is_ok() && given == 0) {
        broken.push(format!("the role is given {given} times"));
    }
    if roles(world, PRINCIPAL, Some(READER)) != 1 {
        broken.push("the role that the principal had is gone".to_owned());
    }
    broken
}
