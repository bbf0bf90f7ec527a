//! Taking secrets and certificates of an app registration away.

use serde_json::json;

use super::certificates::{Change, ChangeCertificates};
use crate::call::{Call, Operation, nothing_more};
use crate::effect::Reply;
use crate::error::Error;
use crate::flow::{Cx, Flow};
use crate::graph::{Application, CredentialKind, Graph, KnownCredential, below};
use crate::run::Step;

/// Removes secrets and certificates of an app registration, those that are named and no others. What is gone
/// already is success.
///
/// A secret is removed by its id. A certificate is removed by writing the list without it, since the call that
/// removes one (`removeKey`) wants a proof signed with another of them: every other certificate that the
/// registration was read with is in the list that is written, or none is written.
#[derive(Debug)]
pub struct RemoveCredentials {
    graph: Graph,
    /// The object id of the registration.
    id: String,
    secrets: Vec<String>,
    certificates: Option<ChangeCertificates>,
    removed: Vec<String>,
    state: State,
}

#[derive(Debug)]
enum State {
    Next,
    Secret(Call),
    /// A secret that could not be removed is looked for; where it is there, the error stands.
    Looking(Call, Error),
    Certificates,
}

impl RemoveCredentials {
    /// These secrets and certificates of this app registration, which was just read.
    #[must_use]
    pub fn new(graph: &Graph, app: &Application, doomed: &[KnownCredential]) -> RemoveCredentials {
        let ids = |kind: CredentialKind| -> Vec<String> {
            doomed.iter().filter(|known| known.kind == kind).map(|known| known.id.clone()).collect()
        };
        let certificates = Some(ids(CredentialKind::Certificate)).filter(|ids| !ids.is_empty());
        RemoveCredentials {
            graph: graph.clone(),
            id: app.id.clone(),
            secrets: ids(CredentialKind::Secret),
            certificates: certificates.map(|ids| ChangeCertificates::new(graph, app, Change::Remove(ids))),
            removed: Vec::new(),
            state: State::Next,
        }
    }

    /// The same, knowing of a certificate that was added since, which has to stay.
    #[must_use]
    pub fn keeping(mut self, certificate: &str) -> RemoveCredentials {
        self.certificates = self.certificates.map(|change| change.keeping(certificate));
        self
    }

    fn next(&mut self, cx: &mut Cx<'_>) -> Step<()> {
        self.state = match (self.secrets.last(), &self.certificates) {
            (Some(secret), _) => {
                let path = below(&["applications", &self.id, "removePassword"]);
                let operation = Operation::post(path, "the secret").document(&json!({ "keyId": secret }));
                State::Secret(self.graph.service().call(operation.repeatable()))
            }
            (None, Some(_)) => State::Certificates,
            (None, None) => return Step::Done(Ok(())),
        };
        self.advance(cx, None)
    }

    fn gone(&mut self, cx: &mut Cx<'_>) -> Step<()> {
        self.removed.extend(self.secrets.pop());
        self.next(cx)
    }

    fn looked(&mut self, cx: &mut Cx<'_>, found: Option<Application>, error: Error) -> Step<()> {
        let secret = self.secrets.last().map_or("", String::as_str);
        let is_there = |app: &Application| {
            app.credentials(CredentialKind::Secret).iter().any(|known| known.id.eq_ignore_ascii_case(secret))
        };
        match found {
            Some(app) if !is_there(&app) => self.gone(cx),
            _ => Step::Done(Err(error)),
        }
    }

    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<()> {
        match &mut self.state {
            State::Next => self.next(cx),
            State::Secret(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Ok(answer)) => {
                    crate::check!(nothing_more(&answer));
                    self.gone(cx)
                }
                // One that is gone already is refused, as after an answer that got lost.
                Step::Done(Err(error)) if matches!(super::status(&error), Some(400 | 404)) => {
                    let operation =
                        Operation::get(below(&["applications", &self.id]), "the secrets of the app");
                    self.state = State::Looking(self.graph.service().call(operation), error);
                    self.advance(cx, None)
                }
                Step::Done(Err(error)) => Step::Done(Err(error)),
            },
            State::Looking(call, error) => {
                let error = error.clone();
                match call.step(cx, reply) {
                    Step::Do(effect) => Step::Do(effect),
                    Step::Done(Ok(answer)) => {
                        let found = crate::check!(Application::of_answer(&answer));
                        self.looked(cx, Some(found), error)
                    }
                    Step::Done(Err(_)) => self.looked(cx, None, error),
                }
            }
            State::Certificates => match &mut self.certificates {
                Some(change) => change.step(cx, reply),
                None => Step::Done(Ok(())),
            },
        }
    }
}

impl RemoveCredentials {
    /// A failure, with what was removed by now.
    fn failed(&self, error: Error) -> Error {
        match self.removed.is_empty() {
            true => error,
            false => error.so_far(
                &format!("so far these were removed: {}", self.removed.join(", ")),
                "run the same again for the others",
            ),
        }
    }
}

impl Flow for RemoveCredentials {
    type Output = ();

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<()> {
        match self.advance(cx, reply) {
            Step::Done(Err(error)) => Step::Done(Err(self.failed(error))),
            other => other,
        }
    }

    fn interrupted(&self, error: Error) -> Error {
        self.failed(match (&self.state, &self.certificates) {
            (State::Certificates, Some(change)) => change.interrupted(error),
            _ => error,
        })
    }
}
