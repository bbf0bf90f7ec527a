//! A service beside an authority: of the same cloud, or where the caller says.

use super::{Dialect, Service};
use crate::authority::Authority;
use crate::cloud::Cloud;
use crate::endpoint::{Endpoint, PlainHttp};
use crate::error::{Error, ErrorKind};
use crate::scope::Scopes;

/// What is known of a service in every cloud.
pub(crate) struct InClouds {
    pub(crate) name: &'static str,
    pub(crate) dialect: Dialect,
    /// Where it is.
    pub(crate) address: fn(&Cloud) -> Option<&'static str>,
    /// Whose it is that answers at a host.
    pub(crate) owner: fn(&str) -> Result<Option<&'static Cloud>, Error>,
    /// The scope of its tokens.
    pub(crate) scope: fn(&Cloud) -> Option<Result<Scopes, Error>>,
    /// How it is named otherwise, for people.
    pub(crate) named_by: &'static str,
}

impl InClouds {
    /// That of a cloud.
    pub(crate) fn of_cloud(&self, cloud: &'static Cloud) -> Result<Service, Error> {
        let (Some(address), Some(scopes)) = ((self.address)(cloud), (self.scope)(cloud)) else {
            return Err(cloud.lacks(self.name));
        };
        Ok(Service::new(Endpoint::authority(address, PlainHttp::Refused)?, scopes?, self.dialect))
    }

    /// That of the cloud of an authority, or the one at the address that is given. A token of one cloud is not taken
    /// to the service of another.
    pub(crate) fn beside(&self, authority: &Authority, given: Option<Endpoint>) -> Result<Service, Error> {
        let Some(endpoint) = given else {
            return authority.cloud().map_or_else(|| Err(self.unknown(authority)), |own| self.of_cloud(own));
        };
        let other = (self.owner)(endpoint.host())?;
        if let (Some(own), Some(other)) = (authority.cloud(), other)
            && own != other
        {
            let what =
                format!("tokens would be of {}, and {} is that of {}", own.name, self.name, other.name);
            return Err(Error::new(ErrorKind::Configuration, what)
                .with_remedy(format!("let --authority and {} be of one cloud", self.named_by)));
        }
        // What plays a service on this machine plays the public cloud's.
        let played = || endpoint.is_loopback().then_some(Cloud::PUBLIC);
        let scopes = authority.cloud().and_then(self.scope).or_else(|| played().and_then(self.scope));
        let own = || Scopes::of_resource(endpoint.url().as_str().trim_end_matches('/'));
        let scopes = scopes.unwrap_or_else(own)?;
        Ok(Service::new(endpoint, scopes, self.dialect))
    }

    fn unknown(&self, authority: &Authority) -> Error {
        let host = authority.host().host();
        let what = format!("the {} that belongs to {host} is not known", self.name);
        Error::new(ErrorKind::Configuration, what).with_remedy(format!("name it with {}", self.named_by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arm::ResourceManager;
    use crate::graph::Graph;

    fn services(authority: &str, address: Option<&str>) -> [Result<Service, Error>; 2] {
        let authority = Authority::new(authority, PlainHttp::OnLoopback).unwrap();
        let given = || address.map(|it| Endpoint::authority(it, PlainHttp::OnLoopback).unwrap());
        [
            ResourceManager::beside(&authority, given()).map(|it| it.service().clone()),
            Graph::beside(&authority, given()).map(|it| it.service().clone()),
        ]
    }

    fn asked(service: &Result<Service, Error>) -> String {
        let known = |it: &Service| format!("{} for {}", it.endpoint().host(), it.request().scopes().joined());
        service.as_ref().map_or_else(ToString::to_string, known)
    }

    #[test]
    fn of_the_authority_s_cloud() {
        let [arm, graph] = services("china", None);
        assert_eq!(
            asked(&arm),
            "management.chinacloudapi.cn for https://management.chinacloudapi.cn/.default"
        );
        assert_eq!(
            asked(&graph),
            "microsoftgraph.chinacloudapi.cn for https://microsoftgraph.chinacloudapi.cn/.default"
        );
        for service in services("https://login.private.example", None) {
            assert_eq!(service.unwrap_err().kind(), ErrorKind::Configuration);
        }
    }

    #[test]
    fn no_token_of_one_cloud_is_taken_to_another() {
        let foreign = |own: &Cloud, address: &str| {
            let refused = |it: &Result<Service, Error>| {
                it.as_ref().is_err_and(|error| error.kind() == ErrorKind::Configuration)
            };
            services(own.short, Some(address)).iter().any(refused)
        };
        for own in [Cloud::PUBLIC, Cloud::CHINA, Cloud::US_GOVERNMENT] {
            for other in Cloud::ALL {
                for address in [other.resource_manager, other.graph].into_iter().flatten() {
                    assert_eq!(foreign(own, address), own != other, "{} at {address}", own.name);
                    assert_eq!(foreign(own, &address.to_uppercase().replace("HTTPS", "https")), own != other);
                }
            }
        }
    }

    #[test]
    fn elsewhere_the_audience_is_the_cloud_s_or_the_address_itself() {
        let gateway = services("public", Some("https://gateway.example"));
        assert_eq!(asked(&gateway[0]), "gateway.example for https://management.azure.com/.default");
        assert_eq!(asked(&gateway[1]), "gateway.example for https://graph.microsoft.com/.default");
        for service in services("https://login.private.example", Some("https://own.private.example")) {
            assert_eq!(asked(&service), "own.private.example for https://own.private.example/.default");
        }
        let played = services("http://127.0.0.1:1", Some("http://127.0.0.1:1"));
        assert_eq!(asked(&played[0]), "127.0.0.1 for https://management.azure.com/.default");
        assert_eq!(asked(&played[1]), "127.0.0.1 for https://graph.microsoft.com/.default");
    }
}
