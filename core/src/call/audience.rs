//! From an address to the tokens that may be sent there.
//!
//! A token that is sent to a host which is not of its audience is given away. So the audience is never
//! the caller's choice: it follows from the address, or nothing is sent.

use url::Url;

use super::{Dialect, Service};
use crate::cloud::Cloud;
use crate::endpoint::{self, Endpoint, PlainHttp};
use crate::error::{Error, ErrorKind};
use crate::scope::Scopes;

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
        if let Some(service) = self.cloud.map_or(Ok(None), |cloud| of_cloud(cloud, host))? {
            return Ok(service);
        }
        let other = Cloud::ALL.into_iter().filter(|cloud| Some(*cloud) != self.cloud);
        match other
            .map(|cloud| (cloud, of_cloud(cloud, host)))
            .find(|(_, found)| matches!(found, Ok(Some(_))))
        {
            Some((cloud, _)) => {
                let (own, remedy) = match self.cloud {
                    Some(own) => {
                        (own.name.to_owned(), "choose the cloud with --authority (AZURE_AUTHORITY_HOST)")
                    }
                    None => (
                        format!("what was configured: {}", self.configured_hosts()),
                        "ask at an address of that, or leave it out (--emulator, ENTRADA_EMULATOR, --authority)",
                    ),
                };
                let why = format!("it is of {}, and the tokens are of {own}", cloud.name);
                Err(refused(&why, Some(&url)).with_remedy(remedy))
            }
            None => Err(refused(
                "its host is neither Azure Resource Manager nor Microsoft Graph nor Azure Machine Learning",
                Some(&url),
            )
            .with_remedy(self.taken())),
        }
    }

    /// Where tokens are sent, and how that is changed.
    fn taken(&self) -> String {
        let of_cloud = self.cloud.into_iter().flat_map(|cloud| {
            let own = [cloud.resource_manager, cloud.graph, cloud.machine_learning];
            let hosts =
                own.into_iter().flatten().map(|address| address.trim_start_matches("https://").to_owned());
            hosts.chain(cloud.machine_learning_hosts.iter().map(|suffix| format!("*{suffix}")))
        });
        let own = self.own.iter().map(|own| own.endpoint().host().to_owned());
        let mut hosts: Vec<_> = of_cloud.chain(own).collect();
        hosts.dedup();
        let hosts = if hosts.is_empty() { "nowhere".to_owned() } else { hosts.join(", ") };
        format!(
            "tokens are sent to: {hosts}; an Azure Resource Manager or Microsoft Graph at another address is named with \
             --arm-endpoint (ENTRADA_ARM_ENDPOINT) or --graph-endpoint (ENTRADA_GRAPH_ENDPOINT)"
        )
    }

    /// The hosts of the services that were configured, for people.
    fn configured_hosts(&self) -> String {
        let mut hosts: Vec<_> = self.own.iter().map(|own| own.endpoint().host()).collect();
        hosts.dedup();
        if hosts.is_empty() { "nothing".to_owned() } else { hosts.join(", ") }
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

/// The service of a cloud at this host.
fn of_cloud(cloud: &'static Cloud, host: &str) -> Result<Option<Service>, Error> {
    let is = |address: Option<&str>| {
        let known = address.and_then(|address| address.strip_prefix("https://"));
        known.is_some_and(|known| known.eq_ignore_ascii_case(host))
    };
    let (scopes, dialect) = if is(cloud.resource_manager) {
        (cloud.resource_manager_scope.map(|scope| Scopes::new([scope])), Dialect::ResourceManager)
    } else if is(cloud.graph) {
        (cloud.graph.map(Scopes::of_resource), Dialect::Graph)
    } else if is(cloud.machine_learning)
        || cloud.machine_learning_hosts.iter().any(|suffix| below(host, suffix))
    {
        (cloud.machine_learning.map(Scopes::of_resource), Dialect::MachineLearning)
    } else {
        return Ok(None);
    };
    let Some(scopes) = scopes.transpose()? else { return Ok(None) };
    let endpoint = Endpoint::authority(&format!("https://{host}"), PlainHttp::Refused)?;
    Ok(Some(Service::new(endpoint, scopes, dialect)))
}

/// Whether a host is a suffix, which begins with a dot, with labels before it.
fn below(host: &str, suffix: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let labels = host.strip_suffix(suffix).unwrap_or_default();
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    suffix.starts_with('.') && labels.split('.').all(is_label)
}

fn refused(why: &str, url: Option<&Url>) -> Error {
    let host = url.and_then(Url::host_str).unwrap_or("this address");
    Error::new(ErrorKind::Configuration, format!("no token is sent to {host}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(cloud: &'static Cloud, address: &str) -> Option<String> {
        let service = Audiences::of_cloud(cloud).service(address).ok()?;
        Some(service.request().scopes().joined().to_owned())
    }

    #[test]
    fn every_service_of_every_cloud() {
        for (cloud, address, expected) in [
            (Cloud::PUBLIC, "https://management.azure.com/x", "https://management.azure.com/.default"),
            (Cloud::PUBLIC, "HTTPS://Management.Azure.COM:443/x", "https://management.azure.com/.default"),
            (Cloud::PUBLIC, "https://graph.microsoft.com/v1.0/me", "https://graph.microsoft.com/.default"),
            (Cloud::PUBLIC, "https://eastus.api.azureml.ms/x", "https://ml.azure.com/.default"),
            (Cloud::PUBLIC, "https://e.eastus.inference.ml.azure.com/score", "https://ml.azure.com/.default"),
            (Cloud::PUBLIC, "https://ml.azure.com/api", "https://ml.azure.com/.default"),
            (
                Cloud::CHINA,
                "https://management.chinacloudapi.cn",
                "https://management.chinacloudapi.cn/.default",
            ),
            (
                Cloud::CHINA,
                "https://microsoftgraph.chinacloudapi.cn",
                "https://microsoftgraph.chinacloudapi.cn/.default",
            ),
            (Cloud::CHINA, "https://chinaeast2.api.ml.azure.cn", "https://ml.azure.cn/.default"),
            (Cloud::US_GOVERNMENT, "https://usgovarizona.api.ml.azure.us", "https://ml.azure.us/.default"),
            (Cloud::US_GOVERNMENT, "https://graph.microsoft.us", "https://graph.microsoft.us/.default"),
        ] {
            assert_eq!(scope(cloud, address).as_deref(), Some(expected), "{address}");
        }
    }

    #[test]
    fn nothing_that_only_looks_alike() {
        for address in [
            "",
            "/subscriptions",
            "management.azure.com/x",
            "http://management.azure.com/x",
            "https://management.azure.com:8443/x",
            "https://management.azure.com./x",
            "https://evilmanagement.azure.com/x",
            "https://x.management.azure.com/x",
            "https://management.azure.com.evil.example/x",
            "https://management.azure.com@evil.example/x",
            "https://evil.example/management.azure.com",
            "https://evil.example?x=https://management.azure.com",
            "https://evil.example#management.azure.com",
            "https://evil.example\\@management.azure.com",
            "https://u:p@management.azure.com/",
            "https://xapi.azureml.ms/",
            "https://api.azureml.ms/",
            "https://.api.azureml.ms/",
            "https://a..api.azureml.ms/",
            "https://a_b.api.azureml.ms/",
            "https://eastus.api.azureml.ms.evil.example/",
            "https://eastus.api.azureml.msx/",
            "https://management.аzure.com/",
            "https://vault.azure.net/",
            "https://login.microsoftonline.com/",
            "https://management.chinacloudapi.cn/",
            "https://169.254.169.254/",
            "https://[::1]/",
            "ftp://management.azure.com/",
            "data:management.azure.com",
        ] {
            assert_eq!(scope(Cloud::PUBLIC, address), None, "{address}");
        }
        let error = Audiences::of_cloud(Cloud::PUBLIC).service("https://graph.microsoft.us/").unwrap_err();
        assert!(error.to_string().contains("AzureUSGovernment"), "{error}");
        let error = Audiences::of_cloud(Cloud::PUBLIC).service("https://arm.example/").unwrap_err();
        let remedy = error.remedy().unwrap_or_default();
        for named in
            ["management.azure.com, graph.microsoft.com, ml.azure.com, *.api.azureml.ms", "--arm-endpoint"]
        {
            assert!(remedy.contains(named), "{error}");
        }
        let error = Audiences::none().service("https://management.azure.com/").unwrap_err();
        assert!(error.to_string().contains("the tokens are of what was configured: nothing"), "{error}");
    }

    #[test]
    fn what_was_configured_is_told_apart_by_the_path() {
        let at = |dialect, scope: &str| {
            let endpoint = Endpoint::authority("http://127.0.0.1:9", PlainHttp::OnLoopback).unwrap();
            Service::new(endpoint, Scopes::of_resource(scope).unwrap(), dialect)
        };
        let all = Audiences::none()
            .with(at(Dialect::ResourceManager, "https://arm"))
            .with(at(Dialect::Graph, "https://graph"))
            .with(at(Dialect::MachineLearning, "https://ml"));
        let scope = |all: &Audiences, address: &str| {
            all.service(address)
                .map(|service| service.request().scopes().joined().to_owned())
                .unwrap_or_default()
        };
        assert_eq!(scope(&all, "http://127.0.0.1:9/subscriptions"), "https://arm/.default");
        assert_eq!(scope(&all, "http://127.0.0.1:9/v1.0/me"), "https://graph/.default");
        assert_eq!(scope(&all, "http://127.0.0.1:9/history/v1.0"), "https://ml/.default");
        for other in
            ["http://127.0.0.1:8/x", "https://127.0.0.1:9/x", "http://localhost:9/x", "http://u@127.0.0.1:9/"]
        {
            assert_eq!(scope(&all, other), "", "{other}");
        }
        let error = all.service("https://management.azure.com/subscriptions").unwrap_err();
        assert!(error.to_string().contains("of what was configured: 127.0.0.1"), "{error}");
        let one = Audiences::none().with(at(Dialect::Graph, "https://graph"));
        assert_eq!(scope(&one, "http://127.0.0.1:9/subscriptions"), "https://graph/.default");
    }
}
