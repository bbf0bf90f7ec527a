//! Which host a program runs on, as its environment tells.

use crate::endpoint::Endpoint;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};

/// Where the Instance Metadata Service answers: a link-local address of every Azure machine.
const IMDS: &str = "http://169.254.169.254";

/// A host that gives managed identities, by the variables that it sets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The Instance Metadata Service; `assured` where the environment names it.
    Imds {
        /// Its address.
        endpoint: Endpoint,
        /// Whether it is sure to be there.
        assured: bool,
    },
    /// Service Fabric.
    ServiceFabric,
    /// App Service, Functions, Container Apps, Automation.
    AppService,
    /// Azure Arc.
    Arc,
    /// Azure Machine Learning compute.
    MachineLearning,
    /// Cloud Shell.
    CloudShell,
}

impl Source {
    /// The host that the environment tells of; where it tells nothing, the metadata service may be
    /// there.
    ///
    /// # Errors
    /// `Configuration` when a variable names an address that is not on this machine.
    pub fn of_environment(environment: &Environment) -> Result<Source, Error> {
        let set = |name: &str| environment.get(name).is_some();
        let endpoint = set("IDENTITY_ENDPOINT");
        let found = match () {
            () if endpoint && set("IDENTITY_HEADER") && set("IDENTITY_SERVER_THUMBPRINT") => {
                Source::ServiceFabric
            }
            () if endpoint && set("IDENTITY_HEADER") => Source::AppService,
            () if endpoint && set("IMDS_ENDPOINT") => Source::Arc,
            () if set("MSI_ENDPOINT") && set("MSI_SECRET") => Source::MachineLearning,
            () if set("MSI_ENDPOINT") => Source::CloudShell,
            () => return Source::imds(environment),
        };
        Ok(found)
    }

    fn imds(environment: &Environment) -> Result<Source, Error> {
        let named = environment.get("AZURE_POD_IDENTITY_AUTHORITY_HOST");
        let base = Endpoint::local(named.unwrap_or(IMDS))?;
        Ok(Source::Imds {
            endpoint: base.join(["metadata", "identity", "oauth2", "token"]),
            assured: named.is_some(),
        })
    }

    /// The name of the host.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Source::Imds { .. } => "the Instance Metadata Service",
            Source::ServiceFabric => "Service Fabric",
            Source::AppService => "App Service",
            Source::Arc => "Azure Arc",
            Source::MachineLearning => "Azure Machine Learning compute",
            Source::CloudShell => "Cloud Shell",
        }
    }

    pub(super) fn not_served(&self) -> Error {
        Error::new(
            ErrorKind::Unavailable,
            format!("managed identities of {} are not supported yet", self.name()),
        )
        .with_remedy("use another credential here")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_detection() {
        let of = |names: &[&str]| {
            let environment: Environment = names.iter().map(|name| (*name, "http://localhost:1")).collect();
            Source::of_environment(&environment).unwrap()
        };
        let (endpoint, header) = ("IDENTITY_ENDPOINT", "IDENTITY_HEADER");
        assert_eq!(
            of(&[endpoint, header, "IDENTITY_SERVER_THUMBPRINT", "IMDS_ENDPOINT"]),
            Source::ServiceFabric
        );
        assert_eq!(of(&[endpoint, header, "IMDS_ENDPOINT", "MSI_ENDPOINT"]), Source::AppService);
        assert_eq!(of(&[endpoint, "IMDS_ENDPOINT", "MSI_ENDPOINT"]), Source::Arc);
        assert_eq!(of(&["MSI_ENDPOINT", "MSI_SECRET"]), Source::MachineLearning);
        assert_eq!(of(&["MSI_ENDPOINT"]), Source::CloudShell);
        for names in [&[][..], &[endpoint], &[header, "IMDS_ENDPOINT"]] {
            assert!(matches!(of(names), Source::Imds { assured: false, .. }), "{names:?}");
        }
    }

    #[test]
    fn the_metadata_service_is_nearby() {
        let of = |host: &str| {
            Source::of_environment(&Environment::new().with("AZURE_POD_IDENTITY_AUTHORITY_HOST", host))
        };
        let Ok(Source::Imds { endpoint, assured: true }) = of("http://127.0.0.1:8080/") else {
            panic!("not found")
        };
        assert_eq!(endpoint.url().as_str(), "http://127.0.0.1:8080/metadata/identity/oauth2/token");
        assert!(of("http://evil.example").is_err());
        assert!(matches!(of(" "), Ok(Source::Imds { assured: false, .. })));
    }
}
