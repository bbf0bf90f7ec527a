//! A certificate of an app registration.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::is_unknown;
use crate::calendar;
use crate::call::{Call, Operation, malformed, nothing_more};
use crate::effect::Reply;
use crate::error::Error;
use crate::flow::{Cx, Flow};
use crate::graph::{Application, Graph, below};
use crate::patience::{Patience, named_guid};
use crate::run::Step;
use crate::time::Unix;

/// A certificate whose key an app signs its assertions with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate in DER. It is no secret.
    pub der: Vec<u8>,
    /// From when to when it shall serve; nothing, for as long as it is valid.
    pub valid: Option<(Unix, Unix)>,
}

impl Certificate {
    /// The id it is registered under: one that follows from the certificate, so that registering it twice
    /// comes to the same.
    #[must_use]
    pub fn key_id(&self) -> String {
        named_guid(&Sha256::digest(&self.der))
    }
}

/// Adds a certificate to an app registration; those there are stay. Ends in its id.
#[derive(Debug)]
pub struct AddCertificate {
    graph: Graph,
    id: String,
    certificate: Certificate,
    patience: Patience,
    state: State,
}

#[derive(Debug)]
enum State {
    Reading(Call),
    Writing(Call),
    Waiting,
}

impl AddCertificate {
    /// This certificate for the app registration of this object id.
    #[must_use]
    pub fn new(graph: &Graph, id: &str, certificate: &Certificate) -> AddCertificate {
        AddCertificate {
            graph: graph.clone(),
            id: id.to_owned(),
            certificate: certificate.clone(),
            patience: Patience::for_replication(),
            state: State::Reading(read(graph, id)),
        }
    }

    /// The list with the new one in it; the others are named by what the directory told of them. Nothing,
    /// where it is in the list already.
    fn list(&self, found: &Application) -> Option<Value> {
        let id = self.certificate.key_id();
        if found.credentials("keyCredentials").iter().any(|known| known.id.eq_ignore_ascii_case(&id)) {
            return None;
        }
        let known = found.document().get("keyCredentials").and_then(Value::as_array);
        let mut list: Vec<Value> = known.cloned().unwrap_or_default();
        for item in &mut list {
            if let Value::Object(item) = item {
                item.retain(|_, value| !value.is_null());
            }
        }
        let mut own = json!({
            "@odata.type": "#microsoft.graph.keyCredential", "displayName": null,
            "key": STANDARD.encode(&self.certificate.der), "keyId": id, "type": "AsymmetricX509Cert",
            "usage": "Verify",
        });
        if let Some((from, to)) = self.certificate.valid {
            own["startDateTime"] = calendar::rfc3339(from).into();
            own["endDateTime"] = calendar::rfc3339(to).into();
        }
        list.push(own);
        Some(list.into())
    }

    fn refused(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<String> {
        if !is_unknown(&error) {
            return Step::Done(Err(error));
        }
        match self.patience.wait(cx, "for the app registration to be known") {
            Some(step) => {
                self.state = State::Waiting;
                step
            }
            None => Step::Done(Err(error)),
        }
    }
}

fn read(graph: &Graph, id: &str) -> Call {
    graph.service().call(Operation::get(below(&["applications", id]), "the certificates of the app"))
}

impl Flow for AddCertificate {
    type Output = String;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<String> {
        match &mut self.state {
            State::Reading(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Err(error)) => self.refused(cx, error),
                Step::Done(Ok(answer)) => {
                    let found = answer.object().cloned().map(Value::Object).and_then(Application::of);
                    let found =
                        crate::check!(found.ok_or_else(|| malformed(&answer, "is not an app registration")));
                    let Some(list) = self.list(&found) else {
                        return Step::Done(Ok(self.certificate.key_id()));
                    };
                    let path = below(&["applications", &self.id]);
                    let operation = Operation::patch(path, "the certificate")
                        .document(&json!({ "keyCredentials": list }))
                        .repeatable();
                    self.state = State::Writing(self.graph.service().call(operation));
                    self.step(cx, None)
                }
            },
            State::Writing(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Err(error)) => self.refused(cx, error),
                Step::Done(Ok(answer)) => {
                    Step::Done(nothing_more(&answer).map(|()| self.certificate.key_id()))
                }
            },
            State::Waiting => {
                crate::check!(Patience::waited(reply));
                self.state = State::Reading(read(&self.graph, &self.id));
                self.step(cx, None)
            }
        }
    }
}
