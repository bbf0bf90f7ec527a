//! What the environment tells before anybody is asked.

use crate::authority::Authority;
use crate::chain::Member;
use crate::cloud::Cloud;
use crate::environment::Environment;
use crate::error::Error;

/// What a service principal or a user is described by.
const ENVIRONMENT: [&str; 8] = [
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
    "AZURE_USERNAME",
    "AZURE_PASSWORD",
];

/// What a workload is described by.
const WORKLOAD: [&str; 7] = [
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_KUBERNETES_TOKEN_PROXY",
    "AZURE_KUBERNETES_SNI_NAME",
    "AZURE_KUBERNETES_CA_FILE",
    "AZURE_KUBERNETES_CA_DATA",
];

/// What a host with managed identities is described by.
const MANAGED: [&str; 12] = [
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "DEFAULT_IDENTITY_CLIENT_ID",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "AZURE_AUTHORITY_HOST",
    "AZURE_TENANT_ID",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_CLIENT_ID",
];

/// Beginnings of the names that a person may have set for this purpose, well spelt or not.
const BEGINNINGS: [&str; 13] = [
    "AZURE_",
    "AZUREML_",
    "AZURESUBSCRIPTION_",
    "IDENTITY_",
    "IMDS_ENDPOINT",
    "MSI_",
    "OBO_",
    "DEFAULT_IDENTITY_CLIENT_ID",
    "SYSTEM_ACCESSTOKEN",
    "SYSTEM_OIDCREQUESTURI",
    "ENTRADA_",
    "SSL_CERT_",
    "AZD_",
];

/// What a job of Azure Pipelines is described by.
pub(super) const PIPELINES: [&str; 5] = [
    "SYSTEM_OIDCREQUESTURI",
    "SYSTEM_ACCESSTOKEN",
    "AZURESUBSCRIPTION_TENANT_ID",
    "AZURESUBSCRIPTION_CLIENT_ID",
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
];

/// What a job of Azure Machine Learning is described by that gives tokens of the person who submitted it.
pub(super) const JOB: [&str; 3] = ["OBO_ENDPOINT", "AZUREML_RUN_ID", "AZUREML_DATAPREP_TOKEN_PROVIDER"];

/// The variables that this member reads.
pub(super) fn read_by(member: Member) -> &'static [&'static str] {
    match member {
        Member::Environment => &ENVIRONMENT,
        Member::WorkloadIdentity => &WORKLOAD,
        Member::ManagedIdentity => &MANAGED,
        Member::SharedTokenCache => &["AZURE_USERNAME", "AZURE_TENANT_ID"],
        Member::AzureCli => &["AZURE_CONFIG_DIR"],
        Member::AzureDeveloperCli => &["AZD_CONFIG_DIR"],
        Member::VisualStudioCode | Member::AzurePowerShell | Member::InteractiveBrowser => &[],
    }
}

/// Those of these variables that are set.
pub(super) fn set(environment: &Environment, names: &[&'static str]) -> Vec<&'static str> {
    names.iter().copied().filter(|name| environment.get(name).is_some()).collect()
}

/// What can be said of a machine before anybody is asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Facts {
    /// The cloud that the authority belongs to, if it is a known one.
    pub cloud: Option<&'static Cloud>,
    /// The authority's address, or why there is none.
    pub authority: Result<String, Error>,
    /// The names of the variables that are set and have to do with Azure, and no value of any.
    pub set: Vec<String>,
    /// The names of those that are set to nothing, which counts as not set.
    pub empty: Vec<String>,
}

impl Facts {
    /// What this environment tells, and this authority.
    #[must_use]
    pub fn new(environment: &Environment, authority: &Result<Authority, Error>) -> Facts {
        let ours = |name: &&String| BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
        let (set, empty) = environment
            .variables()
            .keys()
            .filter(ours)
            .cloned()
            .partition(|name| environment.get(name).is_some());
        let address =
            |authority: &Authority| authority.host().url().as_str().trim_end_matches('/').to_owned();
        Facts {
            cloud: authority.as_ref().ok().and_then(Authority::cloud),
            authority: authority.as_ref().map(address).map_err(Clone::clone),
            set,
            empty,
        }
    }
}
