//! Online endpoints: who may call them, and with what.
//!
//! Keys do not expire; a token of the endpoint does, and is to be got anew after a time that comes with it.
//! Where Entra's tokens are taken, the audience is that of Azure Machine Learning in the cloud of the
//! workspace (`https://ml.azure.com`), exactly: with a slash at its end the endpoint refuses the token.

mod access;
mod open;

use serde_json::{Map, Value};

use crate::cloud::Cloud;
use crate::error::Error;
use crate::scope::Scopes;

pub use access::{AccessEndpoint, EndpointAccess};
pub use open::{ListOnlineEndpoints, OpenEndpoint};

/// Who may call an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointAuth {
    /// Whoever has one of its keys (`key`).
    Key,
    /// Whoever has a token of the endpoint (`aml_token`).
    AmlToken,
    /// Whoever has a token of Entra and a role that may call it (`aad_token`).
    AadToken,
    /// A mode that is not known here.
    Other(String),
}

impl EndpointAuth {
    /// The mode of this name, as the service or a YAML file writes it.
    #[must_use]
    pub fn of_name(name: &str) -> EndpointAuth {
        match name.replace('_', "").to_ascii_lowercase().as_str() {
            "key" => EndpointAuth::Key,
            "amltoken" => EndpointAuth::AmlToken,
            "aadtoken" => EndpointAuth::AadToken,
            _ => EndpointAuth::Other(name.to_owned()),
        }
    }

    /// Its name in YAML files.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            EndpointAuth::Key => "key",
            EndpointAuth::AmlToken => "aml_token",
            EndpointAuth::AadToken => "aad_token",
            EndpointAuth::Other(name) => name,
        }
    }
}

/// An online endpoint, as Azure Resource Manager describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct OnlineEndpoint {
    document: Map<String, Value>,
}

impl OnlineEndpoint {
    /// Reads one, if the document names a resource.
    #[must_use]
    pub fn of_document(document: Value) -> Option<OnlineEndpoint> {
        match document {
            Value::Object(document) if document.get("name").is_some_and(Value::is_string) => {
                Some(OnlineEndpoint { document })
            }
            _ => None,
        }
    }

    /// Everything the service said.
    #[must_use]
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    fn property(&self, name: &str) -> Option<&str> {
        self.document.get("properties")?.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.document.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// Who may call it.
    #[must_use]
    pub fn auth(&self) -> EndpointAuth {
        EndpointAuth::of_name(self.property("authMode").unwrap_or_default())
    }

    /// Where it is called.
    #[must_use]
    pub fn scoring_uri(&self) -> Option<&str> {
        self.property("scoringUri")
    }

    /// Succeeded, Creating, Failed and so on.
    #[must_use]
    pub fn provisioning_state(&self) -> Option<&str> {
        self.property("provisioningState")
    }
}

/// The scope of tokens for the data plane of Azure Machine Learning in a cloud.
///
/// # Errors
/// `Configuration` where the service does not exist, as far as is known.
pub fn data_plane_scopes(cloud: &Cloud) -> Result<Scopes, Error> {
    let audience = cloud.machine_learning.ok_or_else(|| cloud.lacks("Azure Machine Learning"))?;
    Scopes::of_resource(audience)
}
