//! What came of asking one source.

use crate::calendar::parse_http_date;
use crate::chain::Member;
use crate::effect::{EffectKind, Outcome, Reply};
use crate::error::{Error, ErrorKind};
use crate::flow::{BoxFlow, Cx, Flow, out_of_turn};
use crate::flows::managed::ManagedIdentityCredential;
use crate::jwt::Identity;
use crate::run::Step;
use crate::time::{Now, Unix};
use crate::token::AccessToken;

/// Where a source stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// In the default chain.
    Member(Member),
    /// Beside it, by the name of its credential: it has to be named.
    Aside(&'static str),
}

impl Place {
    pub(super) fn name(self) -> &'static str {
        match self {
            Place::Member(member) => member.name(),
            Place::Aside(name) => name,
        }
    }
}

/// What was found of one source, what it was asked, and what came back.
#[derive(Clone, Debug)]
pub struct Finding {
    place: Place,
    variables: Vec<&'static str>,
    asked: Vec<String>,
    ahead: Option<i64>,
    result: Result<Granted, Error>,
}

/// What is told of a token that a source gave.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Granted {
    /// Whom it speaks for, as far as it tells.
    pub identity: Identity,
    /// The tenant that issued it, if known.
    pub tenant: Option<String>,
    /// When it dies.
    pub expires_on: Unix,
    /// Whether a managed identity was asked, and this is the token of a person: see
    /// [`gave_that_of_a_person`](ManagedIdentityCredential::gave_that_of_a_person).
    pub of_a_person: bool,
}

impl Finding {
    pub(super) fn of(place: Place, variables: Vec<&'static str>) -> Finding {
        Finding { place, variables, asked: Vec::new(), ahead: None, result: Err(out_of_turn()) }
    }

    pub(super) fn with_result(self, result: Result<Granted, Error>) -> Finding {
        Finding { result, ..self }
    }

    /// Its member of the default chain, if it is of one.
    pub(super) fn member(&self) -> Option<Member> {
        match self.place {
            Place::Member(member) => Some(member),
            Place::Aside(_) => None,
        }
    }

    /// The name of the source's credential.
    #[must_use]
    pub fn source(&self) -> &'static str {
        self.place.name()
    }

    /// The names of the variables it reads that are set.
    #[must_use]
    pub fn variables(&self) -> &[&'static str] {
        &self.variables
    }

    /// What was asked for it, in order, each once: requests, files, programs and the token cache, without
    /// secrets.
    #[must_use]
    pub fn asked(&self) -> &[String] {
        &self.asked
    }

    /// How many seconds this machine's clock is ahead of the one that answered, by the `Date` of its
    /// answer (RFC 9110 section 6.6.1). Negative where it is behind; nothing where no answer had one.
    #[must_use]
    pub fn clock_ahead(&self) -> Option<i64> {
        self.ahead
    }

    /// What it gave, if it works.
    #[must_use]
    pub fn granted(&self) -> Option<&Granted> {
        self.result.as_ref().ok()
    }

    /// Why it gave nothing: `Unavailable` where it is absent, anything else where it is broken.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.result.as_ref().err()
    }

    /// What came of it in one word: `works`, or the kind of the error.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        self.error().map_or("works", |error| error.kind().name())
    }
}

/// A flow that is watched for what it asks and what its answers tell of the clock.
#[derive(Debug)]
pub(super) struct Watched {
    flow: BoxFlow<AccessToken>,
    finding: Option<Finding>,
}

impl Watched {
    pub(super) fn new(flow: BoxFlow<AccessToken>, finding: Finding) -> Watched {
        Watched { flow, finding: Some(finding) }
    }
}

impl Flow for Watched {
    type Output = Finding;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Finding> {
        let Some(finding) = &mut self.finding else { return Step::Done(Err(out_of_turn())) };
        if let Some(ahead) = reply.as_ref().and_then(|reply| ahead_of(reply, cx.now())) {
            finding.ahead = Some(ahead);
        }
        let result = match self.flow.step(cx, reply) {
            Step::Do(effect) => {
                let asks =
                    [EffectKind::Http, EffectKind::ReadFile, EffectKind::RunCommand, EffectKind::Store];
                let summary = effect.summary();
                if asks.contains(&effect.kind()) && !finding.asked.contains(&summary) {
                    finding.asked.push(summary);
                }
                return Step::Do(effect);
            }
            // At the end of the time "not available" only says that it was cut off.
            Step::Done(Err(error)) if error.is_unavailable() && cx.outlasts(std::time::Duration::ZERO) => {
                Err(error.as_kind(ErrorKind::Timeout))
            }
            Step::Done(result) => result,
        };
        let granted = result.map(|token| Granted {
            identity: token.identity().clone(),
            tenant: token.tenant().map(str::to_owned),
            expires_on: token.expires_on(),
            of_a_person: ManagedIdentityCredential::gave_that_of_a_person(&token),
        });
        Step::Done(self.finding.take().map(|finding| finding.with_result(granted)).ok_or_else(out_of_turn))
    }
}

fn ahead_of(reply: &Reply, now: Now) -> Option<i64> {
    let Outcome::Http(Ok(response)) = &reply.outcome else { return None };
    let date = parse_http_date(response.headers().get("date")?.to_str().ok()?)?;
    Some(now.unix.0.saturating_sub(date.0))
}
