//! The Instance Metadata Service of Azure machines.

use std::time::Duration;

use http::header::HeaderName;

use super::{ManagedIdentityId, NAME};
use crate::effect::Reply;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Exchange, RequestSpec, RetryPolicy};
use crate::flow::{Cx, Flow};
use crate::run::Step;
use crate::token::{self, AccessToken, Issued, Party, Refusal};

const API_VERSION: &str = "2018-02-01";
const LABEL: &str = "a managed identity token";

/// How long a chain looks for a metadata service.
const PROBE: Duration = Duration::from_secs(1);

/// Limits of one try. A black hole shows within the connect limit; six tries of it and the waits
/// between come to about 40 s.
const CONNECT: Duration = Duration::from_secs(2);
const WHOLE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Imds {
    endpoint: Endpoint,
    resource: String,
    identity: ManagedIdentityId,
    from_environment: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    ToProbe,
    Probing(Box<Exchange>),
    ToAsk,
    Asking(Box<Exchange>),
}

impl Imds {
    pub(super) fn new(
        endpoint: Endpoint,
        resource: &str,
        identity: ManagedIdentityId,
        from_environment: bool,
        probe: bool,
    ) -> Imds {
        let state = if probe { State::ToProbe } else { State::ToAsk };
        Imds { endpoint, resource: resource.to_owned(), identity, from_environment, state }
    }

    /// Without the header that makes it a request: any answer to it says that somebody is there.
    fn probe(&self) -> RequestSpec {
        RequestSpec::get(self.endpoint.clone(), "whether it is there").limits(PROBE, PROBE)
    }

    fn ask(&self) -> RequestSpec {
        let selector = match &self.identity {
            ManagedIdentityId::SystemAssigned => None,
            ManagedIdentityId::ClientId(id) => Some(("client_id", id.as_str())),
            ManagedIdentityId::ObjectId(id) => Some(("object_id", id.as_str())),
            ManagedIdentityId::ResourceId(id) => Some(("msi_res_id", id.as_str())),
        };
        let query = [("api-version", API_VERSION), ("resource", self.resource.as_str())];
        let target = self.endpoint.with_query(query.into_iter().chain(selector));
        RequestSpec::get(target, LABEL)
            .header(HeaderName::from_static("metadata"), "true")
            .limits(CONNECT, WHOLE)
    }

    fn read(&self, answer: &Answer) -> Result<AccessToken, Error> {
        let issued = Issued { source: NAME, tenant: None, party: Party::App };
        match answer.status() {
            403 if unreachable(answer) => Err(absent("a proxy on this machine says that it is unreachable")),
            // What it says while it is being updated, for longer than its documentation allows.
            410 => Err(updating(410)),
            404 | 408 if answer.body().is_empty() => Err(updating(answer.status())),
            // A captive portal or a proxy answers everything with a page of its own.
            200..=499 if answer.status() != 429 && answer.object().is_none() => {
                Err(absent("something else answers at its address").with_detail(answer.excerpt()))
            }
            200 => token::parse(answer, &issued).map(|response| response.access),
            400 => Err(self.refused(answer)),
            _ => Err(Refusal::of(answer).unwrap_or_default().into_error(answer, Party::App)),
        }
    }

    /// 400: usually that the identity is not assigned to this machine.
    fn refused(&self, answer: &Answer) -> Error {
        let refusal = Refusal::of(answer).unwrap_or_default();
        let text = refusal.description().unwrap_or_default().to_ascii_lowercase();
        let unknown = text.contains("identity not found") || text.contains("no managed identity");
        let several = text.contains("multiple user assigned");
        let error = refusal.into_error(answer, Party::App);
        let detail = error.detail().unwrap_or_default().to_owned();
        let chosen = self.identity != ManagedIdentityId::SystemAssigned && !self.from_environment;
        // Whoever names an identity must not end up with another: that stops a chain.
        let kind = if chosen { ErrorKind::Refused } else { ErrorKind::Unavailable };
        let (what, remedy) = match (unknown, several) {
            (true, _) if self.from_environment => (
                format!("{} is not assigned to this machine", self.identity),
                "AZURE_CLIENT_ID names it; assign the identity, or unset the variable if it is meant for something else",
            ),
            (true, _) => (
                format!("{} is not assigned to this machine", self.identity),
                "assign it in the machine's Identity settings, or name one that is assigned",
            ),
            (_, true) => (
                "this machine has several user-assigned identities, and none was named".to_owned(),
                "name one by client id, object id or resource id",
            ),
            _ => return error,
        };
        Error::new(kind, what).with_remedy(remedy).with_status(answer.status()).with_detail(detail)
    }

    fn advance(&mut self, cx: &mut Cx<'_>, mut reply: Option<Reply>) -> Step<AccessToken> {
        loop {
            match &mut self.state {
                State::ToProbe => {
                    self.state = State::Probing(Box::new(Exchange::new(self.probe(), RetryPolicy::NEVER)))
                }
                State::Probing(exchange) => match exchange.step(cx, reply.take()) {
                    Step::Do(effect) => return Step::Do(effect),
                    Step::Done(Ok(answer)) if unreachable(&answer) => {
                        return Step::Done(Err(absent(
                            "a proxy on this machine says that it is unreachable",
                        )));
                    }
                    Step::Done(Ok(_)) => self.state = State::ToAsk,
                    Step::Done(Err(error)) => return Step::Done(Err(silent(error))),
                },
                State::ToAsk => {
                    self.state = State::Asking(Box::new(Exchange::new(self.ask(), RetryPolicy::IMDS)))
                }
                State::Asking(exchange) => {
                    let answer = match exchange.step(cx, reply.take()) {
                        Step::Do(effect) => return Step::Do(effect),
                        Step::Done(Err(error)) => return Step::Done(Err(silent(error))),
                        Step::Done(Ok(answer)) => answer,
                    };
                    return Step::Done(self.read(&answer));
                }
            }
        }
    }
}

impl Flow for Imds {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match self.advance(cx, reply) {
            Step::Done(result) => Step::Done(result.map_err(|error| error.from_source(NAME))),
            step => step,
        }
    }
}

/// Docker Desktop's proxy answers for hosts that it cannot reach.
fn unreachable(answer: &Answer) -> bool {
    answer.status() == 403
        && String::from_utf8_lossy(answer.body()).to_ascii_lowercase().contains("unreachable")
}

fn updating(status: u16) -> Error {
    Error::new(ErrorKind::Service, format!("the metadata service is being updated ({status})"))
        .with_remedy("try again in a minute")
        .with_status(status)
}

fn absent(why: &str) -> Error {
    Error::new(ErrorKind::Unavailable, format!("there is no managed identity endpoint here: {why}"))
        .with_remedy("managed identities exist on Azure hosts; elsewhere use another credential")
}

/// No connection, or no answer: this is not an Azure machine. A defect of the driver stays one.
fn silent(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Unavailable => {
            absent("nobody answers at its address")
        }
        // More than any token reply holds.
        ErrorKind::Malformed => absent("something else answers at its address"),
        _ => error,
    }
}
