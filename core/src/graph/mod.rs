//! Microsoft Graph: the directory's applications, service principals and people.

mod found;
mod principal;
pub mod setup;

pub use found::{Application, CredentialKind, KnownCredential, ServicePrincipal};
pub use principal::{FindPrincipal, Principal, PrincipalKind};

use crate::call::{Call, Operation, service_of};
use crate::cloud::Cloud;
use crate::endpoint::{Endpoint, PlainHttp};
use crate::error::Error;
use crate::scope::Scopes;

/// The version of the interface that is spoken.
const VERSION: &str = "v1.0";

service_of! {
    /// An instance of Microsoft Graph, and the scope of the tokens it takes.
    Graph, Graph
}

impl Graph {
    /// That of a cloud.
    ///
    /// # Errors
    /// `Configuration` when its address is not known.
    pub fn of_cloud(cloud: &'static Cloud) -> Result<Graph, Error> {
        let address = cloud.graph.ok_or_else(|| cloud.lacks("Microsoft Graph"))?;
        Ok(Graph::new(Endpoint::authority(address, PlainHttp::Refused)?, Scopes::of_resource(address)?))
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
