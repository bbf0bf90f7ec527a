//! Azure Resource Manager: calls as flows, with a token of the driver's own credential.

pub mod roles;

use crate::call::{Call, Operation, service_of};
use crate::cloud::Cloud;
use crate::endpoint::{Endpoint, PlainHttp};
use crate::error::{Error, ErrorKind};
use crate::scope::Scopes;

service_of! {
    /// An instance of Azure Resource Manager, and the scope of the tokens it takes.
    ResourceManager, ResourceManager
}

impl ResourceManager {
    /// That of a cloud.
    ///
    /// # Errors
    /// `Configuration` when its address is not known.
    pub fn of_cloud(cloud: &'static Cloud) -> Result<ResourceManager, Error> {
        let (Some(address), Some(scope)) = (cloud.resource_manager, cloud.resource_manager_scope) else {
            return Err(cloud.lacks("Azure Resource Manager"));
        };
        Ok(ResourceManager::new(Endpoint::authority(address, PlainHttp::Refused)?, Scopes::new([scope])?))
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
