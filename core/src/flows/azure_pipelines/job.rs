//! The job itself, and the token that it is given for a service connection.

use http::header::HeaderName;

use crate::effect::Reply;
use crate::endpoint::{Endpoint, PlainHttp};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Exchange, RequestSpec, RetryPolicy};
use crate::flow::{BoxFlow, Cx, Flow};
use crate::flows::client_auth::{AssertionRequest, AssertionSource};
use crate::run::Step;
use crate::secret::{Secret, SecretBytes};

use super::NAME;

const API_VERSION: &str = "7.1";

/// A job of Azure Pipelines: the address that gives its tokens, and its system access token.
#[derive(Clone, Debug)]
pub struct PipelineJob {
    oidc_request_uri: Endpoint,
    /// What stands behind the address's question mark.
    query: String,
    system_access_token: Secret,
}

impl PipelineJob {
    /// The job whose tokens are to be had at this address, the value of `SYSTEM_OIDCREQUESTURI`, with its
    /// `$(System.AccessToken)`.
    ///
    /// # Errors
    /// `Configuration` when the address cannot be used.
    pub fn new(
        oidc_request_uri: &str,
        system_access_token: impl Into<Secret>,
        http: PlainHttp,
    ) -> Result<PipelineJob, Error> {
        let (address, query) = oidc_request_uri.split_once('?').unwrap_or((oidc_request_uri, ""));
        let unfit = |why: &str| {
            Error::new(ErrorKind::Configuration, format!("SYSTEM_OIDCREQUESTURI cannot be used: {why}"))
                .with_remedy("leave it as Azure Pipelines sets it")
                .from_source(NAME)
        };
        if query.contains('#') {
            return Err(unfit("it has a fragment"));
        }
        Ok(PipelineJob {
            oidc_request_uri: Endpoint::authority(address, http).map_err(|error| unfit(&error.message()))?,
            query: query.to_owned(),
            system_access_token: system_access_token.into(),
        })
    }

    /// The job whose environment this is: `SYSTEM_OIDCREQUESTURI`, and `SYSTEM_ACCESSTOKEN`, which has to be
    /// mapped into the step's environment (`SYSTEM_ACCESSTOKEN: $(System.AccessToken)`).
    ///
    /// # Errors
    /// `Unavailable` when this is no job of Azure Pipelines; `Configuration` when the address cannot be used.
    pub fn of_environment(environment: &Environment, http: PlainHttp) -> Result<PipelineJob, Error> {
        let Some(address) = environment.get("SYSTEM_OIDCREQUESTURI") else {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "this is no job of Azure Pipelines: SYSTEM_OIDCREQUESTURI is not set",
            )
            .with_remedy("run it as a task of a pipeline with a service connection that uses workload identity federation")
            .from_source(NAME));
        };
        PipelineJob::new(address, environment.get("SYSTEM_ACCESSTOKEN").unwrap_or_default(), http)
    }

    /// The address that gives tokens of this service connection: a query that it has stays.
    fn target(&self, service_connection_id: &str) -> Endpoint {
        let ours = [("api-version", API_VERSION), ("serviceConnectionId", service_connection_id)];
        let theirs: Vec<_> = url::form_urlencoded::parse(self.query.as_bytes())
            .filter(|(name, _)| !ours.iter().any(|(our, _)| our.eq_ignore_ascii_case(name)))
            .collect();
        let theirs = theirs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
        self.oidc_request_uri.with_query(theirs.chain(ours))
    }
}

/// The OIDC token of a job.
#[derive(Clone, Debug)]
pub(super) struct JobToken {
    target: Endpoint,
    system_access_token: Secret,
}

impl JobToken {
    pub(super) fn of(job: &PipelineJob, service_connection_id: &str) -> Result<JobToken, Error> {
        let connection = service_connection_id.trim();
        if connection.is_empty() {
            return Err(Error::new(ErrorKind::Configuration, "the service connection's id is empty")
                .with_remedy("use the resourceId in the address of the service connection's page"));
        }
        let text = job.system_access_token.expose();
        if text.starts_with("$(") {
            return Err(Error::new(
                ErrorKind::Configuration,
                "the job's system access token was not put in: SYSTEM_ACCESSTOKEN holds the name of a variable",
            )
            .with_remedy(
                "map it in the pipeline's YAML, under env: of the step: SYSTEM_ACCESSTOKEN: $(System.AccessToken)",
            ));
        }
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::new(ErrorKind::Configuration, "the job's system access token is missing")
                .with_remedy(
                    "map it into the step's environment: SYSTEM_ACCESSTOKEN: $(System.AccessToken)",
                ));
        }
        Ok(JobToken { target: job.target(connection), system_access_token: job.system_access_token.clone() })
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
    // What its support asks for, before a page that may be long.
    let ids = ["x-vss-e2eid", "x-msedge-ref"].map(|name| Some(format!("{name}: {}", answer.header(name)?)));
    let told: Vec<_> = ids.into_iter().flatten().chain([answer.excerpt()]).collect();
    let detail = told.join(", ");
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
            let job = PipelineJob::new(&format!("{base}{query}"), "token", PlainHttp::Refused).unwrap();
            assert_eq!(job.target("a b&c").url().as_str(), format!("{base}?{expected}"), "{query}");
        }
        for bad in [
            "http://dev.azure.com/x?y=1",
            "https://u@dev.azure.com/?x",
            "https://dev.azure.com/x?y#z",
            "?x=1",
        ] {
            let error = PipelineJob::new(bad, "token", PlainHttp::Refused).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{bad}");
            assert!(error.message().contains("SYSTEM_OIDCREQUESTURI cannot"), "{error}");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        let told = |token: &str, connection: &str| {
            let job = PipelineJob::new("https://dev.azure.com/x", token, PlainHttp::Refused).unwrap();
            let error = JobToken::of(&job, connection).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            format!("{} {}", error.message(), error.remedy().unwrap())
        };
        assert!(told("token", " ").contains("resourceId"));
        for token in ["", "canary token"] {
            let told = told(token, "c");
            assert!(told.contains("$(System.AccessToken)") && !told.contains("canary"), "{told}");
        }
        let nowhere = PipelineJob::of_environment(&Environment::new(), PlainHttp::Refused).unwrap_err();
        assert!(nowhere.is_unavailable());
    }
}
