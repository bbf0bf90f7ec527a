//! Azure Resource Manager: calls as flows, with a token of the driver's own credential.

pub mod roles;
mod subscriptions;

pub use subscriptions::ListSubscriptions;

use crate::call::{Call, Dialect, InClouds, Operation, service_of};
use crate::cloud::Cloud;
use crate::error::{Error, ErrorKind};
use crate::scope::Scopes;

service_of! {
    /// An instance of Azure Resource Manager, and the scope of the tokens it takes.
    ResourceManager, IN_CLOUDS
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
