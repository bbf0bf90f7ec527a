//! Microsoft Graph: the directory's applications, service principals and people.

mod found;
mod principal;
pub mod setup;

pub use found::{Application, CredentialKind, KnownCredential, ServicePrincipal};
pub use principal::{FindPrincipal, Principal, PrincipalKind};

use crate::call::{Call, Dialect, Operation, Service};
use crate::cloud::Cloud;
use crate::endpoint::{Endpoint, PlainHttp};
use crate::error::Error;
use crate::request::TokenRequest;
use crate::scope::Scopes;

/// The version of the interface that is spoken.
const VERSION: &str = "v1.0";

/// An instance of Microsoft Graph, and the scope of the tokens it takes.
#[derive(Clone, Debug)]
pub struct Graph(Service);

impl Graph {
    /// That of a cloud.
    ///
    /// # Errors
    /// `Configuration` when its address is not known.
    pub fn of_cloud(cloud: &'static Cloud) -> Result<Graph, Error> {
        let address = cloud.graph.ok_or_else(|| cloud.lacks("Microsoft Graph"))?;
        Ok(Graph::new(Endpoint::authority(address, PlainHttp::Refused)?, Scopes::of_resource(address)?))
    }

    /// That at this address, which takes tokens of these scopes.
    #[must_use]
    pub fn new(endpoint: Endpoint, scopes: Scopes) -> Graph {
        Graph(Service::new(endpoint, scopes, Dialect::Graph))
    }

    /// The same at another address, with tokens of the same audience: an emulator.
    #[must_use]
    pub fn at(self, endpoint: Endpoint) -> Graph {
        Graph(self.0.at(endpoint))
    }

    /// The same for a client that can answer claims challenges: see
    /// [`Service::with_cae`](crate::call::Service::with_cae).
    #[must_use]
    pub fn with_cae(self) -> Graph {
        Graph(self.0.with_cae())
    }

    /// What token its calls ask for.
    #[must_use]
    pub fn request(&self) -> &TokenRequest {
        self.0.request()
    }

    /// The service, for calls of every kind.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.0
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
