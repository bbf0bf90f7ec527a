//! The app registration: the one there is, or a new one, and never a second.

use serde_json::{Value, json};

use super::object_id::{MeantByObjectId, check_app_id};
use crate::call::{Call, Operation, Pages};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind, Made, MadeKind};
use crate::flow::{Cx, Flow};
use crate::graph::{Application, Graph, below, quoted};
use crate::patience::Patience;
use crate::run::Step;

/// Which app registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// A new one of this name; one that has the name already is an error.
    New(String),
    /// The one of this name, or a new one where none is found within a minute: one that was just made, by a run that
    /// was cut off for instance, may not be known yet.
    Reused(String),
    /// The one of this application id, which is looked for for a minute. An object id is told from one: the error
    /// names the application id.
    Of(String),
}

/// Finds an app registration, or makes it. Ends in the registration, and in whether it is new.
///
/// Making one is not repeated: after an answer that leaves it open whether one was made, it is looked for by its name
/// for a minute.
#[derive(Debug)]
pub struct EnsureApplication {
    graph: Graph,
    which: Which,
    reference: Option<String>,
    state: State,
    patience: Patience,
    doubt: Option<Error>,
}

#[derive(Debug)]
enum State {
    Finding(Pages),
    FindingOne(Call),
    /// No app has this application id, which is the error unless it is the object id of one.
    LookingUp(Box<MeantByObjectId>, Error),
    Making(Call),
    Waiting,
}

impl EnsureApplication {
    /// This app registration; `reference` is the service that a new one belongs to
    /// (`serviceManagementReference`), where the tenant wants to know.
    #[must_use]
    pub fn new(graph: &Graph, which: &Which, reference: Option<&str>) -> EnsureApplication {
        EnsureApplication {
            graph: graph.clone(),
            which: which.clone(),
            reference: reference.map(str::to_owned),
            state: look(graph, which),
            patience: Patience::for_doubt(),
            doubt: None,
        }
    }

    fn name(&self) -> &str {
        match &self.which {
            Which::New(name) | Which::Reused(name) | Which::Of(name) => name,
        }
    }

    fn make(&mut self, cx: &mut Cx<'_>) -> Step<(Application, bool)> {
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
            (0, None) if matches!(self.which, Which::Reused(_)) => self.look_again(cx),
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

    /// One of the name may have been made a moment ago.
    fn look_again(&mut self, cx: &mut Cx<'_>) -> Step<(Application, bool)> {
        if let Some(step) = self.patience.wait(cx, "for an app registration that may have just been made") {
            self.state = State::Waiting;
            return step;
        }
        if !self.patience.is_out_of_time() {
            return self.make(cx);
        }
        let what = format!("there is no app registration named '{}' yet", self.name());
        Step::Done(Err(self.patience.over(cx, Error::new(ErrorKind::Timeout, what))))
    }

    fn wait(&mut self, cx: &mut Cx<'_>) -> Step<(Application, bool)> {
        const WHY: &str = "for an app registration that may have been made";
        let refused_just_now = matches!(self.state, State::Making(_));
        let step = match &self.doubt {
            Some(error) if refused_just_now => self.patience.wait_after(cx, WHY, error),
            _ => self.patience.wait(cx, WHY),
        };
        if let Some(step) = step {
            self.state = State::Waiting;
            return step;
        }
        // It is not made again: what got lost was made more often than not, whatever a server in between said of it,
        // and may take longer than a minute to be found.
        match self.doubt.take() {
            Some(error) => Step::Done(Err(self.unknown(error))),
            None => self.make(cx),
        }
    }

    fn in_doubt(&mut self, cx: &mut Cx<'_>, error: Error, sent: bool) -> Step<(Application, bool)> {
        if !sent || !error.leaves_open() {
            return Step::Done(Err(match self.doubt {
                Some(_) => self.unknown(error),
                None => error,
            }));
        }
        self.doubt = Some(error);
        self.wait(cx)
    }

    /// The error that leaves it open whether an app registration was made.
    fn unknown(&self, error: Error) -> Error {
        let what = format!("whether an app registration named '{}' was made is not known", self.name());
        let next = "look for it by its name in a few minutes, or run the same again with --reuse";
        error.so_far(&what, next).after_making([Made::perhaps(MadeKind::Application, self.name())])
    }

    fn not_found(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<(Application, bool)> {
        match self.patience.wait(cx, "for the app registration to be known") {
            Some(step) => {
                self.state = State::Waiting;
                step
            }
            None if self.patience.is_out_of_time() => Step::Done(Err(self.patience.over(cx, error))),
            None => {
                let error = self.patience.over(cx, error);
                let look = MeantByObjectId::new(&self.graph, self.name());
                self.state = State::LookingUp(Box::new(look), error);
                self.step(cx, None)
            }
        }
    }
}

fn look(graph: &Graph, which: &Which) -> State {
    match which {
        Which::New(name) | Which::Reused(name) => State::Finding(named(graph, name)),
        Which::Of(id) => {
            let path = below(&[&format!("applications(appId={})", quoted(id))]);
            State::FindingOne(graph.service().call(Operation::get(path, "the app registration")))
        }
    }
}

fn read(values: Vec<Value>) -> Result<Vec<Application>, Error> {
    let found: Option<Vec<_>> = values.into_iter().map(Application::of).collect();
    found.ok_or_else(|| {
        Error::new(ErrorKind::Malformed, "the list of app registrations has what is not one in it")
    })
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

impl Flow for EnsureApplication {
    type Output = (Application, bool);

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<(Application, bool)> {
        if let Which::Of(app_id) = &self.which {
            crate::check!(check_app_id(app_id));
        }
        match &mut self.state {
            State::Finding(pages) => {
                let result = match pages.step(cx, reply) {
                    Step::Do(effect) => return Step::Do(effect),
                    Step::Done(result) => result.and_then(read),
                };
                match result {
                    Ok(found) => self.found(cx, found),
                    Err(error) if self.doubt.is_some() => Step::Done(Err(self.unknown(error))),
                    Err(error) => Step::Done(Err(error)),
                }
            }
            State::FindingOne(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Err(error)) if super::status(&error) == Some(404) => self.not_found(cx, error),
                Step::Done(Err(error)) => Step::Done(Err(error)),
                Step::Done(Ok(answer)) => {
                    Step::Done(Application::of_answer(&answer).map(|found| (found, false)))
                }
            },
            State::LookingUp(look, error) => match look.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Ok(Some(meant))) => Step::Done(Err(meant)),
                Step::Done(_) => Step::Done(Err(error.clone())),
            },
            State::Making(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(result) => {
                    let sent = call.is_under_way();
                    match result.and_then(|answer| Application::of_answer(&answer)) {
                        Ok(made) => Step::Done(Ok((made, true))),
                        Err(error) => self.in_doubt(cx, error, sent),
                    }
                }
            },
            State::Waiting => {
                crate::check!(Patience::waited(reply));
                self.state = look(&self.graph, &self.which);
                self.step(cx, None)
            }
        }
    }

    fn interrupted(&self, error: Error) -> Error {
        match &self.state {
            State::Making(call) if call.is_under_way() => self.unknown(error),
            _ if self.doubt.is_some() => self.unknown(error),
            _ => error,
        }
    }
}
