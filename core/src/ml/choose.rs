//! Which workspace is meant: names, a file, or the job that the program runs in.
//!
//! What `MLClient.from_config` with a fallback does, but that a file which is there and cannot be used is an
//! error and is never passed by, or written over.

use super::config::WorkspaceConfig;
use super::find::{FindConfig, FoundConfig, Look};
use super::job::Job;
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, Flow};
use crate::run::Step;

/// Where the names of a workspace come from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WorkspaceOrigin {
    /// The caller gave them.
    Named,
    /// A file.
    File(FoundConfig),
    /// The variables of the job of Azure Machine Learning that this program runs in.
    Job,
}

/// The workspace that is meant.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChosenWorkspace {
    /// Its names.
    pub config: WorkspaceConfig,
    /// Where they come from.
    pub origin: WorkspaceOrigin,
}

/// Finds out which workspace is meant.
///
/// ```no_run
/// # fn main() -> Result<(), entrada_core::Error> {
/// use entrada_core::ml::{ChooseWorkspace, FindConfig, WorkspaceConfig};
///
/// // `.azureml/config.json` here or above; where there is none, these names.
/// let names = WorkspaceConfig::new("6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10", "ml-group", "ml-demo")?;
/// let flow = ChooseWorkspace::by(FindConfig::from_working_directory()).or_named(names);
/// // driver.run(Box::new(flow))?.config
/// # let _ = flow;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ChooseWorkspace {
    search: Option<FindConfig>,
    others: Vec<Other>,
}

/// What is taken where there is no file.
#[derive(Debug)]
enum Other {
    Named(WorkspaceConfig),
    /// Its variables are read when it is its turn, so that they hinder nobody who does not need them.
    Job(Job),
}

impl Other {
    fn workspace(&self) -> Result<Option<ChosenWorkspace>, Error> {
        let (config, origin) = match self {
            Other::Named(config) => (Some(config.clone()), WorkspaceOrigin::Named),
            Other::Job(job) => (job.workspace()?, WorkspaceOrigin::Job),
        };
        Ok(config.map(|config| ChosenWorkspace { config, origin }))
    }
}

impl ChooseWorkspace {
    /// The workspace of these names; nothing is looked for.
    #[must_use]
    pub fn named(config: WorkspaceConfig) -> ChooseWorkspace {
        ChooseWorkspace { search: None, others: vec![Other::Named(config)] }
    }

    /// The workspace of the file that this search finds.
    #[must_use]
    pub fn by(search: FindConfig) -> ChooseWorkspace {
        ChooseWorkspace { search: Some(search), others: Vec::new() }
    }

    /// The same; where there is no file, the workspace of these names.
    #[must_use]
    pub fn or_named(mut self, config: WorkspaceConfig) -> ChooseWorkspace {
        self.others.push(Other::Named(config));
        self
    }

    /// The same; where there is no file, the workspace of this job, if it tells one: see [`Job::workspace`].
    /// Variables that name none are an error then, and not before.
    #[must_use]
    pub fn or_of_job(mut self, job: Option<Job>) -> ChooseWorkspace {
        self.others.extend(job.map(Other::Job));
        self
    }

    /// The same choice with every place that was looked at, whatever came of it.
    #[must_use]
    pub fn explained(self) -> ExplainWorkspace {
        ExplainWorkspace(self)
    }

    fn looks(&self) -> Vec<Look> {
        self.search.as_ref().map(FindConfig::looks).unwrap_or_default()
    }
}

impl Flow for ChooseWorkspace {
    type Output = ChosenWorkspace;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<ChosenWorkspace> {
        let missing = match &mut self.search {
            None => Error::new(ErrorKind::Configuration, "no workspace was named"),
            Some(search) => match search.step(cx, reply) {
                Step::Do(effect) => return Step::Do(effect),
                Step::Done(Ok(found)) => {
                    let config = found.config.clone();
                    return Step::Done(Ok(ChosenWorkspace { config, origin: WorkspaceOrigin::File(found) }));
                }
                // A file that is there and cannot be used is no reason to use something else.
                Step::Done(Err(error)) if !search.is_exhausted() => return Step::Done(Err(error)),
                Step::Done(Err(error)) => error,
            },
        };
        Step::Done(self.others.iter().find_map(|other| other.workspace().transpose()).unwrap_or(Err(missing)))
    }
}

/// What came of a choice, and every place that was looked at, in order.
#[derive(Debug)]
#[non_exhaustive]
pub struct Explanation {
    /// The places. The last one is where the file was, if one was found.
    pub looks: Vec<Look>,
    /// The workspace, or why there is none.
    pub chosen: Result<ChosenWorkspace, Error>,
}

/// Finds out which workspace is meant, and tells why: see [`ChooseWorkspace::explained`].
#[derive(Debug)]
pub struct ExplainWorkspace(ChooseWorkspace);

impl Flow for ExplainWorkspace {
    type Output = Explanation;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Explanation> {
        let chosen = match self.0.step(cx, reply) {
            Step::Do(effect) => return Step::Do(effect),
            Step::Done(Err(error)) if error.kind() == ErrorKind::Misuse => return Step::Done(Err(error)),
            Step::Done(chosen) => chosen,
        };
        let looks = match &chosen {
            Ok(ChosenWorkspace { origin: WorkspaceOrigin::File(found), .. }) => found.looks.clone(),
            _ => self.0.looks(),
        };
        Step::Done(Ok(Explanation { looks, chosen }))
    }
}
