//! Microsoft Graph: the directory's applications, service principals and people.

mod found;
mod principal;
pub mod setup;

pub use found::{Application, CredentialKind, KnownCredential, ServicePrincipal};
pub use principal::{FindPrincipal, Principal, PrincipalKind};

use crate::authority::Authority;
use crate::call::{Call, Dialect, InClouds, Operation, service_of};
use crate::cloud::Cloud;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::scope::Scopes;

/// The version of the interface that is spoken.
const VERSION: &str = "v1.0";

service_of! {
    /// An instance of Microsoft Graph, and the scope of the tokens it takes.
    Graph, Graph
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
    /// That of a cloud.
    ///
    /// # Errors
    /// `Configuration` when its address is not known.
    pub fn of_cloud(cloud: &'static Cloud) -> Result<Graph, Error> {
        IN_CLOUDS.of_cloud(cloud).map(Graph)
    }

    /// That of the authority's cloud, or the one at the address that is given: as
    /// [`ResourceManager::beside`](crate::arm::ResourceManager::beside).
    ///
    /// # Errors
    /// `Configuration` when the address is of another known cloud than the authority, or when there is none and the
    /// authority is of no known cloud.
    pub fn beside(authority: &Authority, given: Option<Endpoint>) -> Result<Graph, Error> {
        IN_CLOUDS.beside(authority, given).map(Graph)
    }

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

/// A text as OData literals have it: between apostrophes, those within it doubled.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
