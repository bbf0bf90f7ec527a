//! `entrada role`.

use entrada_core::arm::roles::{self, AssignRole, ListRoles, Role, Scope};
use entrada_core::graph::{FindPrincipal, Principal, PrincipalKind};
use serde_json::{Value, json};

use crate::args::{RoleAssignArgs, RoleListArgs, TableOutput};
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
        (None, name) => {
            let graph = setup.graph(&args.credential.authority)?;
            credential.call(Box::new(FindPrincipal::new(&graph, name.as_deref().unwrap_or_default())?))?
        }
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

pub(crate) fn list(setup: &Setup, args: &RoleListArgs) -> Result<(), Failure> {
    let scope = Scope::new(&args.scope)?;
    let manager = setup.resource_manager(&args.credential.authority)?;
    let credential = credentials::connected(setup, &args.credential, None)?;
    let of = args.assignee_object_id.as_deref();
    let found = credential.call(Box::new(ListRoles::new(&manager, &scope, of)))?;
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
