//! Azure Pipelines: a job whose service connection is trusted by workload identity federation.

use http::header::HeaderName;

use super::authority_client::EntraClient;
use super::client_auth::{AssertionRequest, AssertionSource};
use super::client_credentials::client_credentials;
use crate::authority::Authority;
use crate::cache::Partition;
use crate::effect::Reply;
use crate::endpoint::{Endpoint, PlainHttp};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Exchange, RequestSpec, RetryPolicy};
use crate::flow::{BoxFlow, Credential, Cx, Flow};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::secret::{Secret, SecretBytes};
use crate::token::AccessToken;

const NAME: &str = "azure-pipelines";
const API_VERSION: &str = "7.1";

/// The service connection of a pipeline's job.
///
/// The job's token is asked for anew each time, since it lives for ten minutes only.
///
/// ```
/// use entrada_core::{AzurePipelinesCredential, EntraClient, Environment, PlainHttp};
///
/// // In the step: `env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }`. A driver reads the environment.
/// let environment = Environment::new()
///     .with("SYSTEM_OIDCREQUESTURI", "https://dev.azure.com/contoso/_apis/distributedtask/oidctoken")
///     .with("SYSTEM_ACCESSTOKEN", "token");
/// let token = environment.get_exact("SYSTEM_ACCESSTOKEN").unwrap_or_default();
/// let app = EntraClient::new("contoso.onmicrosoft.com", "client-id")?;
/// let job =
///     AzurePipelinesCredential::of(app, "service-connection-id", token, &environment, PlainHttp::Refused)?;
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AzurePipelinesCredential {
    client: EntraClient,
}

impl AzurePipelinesCredential {
    /// This app, which trusts the service connection of this id. The system access token has to be
    /// mapped into the job's environment (`SYSTEM_ACCESSTOKEN: $(System.AccessToken)`); the address that
    /// gives tokens is in `SYSTEM_OIDCREQUESTURI`.
    ///
    /// # Errors
    /// `Unavailable` when this is no job of Azure Pipelines; `Configuration` when a value is missing or
    /// cannot be what it is meant to be.
    pub fn of(
        client: EntraClient,
        service_connection_id: &str,
        system_access_token: impl Into<Secret>,
        environment: &Environment,
        http: PlainHttp,
    ) -> Result<AzurePipelinesCredential, Error> {
        let source = JobToken::new(service_connection_id, system_access_token.into(), environment, http)
            .map_err(|error| error.from_source(NAME))?;
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
        if environment.get("SYSTEM_OIDCREQUESTURI").is_none() {
            return Err(no_job().from_source(NAME));
        }
        let [Some(tenant), Some(client), Some(connection), Some(token)] =
            TOLD.map(|name| environment.get_exact(name))
        else {
            let missing: Vec<_> = TOLD.into_iter().filter(|name| environment.get(name).is_none()).collect();
            let what = format!("this job of Azure Pipelines was not told {}", missing.join(", "));
            return Err(Error::new(ErrorKind::Unavailable, what)
                .with_remedy("run it in a task with a service connection, and map the token into its environment: SYSTEM_ACCESSTOKEN: $(System.AccessToken)")
                .nearly()
                .from_source(NAME));
        };
        let client = EntraClient::new(tenant.trim(), client)?
            .with_authority(authority.clone())
            .as_environment_says(environment);
        AzurePipelinesCredential::of(client, connection, token.trim(), environment, http)
    }
}

/// What a task tells of its service connection, and what has to be mapped into its environment.
const TOLD: [&str; 4] = [
    "AZURESUBSCRIPTION_TENANT_ID",
    "AZURESUBSCRIPTION_CLIENT_ID",
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    "SYSTEM_ACCESSTOKEN",
];

fn no_job() -> Error {
    Error::new(ErrorKind::Unavailable, "this is no job of Azure Pipelines: SYSTEM_OIDCREQUESTURI is not set")
        .with_remedy(
            "run it as a task of a pipeline with a service connection that uses workload identity federation",
        )
}

impl Credential for AzurePipelinesCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        client_credentials(NAME, &self.client, request)
    }

    fn partition(&self) -> Partition {
        Partition::of_app(NAME, &self.client)
    }
}

/// The OIDC token of a job.
#[derive(Clone, Debug)]
struct JobToken {
    target: Endpoint,
    system_access_token: Secret,
}

impl JobToken {
    fn new(
        connection: &str,
        system_access_token: Secret,
        environment: &Environment,
        http: PlainHttp,
    ) -> Result<JobToken, Error> {
        let connection = connection.trim();
        if connection.is_empty() {
            return Err(Error::new(ErrorKind::Configuration, "the service connection's id is empty")
                .with_remedy("use the resourceId in the address of the service connection's page"));
        }
        let text = system_access_token.expose();
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::new(ErrorKind::Configuration, "the job's system access token is missing")
                .with_remedy(
                    "map it into the step's environment: SYSTEM_ACCESSTOKEN: $(System.AccessToken)",
                ));
        }
        let Some(address) = environment.get("SYSTEM_OIDCREQUESTURI") else {
            return Err(no_job());
        };
        let target = target(address, connection, http).map_err(|error| {
            let what = format!("SYSTEM_OIDCREQUESTURI cannot be used: {}", error.message());
            Error::new(error.kind(), what).with_remedy("leave it as Azure Pipelines sets it")
        })?;
        Ok(JobToken { target, system_access_token })
    }

    fn ask(&self) -> RequestSpec {
        RequestSpec::post_body(
            self.target.clone(),
            SecretBytes::default(),
            "application/json",
            "the job's token",
        )
        .secret_header(http::header::AUTHORIZATION, "Bearer ", &self.system_access_token)
        // Without it a refusal would be a redirect to a sign-in page.
        .header(HeaderName::from_static("x-tfs-fedauthredirect"), "Suppress")
    }
}

/// The address that gives tokens of this service connection: a query that it has stays.
fn target(address: &str, connection: &str, http: PlainHttp) -> Result<Endpoint, Error> {
    let (address, query) = address.split_once('?').unwrap_or((address, ""));
    let base = Endpoint::authority(address, http)?;
    if query.contains('#') {
        return Err(Error::new(ErrorKind::Configuration, "it has a fragment"));
    }
    let ours = [("api-version", API_VERSION), ("serviceConnectionId", connection)];
    let theirs: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| !ours.iter().any(|(our, _)| our.eq_ignore_ascii_case(name)))
        .collect();
    let theirs = theirs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
    Ok(base.with_query(theirs.chain(ours)))
}

impl AssertionSource for JobToken {
    fn assertion(&self, _: &AssertionRequest) -> BoxFlow<Secret> {
        Box::new(Asking(Exchange::new(self.ask(), RetryPolicy::AUTHORITY)))
    }
}

#[derive(Debug)]
struct Asking(Exchange);

impl Flow for Asking {
    type Output = Secret;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Secret> {
        let answer = crate::pump!(self.0.step(cx, reply));
        let document = answer.object().filter(|_| answer.status() == 200);
        let token = document.and_then(|document| document.get("oidcToken")?.as_str());
        Step::Done(match token.filter(|token| !token.is_empty()) {
            Some(token) => Ok(Secret::new(token)),
            None => Err(refused(&answer)),
        })
    }
}

fn refused(answer: &Answer) -> Error {
    let (kind, why, remedy) = match answer.status() {
        200 => (ErrorKind::Malformed, "no oidcToken in it", "try again; if it stays so, report it"),
        300..=403 => (
            ErrorKind::Refused,
            "a refusal",
            "check that SYSTEM_ACCESSTOKEN is $(System.AccessToken) of this very job, and that the job may use the service connection",
        ),
        404 => (
            ErrorKind::Refused,
            "that there is no such service connection",
            "check the service connection's id",
        ),
        408 | 429 | 500.. => (ErrorKind::Service, "a failure", "try again later"),
        _ => (ErrorKind::Refused, "a refusal", "check the service connection's id"),
    };
    let what = format!("Azure Pipelines answered {} with {why} ({})", answer.label(), answer.status());
    // What its support asks for.
    let ids = ["x-vss-e2eid", "x-msedge-ref"].map(|name| answer.header(name));
    let told: Vec<_> = ids.into_iter().flatten().collect();
    let detail = format!("{} {}", answer.excerpt(), told.join(" "));
    Error::new(kind, what)
        .with_remedy(remedy)
        .with_status(answer.status())
        .with_ids(answer.header("x-vss-e2eid"), None)
        .with_retry_after(answer.retry_after(answer.received().unix))
        .with_detail(answer.clean(&detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_stays() {
        let base = "https://dev.azure.com/org/p/_apis/distributedtask/hubs/build/plans/1/jobs/2/oidctoken";
        let ours = "api-version=7.1&serviceConnectionId=a%20b%26c";
        for (query, expected) in [
            ("", ours.to_owned()),
            ("?", ours.to_owned()),
            ("?audience=api%3A%2F%2Fx&flag", format!("audience=api%3A%2F%2Fx&flag=&{ours}")),
            ("?API-version=6.0&x=1&serviceConnectionId=other", format!("x=1&{ours}")),
            ("?x=/../?y", format!("x=%2F..%2F%3Fy&{ours}")),
        ] {
            let target = target(&format!("{base}{query}"), "a b&c", PlainHttp::Refused).unwrap();
            assert_eq!(target.url().as_str(), format!("{base}?{expected}"), "{query}");
        }
        for bad in [
            "http://dev.azure.com/x?y=1",
            "https://u@dev.azure.com/?x",
            "https://dev.azure.com/x?y#z",
            "?x=1",
        ] {
            assert!(target(bad, "c", PlainHttp::Refused).is_err(), "{bad}");
        }
    }
}
