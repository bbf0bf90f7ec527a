//! `entrada workspace`.

mod choice;

use std::path::Path;

use entrada_blocking::Credential;
use entrada_core::ml::{
    ChosenWorkspace, GetWorkspace, ListWorkspaces, Workspace, WorkspaceOrigin, WorkspaceScope,
};
use entrada_core::{AccessToken, Error, ErrorKind};
use entrada_host::store::Mode;
use serde_json::{Value, json};

pub(crate) use self::choice::{Opened, open};
use self::choice::{Which, choose, connected, explain, named, origin, resource_manager};
use crate::args::{InWorkspaceArgs, InitArgs, ShowArgs, TableOutput, WorkspaceArgs};
use crate::credentials::Held;
use crate::failure::Failure;
use crate::setup::Setup;
use crate::ui::say;
use crate::{output, table, usage};

pub(crate) fn show(setup: &Setup, args: &ShowArgs) -> Result<(), Failure> {
    if args.explain {
        return explain(setup, args);
    }
    let chosen = choose(setup, Which::of_show(args))?;
    let config = &chosen.config;
    let manager = resource_manager(setup, &args.credential)?;
    let credential = connected(setup, &args.credential, &config.subscription_id)?;
    let token = credential.get_token(manager.request())?;
    let call = || Box::new(GetWorkspace::new(&manager, config));
    let held = Credential::with_driver(Held(token.clone()), &setup.driver).within(setup.limit(true));
    let (workspace, token) = match held.call(call()) {
        // A challenge is for whoever can answer it.
        Err(error) if error.claims().is_some() => {
            let workspace = credential.call(call())?;
            (workspace, token)
        }
        result => (result?, token),
    };
    let from = origin(&chosen.origin, &args.workspace);
    output::print(&match args.output {
        TableOutput::Table => shown(&chosen, &from, &workspace, &token),
        TableOutput::Json => document(&chosen, &from, &workspace, &token).to_string(),
    })?;
    Ok(())
}

/// Whom the call was made as, in one line.
pub(crate) fn speaker(token: &AccessToken) -> String {
    match output::who(token.identity()) {
        Some(who) => format!("{who}, by {}", token.source()),
        None => format!("by {}", token.source()),
    }
}

fn shown(
    ChosenWorkspace { config, .. }: &ChosenWorkspace,
    from: &str,
    workspace: &Workspace,
    token: &AccessToken,
) -> String {
    table::pairs(&[
        ("workspace", Some(workspace.name())),
        ("friendly name", workspace.friendly_name()),
        ("resource group", Some(&config.resource_group)),
        ("subscription", Some(&config.subscription_id)),
        ("tenant", workspace.tenant_id().or(token.tenant())),
        ("region", workspace.location()),
        ("kind", workspace.kind()),
        ("state", workspace.provisioning_state()),
        ("public access", workspace.public_network_access()),
        ("identity", workspace.identity_type()),
        ("principal id", workspace.principal_id()),
        ("workspace id", workspace.workspace_id()),
        ("discovery", workspace.discovery_url()),
        ("tracking", workspace.tracking_uri()),
        ("read from", Some(from)),
        ("opened as", Some(&speaker(token))),
    ])
}

fn document(
    ChosenWorkspace { config, origin, .. }: &ChosenWorkspace,
    from: &str,
    workspace: &Workspace,
    token: &AccessToken,
) -> Value {
    let file = match origin {
        WorkspaceOrigin::File(found) => Some(found.path.display().to_string()),
        _ => None,
    };
    json!({
        "subscription_id": config.subscription_id,
        "resource_group": config.resource_group,
        "workspace_name": config.workspace_name,
        "config_file": file,
        "from": from,
        "credential": token.source(),
        "identity": output::IdentityDocument::of(token.identity()),
        "tenant": workspace.tenant_id().or(token.tenant()),
        "region": workspace.location(),
        "state": workspace.provisioning_state(),
        "discovery_url": workspace.discovery_url(),
        "tracking_uri": workspace.tracking_uri(),
        "workspace": workspace.document(),
    })
}

pub(crate) fn list(setup: &Setup, args: &InWorkspaceArgs) -> Result<(), Failure> {
    let WorkspaceArgs { subscription_id, resource_group, workspace_name } = &args.which.workspace;
    if workspace_name.is_some() {
        return Err(usage(
            "list takes a subscription and perhaps a resource group; `workspace show` shows one workspace",
        ));
    }
    let subscription = match subscription_id {
        Some(subscription) => subscription.clone(),
        None => {
            let unnamed = WorkspaceArgs::default();
            choose(setup, Which::of(&args.which, &unnamed))?.config.subscription_id
        }
    };
    let scope = match resource_group {
        Some(group) => WorkspaceScope::Group { subscription, group: group.clone() },
        None => WorkspaceScope::Subscription(subscription),
    };
    let manager = resource_manager(setup, &args.credential)?;
    let credential = connected(setup, &args.credential, subscription_of(&scope))?;
    let workspaces = credential.call(Box::new(ListWorkspaces::new(&manager, &scope)?))?;
    output::print(&match args.output {
        TableOutput::Json => {
            Value::from_iter(workspaces.iter().map(|w| Value::Object(w.document().clone()))).to_string()
        }
        TableOutput::Table => {
            let rows: Vec<_> = workspaces.iter().map(row).collect();
            table::columns(["NAME", "GROUP", "REGION", "KIND", "STATE"], &rows)
        }
    })?;
    if workspaces.is_empty() {
        say("note: there is no workspace that this identity may see");
    }
    Ok(())
}

fn row(workspace: &Workspace) -> [String; 5] {
    let text = |value: Option<&str>| value.unwrap_or("-").to_owned();
    [
        workspace.name().to_owned(),
        text(workspace.resource_group()),
        text(workspace.location()),
        text(workspace.kind()),
        text(workspace.provisioning_state()),
    ]
}

pub(crate) fn init(args: &InitArgs) -> Result<(), Failure> {
    let Some(config) = named(&args.workspace)? else {
        return Err(usage(
            "name the workspace: --subscription-id GUID --resource-group NAME --workspace-name NAME",
        ));
    };
    let folder = std::path::absolute(&args.path).unwrap_or_else(|_| args.path.clone()).join(".azureml");
    let file = folder.join("config.json");
    let failed = |what: &Path, error: std::io::Error| {
        Error::new(ErrorKind::Configuration, format!("{} cannot be written: {error}", what.display()))
    };
    std::fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    let json = config.to_json();
    let written = match args.force {
        true => entrada_host::store::write_atomically(&file, json.as_bytes(), Mode::Shared),
        false => entrada_host::store::create_new(&file, json.as_bytes(), Mode::Shared),
    };
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists if !file.is_dir() => {
            Error::new(ErrorKind::Configuration, format!("{} is there already", file.display()))
                .with_remedy("pass --force to replace it")
        }
        _ => failed(&file, error),
    })?;
    let file = std::fs::canonicalize(&file).unwrap_or(file);
    Ok(output::print(&match args.output {
        TableOutput::Table => file.display().to_string(),
        TableOutput::Json => json!({
            "config_file": file.display().to_string(),
            "subscription_id": config.subscription_id,
            "resource_group": config.resource_group,
            "workspace_name": config.workspace_name,
        })
        .to_string(),
    })?)
}

fn subscription_of(scope: &WorkspaceScope) -> &str {
    match scope {
        WorkspaceScope::Group { subscription, .. } | WorkspaceScope::Subscription(subscription) => {
            subscription
        }
        _ => "",
    }
}
