//! Which host a program runs on, as its environment tells.

use super::Pod;
use super::arc::KeyFolder;
use super::source::{ENDPOINT, Source, local, responder};
use crate::authority::Authority;
use crate::endpoint::Endpoint;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;

/// Where the Instance Metadata Service answers: a link-local address of every Azure machine.
const IMDS: &str = "http://169.254.169.254";

/// Names another place for the metadata service.
const POD_IDENTITY: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

/// Where the Azure Arc agent answers.
const ARC: &str = "http://127.0.0.1:40342/metadata/identity/oauth2/token";

impl Source {
    /// The host that the environment tells of; where it tells nothing, the metadata service may be
    /// there. `IDENTITY_ENDPOINT` alone tells nothing.
    ///
    /// # Errors
    /// `Configuration` when a variable names an address that is not on this machine, or holds what no
    /// header can. `Unavailable` when a host says by its variables that it has no identities.
    pub fn of_environment(environment: &Environment) -> Result<Source, Error> {
        let endpoint = environment.get("IDENTITY_ENDPOINT");
        let header = environment.get("IDENTITY_HEADER");
        let msi = environment.get("MSI_ENDPOINT");
        match (endpoint, header, environment.get("IDENTITY_SERVER_THUMBPRINT")) {
            (Some(address), Some(header), Some(thumbprint)) => {
                return Source::service_fabric(address, thumbprint, Secret::new(header));
            }
            (Some(address), Some(header), None) => {
                return Source::app_service(address, Secret::new(header));
            }
            _ => {}
        }
        if let (Some(address), Some(_)) = (endpoint, environment.get("IMDS_ENDPOINT")) {
            return Source::arc(address, environment);
        }
        match (msi, environment.get("MSI_SECRET")) {
            (Some(address), Some(secret)) => {
                let default_identity = environment.get("DEFAULT_IDENTITY_CLIENT_ID");
                Source::machine_learning(address, Secret::new(secret), default_identity)
            }
            (Some(address), None) => Ok(Source::CloudShell { endpoint: responder(address)? }),
            (None, _) => match Pod::of_environment(environment) {
                Some(pod) => Ok(Source::WorkloadIdentity { pod: Box::new(pod) }),
                None => Source::imds(environment),
            },
        }
    }

    /// Where a variable of a host is set without those that belong to it, what is missing: it is passed over.
    pub(super) fn missing(environment: &Environment) -> Option<&'static str> {
        let is_set = |name| environment.get(name).is_some();
        if is_set("IDENTITY_ENDPOINT") && !is_set("IDENTITY_HEADER") && !is_set("IMDS_ENDPOINT") {
            return Some("IDENTITY_ENDPOINT is set, and neither IDENTITY_HEADER nor IMDS_ENDPOINT is");
        }
        if is_set("IDENTITY_HEADER") && !is_set("IDENTITY_ENDPOINT") {
            return Some("IDENTITY_HEADER is set, and IDENTITY_ENDPOINT is not");
        }
        let lone = |name, other| is_set(name) && !is_set(other);
        [
            ("MSI_SECRET", "MSI_ENDPOINT", "MSI_SECRET is set, and MSI_ENDPOINT is not"),
            ("IMDS_ENDPOINT", "IDENTITY_ENDPOINT", "IMDS_ENDPOINT is set, and IDENTITY_ENDPOINT is not"),
            (
                "IDENTITY_SERVER_THUMBPRINT",
                "IDENTITY_ENDPOINT",
                "IDENTITY_SERVER_THUMBPRINT is set, and IDENTITY_ENDPOINT is not",
            ),
        ]
        .into_iter()
        .find_map(|(name, other, what)| lone(name, other).then_some(what))
    }

    /// The same, where it is a pod: asking this authority, and not the one of `AZURE_AUTHORITY_HOST`.
    pub(super) fn at(self, authority: &Authority) -> Source {
        match self {
            Source::WorkloadIdentity { pod } => {
                Source::WorkloadIdentity { pod: Box::new(pod.at(authority.clone())) }
            }
            other => other,
        }
    }

    fn imds(environment: &Environment) -> Result<Source, Error> {
        let named = environment.get(POD_IDENTITY);
        let base = local(POD_IDENTITY, named.unwrap_or(IMDS))?;
        Ok(Source::Imds {
            endpoint: base.join(["metadata", "identity", "oauth2", "token"]),
            assured: named.is_some(),
        })
    }

    fn arc(address: &str, environment: &Environment) -> Result<Source, Error> {
        agent(address, environment).map(|(endpoint, keys)| Source::Arc { endpoint, keys })
    }

    /// The Azure Arc agent where it always is, on a system that it exists for.
    pub(super) fn installed_arc(environment: &Environment) -> Result<(Endpoint, KeyFolder), Error> {
        agent(ARC, environment)
    }
}

/// The agent at this address, and the folder of its keys on this system.
fn agent(address: &str, environment: &Environment) -> Result<(Endpoint, KeyFolder), Error> {
    let endpoint = local(ENDPOINT, address)?;
    let keys = KeyFolder::of(environment)?.ok_or_else(|| {
        Error::new(ErrorKind::Unavailable, "the Azure Arc agent exists for Linux and Windows only")
            .with_remedy("unset IDENTITY_ENDPOINT and IMDS_ENDPOINT, and use another credential")
    })?;
    Ok((endpoint, keys))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::System;

    const HEX: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";

    #[test]
    fn order_of_detection() {
        let of = |names: &[&str]| {
            let value = |name: &str| match name {
                "IDENTITY_SERVER_THUMBPRINT" => HEX,
                _ => "https://localhost:1",
            };
            let environment: Environment = names.iter().map(|name| (*name, value(name))).collect();
            let environment = environment.on(System::Linux);
            Source::of_environment(&environment).map_or_else(|e| e.to_string(), |s| s.name().to_owned())
        };
        let (endpoint, header, arc) = ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IMDS_ENDPOINT");
        assert_eq!(of(&[endpoint, header, "IDENTITY_SERVER_THUMBPRINT", arc]), "Service Fabric");
        assert_eq!(of(&[endpoint, header, arc, "MSI_ENDPOINT", "MSI_SECRET"]), "App Service");
        assert_eq!(of(&[endpoint, arc, "MSI_ENDPOINT"]), "Azure Arc");
        assert_eq!(of(&["MSI_ENDPOINT", "MSI_SECRET", endpoint]), "Azure Machine Learning compute");
        assert_eq!(of(&["MSI_ENDPOINT", arc]), "Cloud Shell");
        let pod = ["AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"];
        assert_eq!(of(&pod), "workload identity of Kubernetes");
        let named = [&pod[..], &["AZURE_POD_IDENTITY_AUTHORITY_HOST", endpoint]].concat();
        assert_eq!(of(&named), "workload identity of Kubernetes");
        assert_eq!(of(&[&pod[..], &["MSI_ENDPOINT"]].concat()), "Cloud Shell");
        assert_eq!(of(&[&pod[..], &[endpoint, header]].concat()), "App Service");
        for missing in 0..3 {
            let two: Vec<_> = (0..3).filter(|at| *at != missing).map(|at| pod[at]).collect();
            assert_eq!(of(&two), "the Instance Metadata Service", "{two:?}");
        }
        for names in [&[][..], &[endpoint], &[header, arc], &["MSI_SECRET"], &["IDENTITY_SERVER_THUMBPRINT"]]
        {
            assert_eq!(of(names), "the Instance Metadata Service", "{names:?}");
        }
    }

    #[test]
    fn what_a_compute_says_of_itself() {
        let of = |pairs: &[(&str, &str)]| Source::of_environment(&pairs.iter().copied().collect());
        let (endpoint, secret) = (("MSI_ENDPOINT", "http://127.0.0.1:46808/MSI/auth/"), ("MSI_SECRET", "s"));
        for (value, known) in
            [(HEX, false), ("clientid", false), ("", false), ("6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10", true)]
        {
            let found = of(&[endpoint, secret, ("DEFAULT_IDENTITY_CLIENT_ID", value)]).unwrap();
            let Source::MachineLearning { endpoint, default_identity, .. } = found else {
                panic!("{found:?}")
            };
            assert_eq!(default_identity.is_some(), known, "{value}");
            assert_eq!(endpoint.url().as_str(), "http://127.0.0.1:46808/MSI/auth/");
        }
        let off = ("MSI_ENDPOINT", "identity-responder-not-enabled");
        assert!(of(&[off]).unwrap_err().is_unavailable());
        assert!(of(&[off, secret]).unwrap_err().is_unavailable());
        // What is meant to be an address is not taken for such a text.
        for address in ["127.0.0.1:46808/MSI/auth/", "localhost:46808", "responder.local", "/MSI/auth"] {
            for more in [&[][..], &[secret]] {
                let error = of(&[&[("MSI_ENDPOINT", address)], more].concat()).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Configuration, "{address}: {error}");
            }
        }
    }

    #[test]
    fn secrets_go_nowhere_else() {
        for pairs in [
            [("IDENTITY_ENDPOINT", "http://evil.example/t"), ("IDENTITY_HEADER", "s")],
            [("IDENTITY_ENDPOINT", "http://10.0.0.1/t"), ("IDENTITY_HEADER", "s")],
            [("IDENTITY_ENDPOINT", "http://localhost/t"), ("IDENTITY_HEADER", "s\r\nx: y")],
            [("IDENTITY_ENDPOINT", "http://evil.example/t"), ("IMDS_ENDPOINT", "x")],
            [("MSI_ENDPOINT", "http://evil.example/t"), ("MSI_SECRET", "s")],
            [("MSI_ENDPOINT", "http://localhost/t"), ("MSI_SECRET", "\u{e9}")],
        ] {
            let error = Source::of_environment(&pairs.into_iter().collect()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{pairs:?}");
            let named = pairs.iter().any(|(name, _)| error.message().contains(name));
            assert!(named && error.remedy() != error.kind().remedy(), "{error}");
        }
        for bad in ["http://10.0.0.1/t", "localhost:4141", "ftp://localhost/t", "http://u@localhost/"] {
            for (name, beside) in [
                ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"),
                ("IDENTITY_ENDPOINT", "IMDS_ENDPOINT"),
                ("MSI_ENDPOINT", "MSI_SECRET"),
                ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "AZURE_CLIENT_ID"),
            ] {
                let environment = Environment::new().on(System::Linux).with(name, bad).with(beside, "s");
                let error = match Source::of_environment(&environment) {
                    // A text that is no address says that there is no identity.
                    Err(error) if name == "MSI_ENDPOINT" && error.is_unavailable() => continue,
                    result => result.unwrap_err(),
                };
                assert!(error.message().starts_with(name), "{error}");
                assert!(error.remedy().unwrap().starts_with(&format!("correct or unset {name}")), "{error}");
            }
        }
        let near =
            [("IDENTITY_ENDPOINT", "http://169.254.129.2:8081/msi/token"), ("IDENTITY_HEADER", "canary")];
        let source = Source::of_environment(&near.into_iter().collect()).unwrap();
        assert!(!format!("{source:?}").contains("canary"));
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
