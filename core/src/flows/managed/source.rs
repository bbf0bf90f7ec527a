//! The hosts that give managed identities, each with what it takes to ask it.

use super::arc::KeyFolder;
use super::{Pod, service_fabric};
use crate::endpoint::Endpoint;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;
use crate::tenant::is_guid;

pub(super) const ENDPOINT: &str = "IDENTITY_ENDPOINT";
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
        let endpoint = local(ENDPOINT, address)?;
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
        Ok(Source::Arc { endpoint: local(ENDPOINT, address)?, keys })
    }

    /// Whether it acts on the claims of a request: Service Fabric is told which of its tokens was refused, and in a
    /// pod the authority is asked. The others give the tokens that they have.
    #[must_use]
    pub fn heeds_claims(&self) -> bool {
        matches!(self, Source::ServiceFabric { .. } | Source::WorkloadIdentity { .. })
    }

    /// Whether it acts on the tenant of a request: the others give tokens of their own tenant alone.
    #[must_use]
    pub fn heeds_tenants(&self) -> bool {
        matches!(self, Source::WorkloadIdentity { .. })
    }

    /// Whether an identity can be named to it: Service Fabric and Cloud Shell have one, and give it whatever is asked.
    #[must_use]
    pub fn can_select_identity(&self) -> bool {
        !matches!(self, Source::ServiceFabric { .. } | Source::CloudShell { .. })
    }

    /// The variable that may name an identity and counts for nothing, since this host has one alone
    /// ([`Source::can_select_identity`]): `AZURE_CLIENT_ID`, which is often meant for another credential. Worth a word to
    /// whoever runs the program.
    #[must_use]
    pub fn ignored_variable(&self, environment: &Environment) -> Option<&'static str> {
        let set = environment.get("AZURE_CLIENT_ID").is_some();
        (set && !self.can_select_identity()).then_some("AZURE_CLIENT_ID")
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

/// `MSI_ENDPOINT`, which on a compute without an identity is a text that says so, as `identity-responder-not-enabled`.
/// What has anything of an address is meant to be one.
pub(super) fn responder(address: &str) -> Result<Endpoint, Error> {
    if !address.contains(['.', ':', '/']) {
        return Err(Error::new(
            ErrorKind::Unavailable,
            "this compute has no identity responder (MSI_ENDPOINT)",
        )
        .with_remedy("give the compute a managed identity, or use another credential"));
    }
    local("MSI_ENDPOINT", address)
}

/// The address on this machine, or of its host, that this variable holds.
pub(super) fn local(variable: &str, address: &str) -> Result<Endpoint, Error> {
    Endpoint::local(address).map_err(|error| error.of_variable(variable))
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

    const HEX: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";

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
}
