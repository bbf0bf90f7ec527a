//! The Azure clouds: which hosts belong together.
//!
//! Known hosts need no discovery: their addresses are built, one HTTP request for one token.

use crate::error::{Error, ErrorKind};

/// A cloud, with the addresses and audiences that are its own.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cloud {
    /// The name the Azure CLI and the Azure Machine Learning SDK use.
    pub name: &'static str,
    /// The short name of the command line.
    pub short: &'static str,
    /// The host that issues tokens.
    pub authority: &'static str,
    /// Other hosts that mean the same authority.
    pub aliases: &'static [&'static str],
    /// Azure Resource Manager, where it is known.
    pub resource_manager: Option<&'static str>,
    /// The scope of a token for Azure Resource Manager.
    pub resource_manager_scope: Option<&'static str>,
    /// The audience of Azure Machine Learning's data plane, where the service exists.
    pub machine_learning: Option<&'static str>,
    /// The suffixes of the hosts of its data plane: a host is one of these with labels before it.
    pub machine_learning_hosts: &'static [&'static str],
    /// Microsoft Graph, where it is known.
    pub graph: Option<&'static str>,
    /// The audience of a managed identity's token that serves as a client assertion.
    pub token_exchange: Option<&'static str>,
    /// The portal, for hints to people.
    pub portal: Option<&'static str>,
    /// Whether its hosts are trusted as they stand. Microsoft's own libraries do not list the hosts of a
    /// cloud that is not.
    pub trusted: bool,
    /// Why the cloud cannot be used any more, if so.
    pub closed: Option<&'static str>,
}

impl Cloud {
    /// The worldwide cloud.
    pub const PUBLIC: &'static Cloud = &Cloud {
        name: "AzureCloud",
        short: "public",
        authority: "login.microsoftonline.com",
        aliases: &["login.windows.net", "login.microsoft.com", "sts.windows.net"],
        resource_manager: Some("https://management.azure.com"),
        resource_manager_scope: Some("https://management.azure.com/.default"),
        machine_learning: Some("https://ml.azure.com"),
        machine_learning_hosts: &[".api.azureml.ms", ".experiments.azureml.net", ".inference.ml.azure.com"],
        graph: Some("https://graph.microsoft.com"),
        token_exchange: Some("api://AzureADTokenExchange"),
        portal: Some("https://portal.azure.com"),
        trusted: true,
        closed: None,
    };
    /// Azure operated by 21Vianet.
    pub const CHINA: &'static Cloud = &Cloud {
        name: "AzureChinaCloud",
        short: "china",
        authority: "login.chinacloudapi.cn",
        aliases: &["login.partner.microsoftonline.cn"],
        resource_manager: Some("https://management.chinacloudapi.cn"),
        resource_manager_scope: Some("https://management.chinacloudapi.cn/.default"),
        machine_learning: Some("https://ml.azure.cn"),
        machine_learning_hosts: &[".api.ml.azure.cn", ".inference.ml.azure.cn"],
        graph: Some("https://microsoftgraph.chinacloudapi.cn"),
        token_exchange: Some("api://AzureADTokenExchangeChina"),
        portal: Some("https://portal.azure.cn"),
        trusted: true,
        closed: None,
    };
    /// Azure Government.
    pub const US_GOVERNMENT: &'static Cloud = &Cloud {
        name: "AzureUSGovernment",
        short: "usgov",
        authority: "login.microsoftonline.us",
        aliases: &["login.usgovcloudapi.net"],
        resource_manager: Some("https://management.usgovcloudapi.net"),
        resource_manager_scope: Some("https://management.usgovcloudapi.net/.default"),
        machine_learning: Some("https://ml.azure.us"),
        machine_learning_hosts: &[".api.ml.azure.us", ".inference.ml.azure.us"],
        graph: Some("https://graph.microsoft.us"),
        token_exchange: Some("api://AzureADTokenExchangeUSGov"),
        portal: Some("https://portal.azure.us"),
        trusted: true,
        closed: None,
    };
    /// Bleu, in France.
    pub const BLEU: &'static Cloud = &Cloud {
        name: "AzureBleuCloud",
        short: "bleu",
        authority: "login.sovcloud-identity.fr",
        aliases: &[],
        resource_manager: Some("https://management.sovcloud-api.fr"),
        resource_manager_scope: Some("https://management.sovcloud-api.fr/.default"),
        machine_learning: None,
        machine_learning_hosts: &[],
        graph: Some("https://graph.svc.sovcloud.fr"),
        token_exchange: None,
        portal: Some("https://portal.sovcloud-azure.fr"),
        trusted: true,
        closed: None,
    };
    /// Delos, in Germany.
    pub const DELOS: &'static Cloud = &Cloud {
        name: "AzureDelosCloud",
        short: "delos",
        authority: "login.sovcloud-identity.de",
        aliases: &[],
        resource_manager: None,
        resource_manager_scope: None,
        machine_learning: None,
        machine_learning_hosts: &[],
        graph: Some("https://graph.svc.sovcloud.de"),
        token_exchange: None,
        portal: None,
        trusted: true,
        closed: None,
    };
    /// The government cloud of Singapore.
    pub const GOVSG: &'static Cloud = &Cloud {
        name: "AzureGovSGCloud",
        short: "govsg",
        authority: "login.sovcloud-identity.sg",
        aliases: &[],
        resource_manager: None,
        resource_manager_scope: None,
        machine_learning: None,
        machine_learning_hosts: &[],
        graph: None,
        token_exchange: None,
        portal: None,
        trusted: true,
        closed: None,
    };
    /// Microsoft's own pre-production cloud.
    pub const PPE: &'static Cloud = &Cloud {
        name: "AzurePPE",
        short: "ppe",
        authority: "login.windows-ppe.net",
        aliases: &["sts.windows-ppe.net", "login.microsoft-ppe.com"],
        resource_manager: None,
        resource_manager_scope: None,
        machine_learning: None,
        machine_learning_hosts: &[],
        graph: None,
        token_exchange: None,
        portal: None,
        trusted: false,
        closed: None,
    };
    /// The former cloud in Germany.
    pub const GERMANY: &'static Cloud = &Cloud {
        name: "AzureGermanCloud",
        short: "germany",
        authority: "login.microsoftonline.de",
        aliases: &[],
        resource_manager: Some("https://management.microsoftazure.de"),
        resource_manager_scope: Some("https://management.core.cloudapi.de/.default"),
        machine_learning: None,
        machine_learning_hosts: &[],
        graph: Some("https://graph.microsoft.de"),
        token_exchange: None,
        portal: None,
        trusted: true,
        closed: Some(
            "Microsoft Cloud Germany was closed on 2021-10-29; its tenants moved to the public cloud",
        ),
    };

    /// Every cloud that is known, the worldwide one first.
    pub const ALL: [&'static Cloud; 8] = [
        Cloud::PUBLIC,
        Cloud::CHINA,
        Cloud::US_GOVERNMENT,
        Cloud::BLEU,
        Cloud::DELOS,
        Cloud::GOVSG,
        Cloud::PPE,
        Cloud::GERMANY,
    ];

    /// The cloud of this short name or name, without regard to case.
    ///
    /// # Errors
    /// `Configuration` when the cloud is closed. A name that is not known is `Ok(None)`.
    pub fn named(name: &str) -> Result<Option<&'static Cloud>, Error> {
        let known = Cloud::ALL
            .into_iter()
            .find(|cloud| cloud.short.eq_ignore_ascii_case(name) || cloud.name.eq_ignore_ascii_case(name));
        known.map(Cloud::open).transpose()
    }

    /// The cloud whose tokens this host issues, without regard to case.
    ///
    /// # Errors
    /// `Configuration` when the cloud is closed. A host that is not known is `Ok(None)`.
    pub fn of_authority(host: &str) -> Result<Option<&'static Cloud>, Error> {
        let known = Cloud::ALL.into_iter().find(|cloud| {
            std::iter::once(&cloud.authority)
                .chain(cloud.aliases)
                .any(|known| known.eq_ignore_ascii_case(host))
        });
        // The predecessor of the government cloud's host; it has no services of its own.
        let known = known.or_else(|| {
            host.eq_ignore_ascii_case("login-us.microsoftonline.com").then_some(Cloud::US_GOVERNMENT)
        });
        known.map(Cloud::open).transpose()
    }

    /// The cloud whose Azure Resource Manager answers at this host, without regard to case.
    ///
    /// # Errors
    /// `Configuration` when the cloud is closed. A host that is not known is `Ok(None)`.
    pub fn of_resource_manager(host: &str) -> Result<Option<&'static Cloud>, Error> {
        Cloud::of_address(host, |cloud| cloud.resource_manager)
    }

    /// The cloud whose Microsoft Graph answers at this host, without regard to case.
    ///
    /// # Errors
    /// `Configuration` when the cloud is closed. A host that is not known is `Ok(None)`.
    pub fn of_graph(host: &str) -> Result<Option<&'static Cloud>, Error> {
        Cloud::of_address(host, |cloud| cloud.graph)
    }

    fn of_address(
        host: &str,
        address: fn(&Cloud) -> Option<&'static str>,
    ) -> Result<Option<&'static Cloud>, Error> {
        let known = Cloud::ALL.into_iter().find(|cloud| {
            let own = address(cloud).and_then(|address| address.strip_prefix("https://"));
            own.is_some_and(|own| own.eq_ignore_ascii_case(host))
        });
        known.map(Cloud::open).transpose()
    }

    fn open(&'static self) -> Result<&'static Cloud, Error> {
        match self.closed {
            Some(why) => Err(Error::new(ErrorKind::Configuration, why)),
            None => Ok(self),
        }
    }

    /// What a cloud lacks, said as an error.
    #[must_use]
    pub fn lacks(&self, what: &str) -> Error {
        Error::new(ErrorKind::Configuration, format!("the address of {what} in {} is not known", self.name))
            .with_remedy("give the address explicitly")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_names_find_their_cloud() {
        assert_eq!(Cloud::of_authority("LOGIN.windows.net").unwrap(), Some(Cloud::PUBLIC));
        assert_eq!(Cloud::of_authority("login.partner.microsoftonline.cn").unwrap(), Some(Cloud::CHINA));
        assert_eq!(Cloud::of_authority("login.example").unwrap(), None);
        assert_eq!(Cloud::named("USGov").unwrap(), Some(Cloud::US_GOVERNMENT));
        assert_eq!(Cloud::named("azurechinacloud").unwrap(), Some(Cloud::CHINA));
        assert!(Cloud::named("germany").is_err());
        assert!(Cloud::of_authority("login.microsoftonline.de").is_err());
    }

    #[test]
    fn no_host_belongs_to_two_clouds() {
        let mut hosts: Vec<_> = Cloud::ALL
            .iter()
            .flat_map(|c| std::iter::once(c.authority).chain(c.aliases.iter().copied()))
            .collect();
        let count = hosts.len();
        hosts.sort_unstable();
        hosts.dedup();
        assert_eq!(hosts.len(), count);
    }
}
