//! Looking at an app registration.

use crate::call::{Call, Operation};
use crate::effect::Reply;
use crate::error::Error;
use crate::flow::{Cx, Flow};
use crate::graph::{Application, Graph, below, quoted};
use crate::run::Step;

/// Reads the app registration of an application id. Ends in nothing where the directory has none, as for apps
/// of other directories and for managed identities.
#[derive(Debug)]
pub struct ShowApplication(Call);

impl ShowApplication {
    /// The registration of this application id.
    #[must_use]
    pub fn new(graph: &Graph, app_id: &str) -> ShowApplication {
        let path = below(&[&format!("applications(appId={})", quoted(app_id))]);
        ShowApplication(graph.service().call(Operation::get(path, "the app registration")))
    }
}

impl Flow for ShowApplication {
    type Output = Option<Application>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Option<Application>> {
        match self.0.step(cx, reply) {
            Step::Do(effect) => Step::Do(effect),
            Step::Done(Err(error)) if super::status(&error) == Some(404) => Step::Done(Ok(None)),
            Step::Done(Err(error)) => Step::Done(Err::<_, Error>(error)),
            Step::Done(Ok(answer)) => Step::Done(Application::of_answer(&answer).map(Some)),
        }
    }
}
