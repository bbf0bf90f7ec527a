//! Workload identity: a pod, or another workload, whose platform writes it a token into a file
//! (Kubernetes projected service account tokens, federated identity credentials).

mod token_proxy;

use super::authority_client::EntraClient;
use super::client_auth::AssertionFile;
use super::client_credentials::{acts_as_itself, client_credentials};
use crate::authority::Authority;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::flow::BoxFlow;
use crate::request::TokenRequest;
use crate::token::AccessToken;

pub use token_proxy::TokenProxy;

const NAME: &str = "workload-identity";

/// An app that trusts the tokens of a workload's platform.
///
/// The file is read for every request, so a token that is renewed there is never missed.
///
/// ```
/// use entrada_core::flows::client_auth::AssertionFile;
/// use entrada_core::flows::workload_identity::TokenProxy;
/// use entrada_core::{Authority, EntraClient, Environment, PlainHttp, WorkloadIdentityCredential};
///
/// // What the webhook of AKS put into the pod:
/// let environment = Environment::new()
///     .with("AZURE_TENANT_ID", "contoso.onmicrosoft.com")
///     .with("AZURE_CLIENT_ID", "client-id")
///     .with("AZURE_FEDERATED_TOKEN_FILE", "/var/run/secrets/azure/tokens/azure-identity-token");
/// let authority = Authority::from_environment(&environment, PlainHttp::Refused)?;
/// let pod = WorkloadIdentityCredential::from_environment(&environment, &authority)?;
///
/// // The same by options, through the token proxy of its cluster (identity bindings).
/// let client = EntraClient::new("contoso.onmicrosoft.com", "client-id")?;
/// let proxy = TokenProxy::new("https://10.0.0.10:8443")?
///     .named("token-proxy.example")?
///     .trusting_file("/var/run/secrets/aks/ca.crt");
/// let bound = WorkloadIdentityCredential::of(client, AssertionFile::new("/var/run/token")).through(proxy);
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct WorkloadIdentityCredential {
    client: EntraClient,
}

impl WorkloadIdentityCredential {
    /// This app, with the token in this file.
    #[must_use]
    pub fn of(client: EntraClient, file: AssertionFile) -> WorkloadIdentityCredential {
        WorkloadIdentityCredential { client: client.with_assertion(file) }
    }

    /// The same, sending its token requests to this proxy of its cluster (identity bindings of AKS).
    #[must_use]
    pub fn through(mut self, proxy: TokenProxy) -> WorkloadIdentityCredential {
        self.client = self.client.through(Some(proxy));
        self
    }

    /// The same, sending its token requests to the proxy of its cluster (identity bindings of AKS). Where
    /// the variables that describe one are not set, nothing changes.
    ///
    /// # Errors
    /// As for [`TokenProxy::from_environment`].
    pub fn through_cluster_proxy(
        mut self,
        environment: &Environment,
    ) -> Result<WorkloadIdentityCredential, Error> {
        let proxy = TokenProxy::from_environment(environment).map_err(|error| error.from_source(NAME))?;
        self.client = self.client.through(proxy);
        Ok(self)
    }

    /// What `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_FEDERATED_TOKEN_FILE` describe, at this
    /// authority.
    ///
    /// # Errors
    /// `Unavailable` when one of them is missing, naming all that are; `Configuration` when one cannot
    /// be what it is meant to be.
    pub fn from_environment(
        environment: &Environment,
        authority: &Authority,
    ) -> Result<WorkloadIdentityCredential, Error> {
        let names = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"];
        let [Some(tenant), Some(client), Some(file)] = names.map(|name| environment.get(name)) else {
            let missing: Vec<_> = names.into_iter().filter(|name| environment.get(name).is_none()).collect();
            let error = Error::new(
                ErrorKind::Unavailable,
                format!("no workload identity is set up here: there is no {}", missing.join(", no ")),
            )
            .with_remedy("label the pod azure.workload.identity/use: \"true\" and annotate its service account with the client id")
            .from_source(NAME);
            // The others may be meant for another credential.
            let begun = environment.get("AZURE_FEDERATED_TOKEN_FILE").is_some();
            return Err(if begun { error.nearly() } else { error });
        };
        let client = EntraClient::new(tenant, client)
            .map_err(|error| error.from_source(NAME))?
            .with_authority(authority.clone())
            .as_environment_says(environment);
        Ok(WorkloadIdentityCredential::of(
            client,
            AssertionFile::new(file).named_by("AZURE_FEDERATED_TOKEN_FILE"),
        ))
    }
}

impl WorkloadIdentityCredential {
    /// The flow that obtains one token, for a credential of this name.
    pub(in crate::flows) fn begin_as(
        &self,
        source: &'static str,
        request: &TokenRequest,
    ) -> BoxFlow<AccessToken> {
        client_credentials(source, &self.client, request)
    }
}

acts_as_itself!(WorkloadIdentityCredential, NAME);
