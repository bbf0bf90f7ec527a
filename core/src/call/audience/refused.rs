//! What is said where no token is sent: why, and where one would be.

use url::Url;

use super::{Audiences, host};
use crate::cloud::Cloud;
use crate::error::{Error, ErrorKind};

/// The error about an address that gets no token, with its host where it can be read.
pub(super) fn refused(why: &str, url: Option<&Url>) -> Error {
    let host = url.and_then(Url::host_str).unwrap_or("this address");
    Error::new(ErrorKind::Configuration, format!("no token is sent to {host}: {why}"))
}

impl Audiences {
    /// The error about an address that is of none of the services here. It may be of another cloud.
    pub(super) fn elsewhere(&self, url: &Url) -> Error {
        let at = url.host_str().unwrap_or_default();
        let is_there = |cloud: &&'static Cloud| matches!(host::service(cloud, at), Ok(Some(_)));
        let other = Cloud::ALL.into_iter().filter(|cloud| Some(*cloud) != self.cloud).find(is_there);
        let Some(cloud) = other else {
            let why =
                "its host is neither Azure Resource Manager nor Microsoft Graph nor Azure Machine Learning";
            return refused(why, Some(url)).with_remedy(self.taken());
        };
        let (own, remedy) = match self.cloud {
            Some(own) => (own.name.to_owned(), "choose the cloud with --authority (AZURE_AUTHORITY_HOST)"),
            None => (
                format!("what was configured: {}", self.configured_hosts()),
                "ask at an address of that, or leave it out (--emulator, ENTRADA_EMULATOR, --authority)",
            ),
        };
        let why = format!("it is of {}, and the tokens are of {own}", cloud.name);
        refused(&why, Some(url)).with_remedy(remedy)
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
}
