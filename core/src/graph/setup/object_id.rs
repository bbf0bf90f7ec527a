//! An object id where an application id was meant.

use serde_json::Value;

use crate::call::{Call, Operation, malformed};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, Flow};
use crate::graph::{Graph, below};
use crate::run::Step;
use crate::tenant::is_guid;

/// Fails for what is no application id.
pub(super) fn check_app_id(app_id: &str) -> Result<(), Error> {
    if is_guid(app_id) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Configuration, "the application id is not a GUID")
        .with_remedy("it is told where the app was made, in the portal under App registrations, and by Microsoft Graph: /v1.0/applications?$filter=displayName eq 'NAME'"))
}

/// Looks whether an id that no app has as its application id is the object id of an app registration or of a service
/// principal. Ends in the error that names the application id, where it is; else in nothing.
#[derive(Debug)]
pub(super) struct MeantByObjectId {
    graph: Graph,
    id: String,
    of: Of,
    call: Call,
}

#[derive(Clone, Copy, Debug)]
enum Of {
    Registration,
    Principal,
}

impl Of {
    /// The collection, and what is in it.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Of::Registration => ("applications", "the app registration"),
            Of::Principal => ("servicePrincipals", "the service principal"),
        }
    }
}

fn look(graph: &Graph, of: Of, id: &str) -> Call {
    let (list, label) = of.names();
    graph.service().call(Operation::get(below(&[list, id]), label))
}

impl MeantByObjectId {
    pub(super) fn new(graph: &Graph, id: &str) -> MeantByObjectId {
        let of = Of::Registration;
        MeantByObjectId { graph: graph.clone(), id: id.to_owned(), of, call: look(graph, of, id) }
    }

    fn refused(&self, app_id: &str) -> Error {
        let (_, label) = self.of.names();
        let what =
            format!("{} is the object id of {label} of the app {app_id}, not an application id", self.id);
        Error::new(ErrorKind::Refused, what).with_remedy(format!("give the application id: {app_id}"))
    }
}

impl Flow for MeantByObjectId {
    type Output = Option<Error>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Option<Error>> {
        match (self.call.step(cx, reply), self.of) {
            (Step::Do(effect), _) => Step::Do(effect),
            (Step::Done(Err(error)), of) if super::status(&error) == Some(404) => match of {
                Of::Registration => {
                    self.of = Of::Principal;
                    self.call = look(&self.graph, self.of, &self.id);
                    self.step(cx, None)
                }
                Of::Principal => Step::Done(Ok(None)),
            },
            (Step::Done(Err(error)), _) => Step::Done(Err(error)),
            (Step::Done(Ok(answer)), _) => {
                let document = answer.object().cloned().unwrap_or_default();
                let app_id = document.get("appId").and_then(Value::as_str).filter(|id| is_guid(id));
                match app_id {
                    Some(app_id) => Step::Done(Ok(Some(self.refused(app_id)))),
                    None => Step::Done(Err(malformed(&answer, "has no application id"))),
                }
            }
        }
    }
}
