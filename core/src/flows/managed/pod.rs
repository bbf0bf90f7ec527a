//! A pod of Kubernetes whose service account is federated: workload identity, asked for as a managed identity
//! ([documentation]).
//!
//! [documentation]: https://learn.microsoft.com/azure/aks/workload-identity-overview

use super::{ManagedIdentityId, NAME};
use crate::authority::{Authority, Region};
use crate::effect::Reply;
use crate::endpoint::PlainHttp;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::flow::{BoxFlow, Cx, Flow};
use crate::flows::authority_client::EntraClient;
use crate::flows::client_auth::AssertionFile;
use crate::flows::workload_identity::WorkloadIdentityCredential;
use crate::request::TokenRequest;
use crate::run::Step;
use crate::tenant::AdditionalTenants;
use crate::token::AccessToken;

/// What the webhook of AKS tells a pod.
#[derive(Clone, Debug)]
pub struct Pod {
    authority: Result<Authority, Error>,
    tenant: String,
    client_id: Option<String>,
    file: AssertionFile,
    additional: AdditionalTenants,
    region: Option<Region>,
}

impl Pod {
    /// The pod that `AZURE_AUTHORITY_HOST`, `AZURE_TENANT_ID` and `AZURE_FEDERATED_TOKEN_FILE` tell of; nothing
    /// where one of them is not set. `AZURE_CLIENT_ID` is its default identity.
    pub(super) fn of_environment(environment: &Environment) -> Option<Pod> {
        let names = ["AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"];
        let [Some(_), Some(tenant), Some(file)] = names.map(|name| environment.get(name)) else {
            return None;
        };
        Some(Pod {
            authority: Authority::from_environment(environment, PlainHttp::from_environment(environment)),
            tenant: tenant.to_owned(),
            client_id: environment.get("AZURE_CLIENT_ID").map(str::to_owned),
            file: AssertionFile::new(file).named_by("AZURE_FEDERATED_TOKEN_FILE"),
            additional: AdditionalTenants::from_environment(environment),
            region: Region::from_environment(environment),
        })
    }

    pub(super) fn at(self, authority: Authority) -> Pod {
        Pod { authority: Ok(authority), ..self }
    }

    /// The flow that gets a token of this identity: the client id that was named, else the pod's own.
    pub(super) fn ask(
        &self,
        identity: &ManagedIdentityId,
        request: &TokenRequest,
    ) -> Result<BoxFlow<AccessToken>, Error> {
        let client_id = match (identity, &self.client_id) {
            (ManagedIdentityId::ClientId(id), _) | (ManagedIdentityId::SystemAssigned, Some(id)) => id,
            (ManagedIdentityId::SystemAssigned, None) => {
                return Err(Error::new(
                    ErrorKind::Unavailable,
                    "this pod has workload identity, but no client id: AZURE_CLIENT_ID is not set",
                )
                .with_remedy(
                    "annotate its service account with azure.workload.identity/client-id, or name a client id",
                )
                .nearly());
            }
            (other, _) => {
                return Err(Error::new(
                    ErrorKind::Configuration,
                    format!("{other} cannot be asked for: workload identity takes client ids only"),
                )
                .with_remedy("name the identity by its client id"));
            }
        };
        let client = EntraClient::new(&self.tenant, client_id)?
            .with_authority(self.authority.clone()?)
            .allowing(self.additional.clone());
        let client = match &self.region {
            Some(region) => client.in_region(region.clone()),
            None => client,
        };
        let credential = WorkloadIdentityCredential::of(client, self.file.clone());
        Ok(Box::new(Asked(credential.begin_as(NAME, request))))
    }
}

/// A pod's flow, whose failures say what to do where nothing better is known.
#[derive(Debug)]
struct Asked(BoxFlow<AccessToken>);

impl Flow for Asked {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match self.0.step(cx, reply) {
            Step::Done(result) => Step::Done(result.map_err(ending)),
            step => step,
        }
    }
}

fn ending(error: Error) -> Error {
    let remedy = match error.kind() {
        _ if error.own_remedy().is_some() => return error,
        ErrorKind::Refused => {
            "check AZURE_TENANT_ID, the client id, and the federated credential of that identity (issuer, subject, audience)"
        }
        ErrorKind::Malformed => "see what answers at AZURE_AUTHORITY_HOST; a proxy may stand between",
        ErrorKind::Network | ErrorKind::Timeout => "see whether AZURE_AUTHORITY_HOST answers from this pod",
        ErrorKind::Service => "try again later",
        _ => return error,
    };
    error.with_remedy(remedy)
}
