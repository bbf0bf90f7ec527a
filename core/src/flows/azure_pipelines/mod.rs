//! Azure Pipelines: a job whose service connection is trusted by workload identity federation.

mod job;

use self::job::JobToken;
pub use self::job::PipelineJob;
use super::authority_client::EntraClient;
use super::client_credentials::acts_as_itself;
use crate::authority::Authority;
use crate::endpoint::PlainHttp;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};

const NAME: &str = "azure-pipelines";

/// The service connection of a pipeline's job.
///
/// The job's token is asked for anew each time, since it lives for ten minutes only.
///
/// ```
/// use entrada_core::{AzurePipelinesCredential, EntraClient, Environment, PipelineJob, PlainHttp};
///
/// // In the step: `env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }`. A driver reads the environment.
/// let environment = Environment::new()
///     .with("SYSTEM_OIDCREQUESTURI", "https://dev.azure.com/contoso/_apis/distributedtask/oidctoken")
///     .with("SYSTEM_ACCESSTOKEN", "token");
/// let job = PipelineJob::of_environment(&environment, PlainHttp::Refused)?;
/// let app = EntraClient::new("contoso.onmicrosoft.com", "client-id")?;
/// let credential = AzurePipelinesCredential::of(app, "service-connection-id", &job)?;
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AzurePipelinesCredential {
    client: EntraClient,
}

impl AzurePipelinesCredential {
    /// This app, which trusts the service connection of this id, in this job.
    ///
    /// # Errors
    /// `Configuration` when the id or the job's system access token is missing, or cannot be what it is meant
    /// to be.
    pub fn of(
        client: EntraClient,
        service_connection_id: &str,
        job: &PipelineJob,
    ) -> Result<AzurePipelinesCredential, Error> {
        let source = JobToken::of(job, service_connection_id).map_err(|error| error.from_source(NAME))?;
        Ok(AzurePipelinesCredential { client: client.with_assertion(source) })
    }

    /// What the environment of a job tells: `SYSTEM_OIDCREQUESTURI` and `SYSTEM_ACCESSTOKEN`, and what the tasks for
    /// the Azure CLI and Azure PowerShell tell of their service connection: `AZURESUBSCRIPTION_TENANT_ID`,
    /// `AZURESUBSCRIPTION_CLIENT_ID`, `AZURESUBSCRIPTION_SERVICE_CONNECTION_ID`.
    ///
    /// # Errors
    /// `Unavailable` when this is no job of Azure Pipelines, or one that was not told all of that; else as for
    /// [`AzurePipelinesCredential::of`].
    pub fn from_environment(
        environment: &Environment,
        authority: &Authority,
        http: PlainHttp,
    ) -> Result<AzurePipelinesCredential, Error> {
        let job = PipelineJob::of_environment(environment, http).map_err(|error| error.from_source(NAME))?;
        let [Some(tenant), Some(client), Some(connection), Some(_)] =
            TOLD.map(|name| environment.get_exact(name))
        else {
            let missing: Vec<_> = TOLD.into_iter().filter(|name| environment.get(name).is_none()).collect();
            let what = format!("this job of Azure Pipelines was not told {}", missing.join(", "));
            return Err(Error::new(ErrorKind::Unavailable, what)
                .with_remedy("run it in a task with a service connection, and map the token into its environment: SYSTEM_ACCESSTOKEN: $(System.AccessToken)")
                .nearly()
                .from_source(NAME));
        };
        let client = EntraClient::new(tenant.trim(), client)
            .map_err(|error| error.from_source(NAME))?
            .with_authority(authority.clone())
            .as_environment_says(environment);
        AzurePipelinesCredential::of(client, connection, &job)
    }
}

/// What a task tells of its service connection, and what has to be mapped into its environment.
const TOLD: [&str; 4] = [
    "AZURESUBSCRIPTION_TENANT_ID",
    "AZURESUBSCRIPTION_CLIENT_ID",
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    "SYSTEM_ACCESSTOKEN",
];

acts_as_itself!(AzurePipelinesCredential, NAME);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Cloud;

    #[test]
    fn what_a_task_tells_wrongly_is_said_by_name() {
        let told = |client: &str| {
            let environment = Environment::new()
                .with(
                    "SYSTEM_OIDCREQUESTURI",
                    "https://dev.azure.com/contoso/_apis/distributedtask/oidctoken",
                )
                .with("SYSTEM_ACCESSTOKEN", "token")
                .with("AZURESUBSCRIPTION_TENANT_ID", "contoso.com")
                .with("AZURESUBSCRIPTION_CLIENT_ID", client)
                .with("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "connection");
            let authority = Authority::of_cloud(Cloud::PUBLIC).unwrap();
            AzurePipelinesCredential::from_environment(&environment, &authority, PlainHttp::Refused)
        };
        assert!(told("client").is_ok());
        assert_eq!(told("two words").unwrap_err().source_name(), Some(NAME));
    }
}
