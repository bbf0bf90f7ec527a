//! `entrada endpoint`.

use entrada_core::Secret;
use entrada_core::ml::{
    EndpointAccess, EndpointKey, ListOnlineEndpoints, OnlineEndpoint, OpenEndpoint, RegenerateKey,
    data_plane_scopes,
};
use serde_json::{Value, json};

use super::workspace::{Opened, open};
use crate::args::{EndpointArgs, InWorkspaceArgs, KeyName, RegenerateKeyArgs, SecretOutput, TableOutput};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::ui::say;
use crate::{output, table};

pub(crate) fn list(setup: &Setup, args: &InWorkspaceArgs) -> Result<(), Failure> {
    let opened = open(setup, args)?;
    let call = ListOnlineEndpoints::new(&opened.manager, &opened.config);
    let endpoints = opened.credential.call(Box::new(call))?;
    output::print(&match args.output {
        TableOutput::Json => {
            Value::from_iter(endpoints.iter().map(|one| Value::Object(one.document().clone()))).to_string()
        }
        TableOutput::Table => {
            let rows: Vec<_> = endpoints.iter().map(row).collect();
            table::columns(["NAME", "AUTH", "STATE", "ADDRESS"], &rows)
        }
    })?;
    if endpoints.is_empty() {
        say("note: the workspace has no online endpoint");
    }
    Ok(())
}

fn row(endpoint: &OnlineEndpoint) -> [String; 4] {
    let text = |value: Option<&str>| value.unwrap_or("-").to_owned();
    [
        endpoint.name().to_owned(),
        endpoint.auth().name().to_owned(),
        text(endpoint.provisioning_state()),
        text(endpoint.scoring_uri()),
    ]
}

pub(crate) fn show(setup: &Setup, args: &EndpointArgs) -> Result<(), Failure> {
    let opened = open(setup, &args.at)?;
    let call = OpenEndpoint::new(&opened.manager, &opened.config, &args.name)?;
    let endpoint = opened.credential.call(Box::new(call))?;
    output::print(&match args.at.output {
        TableOutput::Json => Value::Object(endpoint.document().clone()).to_string(),
        TableOutput::Table => table::pairs(&[
            ("endpoint", Some(endpoint.name())),
            ("auth", Some(endpoint.auth().name())),
            ("state", endpoint.provisioning_state()),
            ("address", endpoint.scoring_uri()),
        ]),
    })?;
    Ok(())
}

pub(crate) fn auth(setup: &Setup, args: &EndpointArgs<SecretOutput>) -> Result<(), Failure> {
    let opened = open(setup, &args.at)?;
    let (endpoint, access) = accessed(setup, args, &opened)?;
    print(args.at.output, access.secret(), || document(&endpoint, &access))
}

pub(crate) fn regenerate_key(setup: &Setup, args: &RegenerateKeyArgs) -> Result<(), Failure> {
    let key = match args.key {
        KeyName::Primary => EndpointKey::Primary,
        KeyName::Secondary => EndpointKey::Secondary,
    };
    let opened = open(setup, &args.endpoint.at)?;
    // What can be wrong about reading the key is found before there is a new one.
    data_plane_scopes(setup.known_cloud(&args.endpoint.at.credential.authority)?)?;
    let regenerate = RegenerateKey::new(&opened.manager, &opened.config, &args.endpoint.name, key)?;
    opened.credential.call(Box::new(regenerate))?;
    let shown = || {
        let (endpoint, access) = accessed(setup, &args.endpoint, &opened)?;
        let new = match (&access, key) {
            (EndpointAccess::Keys { secondary: Some(secondary), .. }, EndpointKey::Secondary) => secondary,
            _ => access.secret(),
        };
        print(args.endpoint.at.output, new, || document(&endpoint, &access))
    };
    shown().map_err(|failure| match failure {
        Failure::Error(error) => Failure::of(error.so_far(
            "the endpoint has the new key all the same, and the old one is refused",
            &format!("do not make another: `entrada endpoint auth {}` reads it", args.endpoint.name),
        )),
        usage => usage,
    })
}

/// The endpoint, and what it is called with.
fn accessed(
    setup: &Setup,
    args: &EndpointArgs<SecretOutput>,
    opened: &Opened,
) -> Result<(OnlineEndpoint, EndpointAccess), Failure> {
    let cloud = setup.known_cloud(&args.at.credential.authority)?;
    let call = OpenEndpoint::new(&opened.manager, &opened.config, &args.name)?;
    let call = call.accessed(data_plane_scopes(cloud)?);
    Ok(opened.credential.call(Box::new(call))?)
}

fn print(output: SecretOutput, secret: &Secret, document: impl FnOnce() -> Value) -> Result<(), Failure> {
    output::print(&match output {
        SecretOutput::Json => document().to_string(),
        SecretOutput::Raw => secret.expose().to_owned(),
        SecretOutput::Header => format!("Authorization: Bearer {}", secret.expose()),
    })?;
    Ok(())
}

fn document(endpoint: &OnlineEndpoint, access: &EndpointAccess) -> Value {
    let mut document = json!({
        "endpoint": endpoint.name(),
        "auth": endpoint.auth().name(),
        "address": endpoint.scoring_uri(),
    });
    match access {
        EndpointAccess::Keys { primary, secondary } => {
            document["primary_key"] = primary.expose().into();
            document["secondary_key"] = secondary.as_ref().map(|key| key.expose()).into();
        }
        other => {
            document["access_token"] = other.secret().expose().into();
            document["expires_on"] = other.expires_on().map(|at| at.0).into();
        }
    }
    if let EndpointAccess::AmlToken { refresh_on: Some(at), .. } = access {
        document["refresh_on"] = at.0.into();
    }
    document
}
