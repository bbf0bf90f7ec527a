//! On-behalf-of in a job of Azure Machine Learning: the token of the person who submitted the job.
//!
//! The host of the job exchanges it: `GET {OBO_ENDPOINT}?resource={resource}`, without a secret. It takes
//! neither claims nor a tenant, so a request with either is refused here instead of being answered
//! with a token that does not satisfy it.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::effect::Reply;
use crate::endpoint::Endpoint;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Exchange, RequestSpec, RetryPolicy};
use crate::flow::{self, BoxFlow, Credential, Cx, Flow};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::secret::Secret;
use crate::token::{AccessToken, Party, Refusal, expiry};

const NAME: &str = "azure-ml-on-behalf-of";
const LABEL: &str = "a token of the person who submitted the job";

/// Limits of one try: the host is this machine.
const CONNECT: Duration = Duration::from_secs(2);
const WHOLE: Duration = Duration::from_secs(30);

/// The person who submitted a job of Azure Machine Learning whose identity is `user_identity`.
///
/// It is available where the environment has `OBO_ENDPOINT`. Its tokens are the person's: for one
/// resource each, and never for another tenant.
///
/// ```
/// use entrada_core::{AzureMlOnBehalfOfCredential, Credential, Environment};
///
/// // A program takes it from its driver: `driver.environment()`.
/// let environment = Environment::new().with("OBO_ENDPOINT", "http://localhost:46809/OBO/token");
/// let person = AzureMlOnBehalfOfCredential::new(&environment);
/// assert_eq!(person.name(), "azure-ml-on-behalf-of");
/// ```
#[derive(Clone, Debug)]
pub struct AzureMlOnBehalfOfCredential {
    host: Result<Endpoint, Error>,
}

impl AzureMlOnBehalfOfCredential {
    /// The credential of the job that this environment is of. Where it is of none, every request is
    /// answered with `Unavailable`, which says why that may be.
    #[must_use]
    pub fn new(environment: &Environment) -> AzureMlOnBehalfOfCredential {
        AzureMlOnBehalfOfCredential { host: host(environment) }
    }

    fn plan(&self, request: &TokenRequest) -> Result<Asking, Error> {
        let host = self.host.clone()?;
        let resource = request.scopes().resource()?;
        if request.claims().is_some() {
            let what = "the host of a job gives no tokens that satisfy claims";
            return Err(Error::new(ErrorKind::InteractionRequired, what)
                .with_claims(request.claims().cloned())
                .with_remedy("let the person sign in as it is demanded, and submit the job anew"));
        }
        if request.tenant().is_some() {
            let what = "the host of a job gives tokens of the person's own tenant alone";
            return Err(Error::new(ErrorKind::Configuration, what).with_remedy("name no other tenant"));
        }
        let target = host.with_query([("resource", resource)]);
        let spec = RequestSpec::get(target, LABEL).limits(CONNECT, WHOLE);
        Ok(Asking(Exchange::new(spec, RetryPolicy::LOCAL_HOST)))
    }
}

fn host(environment: &Environment) -> Result<Endpoint, Error> {
    if let Some(address) = environment.get("OBO_ENDPOINT") {
        return Endpoint::local(address);
    }
    if environment.get("AZUREML_DATAPREP_TOKEN_PROVIDER") == Some("sparkobo") {
        return Err(Error::new(
            ErrorKind::Unavailable,
            "Spark jobs of Azure Machine Learning give tokens in a way of their own, which is not supported",
        )
        .with_remedy("use a managed identity, or submit the job to a compute cluster"));
    }
    let what = match environment.get("AZUREML_RUN_ID") {
        Some(_) => "this job gives no tokens of the person who submitted it (there is no OBO_ENDPOINT)",
        None => {
            "this is no job of Azure Machine Learning that gives tokens of a person (there is no OBO_ENDPOINT)"
        }
    };
    Err(Error::new(ErrorKind::Unavailable, what).with_remedy(
        "give the job the identity user_identity; in a pipeline give it to the step, not to the pipeline; and submit it by the command line or an SDK, not from the studio",
    ))
}

impl Credential for AzureMlOnBehalfOfCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        match self.plan(request) {
            Ok(asking) => Box::new(asking),
            Err(error) => flow::ready(Err(error.from_source(NAME))),
        }
    }
}

#[derive(Debug)]
struct Asking(Exchange);

impl Flow for Asking {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        let result = match self.0.step(cx, reply) {
            Step::Do(effect) => return Step::Do(effect),
            Step::Done(answer) => answer.and_then(|answer| read(&answer)),
        };
        Step::Done(result.map_err(|error| error.from_source(NAME)))
    }
}

/// Reads a reply. Its documented forms are `access_token` or `token`, with `expires_on`, `expires_in` or
/// `expiresOn`; its body is never shown, since a malformed one may still hold a token.
fn read(answer: &Answer) -> Result<AccessToken, Error> {
    if !answer.is_success() {
        return Err(refused(answer));
    }
    let malformed = |what: &str| {
        Error::new(ErrorKind::Malformed, format!("the host of the job answered {LABEL} {what}"))
            .with_status(answer.status())
    };
    let document = answer.object().ok_or_else(|| malformed("with something that is not a token"))?;
    let token = text(document, "access_token").or_else(|| text(document, "token"));
    let token = token.ok_or_else(|| malformed("without one"))?;
    let life = expiry(document, answer.sent())?;
    let token = AccessToken::new(Secret::new(token), life.expires_on, answer.sent(), NAME)?
        .alive_at(answer.received())?
        .refreshed_on(life.refresh_on);
    if token.identity().is_app == Some(true) {
        let what = "the host of the job gave the token of an app, not of the person who submitted it";
        return Err(Error::new(ErrorKind::Refused, what)
            .with_remedy("give the job the identity user_identity, and submit it anew"));
    }
    Ok(token)
}

fn text<'a>(document: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    document.get(name)?.as_str().filter(|value| !value.is_empty())
}

fn refused(answer: &Answer) -> Error {
    if let Some(refusal) = Refusal::of(answer).filter(|refusal| !refusal.numbers.is_empty()) {
        return refusal.into_error(answer, Party::User);
    }
    let kind = match answer.status() {
        408 | 429 | 500.. => ErrorKind::Service,
        300..=399 => ErrorKind::Malformed,
        _ => ErrorKind::Refused,
    };
    Error::new(kind, format!("the host of the job gave no token (HTTP {})", answer.status()))
        .with_status(answer.status())
        .with_retry_after(answer.retry_after(answer.received().unix))
        .with_detail(answer.excerpt())
        .with_remedy("check that the resource exists and that the person may use it; submit the job anew if it has run for long")
}
