//! Microsoft Graph: the directory's applications, service principals and people.

mod found;
mod principal;
pub mod setup;

pub use found::{Application, CredentialKind, KnownCredential, ServicePrincipal};
pub use principal::FindPrincipal;

pub use crate::arm::roles::{Principal, PrincipalKind};
pub use crate::call::quoted;

use crate::call::{Call, Dialect, InClouds, Operation, service_of};
use crate::cloud::Cloud;
use crate::scope::Scopes;

/// The version of the interface that is spoken.
const VERSION: &str = "v1.0";

service_of! {
    /// An instance of Microsoft Graph, and the scope of the tokens it takes.
    Graph, IN_CLOUDS
}

/// Where it is in every cloud.
const IN_CLOUDS: InClouds = InClouds {
    name: "Microsoft Graph",
    dialect: Dialect::Graph,
    address: |cloud| cloud.graph,
    owner: Cloud::of_graph,
    scope: |cloud| Some(Scopes::of_resource(cloud.graph?)),
    named_by: "--graph-endpoint (ENTRADA_GRAPH_ENDPOINT)",
};

impl Graph {
    /// A call that reads: `GET` of this path below the version (`["users"]`).
    #[must_use]
    pub fn get(&self, path: &[&str], label: &'static str) -> Call {
        self.0.call(Operation::get(below(path), label))
    }
}

/// A path below the version of the interface.
fn below(path: &[&str]) -> Vec<String> {
    std::iter::once(VERSION).chain(path.iter().copied()).map(str::to_owned).collect()
}
