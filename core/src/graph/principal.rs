//! Principals, found by whatever name people have for them.

use serde_json::{Value, json};

use super::{Graph, ServicePrincipal, below, quoted};
use crate::arm::roles::{Principal, PrincipalKind};
use crate::call::{Call, Operation, Pages};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::flow::{Cx, Flow};
use crate::run::Step;
use crate::tenant::is_guid;

impl From<&ServicePrincipal> for Principal {
    fn from(found: &ServicePrincipal) -> Principal {
        Principal {
            object_id: found.id.clone(),
            kind: Some(PrincipalKind::ServicePrincipal),
            name: Some(found.name().to_owned()).filter(|name| !name.is_empty()),
        }
    }
}

/// Finds a principal by a user's sign-in name, by an app's application id or any of its names, by the resource id
/// of a managed identity or of the resource that has it, or by an object id of any kind.
///
/// The directory keeps a resource id among the `alternativeNames` of a managed identity's service principal, not
/// among its `servicePrincipalNames` (Microsoft Graph, resource type `servicePrincipal`).
#[derive(Debug)]
pub struct FindPrincipal {
    graph: Graph,
    wanted: String,
    state: State,
}

#[derive(Debug)]
enum State {
    User(Pages),
    Names(Pages),
    Id(Call),
}

impl FindPrincipal {
    /// The principal that is called this.
    ///
    /// # Errors
    /// `Configuration` when it is empty.
    pub fn new(graph: &Graph, wanted: &str) -> Result<FindPrincipal, Error> {
        let wanted = wanted.trim();
        if wanted.is_empty() {
            return Err(Error::new(ErrorKind::Configuration, "the principal's name is empty"));
        }
        let list = |what: &str, filter: String, label: &'static str| {
            let operation = Operation::get(below(&[what]), label).query("$filter", filter);
            Pages::new(graph.service().call(operation))
        };
        let named = |names: &str, label| {
            State::Names(list("servicePrincipals", format!("{names}/any(c:c eq {})", quoted(wanted)), label))
        };
        let state = match wanted {
            wanted if is_resource_id(wanted) => named("alternativeNames", "the managed identity"),
            wanted if wanted.contains('@') => {
                State::User(list("users", format!("userPrincipalName eq {}", quoted(wanted)), "the user"))
            }
            _ => named("servicePrincipalNames", "the service principal"),
        };
        Ok(FindPrincipal { graph: graph.clone(), wanted: wanted.to_owned(), state })
    }

    fn by_id(&self) -> Call {
        let document = json!({ "ids": [self.wanted], "types": ["user", "group", "servicePrincipal"] });
        let operation = Operation::post(below(&["directoryObjects", "getByIds"]), "the principal");
        self.graph.service().call(operation.document(&document).repeatable())
    }

    fn of_object(&self, answer: &Answer) -> Result<Principal, Error> {
        let document = answer.object().cloned().unwrap_or_default();
        let list = document.get("value").and_then(Value::as_array);
        let found = list.and_then(|list| list.first()).ok_or_else(|| self.nobody())?;
        principal(found).ok_or_else(|| self.nobody())
    }

    fn nobody(&self) -> Error {
        let what = format!("there is no principal '{}' in the directory", self.wanted);
        Error::new(ErrorKind::Refused, what).with_remedy(match is_resource_id(&self.wanted) {
            true => "check the resource id, and that the resource has a managed identity; one that was just made may take minutes to be known everywhere",
            false => "check the name; an app registration without a service principal has none, and its object id is not one",
        })
    }
}

/// Whether this names a resource of Azure Resource Manager.
fn is_resource_id(text: &str) -> bool {
    let start = "/subscriptions/";
    text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
}

fn principal(value: &Value) -> Option<Principal> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let kind = match text("@odata.type") {
        Some("#microsoft.graph.user") => Some(PrincipalKind::User),
        Some("#microsoft.graph.group") => Some(PrincipalKind::Group),
        Some("#microsoft.graph.servicePrincipal") => Some(PrincipalKind::ServicePrincipal),
        _ if text("servicePrincipalType").is_some() => Some(PrincipalKind::ServicePrincipal),
        _ if text("userPrincipalName").is_some() => Some(PrincipalKind::User),
        _ => None,
    };
    let name = text("userPrincipalName").or(text("displayName")).map(str::to_owned);
    let object_id = text("id").filter(|id| is_guid(id))?.to_owned();
    Some(Principal { object_id, kind, name })
}

impl Flow for FindPrincipal {
    type Output = Principal;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Principal> {
        match &mut self.state {
            State::User(pages) => {
                let found = crate::pump!(pages.step(cx, reply));
                Step::Done(found.first().and_then(principal).ok_or_else(|| self.nobody()))
            }
            State::Names(pages) => {
                let found = crate::pump!(pages.step(cx, reply));
                match found.first() {
                    Some(found) => Step::Done(principal(found).ok_or_else(|| self.nobody())),
                    None if is_guid(&self.wanted) => {
                        self.state = State::Id(self.by_id());
                        self.step(cx, None)
                    }
                    None => Step::Done(Err(self.nobody())),
                }
            }
            State::Id(call) => {
                let answer = crate::pump!(call.step(cx, reply));
                Step::Done(self.of_object(&answer))
            }
        }
    }
}
