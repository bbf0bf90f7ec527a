//! The app registration: the one there is, or a new one, and never a second.

use std::time::Duration;

use serde_json::{Value, json};

use super::is_in_doubt;
use crate::call::{Call, Operation, Pages, malformed};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::flow::{Cx, Flow};
use crate::graph::{Application, Graph, below, quoted};
use crate::patience::Patience;
use crate::run::{Step, out_of_time};

/// Which app registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// A new one of this name; one that has the name already is an error.
    New(String),
    /// The one of this name, or a new one where there is none.
    Reused(String),
    /// The one of this application id.
    Of(String),
}

/// Finds an app registration, or makes it. Ends in the registration, and in whether it is new.
///
/// Making one is not repeated blindly: after an answer that leaves it open whether one was made, it is looked
/// for by its name for a minute first.
#[derive(Debug)]
pub struct EnsureApplication {
    graph: Graph,
    which: Which,
    reference: Option<String>,
    state: State,
    patience: Patience,
    tries: u32,
    doubt: Option<Error>,
}

#[derive(Debug)]
enum State {
    Finding(Pages),
    FindingOne(Call),
    Making(Call),
    Doubting,
}

impl EnsureApplication {
    /// This app registration; `reference` is the service that a new one belongs to
    /// (`serviceManagementReference`), where the tenant wants to know.
    #[must_use]
    pub fn new(graph: &Graph, which: &Which, reference: Option<&str>) -> EnsureApplication {
        let state = match which {
            Which::New(name) | Which::Reused(name) => State::Finding(named(graph, name)),
            Which::Of(id) => {
                let path = below(&[&format!("applications(appId={})", quoted(id))]);
                State::FindingOne(graph.service().call(Operation::get(path, "the app registration")))
            }
        };
        EnsureApplication {
            graph: graph.clone(),
            which: which.clone(),
            reference: reference.map(str::to_owned),
            state,
            patience: Patience::for_doubt(),
            tries: 0,
            doubt: None,
        }
    }

    fn name(&self) -> &str {
        match &self.which {
            Which::New(name) | Which::Reused(name) | Which::Of(name) => name,
        }
    }

    fn make(&mut self, cx: &mut Cx<'_>) -> Step<(Application, bool)> {
        self.tries += 1;
        self.patience = Patience::for_doubt();
        let mut document = json!({ "displayName": self.name() });
        if let Some(reference) = &self.reference {
            document["serviceManagementReference"] = reference.as_str().into();
        }
        let operation = Operation::post(below(&["applications"]), "a new app registration");
        self.state = State::Making(self.graph.service().call(operation.document(&document)));
        self.step(cx, None)
    }

    fn found(&mut self, cx: &mut Cx<'_>, mut found: Vec<Application>) -> Step<(Application, bool)> {
        // The directory compares without regard to case.
        found.retain(|found| found.name() == self.name());
        match (found.len(), &self.doubt) {
            (0, None) => self.make(cx),
            (0, Some(_)) => self.wait(cx),
            (1, Some(_)) => Step::Done(Ok((found.remove(0), true))),
            (1, None) if matches!(self.which, Which::Reused(_)) => Step::Done(Ok((found.remove(0), false))),
            (1, None) => Step::Done(Err(taken(&found[0]))),
            (several, _) => {
                let ids: Vec<_> = found.iter().take(5).map(|found| found.app_id.as_str()).collect();
                let what = format!("there are {several} app registrations of this name: {}", ids.join(", "));
                Step::Done(Err(Error::new(ErrorKind::Refused, what)
                    .with_remedy("name the one that is meant with --app-id")))
            }
        }
    }

    fn wait(&mut self, cx: &mut Cx<'_>) -> Step<(Application, bool)> {
        const WHY: &str = "for an app registration that may have been made";
        let refused_just_now = matches!(self.state, State::Making(_));
        let step = match &self.doubt {
            Some(error) if refused_just_now => self.patience.wait_after(cx, WHY, error),
            _ => self.patience.wait(cx, WHY),
        };
        if let Some(step) = step {
            self.state = State::Doubting;
            return step;
        }
        match self.doubt.take() {
            Some(error) if refused_just_now || self.tries > 2 || cx.outlasts(Duration::from_secs(5)) => {
                Step::Done(Err(unknown(error)))
            }
            _ => self.make(cx),
        }
    }

    fn in_doubt(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<(Application, bool)> {
        if !is_in_doubt(&error) {
            return Step::Done(Err(error));
        }
        self.doubt = Some(error);
        self.wait(cx)
    }
}

fn read(values: Vec<Value>) -> Result<Vec<Application>, Error> {
    let found: Option<Vec<_>> = values.into_iter().map(Application::of).collect();
    found.ok_or_else(|| {
        Error::new(ErrorKind::Malformed, "the list of app registrations has what is not one in it")
    })
}

/// The error that leaves it open whether an app registration was made.
fn unknown(error: Error) -> Error {
    error.so_far(
        "whether the app registration was made is not known",
        "look for it by its name in a few minutes, or run the same again with --reuse",
    )
}

fn named(graph: &Graph, name: &str) -> Pages {
    let filter = format!("displayName eq {}", quoted(name));
    let operation =
        Operation::get(below(&["applications"]), "the app registrations").query("$filter", filter);
    Pages::new(graph.service().call(operation))
}

fn taken(found: &Application) -> Error {
    let what = format!("there is an app registration of this name already: application id {}", found.app_id);
    Error::new(ErrorKind::Refused, what).with_remedy(
        "choose another name, or pass --reuse to add to that one; nothing that it has is removed",
    )
}

fn of_answer(answer: &Answer) -> Result<Application, Error> {
    let document = answer.object().cloned().map(Value::Object);
    let application = document.and_then(Application::of);
    application.ok_or_else(|| malformed(answer, "is not an app registration"))
}

impl Flow for EnsureApplication {
    type Output = (Application, bool);

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<(Application, bool)> {
        match &mut self.state {
            State::Finding(pages) => {
                let result = match pages.step(cx, reply) {
                    // At the end of the time the run would end without a word on what may have been made.
                    Step::Do(effect) if self.doubt.is_some() && cx.outlasts(Duration::ZERO) => {
                        Err(out_of_time(&effect))
                    }
                    Step::Do(effect) => return Step::Do(effect),
                    Step::Done(result) => result.and_then(read),
                };
                match result {
                    Ok(found) => self.found(cx, found),
                    Err(error) if self.doubt.is_some() => Step::Done(Err(unknown(error))),
                    Err(error) => Step::Done(Err(error)),
                }
            }
            State::FindingOne(call) => {
                let answer = crate::pump!(call.step(cx, reply));
                Step::Done(of_answer(&answer).map(|found| (found, false)))
            }
            State::Making(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(result) => match result.and_then(|answer| of_answer(&answer)) {
                    Ok(made) => Step::Done(Ok((made, true))),
                    Err(error) => self.in_doubt(cx, error),
                },
            },
            State::Doubting => {
                crate::check!(Patience::waited(reply));
                self.state = State::Finding(named(&self.graph, self.name()));
                self.step(cx, None)
            }
        }
    }
}
