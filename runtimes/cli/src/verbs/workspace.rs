//! `entrada workspace`.

use std::path::Path;

use entrada_blocking::Credential;
use entrada_core::arm::ResourceManager;
use entrada_core::ml::{
    ChooseWorkspace, ChosenWorkspace, Explanation, FindConfig, FoundConfig, GetWorkspace, Job,
    ListWorkspaces, Workspace, WorkspaceConfig, WorkspaceOrigin, WorkspaceScope,
};
use entrada_core::tenant::is_guid;
use entrada_core::{AccessToken, Error, ErrorKind};
use entrada_host::store::Mode;
use serde_json::{Value, json};

use crate::args::{
    CredentialArgs, CredentialName, Format, InWorkspaceArgs, InitArgs, ShowArgs, TableOutput, WhichArgs,
    WorkspaceArgs,
};
use crate::credentials::Held;
use crate::failure::Failure;
use crate::setup::Setup;
use crate::ui::say;
use crate::{credentials, output, table, usage};

/// The names that were given, where all three were; or where none was, nothing.
fn named(args: &WorkspaceArgs) -> Result<Option<WorkspaceConfig>, Failure> {
    match (&args.subscription_id, &args.resource_group, &args.workspace_name) {
        (Some(subscription), Some(group), Some(workspace)) => {
            Ok(Some(WorkspaceConfig::new(subscription, group, workspace)?))
        }
        (None, None, None) => Ok(None),
        _ => Err(usage(
            "a workspace takes --subscription-id, --resource-group and --workspace-name, all three",
        )),
    }
}

/// What says which workspace is meant.
#[derive(Clone, Copy)]
struct Which<'a> {
    path: Option<&'a Path>,
    file_name: Option<&'a str>,
    workspace: &'a WorkspaceArgs,
}

impl<'a> Which<'a> {
    fn of(args: &'a WhichArgs, workspace: &'a WorkspaceArgs) -> Which<'a> {
        Which { path: args.config.as_deref(), file_name: args.file_name.as_deref(), workspace }
    }

    fn of_show(args: &'a ShowArgs) -> Which<'a> {
        let file_name = args.file_name.as_deref();
        Which { path: args.path.as_deref(), file_name, workspace: &args.workspace }
    }
}

/// A workspace that a verb works in, and whom it asks as whom.
pub(crate) struct Opened {
    pub(crate) config: WorkspaceConfig,
    pub(crate) manager: ResourceManager,
    pub(crate) credential: Credential,
}

/// The workspace that these options mean, and whom to ask as whom.
pub(crate) fn open<F: Format>(setup: &Setup, args: &InWorkspaceArgs<F>) -> Result<Opened, Failure> {
    let chosen = choose(setup, Which::of(&args.which, &args.which.workspace))?;
    let credential = connected(setup, &args.credential, &chosen.config.subscription_id)?;
    Ok(Opened { config: chosen.config, manager: resource_manager(setup, &args.credential)?, credential })
}

/// Which workspace is meant: names, else a file, else the job that this runs in.
fn choice(setup: &Setup, which: Which<'_>) -> Result<ChooseWorkspace, Failure> {
    if let Some(config) = named(which.workspace)? {
        return Ok(ChooseWorkspace::named(config));
    }
    let mut search = match which.path {
        Some(path) => FindConfig::from_path(path),
        None => FindConfig::from_working_directory(),
    };
    if let Some(name) = which.file_name {
        search = search.named(name);
    }
    // Whoever names a place does not mean the job's.
    let job = Job::of_environment(&setup.environment).filter(|_| which.path.is_none());
    Ok(ChooseWorkspace::by(search).or_of_job(job))
}

fn choose(setup: &Setup, which: Which<'_>) -> Result<ChosenWorkspace, Failure> {
    let chosen = setup.driver.run(Box::new(choice(setup, which)?))?;
    if let WorkspaceOrigin::File(FoundConfig { missing: Some(missing), path, .. }) = &chosen.origin {
        say(&format!(
            "warning: {} does not exist; the folders above it were searched, and {} was found",
            missing.display(),
            path.display()
        ));
    }
    Ok(chosen)
}

/// Where the names of a workspace come from, in words.
fn origin(origin: &WorkspaceOrigin) -> String {
    match origin {
        WorkspaceOrigin::File(found) => found.path.display().to_string(),
        WorkspaceOrigin::Job => "the variables of this job (AZUREML_ARM_*)".to_owned(),
        _ => "the command line".to_owned(),
    }
}

/// Every place that was looked at, and what was chosen. Nothing is asked of anybody.
fn explain(setup: &Setup, args: &ShowArgs) -> Result<(), Failure> {
    let Explanation { looks, chosen, .. } =
        setup.driver.run(Box::new(choice(setup, Which::of_show(args))?.explained()))?;
    let known = chosen.as_ref().ok();
    let text = match args.output {
        TableOutput::Json => json!({
            "from": known.map(|chosen| origin(&chosen.origin)),
            "resource_id": known.map(|chosen| chosen.config.resource_id()),
            "looked_at": looks
                .iter()
                .map(|look| json!({ "path": look.path.display().to_string(), "found": look.found }))
                .collect::<Vec<_>>(),
        })
        .to_string(),
        TableOutput::Table => {
            let rows = looks.iter().map(|look| {
                format!("{}  {}", if look.found { "found " } else { "absent" }, look.path.display())
            });
            let chosen = known.map(|chosen| {
                format!("chosen  {}, of {}", chosen.config.resource_id(), origin(&chosen.origin))
            });
            rows.chain(chosen).collect::<Vec<_>>().join("\n")
        }
    };
    output::print(&text)?;
    chosen.map(drop).map_err(Failure::from)
}

fn resource_manager(setup: &Setup, args: &CredentialArgs) -> Result<ResourceManager, Error> {
    let manager = setup.resource_manager(&args.authority)?;
    Ok(if args.enable_cae { manager.with_cae() } else { manager })
}

pub(crate) fn show(setup: &Setup, args: &ShowArgs) -> Result<(), Failure> {
    if args.explain {
        return explain(setup, args);
    }
    let ChosenWorkspace { config, origin, .. } = choose(setup, Which::of_show(args))?;
    let manager = resource_manager(setup, &args.credential)?;
    let credential = connected(setup, &args.credential, &config.subscription_id)?;
    let token = credential.get_token(manager.request())?;
    let call = || Box::new(GetWorkspace::new(&manager, &config));
    let held = Credential::with_driver(Held(token.clone()), &setup.driver).within(setup.limit(true));
    let (workspace, token) = match held.call(call()) {
        // A challenge is for whoever can answer it.
        Err(error) if error.claims().is_some() => {
            let workspace = credential.call(call())?;
            (workspace, token)
        }
        result => (result?, token),
    };
    output::print(&match args.output {
        TableOutput::Table => shown(&config, &origin, &workspace, &token),
        TableOutput::Json => document(&config, &origin, &workspace, &token).to_string(),
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
    config: &WorkspaceConfig,
    origin: &WorkspaceOrigin,
    workspace: &Workspace,
    token: &AccessToken,
) -> String {
    let from = self::origin(origin);
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
        ("read from", Some(&from)),
        ("opened as", Some(&speaker(token))),
    ])
}

fn document(
    config: &WorkspaceConfig,
    origin: &WorkspaceOrigin,
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
        "from": self::origin(origin),
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
    let folder = args.path.join(".azureml");
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
        std::io::ErrorKind::AlreadyExists if file.is_file() => {
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

/// The credential, where a tool that has several accounts is told whose subscription it is for; a tenant
/// that was named chooses the account too, and beside a subscription it would have to be a GUID.
fn connected(setup: &Setup, args: &CredentialArgs, subscription: &str) -> Result<Credential, Failure> {
    use CredentialName::{AzureCli, Default};
    let tool = args.credential.iter().any(|name| matches!(name, AzureCli | Default));
    let chosen = credentials::tenant_of_tool(setup, args).is_some_and(|tenant| !is_guid(tenant));
    credentials::connected(setup, args, (tool && !chosen).then_some(subscription))
}

fn subscription_of(scope: &WorkspaceScope) -> &str {
    match scope {
        WorkspaceScope::Group { subscription, .. } | WorkspaceScope::Subscription(subscription) => {
            subscription
        }
        _ => "",
    }
}
