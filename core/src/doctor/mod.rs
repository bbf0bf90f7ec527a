//! Which of its sources of tokens a machine can use, and what keeps it from the others.
//!
//! A chain stops at the first source that works or is broken. An [`Examination`] asks every one, each for
//! itself, so that a driver can ask them all at once; what came of them is a [`Report`]: for each source
//! what was found, what was asked, what came back and what to do. It holds no token.
//!
//! ```
//! use entrada_core::doctor::Examination;
//! use entrada_core::effect::{CommandFailure, Effect, HttpFailure, Reply};
//! use entrada_core::{Authority, Cloud, Environment, Run, Step, TokenRequest};
//! # struct Fixed;
//! # impl entrada_core::Entropy for Fixed { fn fill(&mut self, b: &mut [u8]) { b.fill(7) } }
//!
//! let environment = Environment::new().with("AZURE_CLIENT_ID", "11111111-1111-1111-1111-111111111111");
//! let examination = Examination::new(&environment, &Authority::of_cloud(Cloud::PUBLIC)?);
//! let request = TokenRequest::new(["https://management.azure.com/.default"])?;
//!
//! // A driver's loop, on a machine where nobody answers and nothing is installed.
//! let findings = examination.candidates().iter().map(|candidate| {
//!     let mut run = Run::new(candidate.ask(&request));
//!     let mut step = run.start(Default::default(), &mut Fixed);
//!     loop {
//!         let reply = match step {
//!             Step::Done(result) => return result.unwrap_or_else(|error| candidate.cut_off(error)),
//!             Step::Do(Effect::Http(call)) => call.split().1.reply(Err(HttpFailure::Unreachable)),
//!             Step::Do(Effect::RunCommand(run)) => run.ticket().reply(Err(CommandFailure::NotFound)),
//!             Step::Do(other) => other.unsupported(),
//!         };
//!         step = run.resume(Default::default(), &mut Fixed, reply);
//!     }
//! });
//! let report = examination.report(findings.collect());
//!
//! assert!(report.verdict().unwrap_err().is_unavailable());
//! let found = &report.findings()[0];
//! assert_eq!((found.source(), found.variables()), ("environment", &["AZURE_CLIENT_ID"][..]));
//! assert!(found.error().unwrap().remedy().unwrap().contains("AZURE_TENANT_ID"));
//! # Ok::<(), entrada_core::Error>(())
//! ```

mod facts;
mod finding;
mod report;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use crate::authority::Authority;
use crate::chain::{self, Member, Selection, Unusable};
use crate::endpoint::PlainHttp;
use crate::environment::Environment;
use crate::error::Error;
use crate::flow::{BoxFlow, Credential};
use crate::flows::azure_ml_on_behalf_of::AzureMlOnBehalfOfCredential;
use crate::flows::azure_pipelines::AzurePipelinesCredential;
use crate::request::TokenRequest;

pub use facts::Facts;
pub use finding::{Finding, Granted};
pub use report::{DefaultOutcome, Report};

use self::finding::{Place, Watched};

/// Every source that a machine could use: the members of the default chain, without those for which a
/// person is asked, the service connection of a job of Azure Pipelines, and the person who submitted a job of Azure
/// Machine Learning.
#[derive(Debug)]
pub struct Examination {
    candidates: Vec<Candidate>,
    selection: Result<Option<Selection>, Error>,
}

impl Examination {
    /// The sources as this environment sets them up, at this authority. Those that
    /// `AZURE_TOKEN_CREDENTIALS` leaves out of the default chain are examined too. Plain http is as
    /// [`PlainHttp::from_environment`] says.
    #[must_use]
    pub fn new(environment: &Environment, authority: &Authority) -> Examination {
        Examination::of(environment, &Ok(authority.clone()))
    }

    /// The sources as this environment sets them up, at this authority, or where this is why there is none.
    #[must_use]
    pub fn of(environment: &Environment, authority: &Result<Authority, Error>) -> Examination {
        let asked = chain::members(environment, authority);
        let asked = asked.filter(|(member, _)| *member != Member::InteractiveBrowser);
        let selection = Selection::of_environment(environment);
        let alone = |member| matches!(&selection, Ok(Some(Selection::One(one))) if *one == member);
        let candidates = asked.map(|(member, slot)| Candidate {
            place: Place::Member(member),
            variables: facts::set(environment, facts::read_by(member)),
            credential: if alone(member) { slot.looked_for() } else { slot.among_others() },
        });
        let aside = |credential: Arc<dyn Credential>, read: &[&'static str]| Candidate {
            place: Place::Aside(credential.name()),
            variables: facts::set(environment, read),
            credential,
        };
        let pipelines = aside(pipelines(environment, authority), &facts::PIPELINES);
        let job = aside(Arc::new(AzureMlOnBehalfOfCredential::new(environment)), &facts::JOB);
        Examination { candidates: candidates.chain([pipelines, job]).collect(), selection }
    }

    /// The sources, in the order of the default chain, and those beside it.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// What it comes to: the findings, one for each candidate, in their order.
    #[must_use]
    pub fn report(&self, findings: Vec<Finding>) -> Report {
        Report::new(findings, &self.selection)
    }
}

fn pipelines(environment: &Environment, authority: &Result<Authority, Error>) -> Arc<dyn Credential> {
    let http = PlainHttp::from_environment(environment);
    let made = chain::at(authority, |authority| {
        AzurePipelinesCredential::from_environment(environment, authority, http)
    });
    match made {
        Ok(credential) => Arc::new(credential),
        Err(error) => Arc::new(Unusable::new("azure-pipelines", error)),
    }
}

/// One source, to be asked.
#[derive(Clone)]
pub struct Candidate {
    place: Place,
    variables: Vec<&'static str>,
    credential: Arc<dyn Credential>,
}

impl Candidate {
    /// The name of its credential.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.place.name()
    }

    /// Asks it for a token, which is not kept. Whatever the source answers is a finding and no error.
    #[must_use]
    pub fn ask(&self, request: &TokenRequest) -> BoxFlow<Finding> {
        let finding = Finding::of(self.place, self.variables.clone());
        Box::new(Watched::new(self.credential.begin(request), finding))
    }

    /// The finding where the run ended without one: its time was over, or it was given up.
    #[must_use]
    pub fn cut_off(&self, error: Error) -> Finding {
        Finding::of(self.place, self.variables.clone()).with_result(Err(error))
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("name", &self.name())
            .field("variables", &self.variables)
            .finish_non_exhaustive()
    }
}
