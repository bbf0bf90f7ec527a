//! `entrada sp`.

use std::path::Path;

use entrada_blocking::Credential;
use entrada_core::arm::roles::{Role, Scope};
use entrada_core::graph::setup::{
    AddCertificate, AddSecret, Certificate, CreatePrincipal, DeletePrincipal, EnsureApplication, Life,
    NewSecret, Plan, Proof, RemoveCredential, ShowPrincipal, Sign, Which, json_auth,
};
use entrada_core::{Cloud, Error, ErrorKind, Secret};
use entrada_host::keys::pem::BlockKind;
use entrada_host::store::{Mode, create_new, write_atomically};
use serde_json::{Value, json};

use crate::args::{
    CredentialArgs, ProofArgs, SpCreateArgs, SpDeleteArgs, SpResetArgs, SpShowArgs, TableOutput,
};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::ui::say;
use crate::verbs::role;
use crate::{credentials, output, table, usage};

fn connected(setup: &Setup, args: &CredentialArgs) -> Result<Credential, Failure> {
    Ok(credentials::connected(setup, args, None)?.within(setup.limit(true)))
}

/// The certificate of a PEM file.
fn certificate(setup: &Setup, name: &str) -> Result<Certificate, Error> {
    let path = Path::new(name.strip_prefix('@').unwrap_or(name));
    let unreadable = |why: &str| {
        Error::new(
            ErrorKind::Configuration,
            format!("the certificate {} cannot be read: {why}", path.display()),
        )
    };
    let read = entrada_host::files::read(path, 1 << 20, setup.limit(false));
    let bytes = read.map_err(|failure| unreadable(&failure.to_string()))?.bytes;
    let blocks = entrada_host::keys::pem::read(bytes.expose()).unwrap_or_default();
    let der = blocks
        .into_iter()
        .find(|block| block.kind == BlockKind::Certificate)
        .map(|block| block.der.expose().to_vec())
        .ok_or_else(|| unreadable("it has no certificate in PEM"))?;
    Ok(Certificate { der, valid: None })
}

fn proof(setup: &Setup, args: &ProofArgs) -> Result<Proof, Error> {
    Ok(match &args.cert {
        Some(file) => Proof::Certificate(certificate(setup, file)?),
        None if args.no_password => Proof::Nothing,
        None => Proof::Secret(Life { days: args.days.unwrap_or(args.years * 365) }),
    })
}

/// A file that will hold the secret: it is made before anything else is, so that it can be written then.
struct SecretFile<'a>(Option<&'a Path>);

impl<'a> SecretFile<'a> {
    fn reserve(path: Option<&'a Path>) -> Result<SecretFile<'a>, Error> {
        if let Some(path) = path {
            create_new(path, b"", Mode::Private).map_err(|error| unwritable(path, &error))?;
        }
        Ok(SecretFile(path))
    }

    /// Writes what is printed. The secret is printed whatever comes of that.
    fn keep(mut self, text: &str) -> Result<(), Error> {
        let Some(path) = self.0.take() else { return Ok(()) };
        write_atomically(path, format!("{text}\n").as_bytes(), Mode::Private)
            .map_err(|error| unwritable(path, &error))
    }
}

impl Drop for SecretFile<'_> {
    fn drop(&mut self) {
        if let Some(path) = self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    let what = format!("the secret's file {} cannot be written: {error}", path.display());
    Error::new(ErrorKind::Configuration, what)
        .with_remedy("name a new file in a folder that you may write to")
}

/// Prints a result with a secret in it, after it was written where that was asked.
fn tell(text: &Secret, file: SecretFile<'_>, secret: Option<&NewSecret>) -> Result<(), Failure> {
    let kept = file.keep(text.expose());
    output::print(text.expose())?;
    if let Some(secret) = secret {
        say("warning: this holds a secret that is not shown again; keep it out of logs and source control");
        if let Some(name) = &secret.left_behind {
            say(&format!(
                "warning: a secret that nobody knows may be left behind; remove it with: entrada sp reset APP --no-password --remove-key '{name}'"
            ));
        }
    }
    Ok(kept?)
}

pub(crate) fn create(setup: &Setup, args: &SpCreateArgs) -> Result<(), Failure> {
    let scopes = args.scopes.iter().map(|scope| Scope::new(scope)).collect::<Result<Vec<_>, _>>()?;
    let role = args.role.as_deref().map(Role::new).transpose()?;
    let which = match (&args.name, &args.app_id) {
        (Some(name), _) if name.trim().is_empty() => return Err(usage("--name is empty")),
        (Some(name), _) if args.reuse => Which::Reused(name.clone()),
        (Some(name), _) => Which::New(name.clone()),
        (None, Some(id)) => Which::Of(id.clone()),
        (None, None) => return Err(usage("give --name or --app-id")),
    };
    let cloud = setup.authority(&args.credential.authority)?.cloud().unwrap_or(Cloud::PUBLIC);
    if args.json_auth {
        // Whether there is such a form is known before anything is made.
        json_auth(cloud, [""; 3], Sign::Certificate(None))?;
    }
    let graph = setup.graph(&args.credential.authority)?;
    let manager = setup.resource_manager(&args.credential.authority)?;
    let plan = Plan {
        which,
        reference: args.service_management_reference.clone(),
        role: role.clone(),
        scopes: scopes.clone(),
        proof: proof(setup, &args.proof)?,
    };
    let credential = connected(setup, &args.credential)?;
    if let Some(role) = &role {
        role::warn(role);
    }
    let file = SecretFile::reserve(args.proof.secret_file.as_deref())?;
    let tenant = credential.get_token(graph.request())?.tenant().unwrap_or_default().to_owned();
    let created = credential.call(Box::new(CreatePrincipal::new(&graph, &manager, plan)))?;
    let secret = created.secret.as_ref();
    let app = &created.application.app_id;
    let text = match (args.json_auth, scopes.first()) {
        (true, Some(scope)) => {
            let path = args.proof.cert.as_deref().map(|path| path.trim_start_matches('@'));
            let sign = secret.map_or(Sign::Certificate(path), |made| Sign::Secret(&made.secret));
            json_auth(cloud, [app, scope.subscription(), &tenant], sign)?
        }
        _ => {
            let password = secret.map(|made| made.secret.expose());
            let name = created.application.name();
            Secret::new(match args.output {
                TableOutput::Json => {
                    json!({ "appId": app, "displayName": name, "password": password, "tenant": tenant })
                        .to_string()
                }
                TableOutput::Table => table::pairs(&[
                    ("app id", Some(app)),
                    ("name", Some(name)),
                    ("password", password),
                    ("tenant", Some(&tenant)),
                    ("object id", Some(&created.principal.id)),
                ]),
            })
        }
    };
    for assigned in &created.assigned {
        let how = if assigned.existed { "had" } else { "has now" };
        let role = args.role.as_deref().unwrap_or(&assigned.role);
        say(&format!("it {how} the role {role} at {}", assigned.scope));
    }
    tell(&text, file, secret)
}

pub(crate) fn show(setup: &Setup, args: &SpShowArgs) -> Result<(), Failure> {
    let graph = setup.graph(&args.credential.authority)?;
    let credential = credentials::connected(setup, &args.credential, None)?;
    let found = credential.call(Box::new(ShowPrincipal::new(&graph, args.id.trim())))?;
    let enabled = found.document().get("accountEnabled").map(|value| match value {
        Value::String(text) => text.to_lowercase(),
        other => other.to_string(),
    });
    Ok(output::print(&match args.output {
        TableOutput::Json => Value::Object(found.document().clone()).to_string(),
        TableOutput::Table => table::pairs(&[
            ("name", Some(found.name())),
            ("app id", Some(&found.app_id)),
            ("object id", Some(&found.id)),
            ("type", found.kind()),
            ("enabled", enabled.as_deref()),
            ("app's tenant", found.owner_tenant()),
        ]),
    })?)
}

pub(crate) fn reset(setup: &Setup, args: &SpResetArgs) -> Result<(), Failure> {
    let graph = setup.graph(&args.credential.authority)?;
    let proof = proof(setup, &args.proof)?;
    if proof == Proof::Nothing && args.remove_key.is_empty() {
        return Err(usage("with --no-password there is nothing to do but --remove-key"));
    }
    let credential = connected(setup, &args.credential)?;
    let which = Which::Of(args.app_id.clone());
    let (app, _) = credential.call(Box::new(EnsureApplication::new(&graph, &which, None)))?;
    let known = app.credentials("passwordCredentials");
    let mut doomed = Vec::new();
    for wanted in &args.remove_key {
        let found = known.iter().filter(|(id, name)| id.eq_ignore_ascii_case(wanted) || name == wanted);
        let found: Vec<_> = found.collect();
        let [(id, _)] = found.as_slice() else {
            let what = format!("the app has {} secrets of the id or name '{wanted}'", found.len());
            return Err(Error::new(ErrorKind::Refused, what).with_remedy("name one by its id").into());
        };
        doomed.push(id.clone());
    }
    let file = SecretFile::reserve(args.proof.secret_file.as_deref())?;
    let tenant = credential.get_token(graph.request())?.tenant().unwrap_or_default().to_owned();
    let mut secret = None;
    let mut key = None;
    match &proof {
        Proof::Secret(life) => {
            secret = Some(credential.call(Box::new(AddSecret::new(&graph, &app.id, *life)))?);
        }
        Proof::Certificate(own) => {
            key = Some(credential.call(Box::new(AddCertificate::new(&graph, &app.id, own)))?);
        }
        Proof::Nothing => {}
    }
    let key = key.or(secret.as_ref().map(|made| made.key_id.clone()));
    let password = secret.as_ref().map(|made| made.secret.expose());
    let text = Secret::new(match args.output {
        TableOutput::Json => {
            json!({ "appId": app.app_id, "password": password, "tenant": tenant, "keyId": key }).to_string()
        }
        TableOutput::Table => table::pairs(&[
            ("app id", Some(&app.app_id)),
            ("password", password),
            ("tenant", Some(&tenant)),
            ("key id", key.as_deref()),
        ]),
    });
    // What was made is told before anything is removed.
    tell(&text, file, secret.as_ref())?;
    for id in doomed {
        credential.call(Box::new(RemoveCredential::new(&graph, &app.id, &id)))?;
        say(&format!("removed the secret {id}"));
    }
    Ok(())
}

pub(crate) fn delete(setup: &Setup, args: &SpDeleteArgs) -> Result<(), Failure> {
    let scopes = args.scopes.iter().map(|scope| Scope::new(scope)).collect::<Result<Vec<_>, _>>()?;
    let graph = setup.graph(&args.credential.authority)?;
    let manager = setup.resource_manager(&args.credential.authority)?;
    let credential = connected(setup, &args.credential)?;
    let flow = DeletePrincipal::new(&graph, &manager, &args.app_id, scopes);
    for role in credential.call(Box::new(flow))? {
        say(&format!("took the role {} at {}", role.role_id, role.scope));
    }
    say(&format!("deleted the app {}", args.app_id));
    Ok(())
}
