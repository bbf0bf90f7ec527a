//! `entrada role`.

use clap::Subcommand;
use entrada_core::arm::roles::BUILT_IN;

use super::{CredentialArgs, TableOutput};

#[derive(Debug, Subcommand)]
pub(crate) enum RoleCommand {
    /// Give a role at a scope; that it is given already is success
    #[command(after_help = roles())]
    Assign(Box<RoleAssignArgs>),
    /// List the roles that are given at a scope and above it
    List(Box<RoleListArgs>),
}

/// The built-in roles, for help.
pub(super) fn roles() -> String {
    let known: Vec<_> = BUILT_IN.iter().map(|role| format!("{} ({})", role.name, role.what)).collect();
    format!(
        "Roles of Azure Machine Learning, the least first: {}. Any other role is found by its name too.",
        known.join(", ")
    )
}

#[derive(Debug, clap::Args)]
pub(crate) struct RoleAssignArgs {
    /// The role, by name or GUID
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: String,
    /// Where: /subscriptions/GUID[/resourceGroups/NAME[/providers/…]]
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: String,
    /// To whom: a user's sign-in name, an application id or another name of a service principal, the resource id
    /// of a managed identity or of what has one, or an object id
    #[arg(long, value_name = "NAME", required_unless_present = "assignee_object_id")]
    pub(crate) assignee: Option<String>,
    /// To whom, by object id: nothing is looked up in the directory
    #[arg(long, value_name = "GUID", conflicts_with = "assignee")]
    pub(crate) assignee_object_id: Option<String>,
    /// What the object id is: ServicePrincipal, User, Group
    #[arg(long, value_name = "TYPE", requires = "assignee_object_id")]
    pub(crate) assignee_principal_type: Option<String>,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RoleListArgs {
    /// Where
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: String,
    /// Of whom, by any name that `role assign` takes: those at, above and below the scope
    #[arg(long, value_name = "NAME")]
    pub(crate) assignee: Option<String>,
    /// The same by object id: nothing is looked up in the directory
    #[arg(long, value_name = "GUID", conflicts_with = "assignee")]
    pub(crate) assignee_object_id: Option<String>,
    /// This role alone, by name or GUID
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Option<String>,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TableOutput,
}
