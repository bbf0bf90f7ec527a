//! Which host a program runs on, as its environment tells.

use super::arc::KeyFolder;
use super::{Pod, service_fabric};
use crate::authority::Authority;
use crate::endpoint::Endpoint;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;
use crate::tenant::is_guid;

/// Where the Instance Metadata Service answers: a link-local address of every Azure machine.
const IMDS: &str = "http://169.254.169.254";

/// Where the Azure Arc agent answers.
const ARC: &str = "http://127.0.0.1:40342/metadata/identity/oauth2/token";

const HEADER: &str = "IDENTITY_HEADER";

/// A host that gives managed identities, with what it takes to ask it.
///
/// A host that is sent a secret or a key is made by a function of its name alone, which looks at the address and at
/// the secret first:
///
/// ```compile_fail
/// use entrada_core::flows::managed::Source;
/// use entrada_core::{Endpoint, Secret};
///
/// let endpoint = Endpoint::local("http://localhost:2377/token").unwrap();
/// let unpinned = Source::ServiceFabric { endpoint, secret: Secret::new("IDENTITY_HEADER") };
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Source {
    /// The Instance Metadata Service; `assured` where the environment names it.
    Imds {
        /// Its address.
        endpoint: Endpoint,
        /// Whether it is sure to be there.
        assured: bool,
    },
    /// Service Fabric: see [`Source::service_fabric`].
    #[non_exhaustive]
    ServiceFabric {
        /// Its address, which only the certificate with `IDENTITY_SERVER_THUMBPRINT` can answer for.
        endpoint: Endpoint,
        /// `IDENTITY_HEADER`.
        secret: Secret,
    },
    /// App Service, Functions, Container Apps, Automation: see [`Source::app_service`].
    #[non_exhaustive]
    AppService {
        /// Its address.
        endpoint: Endpoint,
        /// `IDENTITY_HEADER`.
        secret: Secret,
    },
    /// Azure Arc: see [`Source::azure_arc`].
    #[non_exhaustive]
    Arc {
        /// The agent's address.
        endpoint: Endpoint,
        /// Where the agent puts its keys.
        keys: KeyFolder,
    },
    /// Azure Machine Learning compute, and old App Service plans: see [`Source::machine_learning`].
    #[non_exhaustive]
    MachineLearning {
        /// Its address.
        endpoint: Endpoint,
        /// `MSI_SECRET`.
        secret: Secret,
        /// `DEFAULT_IDENTITY_CLIENT_ID`, where it is a client id.
        default_identity: Option<String>,
    },
    /// Cloud Shell.
    CloudShell {
        /// Its address.
        endpoint: Endpoint,
    },
    /// Kubernetes with workload identity (AKS).
    WorkloadIdentity {
        /// What its platform tells it.
        pod: Box<Pod>,
    },
}

impl Source {
    /// Service Fabric at this address, whose secret (`IDENTITY_HEADER`) only the certificate with this SHA-1
    /// thumbprint is told.
    ///
    /// # Errors
    /// `Configuration` when the address is not https or not on this machine, the thumbprint is none, or the secret
    /// holds what no header can.
    pub fn service_fabric(address: &str, thumbprint: &str, secret: Secret) -> Result<Source, Error> {
        let endpoint = service_fabric::endpoint(address, thumbprint)?;
        Ok(Source::ServiceFabric { endpoint, secret: sendable(HEADER, secret)? })
    }

    /// App Service and its kin at this address, with their secret (`IDENTITY_HEADER`).
    ///
    /// # Errors
    /// `Configuration` when the address is not on this machine, or the secret holds what no header can.
    pub fn app_service(address: &str, secret: Secret) -> Result<Source, Error> {
        let endpoint = Endpoint::local(address)?;
        Ok(Source::AppService { endpoint, secret: sendable(HEADER, secret)? })
    }

    /// Azure Machine Learning compute at this address (`MSI_ENDPOINT`), with its secret (`MSI_SECRET`). The default
    /// identity (`DEFAULT_IDENTITY_CLIENT_ID`) counts where it is a client id.
    ///
    /// # Errors
    /// `Configuration` when the address is not on this machine, or the secret holds what no header can.
    /// `Unavailable` when the address is a text that says there is no identity.
    pub fn machine_learning(
        address: &str,
        secret: Secret,
        default_identity: Option<&str>,
    ) -> Result<Source, Error> {
        Ok(Source::MachineLearning {
            endpoint: responder(address)?,
            secret: sendable("MSI_SECRET", secret)?,
            // On an instance without an identity it is the text `clientid`.
            default_identity: default_identity.filter(|id| is_guid(id)).map(str::to_owned),
        })
    }

    /// The Azure Arc agent at this address, which puts its keys into this folder.
    ///
    /// # Errors
    /// `Configuration` when the address is not on this machine.
    pub fn azure_arc(address: &str, keys: KeyFolder) -> Result<Source, Error> {
        Ok(Source::Arc { endpoint: Endpoint::local(address)?, keys })
    }

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
        let named = environment.get("AZURE_POD_IDENTITY_AUTHORITY_HOST");
        let base = Endpoint::local(named.unwrap_or(IMDS))?;
        Ok(Source::Imds {
            endpoint: base.join(["metadata", "identity", "oauth2", "token"]),
            assured: named.is_some(),
        })
    }

    fn arc(address: &str, environment: &Environment) -> Result<Source, Error> {
        let endpoint = Endpoint::local(address)?;
        let keys = KeyFolder::of(environment)?.ok_or_else(|| {
            Error::new(ErrorKind::Unavailable, "the Azure Arc agent exists for Linux and Windows only")
                .with_remedy("unset IDENTITY_ENDPOINT and IMDS_ENDPOINT, and use another credential")
        })?;
        Ok(Source::Arc { endpoint, keys })
    }

    /// The Azure Arc agent where it always is, on a system that it exists for.
    pub(super) fn installed_arc(environment: &Environment) -> Option<Source> {
        Source::arc(ARC, environment).ok()
    }

    /// The name of the host.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Source::Imds { .. } => "the Instance Metadata Service",
            Source::ServiceFabric { .. } => "Service Fabric",
            Source::AppService { .. } => "App Service",
            Source::Arc { .. } => "Azure Arc",
            Source::MachineLearning { .. } => "Azure Machine Learning compute",
            Source::CloudShell { .. } => "Cloud Shell",
            Source::WorkloadIdentity { .. } => "workload identity of Kubernetes",
        }
    }
}

/// `MSI_ENDPOINT`, which on a compute without an identity is a text that says so.
fn responder(address: &str) -> Result<Endpoint, Error> {
    if !address.contains("://") {
        return Err(Error::new(
            ErrorKind::Unavailable,
            "this compute has no identity responder (MSI_ENDPOINT)",
        )
        .with_remedy("give the compute a managed identity, or use another credential"));
    }
    Endpoint::local(address)
}

/// The secret, if it can stand in a header.
fn sendable(name: &'static str, secret: Secret) -> Result<Secret, Error> {
    if !secret.is_empty() && secret.expose().bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        return Ok(secret);
    }
    Err(Error::new(
        ErrorKind::Configuration,
        format!("{name} is empty, or has characters that no header can have"),
    )
    .with_remedy("take it as it is from the environment of the host"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Route;
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
        }
        let near =
            [("IDENTITY_ENDPOINT", "http://169.254.129.2:8081/msi/token"), ("IDENTITY_HEADER", "canary")];
        let source = Source::of_environment(&near.into_iter().collect()).unwrap();
        assert!(!format!("{source:?}").contains("canary"));
    }

    #[test]
    fn who_makes_a_host_is_held_to_the_same() {
        let secret = |text: &str| Secret::new(text);
        let (there, near) = ("https://evil.example/t", "https://localhost:2377/t");
        let made = [
            Source::service_fabric("http://localhost:2377/t", HEX, secret("s")),
            Source::service_fabric(there, HEX, secret("s")),
            Source::service_fabric(near, "a9", secret("s")),
            Source::app_service(there, secret("s")),
            Source::machine_learning(there, secret("s"), None),
            Source::azure_arc(there, KeyFolder::linux()),
        ];
        let unsent = ["s\r\nx: y", "s\n", "\u{e9}", "\0", ""].map(|bad| {
            [
                Source::service_fabric(near, HEX, secret(bad)),
                Source::app_service(near, secret(bad)),
                Source::machine_learning(near, secret(bad), None),
            ]
        });
        for (at, result) in made.into_iter().chain(unsent.into_iter().flatten()).enumerate() {
            assert_eq!(result.map_err(|error| error.kind()).err(), Some(ErrorKind::Configuration), "{at}");
        }
        let Ok(Source::ServiceFabric { endpoint, .. }) = Source::service_fabric(near, HEX, secret("s"))
        else {
            panic!("refused")
        };
        assert!(matches!(endpoint.route(), Route::Pinned(_)), "{endpoint:?}");
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
