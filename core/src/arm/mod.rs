//! Azure Resource Manager: calls as flows, with a token of the driver's own credential.

use crate::call::{Call, Dialect, Operation, Service};
use crate::cloud::Cloud;
use crate::endpoint::Endpoint;
use crate::endpoint::PlainHttp;
use crate::error::{Error, ErrorKind};
use crate::request::TokenRequest;
use crate::scope::Scopes;

/// An instance of Azure Resource Manager, and the scope of the tokens it takes.
#[derive(Clone, Debug)]
pub struct ResourceManager(Service);

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

    /// That at this address, which takes tokens of these scopes: for a cloud that is not known here.
    #[must_use]
    pub fn new(endpoint: Endpoint, scopes: Scopes) -> ResourceManager {
        ResourceManager(Service::new(endpoint, scopes, Dialect::ResourceManager))
    }

    /// The same at another address, with tokens of the same audience: an emulator, or a gateway of
    /// one's own.
    #[must_use]
    pub fn at(self, endpoint: Endpoint) -> ResourceManager {
        ResourceManager(self.0.at(endpoint))
    }

    /// The same for a client that can answer claims challenges, which this one can: its calls are
    /// made again, once, with a token that satisfies them.
    #[must_use]
    pub fn with_cae(self) -> ResourceManager {
        ResourceManager(self.0.with_cae())
    }

    /// Where it is.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.0.endpoint()
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
