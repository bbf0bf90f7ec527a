//! `entrada role`.

use entrada_blocking::Credential;
use entrada_core::arm::roles::{self, AssignRole, FindRole, ListRoles, Role, Scope};
use entrada_core::graph::{FindPrincipal, Principal, PrincipalKind};
use serde_json::{Value, json};

use crate::args::{CredentialArgs, RoleAssignArgs, RoleListArgs, TableOutput};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::ui::say;
use crate::{credentials, output, table, usage};

/// What speaks against a role is said before it is given.
pub(crate) fn warn(role: &Role) {
    if let Some(warning) = roles::warning(role) {
        say(&format!("warning: {warning}"));
    }
}

pub(crate) fn assign(setup: &Setup, args: &RoleAssignArgs) -> Result<(), Failure> {
    let (scope, role) = (Scope::new(&args.scope)?, Role::new(&args.role)?);
    let kind = match args.assignee_principal_type.as_deref() {
        None => None,
        Some(name) => Some(
            PrincipalKind::named(name)
                .ok_or_else(|| usage("--assignee-principal-type is ServicePrincipal, User or Group"))?,
        ),
    };
    let manager = setup.resource_manager(&args.credential.authority)?;
    let credential = credentials::connected(setup, &args.credential, None)?.within(setup.limit(true));
    warn(&role);
    let principal = match (&args.assignee_object_id, &args.assignee) {
        (Some(id), _) => Principal::of_object(id, kind)?,
        (None, name) => find(setup, &args.credential, &credential, name.as_deref().unwrap_or_default())?,
    };
    let assigned = credential.call(Box::new(AssignRole::new(&manager, &scope, &role, &principal)))?;
    Ok(output::print(&match args.output {
        TableOutput::Json => json!({
            "scope": assigned.scope.as_str(), "roleId": assigned.role, "principalId": assigned.principal,
            "principalType": principal.kind.map(PrincipalKind::name), "existed": assigned.existed,
        })
        .to_string(),
        TableOutput::Table => table::pairs(&[
            ("role", Some(role.as_str())),
            ("role id", Some(&assigned.role)),
            ("scope", Some(assigned.scope.as_str())),
            ("principal", principal.name.as_deref()),
            ("object id", Some(&assigned.principal)),
            (
                "was given",
                Some(if assigned.existed { "before" } else { "now; it may take 10 minutes to count" }),
            ),
        ]),
    })?)
}

/// The principal of this name.
fn find(
    setup: &Setup,
    args: &CredentialArgs,
    credential: &Credential,
    name: &str,
) -> Result<Principal, Failure> {
    let graph = setup.graph(&args.authority)?;
    Ok(credential.call(Box::new(FindPrincipal::new(&graph, name)?))?)
}

pub(crate) fn list(setup: &Setup, args: &RoleListArgs) -> Result<(), Failure> {
    let scope = Scope::new(&args.scope)?;
    let role = args.role.as_deref().map(Role::new).transpose()?;
    let given = args.assignee_object_id.as_deref();
    let given = given.map(|id| Principal::of_object(id, None)).transpose()?;
    let manager = setup.resource_manager(&args.credential.authority)?;
    let credential = credentials::connected(setup, &args.credential, None)?;
    let of = match &args.assignee {
        Some(name) => Some(find(setup, &args.credential, &credential, name)?),
        None => given,
    };
    let of = of.as_ref().map(|principal| principal.object_id.as_str());
    let role = match &role {
        Some(role) => Some(credential.call(Box::new(FindRole::new(&manager, &scope, role)))?),
        None => None,
    };
    let mut found = credential.call(Box::new(ListRoles::new(&manager, &scope, of)))?;
    found.retain(|one| role.as_ref().is_none_or(|role| one.role_id.eq_ignore_ascii_case(role)));
    Ok(output::print(&match args.output {
        TableOutput::Json => Value::from_iter(found.iter().map(|one| {
            json!({ "id": one.id, "roleName": one.role, "roleId": one.role_id, "principalId": one.principal,
                "principalType": one.principal_type, "scope": one.scope })
        }))
        .to_string(),
        TableOutput::Table => {
            let rows: Vec<[String; 4]> = found
                .into_iter()
                .map(|one| {
                    let kind = one.principal_type.unwrap_or_else(|| "-".to_owned());
                    [one.role.unwrap_or(one.role_id), one.principal, kind, one.scope]
                })
                .collect();
            table::columns(["ROLE", "PRINCIPAL", "TYPE", "SCOPE"], &rows)
        }
    })?)
}
