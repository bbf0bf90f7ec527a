//! Roles: who may do what at a scope and below it.

mod assign;
mod built_in;
mod find;
mod list;
mod principal;
mod scope;

pub use assign::{AssignRole, Assigned};
pub use built_in::{BUILT_IN, BuiltIn, warning};
pub use find::{FindRole, Role};
pub use list::{ListRoles, RemoveRoles, RoleAssignment};
pub use principal::{Principal, PrincipalKind};
pub use scope::Scope;

/// The version of the interface that is spoken.
pub(crate) const API_VERSION: &str = "2022-04-01";
