//! The service principal of an app registration.

use serde_json::json;

use super::is_unknown;
use crate::call::{Call, Operation};
use crate::effect::Reply;
use crate::error::Error;
use crate::flow::{Cx, Flow};
use crate::graph::{Graph, ServicePrincipal, below, quoted};
use crate::patience::Patience;
use crate::run::Step;

/// Finds the service principal of an app, or makes it. An app that is not known yet is waited for: 36 times,
/// 5 seconds apart. There can be one alone, since the application id is its key.
#[derive(Debug)]
pub struct EnsurePrincipal {
    graph: Graph,
    app_id: String,
    state: State,
    patience: Patience,
}

#[derive(Debug)]
enum State {
    Looking(Call),
    Making(Call),
    Waiting,
}

impl EnsurePrincipal {
    /// The service principal of the app of this application id.
    #[must_use]
    pub fn new(graph: &Graph, app_id: &str) -> EnsurePrincipal {
        EnsurePrincipal {
            graph: graph.clone(),
            app_id: app_id.to_owned(),
            state: State::Looking(look(graph, app_id)),
            patience: Patience::for_replication(),
        }
    }

    fn make(&mut self, cx: &mut Cx<'_>) -> Step<ServicePrincipal> {
        let document = json!({ "appId": self.app_id, "accountEnabled": true });
        let operation = Operation::post(below(&["servicePrincipals"]), "a new service principal");
        self.state = State::Making(self.graph.service().call(operation.document(&document)));
        self.step(cx, None)
    }

    fn wait(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<ServicePrincipal> {
        let waiting = self.patience.wait_or(cx, "for the app registration to be known", error);
        if waiting.is_ok() {
            self.state = State::Waiting;
        }
        waiting.unwrap_or_else(|error| Step::Done(Err(error)))
    }
}

fn look(graph: &Graph, app_id: &str) -> Call {
    let path = below(&[&format!("servicePrincipals(appId={})", quoted(app_id))]);
    graph.service().call(Operation::get(path, "the service principal"))
}

impl Flow for EnsurePrincipal {
    type Output = ServicePrincipal;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<ServicePrincipal> {
        let (looking, call) = match &mut self.state {
            State::Looking(call) => (true, call),
            State::Making(call) => (false, call),
            State::Waiting => {
                crate::check!(Patience::waited(reply));
                self.state = State::Looking(look(&self.graph, &self.app_id));
                return self.step(cx, None);
            }
        };
        let result = match call.step(cx, reply) {
            Step::Do(effect) => return Step::Do(effect),
            Step::Done(result) => result.and_then(|answer| ServicePrincipal::of_answer(&answer)),
        };
        match result {
            Ok(found) if found.app_id.eq_ignore_ascii_case(&self.app_id) => Step::Done(Ok(found)),
            Ok(_) => {
                let what = "the directory gave the service principal of another app";
                Step::Done(Err(Error::new(crate::error::ErrorKind::Malformed, what)))
            }
            Err(error) if looking && is_unknown(&error) => self.make(cx),
            Err(error) if looking => Step::Done(Err(error)),
            Err(error) if is_unknown(&error) => self.wait(cx, error),
            Err(error)
                if error.leaves_open() || error.code() == Some("Request_MultipleObjectsWithSameKeyValue") =>
            {
                // It is there, or may be: looking, and making it where it is not found, will tell.
                self.wait(cx, error)
            }
            Err(error) => Step::Done(Err(error)),
        }
    }
}
