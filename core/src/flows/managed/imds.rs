//! The Instance Metadata Service of Azure machines.

mod answers;

use std::time::Duration;

use http::header::HeaderName;

use self::answers::{is_doubtful, is_foreign, is_settled, is_without_identity, unreachable};
use super::asking;
use super::reply::{self, ending, said, token};
use super::wanted::{Place, Wanted};
use crate::effect::Reply;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Exchange, Faults, RequestSpec, RetryPolicy};
use crate::flow::{Cx, Flow};
use crate::memo::Memo;
use crate::run::Step;
use crate::token::{AccessToken, Party, Refusal};

const API_VERSION: &str = "2018-02-01";
const PLACE: Place = Place::with_settings("this machine");
/// What to do where the environment names it and it is not there.
const NAMED: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST says that a metadata service is there: see why it is not, or unset \
                     the variable";
/// What to do where it was there, and is not any more.
const THERE: &str =
    "the metadata service was there a moment ago: try again, or see what keeps it from answering";

/// How long a chain looks for a metadata service. That nobody answered is not remembered: in a container that has just
/// started the service may come a moment later.
const PROBE: Duration = Duration::from_secs(1);

const POLICY: RetryPolicy = RetryPolicy { settled: is_settled, ..RetryPolicy::IMDS };

/// For one of which the probe left doubts: it is asked, since not every service of this kind knows what a probe is,
/// but a captive portal that drops what is not for it must not keep a chain. What leaves the same doubt again is not
/// asked for another time.
const DOUBTFUL: RetryPolicy = RetryPolicy {
    faults: Faults::Never,
    within: Some(Duration::from_secs(10)),
    settled: |answer| is_settled(answer) || is_doubtful(answer),
    ..RetryPolicy::IMDS
};

#[derive(Debug)]
pub(super) struct Imds {
    endpoint: Endpoint,
    resource: String,
    wanted: Wanted,
    /// Whether it answered before, to a probe or a request: all clones of the credential know.
    found: Memo<()>,
    /// What is missing beside a variable of another host.
    missing: Option<&'static str>,
    /// Whether the environment says that it is there, so that its silence is a fault and no absence.
    assured: bool,
    /// Whether a probe was answered as by somebody else.
    doubted: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    ToProbe,
    Probing(Box<Exchange>),
    ToAsk(RetryPolicy),
    Asking(Box<Exchange>),
}

impl Imds {
    pub(super) fn new(endpoint: Endpoint, resource: &str, wanted: Wanted) -> Imds {
        let found = Memo::default();
        Imds {
            endpoint,
            resource: resource.to_owned(),
            wanted,
            found,
            missing: None,
            assured: false,
            doubted: false,
            state: State::ToAsk(POLICY),
        }
    }

    /// The same, which the environment says is there.
    pub(super) fn assured(self) -> Imds {
        Imds { assured: true, ..self }
    }

    /// The same, sharing whether anybody is there with all that have this.
    pub(super) fn remembering(self, found: &Memo<()>) -> Imds {
        Imds { found: found.clone(), ..self }
    }

    /// The same where a variable of another host is set without what belongs to it.
    pub(super) fn missing(self, missing: Option<&'static str>) -> Imds {
        Imds { missing, ..self }
    }

    /// The same, which first looks whether anybody is there, unless that is known.
    pub(super) fn probing(mut self) -> Imds {
        if self.found.get().is_none() {
            self.state = State::ToProbe;
        }
        self
    }

    /// Without the header that makes it a request: the service refuses it, or says that it is being updated. A success,
    /// and what is [doubtful](is_doubtful), says that somebody is there, and not who.
    fn probe(&self) -> RequestSpec {
        RequestSpec::get(self.endpoint.clone(), "whether it is there").limits(PROBE, PROBE)
    }

    /// A black hole shows within the limit for connecting; six tries of it and the waits between come to
    /// about 40 s. A service that is there and hangs takes the two minutes of the policy.
    fn ask(&self) -> RequestSpec {
        let query = [("api-version", API_VERSION), ("resource", self.resource.as_str())];
        let selector = self.wanted.selector(["client_id", "object_id", "msi_res_id"]);
        asking::get(&self.endpoint, query.into_iter().chain(selector))
            .header(HeaderName::from_static("metadata"), "true")
    }

    fn read(&self, answer: &Answer) -> Result<AccessToken, Error> {
        match answer.status() {
            403 if unreachable(answer) => Err(absent("a proxy on this machine says that it is unreachable")),
            _ if self.doubted && is_doubtful(answer) => Err(self.taken().with_detail(said(answer))),
            // What it says while it is being updated, for longer than its documentation allows.
            410 => Err(updating(410)),
            404 | 408 if answer.body().is_empty() => Err(updating(answer.status())),
            _ if is_foreign(answer) => Err(self.taken().with_detail(said(answer))),
            500 if is_without_identity(answer) => Err(self.wanted.unassigned(answer, &PLACE)),
            400 => Err(self.refused(answer)),
            _ => {
                let access = token(answer, Party::App)?;
                self.wanted.confirm(answer, &PLACE, false)?;
                Ok(access)
            }
        }
    }

    /// Where nobody is here, it may be another host, whose variables are not complete. What has a status is somebody's
    /// answer.
    fn elsewhere(&self, error: Error) -> Error {
        match self.missing.filter(|_| error.is_unavailable() && error.status().is_none()) {
            Some(missing) => error
                .adding(missing)
                .with_remedy("set both as the host does, or unset what is left of them")
                .nearly(),
            None => error,
        }
    }

    /// 400: usually that the identity is not assigned to this machine.
    fn refused(&self, answer: &Answer) -> Error {
        if Wanted::is_unknown(answer) {
            return self.wanted.unassigned(answer, &PLACE);
        }
        let refusal = Refusal::of(answer).unwrap_or_default();
        let text = refusal.description().unwrap_or_default().to_ascii_lowercase();
        if self.wanted.is_system() && text.contains("multiple user assigned") {
            return Error::new(
                ErrorKind::Unavailable,
                "this machine has several user-assigned identities, and none was named",
            )
            .with_remedy("name one by client id, object id or resource id")
            .nearly()
            .with_status(answer.status())
            .with_detail(said(answer));
        }
        reply::refused(refusal, answer, Party::App)
    }

    fn address(&self) -> String {
        self.endpoint.url().origin().ascii_serialization()
    }

    /// Somebody else's answer. Where the service was told of, or answered before, that is no absence.
    fn taken(&self) -> Error {
        let what = format!("something else answers at {}", self.address());
        let remedy = match (self.assured, self.found.get()) {
            (true, _) => NAMED,
            (false, Some(())) => THERE,
            (false, None) => return absent(&what),
        };
        Error::new(ErrorKind::Malformed, format!("{what}, and no metadata service")).with_remedy(remedy)
    }

    /// It answered before, and does not any more: that is no absence.
    fn failing(&self, error: Error) -> Error {
        match error.kind() {
            ErrorKind::Network | ErrorKind::Timeout => error.with_remedy(THERE),
            _ => self.silent(error),
        }
    }

    /// No connection, or no answer: this is not an Azure machine, unless its environment says so. A defect of the
    /// driver stays one.
    fn silent(&self, error: Error) -> Error {
        match error.kind() {
            ErrorKind::Network | ErrorKind::Timeout if self.assured => error.with_remedy(NAMED),
            ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Unavailable => {
                absent(&format!("nobody answers at {}", self.address()))
            }
            // More than any token reply holds.
            ErrorKind::Malformed => self.taken(),
            _ => error,
        }
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
                    Step::Done(Ok(answer)) if answer.is_success() || is_doubtful(&answer) => {
                        self.doubted = true;
                        self.state = State::ToAsk(DOUBTFUL);
                    }
                    Step::Done(Ok(_)) => {
                        self.found.set(());
                        self.state = State::ToAsk(POLICY);
                    }
                    Step::Done(Err(error)) => return Step::Done(Err(self.silent(error))),
                },
                State::ToAsk(policy) => {
                    let policy = policy.clone();
                    self.state = State::Asking(Box::new(Exchange::new(self.ask(), policy)))
                }
                State::Asking(exchange) => {
                    let answer = match exchange.step(cx, reply.take()) {
                        Step::Do(effect) => return Step::Do(effect),
                        Step::Done(Err(error)) => {
                            let was_there = self.found.get().is_some();
                            return Step::Done(Err(if was_there {
                                self.failing(error)
                            } else {
                                self.silent(error)
                            }));
                        }
                        Step::Done(Ok(answer)) => answer,
                    };
                    let result = self.read(&answer);
                    // What something else answered is no sign of it.
                    if result.as_ref().err().is_none_or(|error| error.status().is_some()) {
                        self.found.set(());
                    }
                    return Step::Done(result);
                }
            }
        }
    }
}

impl Flow for Imds {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match self.advance(cx, reply) {
            Step::Done(result) => Step::Done(result.map_err(|error| ending(self.elsewhere(error)))),
            step => step,
        }
    }
}

fn updating(status: u16) -> Error {
    Error::new(ErrorKind::Service, format!("the metadata service is being updated ({status})"))
        .with_remedy("try again in a minute")
        .with_status(status)
}

fn absent(why: &str) -> Error {
    Error::new(ErrorKind::Unavailable, format!("there is no managed identity endpoint here: {why}"))
        .with_remedy("managed identities exist on Azure hosts: on one, see what stands before its metadata service (a proxy, pod identity, a network policy); elsewhere use another credential")
}
