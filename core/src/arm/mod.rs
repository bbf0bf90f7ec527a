//! Azure Resource Manager: calls as flows, with a token of the driver's own credential.

pub mod roles;
mod subscriptions;

pub use subscriptions::ListSubscriptions;

use crate::authority::Authority;
use crate::call::{Call, Dialect, InClouds, Operation, service_of};
use crate::cloud::Cloud;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::scope::Scopes;

service_of! {
    /// An instance of Azure Resource Manager, and the scope of the tokens it takes.
    ResourceManager, ResourceManager
}

/// Where it is in every cloud.
const IN_CLOUDS: InClouds = InClouds {
    name: "Azure Resource Manager",
    dialect: Dialect::ResourceManager,
    address: |cloud| cloud.resource_manager,
    owner: Cloud::of_resource_manager,
    scope: |cloud| Some(Scopes::new([cloud.resource_manager_scope?])),
    named_by: "--arm-endpoint (ENTRADA_ARM_ENDPOINT)",
};

impl ResourceManager {
    /// That of a cloud.
    ///
    /// # Errors
    /// `Configuration` when its address is not known.
    pub fn of_cloud(cloud: &'static Cloud) -> Result<ResourceManager, Error> {
        IN_CLOUDS.of_cloud(cloud).map(ResourceManager)
    }

    /// That of the authority's cloud, or the one at the address that is given. An authority of no known cloud takes
    /// its tokens to that address alone, or, where that is this machine, plays the public cloud.
    ///
    /// # Errors
    /// `Configuration` when the address is of another known cloud than the authority, or when there is none and the
    /// authority is of no known cloud.
    pub fn beside(authority: &Authority, given: Option<Endpoint>) -> Result<ResourceManager, Error> {
        IN_CLOUDS.beside(authority, given).map(ResourceManager)
    }

    /// A call that reads: `GET` of this path, with this `api-version`.
    #[must_use]
    pub fn get<S: Into<String>>(
        &self,
        path: impl IntoIterator<Item = S>,
        api_version: &str,
        label: &'static str,
    ) -> Call {
        self.call(Operation::get(path, label), api_version)
    }

    /// A call of this operation, with this `api-version`.
    #[must_use]
    pub fn call(&self, operation: Operation, api_version: &str) -> Call {
        self.0.call(operation.query("api-version", api_version))
    }
}

/// Fails for a value that cannot be one step of a resource's path.
///
/// # Errors
/// `Configuration`, naming what is wrong.
pub(crate) fn check_segment(value: &str, what: &str) -> Result<(), Error> {
    let blank = value.trim() != value;
    if value.is_empty()
        || blank
        || value == "."
        || value == ".."
        || value.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | '?' | '#'))
    {
        return Err(Error::new(
            ErrorKind::Configuration,
            format!("the {what} is empty, has blanks around it, or characters that none has"),
        ));
    }
    Ok(())
}
