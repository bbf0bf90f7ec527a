//! `entrada sp`.

mod file;
mod first;
mod proof;
mod show;

use entrada_blocking::Credential;
use entrada_core::arm::roles::{Role, Scope};
use entrada_core::auth_file::{Sign, json_auth};
use entrada_core::graph::setup::{
    AddCertificate, AddSecret, CreatePrincipal, DeletePrincipal, Deleted, EnsureApplication, NewSecret, Plan,
    Proof, RemoveCredentials, TakenRoles, Which, remove_secrets,
};
use entrada_core::{Error, Secret};
use serde_json::{Value, json};

use self::file::NewFile;
use self::proof::{Prepared, prepare};
pub(crate) use self::show::show;
use crate::args::{CredentialArgs, SpCreateArgs, SpDeleteArgs, SpResetArgs, TableOutput};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::ui::say;
use crate::verbs::role;
use crate::{credentials, output, table, usage};

fn connected(setup: &Setup, args: &CredentialArgs) -> Result<Credential, Failure> {
    // An interrupt must leave time to say what there is by then, and to remove files that nothing was written to.
    let credential = credentials::connected(setup, args, None)?.cancelled_by(setup.interrupts.cancel());
    Ok(credential.within(setup.limit(true)))
}

/// Prints a result, after it was written where that was asked. Where it cannot be printed, `untold` says what is
/// lost by that: it gets the error, and the name of the file that has the result all the same.
fn tell(
    text: &Secret,
    file: Option<NewFile>,
    untold: impl FnOnce(Error, Option<&str>) -> Error,
) -> Result<(), Failure> {
    let name = file.as_ref().map(NewFile::name);
    let kept = file.map_or(Ok(()), |file| file.keep(text));
    output::hand_over(text.expose())
        .map_err(|error| untold(error, name.as_deref().filter(|_| kept.is_ok())))?;
    Ok(kept?)
}

/// What has to be known of a secret that was just printed.
fn warn(app_id: &str, secret: &NewSecret) {
    say("warning: this holds a secret that is not shown again; keep it out of logs and source control");
    if let Some(name) = &secret.left_behind {
        say(&format!(
            "warning: a secret that nobody knows may be left behind; remove it with: {}",
            remove_secrets(app_id, name)
        ));
    }
}

/// The scopes that were named, each once.
fn scopes(named: &[String]) -> Result<Vec<Scope>, Error> {
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in named {
        let scope = Scope::new(scope)?;
        if !scopes.iter().any(|known| known.as_str().eq_ignore_ascii_case(scope.as_str())) {
            scopes.push(scope);
        }
    }
    Ok(scopes)
}

/// The document, with the file that was made as the Azure CLI names it.
fn with_file(mut document: Value, file: Option<&str>) -> String {
    if let Some(file) = file {
        document["fileWithCertAndPrivateKey"] = file.into();
    }
    document.to_string()
}

pub(crate) fn create(setup: &Setup, args: &SpCreateArgs) -> Result<(), Failure> {
    let scopes = scopes(&args.scopes)?;
    let role = args.role.as_deref().map(Role::new).transpose()?;
    let which = match (&args.name, &args.app_id) {
        (Some(name), _) if name.trim().is_empty() => return Err(usage("--name is empty")),
        (Some(name), _) if args.reuse => Which::Reused(name.clone()),
        (Some(name), _) => Which::New(name.clone()),
        (None, Some(id)) => Which::Of(id.clone()),
        (None, None) => return Err(usage("give --name or --app-id")),
    };
    let cloud = args.json_auth.then(|| setup.known_cloud(&args.credential.authority)).transpose()?;
    if let Some(cloud) = cloud {
        // Whether there is such a form is known before anything is made.
        json_auth(cloud, [""; 3], Sign::Certificate(None))?;
    }
    let graph = setup.graph(&args.credential.authority)?;
    let manager = setup.resource_manager(&args.credential.authority)?;
    let credential = connected(setup, &args.credential)?;
    let owner = args.name.as_deref().or(args.app_id.as_deref()).unwrap_or_default();
    let Prepared { proof, path, made } = prepare(setup, &args.proof, owner)?;
    let new_file = made.as_ref().map(NewFile::name);
    let plan = Plan {
        which,
        reference: args.service_management_reference.clone(),
        role: role.clone(),
        scopes: scopes.clone(),
        proof,
    };
    if let Some(role) = &role {
        role::warn(role);
    }
    let file = args.proof.secret_file.as_deref().map(NewFile::reserve).transpose()?;
    let tenant = credential.get_token(graph.request())?.tenant().unwrap_or_default().to_owned();
    let created = credential.call(Box::new(CreatePrincipal::new(&graph, &manager, plan)));
    let created = proof::settle(made, created)?;
    let secret = created.secret.as_ref();
    let app = &created.application.app_id;
    let text = match (cloud, scopes.first()) {
        (Some(cloud), Some(scope)) => {
            let sign = secret.map_or(Sign::Certificate(path.as_deref()), |made| Sign::Secret(&made.secret));
            json_auth(cloud, [app, scope.subscription(), &tenant], sign)?
        }
        _ => {
            let password = secret.map(|made| made.secret.expose());
            let name = created.application.name();
            Secret::new(match args.output {
                TableOutput::Json => with_file(
                    json!({ "appId": app, "displayName": name, "password": password, "tenant": tenant }),
                    new_file.as_deref(),
                ),
                TableOutput::Table => table::pairs(&[
                    ("app id", Some(app)),
                    ("name", Some(name)),
                    ("password", password),
                    ("tenant", Some(&tenant)),
                    ("object id", Some(&created.principal.id)),
                    ("certificate in", new_file.as_deref()),
                ]),
            })
        }
    };
    for assigned in &created.assigned {
        let how = if assigned.existed { "had" } else { "has now" };
        let role = args.role.as_deref().unwrap_or(&assigned.role);
        say(&format!("it {how} the role {role} at {}", assigned.scope));
    }
    tell(&text, file, |error, kept| created.untold(error, kept))?;
    if let Some(secret) = secret {
        warn(app, secret);
    }
    if args.proof.wait {
        let sign = secret.map_or(Sign::Certificate(path.as_deref()), |made| Sign::Secret(&made.secret));
        first::sign_in(setup, &args.credential, [&tenant, app], sign)?;
    }
    Ok(())
}

pub(crate) fn reset(setup: &Setup, args: &SpResetArgs) -> Result<(), Failure> {
    let graph = setup.graph(&args.credential.authority)?;
    if args.proof.no_password && args.remove_key.is_empty() {
        return Err(usage("with --no-password there is nothing to do but --remove-key"));
    }
    let credential = connected(setup, &args.credential)?;
    let which = Which::Of(args.app_id.clone());
    let (app, _) = credential.call(Box::new(EnsureApplication::new(&graph, &which, None)))?;
    let doomed = args
        .remove_key
        .iter()
        .map(|wanted| app.meant(wanted.trim()))
        .collect::<Result<Vec<_>, _>>()?
        .concat();
    let file = args.proof.secret_file.as_deref().map(NewFile::reserve).transpose()?;
    let Prepared { proof, path, made } = prepare(setup, &args.proof, &app.app_id)?;
    if let Proof::Certificate(own) = &proof
        && doomed.iter().any(|known| known.id.eq_ignore_ascii_case(&own.key_id()))
    {
        return Err(usage("--remove-key names the certificate that is added"));
    }
    let new_file = made.as_ref().map(NewFile::name);
    let tenant = credential.get_token(graph.request())?.tenant().unwrap_or_default().to_owned();
    let mut secret = None;
    let mut key = None;
    match &proof {
        Proof::Secret(life) => {
            secret = Some(credential.call(Box::new(AddSecret::new(&graph, &app, *life)))?);
        }
        Proof::Certificate(own) => {
            let added = credential.call(Box::new(AddCertificate::new(&graph, &app, own)));
            key = Some(proof::settle(made, added)?);
        }
        Proof::Nothing => {}
    }
    let key = key.or(secret.as_ref().map(|made| made.key_id.clone()));
    let password = secret.as_ref().map(|made| made.secret.expose());
    let text = Secret::new(match args.output {
        TableOutput::Json => with_file(
            json!({ "appId": app.app_id, "password": password, "tenant": tenant, "keyId": key }),
            new_file.as_deref(),
        ),
        TableOutput::Table => table::pairs(&[
            ("app id", Some(&app.app_id)),
            ("password", password),
            ("tenant", Some(&tenant)),
            ("key id", key.as_deref()),
            ("certificate in", new_file.as_deref()),
        ]),
    });
    // What was made is told before anything is removed.
    tell(&text, file, |error, kept| match &secret {
        Some(secret) => secret.untold(&app.app_id, error, kept),
        None => error,
    })?;
    if let Some(secret) = &secret {
        warn(&app.app_id, secret);
    }
    if args.proof.wait {
        let sign =
            secret.as_ref().map_or(Sign::Certificate(path.as_deref()), |made| Sign::Secret(&made.secret));
        let signed_in = first::sign_in(setup, &args.credential, [&tenant, &app.app_id], sign);
        if signed_in.is_err() && !doomed.is_empty() {
            say("nothing was removed, since what is new does not serve yet");
        }
        signed_in?;
    }
    if doomed.is_empty() {
        return Ok(());
    }
    let remove = RemoveCredentials::new(&graph, &app, &doomed);
    let remove = match (&proof, &key) {
        (Proof::Certificate(_), Some(own)) => remove.keeping(own),
        _ => remove,
    };
    credential.call(Box::new(remove))?;
    for known in &doomed {
        say(&format!("removed the {} {}", known.kind.name(), known.id));
    }
    Ok(())
}

pub(crate) fn delete(setup: &Setup, args: &SpDeleteArgs) -> Result<(), Failure> {
    let scopes = scopes(&args.scopes)?;
    let roles = match (args.leave_roles, scopes.is_empty()) {
        (true, _) => TakenRoles::Left,
        (false, true) => TakenRoles::Everywhere,
        (false, false) => TakenRoles::At(scopes),
    };
    let graph = setup.graph(&args.credential.authority)?;
    let manager = setup.resource_manager(&args.credential.authority)?;
    let credential = connected(setup, &args.credential)?;
    let flow = DeletePrincipal::new(&graph, &manager, &args.app_id, roles);
    let Deleted { existed, roles } = credential.call(Box::new(flow))?;
    if !existed {
        say(&format!("there is no app {}: it is gone, or never was", args.app_id));
        if args.output == TableOutput::Table {
            return Ok(());
        }
    }
    Ok(output::print(&match args.output {
        TableOutput::Json => {
            let roles = roles.iter().map(|role| json!({ "roleId": role.role_id, "scope": role.scope }));
            json!({ "appId": args.app_id, "deleted": existed, "rolesTaken": Value::from_iter(roles) })
                .to_string()
        }
        TableOutput::Table => {
            let roles: Vec<_> =
                roles.iter().map(|role| format!("{} at {}", role.role_id, role.scope)).collect();
            let roles = roles.iter().map(|role| ("took the role", Some(role.as_str())));
            let app = ("deleted the app", Some(args.app_id.as_str()).filter(|_| existed));
            table::pairs(&roles.chain([app]).collect::<Vec<_>>())
        }
    })?)
}
