//! `entrada identity`.

use entrada_core::ml::{
    DisableIdentity, EnableIdentity, IdentityOwner, ResourceIdentity, ShowIdentity, UnwantedIdentity,
    WantedIdentity,
};
use serde_json::json;

use super::workspace::{Opened, open};
use crate::args::{IdentityChangeArgs, IdentityShowArgs, TableOutput};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::ui::say;
use crate::{output, table, usage};

const WHICH: &str = "say which identity: --system, or --user-assigned RESOURCE-ID, or both";

pub(crate) fn show(setup: &Setup, args: &IdentityShowArgs) -> Result<(), Failure> {
    let (opened, owner) = owner(setup, args)?;
    let identity = opened.credential.call(Box::new(ShowIdentity::new(&opened.manager, &owner)?))?;
    print(args, &identity)
}

pub(crate) fn enable(setup: &Setup, args: &IdentityChangeArgs) -> Result<(), Failure> {
    if !args.system && args.user_assigned.is_empty() {
        return Err(usage(WHICH));
    }
    let first = if args.system { WantedIdentity::system() } else { WantedIdentity::assigned_only() };
    let wanted = args.user_assigned.iter().try_fold(first, |wanted, id| wanted.and_assigned(id))?;
    let (opened, owner) = owner(setup, &args.show)?;
    let flow = EnableIdentity::new(&opened.manager, owner, wanted)?;
    let identity = opened.credential.call(Box::new(flow))?;
    print(&args.show, &identity)
}

pub(crate) fn disable(setup: &Setup, args: &IdentityChangeArgs) -> Result<(), Failure> {
    if !args.system && args.user_assigned.is_empty() {
        return Err(usage(WHICH));
    }
    let first = if args.system { UnwantedIdentity::system() } else { UnwantedIdentity::assigned_only() };
    let unwanted = args.user_assigned.iter().try_fold(first, |unwanted, id| unwanted.and_assigned(id))?;
    let (opened, owner) = owner(setup, &args.show)?;
    let flow = DisableIdentity::new(&opened.manager, owner, unwanted)?;
    let disabled = opened.credential.call(Box::new(flow))?;
    for absent in &disabled.absent {
        say(&match absent.as_str() {
            "system" => "note: it had no identity of its own".to_owned(),
            id => format!("note: it did not have {id}"),
        });
    }
    print(&args.show, &disabled.left)
}

fn owner(setup: &Setup, args: &IdentityShowArgs) -> Result<(Opened, IdentityOwner), Failure> {
    let opened = open(setup, &args.at)?;
    let config = opened.config.clone();
    let owner = match &args.compute {
        Some(name) => IdentityOwner::Compute(config, name.clone()),
        None => IdentityOwner::Workspace(config),
    };
    Ok((opened, owner))
}

fn print(args: &IdentityShowArgs, identity: &ResourceIdentity) -> Result<(), Failure> {
    let text = match args.at.output {
        TableOutput::Json => json!({
            "system_assigned": identity.system,
            "principal_id": identity.principal_id,
            "tenant_id": identity.tenant_id,
            "user_assigned": identity
                .assigned
                .iter()
                .map(|one| json!({
                    "id": one.id, "principal_id": one.principal_id, "client_id": one.client_id,
                }))
                .collect::<Vec<_>>(),
        })
        .to_string(),
        TableOutput::Table => {
            let own = identity.system.then(|| {
                let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
                ["system".to_owned(), text(&identity.principal_id), "-".to_owned(), "-".to_owned()]
            });
            let assigned = identity.assigned.iter().map(|one| {
                let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
                ["user".to_owned(), text(&one.principal_id), text(&one.client_id), one.id.clone()]
            });
            let rows: Vec<_> = own.into_iter().chain(assigned).collect();
            table::columns(["KIND", "PRINCIPAL ID", "CLIENT ID", "RESOURCE"], &rows)
        }
    };
    output::print(&text)?;
    if identity.compute.as_deref() == Some("ComputeInstance") {
        say(
            "note: with single sign-on a compute instance hands out tokens of the person it is assigned to; there, `entrada whoami --credential managed-identity` tells whose token it is",
        );
    }
    if !identity.system && identity.assigned.is_empty() {
        say("note: it has no managed identity; `entrada identity enable` gives it one");
    }
    Ok(())
}
