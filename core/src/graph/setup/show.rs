//! Looking at a service principal.

use crate::call::{Call, Operation, Pages};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, Flow};
use crate::graph::{Graph, ServicePrincipal, below, quoted};
use crate::run::Step;
use crate::tenant::is_guid;

/// Finds a service principal by its application id or any of its names, or by its object id.
#[derive(Debug)]
pub struct ShowPrincipal {
    graph: Graph,
    wanted: String,
    state: Showing,
}

#[derive(Debug)]
enum Showing {
    Names(Pages),
    One(Call),
}

impl ShowPrincipal {
    /// The one of this id or name.
    #[must_use]
    pub fn new(graph: &Graph, wanted: &str) -> ShowPrincipal {
        let operation = Operation::get(below(&["servicePrincipals"]), "the service principal")
            .query("$filter", format!("servicePrincipalNames/any(c:c eq {})", quoted(wanted)));
        let state = Showing::Names(Pages::new(graph.service().call(operation)));
        ShowPrincipal { graph: graph.clone(), wanted: wanted.to_owned(), state }
    }

    fn nobody(&self) -> Error {
        let what = format!("there is no service principal '{}' in the directory", self.wanted);
        Error::new(ErrorKind::Refused, what).with_remedy(
            "check the id: the object id of an app registration is not that of its service principal",
        )
    }
}

impl Flow for ShowPrincipal {
    type Output = ServicePrincipal;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<ServicePrincipal> {
        match &mut self.state {
            Showing::Names(pages) => {
                let mut found = crate::pump!(pages.step(cx, reply));
                match found.pop() {
                    Some(found) => Step::Done(ServicePrincipal::of(found).ok_or_else(|| self.nobody())),
                    None if is_guid(&self.wanted) => {
                        let path = below(&["servicePrincipals", &self.wanted]);
                        let operation = Operation::get(path, "the service principal");
                        self.state = Showing::One(self.graph.service().call(operation));
                        self.step(cx, None)
                    }
                    None => Step::Done(Err(self.nobody())),
                }
            }
            Showing::One(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Err(error)) if super::status(&error) == Some(404) => {
                    Step::Done(Err(self.nobody()))
                }
                Step::Done(Err(error)) => Step::Done(Err(error)),
                Step::Done(Ok(answer)) => Step::Done(ServicePrincipal::of_answer(&answer)),
            },
        }
    }
}
