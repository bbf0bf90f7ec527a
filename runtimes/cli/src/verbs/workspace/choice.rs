//! Which workspace is meant, and whom to ask as whom.

use std::path::Path;

use entrada_blocking::Credential;
use entrada_core::Error;
use entrada_core::arm::ResourceManager;
use entrada_core::ml::{
    ChooseWorkspace, ChosenWorkspace, Explanation, FindConfig, FoundConfig, Job, WorkspaceConfig,
    WorkspaceOrigin,
};
use entrada_core::tenant::is_guid;
use serde_json::json;

use crate::args::{
    CredentialArgs, CredentialName, Format, InWorkspaceArgs, ShowArgs, TableOutput, WhichArgs, WorkspaceArgs,
};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::ui::say;
use crate::{credentials, output, usage};

/// The names that were given, where all three were.
pub(super) fn named(args: &WorkspaceArgs) -> Result<Option<WorkspaceConfig>, Failure> {
    match (&args.subscription_id, &args.resource_group, &args.workspace_name) {
        (Some(subscription), Some(group), Some(workspace)) => {
            Ok(Some(WorkspaceConfig::new(subscription, group, workspace)?))
        }
        // Another workspace of what the file or the job names.
        (None, None, None) | (None, _, Some(_)) => Ok(None),
        _ => Err(usage(
            "a workspace takes --subscription-id, --resource-group and --workspace-name, all three; beside a \
             configuration file --workspace-name alone will do, or --resource-group with it",
        )),
    }
}

/// The same with the names that were given in the place of those that were found.
fn renamed(found: ChosenWorkspace, args: &WorkspaceArgs) -> Result<ChosenWorkspace, Failure> {
    let Some(workspace) = &args.workspace_name else { return Ok(found) };
    let mut renamed = found;
    let group = args.resource_group.as_ref().unwrap_or(&renamed.config.resource_group);
    renamed.config = WorkspaceConfig::new(&renamed.config.subscription_id, group, workspace)?;
    Ok(renamed)
}

/// What says which workspace is meant.
#[derive(Clone, Copy)]
pub(super) struct Which<'a> {
    path: Option<&'a Path>,
    file_name: Option<&'a str>,
    workspace: &'a WorkspaceArgs,
}

impl<'a> Which<'a> {
    pub(super) fn of(args: &'a WhichArgs, workspace: &'a WorkspaceArgs) -> Which<'a> {
        Which { path: args.config.as_deref(), file_name: args.file_name.as_deref(), workspace }
    }

    pub(super) fn of_show(args: &'a ShowArgs) -> Which<'a> {
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

pub(super) fn choose(setup: &Setup, which: Which<'_>) -> Result<ChosenWorkspace, Failure> {
    let chosen = setup.driver.run(Box::new(choice(setup, which)?))?;
    if let WorkspaceOrigin::File(FoundConfig { missing: Some(missing), path, .. }) = &chosen.origin {
        say(&format!(
            "warning: {} does not exist; the folders above it were searched, and {} was found",
            missing.display(),
            path.display()
        ));
    }
    match chosen.origin {
        WorkspaceOrigin::Named => Ok(chosen),
        _ => renamed(chosen, which.workspace),
    }
}

/// Where the names of a workspace come from, in words.
pub(super) fn origin(origin: &WorkspaceOrigin, args: &WorkspaceArgs) -> String {
    let from = match origin {
        WorkspaceOrigin::File(found) => found.path.display().to_string(),
        WorkspaceOrigin::Job => "the variables of this job (AZUREML_ARM_*)".to_owned(),
        _ => return "the command line".to_owned(),
    };
    if args.workspace_name.is_some() { format!("the command line, and {from}") } else { from }
}

/// Every place that was looked at, and what was chosen. Nothing is asked of anybody.
pub(super) fn explain(setup: &Setup, args: &ShowArgs) -> Result<(), Failure> {
    let Explanation { looks, chosen, .. } =
        setup.driver.run(Box::new(choice(setup, Which::of_show(args))?.explained()))?;
    let chosen = chosen.map_err(Failure::from).and_then(|chosen| match chosen.origin {
        WorkspaceOrigin::Named => Ok(chosen),
        _ => renamed(chosen, &args.workspace),
    });
    let known = chosen.as_ref().ok();
    let remark = known.and_then(|chosen| match &chosen.origin {
        WorkspaceOrigin::File(FoundConfig { remark, .. }) => remark.as_deref(),
        _ => None,
    });
    let text = match args.output {
        TableOutput::Json => json!({
            "from": known.map(|chosen| origin(&chosen.origin, &args.workspace)),
            "resource_id": known.map(|chosen| chosen.config.resource_id()),
            "remark": remark,
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
                format!(
                    "chosen  {}, of {}",
                    chosen.config.resource_id(),
                    origin(&chosen.origin, &args.workspace)
                )
            });
            let remark =
                remark.map(|remark| format!("note    {remark}; its names were taken as the SDK takes them"));
            rows.chain(chosen).chain(remark).collect::<Vec<_>>().join("\n")
        }
    };
    output::print(&text)?;
    chosen.map(drop)
}

pub(super) fn resource_manager(setup: &Setup, args: &CredentialArgs) -> Result<ResourceManager, Error> {
    let manager = setup.resource_manager(&args.authority)?;
    Ok(if args.enable_cae { manager.with_cae() } else { manager })
}

/// The credential, where a tool that has several accounts is told whose subscription it is for; a tenant
/// that was named chooses the account too, and beside a subscription it would have to be a GUID.
pub(super) fn connected(
    setup: &Setup,
    args: &CredentialArgs,
    subscription: &str,
) -> Result<Credential, Failure> {
    use CredentialName::{AzureCli, Default};
    let tool = args.credential.iter().any(|name| matches!(name, AzureCli | Default));
    let chosen = credentials::tenant_of_tool(setup, args).is_some_and(|tenant| !is_guid(tenant));
    credentials::connected(setup, args, (tool && !chosen).then_some(subscription))
}
