//! From an address to the tokens that may be sent there.
//!
//! A token that is sent to a host which is not of its audience is given away. So the audience is never
//! the caller's choice: it follows from the address, or nothing is sent.

mod host;
mod refused;
#[cfg(test)]
mod tests;

use url::Url;

use super::{Dialect, Service};
use crate::cloud::Cloud;
use crate::endpoint;
use crate::error::Error;

use refused::refused;

/// The first steps of the paths of Microsoft Graph.
const GRAPH: [&str; 2] = ["v1.0", "beta"];
/// The first steps of the paths of Azure Machine Learning's data plane.
const MACHINE_LEARNING: [&str; 9] = [
    "discovery",
    "execution",
    "history",
    "hyperdrive",
    "mferp",
    "mlflow",
    "modelmanagement",
    "pipelines",
    "score",
];

/// Which tokens go to which addresses: the services of one cloud, and those that were configured.
///
/// | address | token for |
/// |---|---|
/// | the cloud's Azure Resource Manager, by its exact host | Azure Resource Manager |
/// | the cloud's Microsoft Graph, by its exact host | Microsoft Graph |
/// | a host below one of the suffixes of the cloud's Azure Machine Learning | its data plane: `https://ml.azure.com` and its like |
/// | the origin of a service that was configured | that service; the path decides where several share it |
/// | anything else | none: refused |
///
/// A host is compared label by label and without regard to case, the port has to be that of https, and
/// the address has to have no user info. `management.azure.com.evil.example`,
/// `evilmanagement.azure.com`, `https://management.azure.com@evil.example` are refused, and so is a host
/// of another cloud.
///
/// ```
/// use entrada_core::Cloud;
/// use entrada_core::call::Audiences;
///
/// let audiences = Audiences::of_cloud(Cloud::PUBLIC);
/// let arm = audiences.service("https://management.azure.com/subscriptions?api-version=2022-12-01")?;
/// assert_eq!(arm.request().scopes().joined(), "https://management.azure.com/.default");
/// let ml = audiences.service("https://westeurope.api.azureml.ms/history/v1.0/")?;
/// assert_eq!(ml.request().scopes().joined(), "https://ml.azure.com/.default");
/// assert!(audiences.service("https://management.azure.com.evil.example/").is_err());
/// assert!(audiences.service("https://management.chinacloudapi.cn/").is_err());
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Audiences {
    cloud: Option<&'static Cloud>,
    own: Vec<Service>,
}

impl Audiences {
    /// Those of the services of this cloud.
    #[must_use]
    pub fn of_cloud(cloud: &'static Cloud) -> Audiences {
        Audiences { cloud: Some(cloud), own: Vec::new() }
    }

    /// None, to which those that are configured are added.
    #[must_use]
    pub fn none() -> Audiences {
        Audiences::default()
    }

    /// The same with a service at an address that was configured.
    #[must_use]
    pub fn with(mut self, service: Service) -> Audiences {
        self.own.push(service);
        self
    }

    /// The service that an address is of, with the tokens that it takes; its endpoint is the origin of the
    /// address.
    ///
    /// # Errors
    /// `Configuration` when the address is of no service, or of another cloud's. No token is sent there.
    pub fn service(&self, address: &str) -> Result<Service, Error> {
        let url = endpoint::read(address).ok_or_else(|| refused("it is no address", None))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("it has user info in it", Some(&url)));
        }
        if let Some(service) = self.configured(&url) {
            return Ok(service);
        }
        if url.scheme() != "https" || url.port().is_some() {
            return Err(refused("it is not https at the usual port", Some(&url)));
        }
        let host = url.host_str().unwrap_or_default();
        match self.cloud.map_or(Ok(None), |cloud| host::service(cloud, host))? {
            Some(service) => Ok(service),
            None => Err(self.elsewhere(&url)),
        }
    }

    /// The service that was configured at the origin of an address. Where several share it, as on an
    /// emulator, the first step of the path tells them apart.
    fn configured(&self, url: &Url) -> Option<Service> {
        let mut here = self.own.iter().filter(|own| own.endpoint().follow(url.as_str()).is_ok()).peekable();
        let first = (*here.peek()?).clone();
        let step = url.path_segments().and_then(|mut steps| steps.next()).unwrap_or_default();
        let is = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(step));
        let wanted = match () {
            () if is(&GRAPH) => Dialect::Graph,
            () if is(&MACHINE_LEARNING) => Dialect::MachineLearning,
            () => Dialect::ResourceManager,
        };
        Some(here.find(|own| own.dialect() == wanted).cloned().unwrap_or(first))
    }
}
