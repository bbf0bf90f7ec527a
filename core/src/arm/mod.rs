//! Azure Resource Manager: calls as flows, with a token of the driver's own credential.

mod call;
mod error;

use crate::cloud::Cloud;
use crate::endpoint::Endpoint;
use crate::endpoint::PlainHttp;
use crate::error::{Error, ErrorKind};
use crate::exchange::RequestSpec;
use crate::request::TokenRequest;
use crate::scope::Scopes;

pub use call::ArmCall;

/// An instance of Azure Resource Manager, and the scope of the tokens it takes.
#[derive(Clone, Debug)]
pub struct ResourceManager {
    endpoint: Endpoint,
    request: TokenRequest,
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

    /// That at this address, which takes tokens of these scopes: for a cloud that is not known here.
    #[must_use]
    pub fn new(endpoint: Endpoint, scopes: Scopes) -> ResourceManager {
        ResourceManager { endpoint, request: TokenRequest::for_scopes(scopes) }
    }

    /// The same at another address, with tokens of the same audience: an emulator, or a gateway of
    /// one's own.
    #[must_use]
    pub fn at(mut self, endpoint: Endpoint) -> ResourceManager {
        self.endpoint = endpoint;
        self
    }

    /// The same for a client that can answer claims challenges, which this one can: its calls are
    /// made again, once, with a token that satisfies them.
    #[must_use]
    pub fn with_cae(mut self) -> ResourceManager {
        self.request = self.request.with_cae();
        self
    }

    /// Where it is.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What token its calls ask for.
    #[must_use]
    pub fn request(&self) -> &TokenRequest {
        &self.request
    }

    /// A call that reads: `GET` of this path, with this `api-version`.
    #[must_use]
    pub fn get<S: AsRef<str>>(
        &self,
        path: impl IntoIterator<Item = S>,
        api_version: &str,
        label: &'static str,
    ) -> ArmCall {
        let target = self.endpoint.join(path).with_query([("api-version", api_version)]);
        ArmCall::new(RequestSpec::get(target, label), self.request.clone())
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
