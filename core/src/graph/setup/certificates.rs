//! The certificates of an app registration, which are written as one list.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Certificate, is_in_doubt, is_unknown};
use crate::call::{Call, Operation, malformed, nothing_more};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, Flow};
use crate::graph::{Application, CredentialKind, Graph, below};
use crate::patience::Patience;
use crate::run::{Step, out_of_time};

/// After so many answers that leave it open what was done, it is not tried again.
const MOST_DOUBTS: u32 = 3;

/// What becomes of the list.
#[derive(Debug)]
pub(super) enum Change {
    /// This one is added.
    Add(Certificate),
    /// Those of these ids are removed.
    Remove(Vec<String>),
}

/// Reads the list of certificates, changes it and writes it back.
///
/// `PATCH` replaces the whole list: what is not written is gone. So the list of a server that does not know yet
/// of a certificate the caller knows of is not used, and after an answer that got lost the list is read anew
/// before it is written again. An error of a kind that says no (`Refused`, `Forbidden`) says that nothing was
/// changed.
#[derive(Debug)]
pub(super) struct ChangeCertificates {
    graph: Graph,
    /// The object id of the registration.
    id: String,
    change: Change,
    /// The ids of those that have to be in the list, before the change and after it.
    known: Vec<String>,
    patience: Patience,
    doubts: u32,
    state: State,
}

#[derive(Debug)]
enum State {
    Reading(Call),
    Writing(Call),
    Waiting,
}

fn read(graph: &Graph, id: &str) -> Call {
    graph.service().call(Operation::get(below(&["applications", id]), "the certificates of the app"))
}

fn is_among(ids: &[String], id: &str) -> bool {
    ids.iter().any(|known| known.eq_ignore_ascii_case(id))
}

impl ChangeCertificates {
    /// This change for this app registration. The certificates that it was read with stay, but for those that are
    /// removed.
    pub(super) fn new(graph: &Graph, app: &Application, change: Change) -> ChangeCertificates {
        let doomed = match &change {
            Change::Add(_) => &[][..],
            Change::Remove(ids) => ids,
        };
        let known = app.credentials(CredentialKind::Certificate).into_iter().map(|known| known.id);
        ChangeCertificates {
            graph: graph.clone(),
            id: app.id.clone(),
            known: known.filter(|id| !is_among(doomed, id)).collect(),
            change,
            patience: Patience::for_replication(),
            doubts: 0,
            state: State::Reading(read(graph, &app.id)),
        }
    }

    /// The same, knowing of one more that has to stay.
    pub(super) fn keeping(mut self, id: &str) -> ChangeCertificates {
        self.known.push(id.to_owned());
        self
    }

    /// The list as it shall be; nothing, where it is so already. Those that stay are named by what the directory
    /// told of them, which is all of them but their keys.
    fn list(&self, found: &Application) -> Option<Vec<Value>> {
        let items = found.document().get(CredentialKind::Certificate.list()).and_then(Value::as_array);
        let mut list: Vec<Value> = items.cloned().unwrap_or_default();
        let id = |item: &Value| item.get("keyId").and_then(Value::as_str).unwrap_or_default().to_owned();
        match &self.change {
            Change::Add(own) if list.iter().any(|item| id(item).eq_ignore_ascii_case(&own.key_id())) => {
                return None;
            }
            Change::Remove(doomed) if !list.iter().any(|item| is_among(doomed, &id(item))) => return None,
            Change::Add(_) => {}
            Change::Remove(doomed) => list.retain(|item| !is_among(doomed, &id(item))),
        }
        for item in &mut list {
            if let Value::Object(item) = item {
                item.retain(|_, value| !value.is_null());
            }
        }
        if let Change::Add(own) = &self.change {
            list.push(own.document());
        }
        Some(list)
    }

    /// Takes a list that was read.
    fn found(&mut self, cx: &mut Cx<'_>, found: &Application) -> Step<()> {
        let shown: Vec<_> =
            found.credentials(CredentialKind::Certificate).into_iter().map(|known| known.id).collect();
        if let Some(missing) = self.known.iter().find(|id| !is_among(&shown, id)) {
            let what = format!("the directory does not show the certificate {missing} of the app");
            let error = Error::new(ErrorKind::Service, what)
                .with_remedy("try again in a few minutes; the list of certificates was left as it is");
            return self.wait(cx, error);
        }
        // One that is not there is gone, or is not known to this server yet.
        if let Change::Remove(doomed) = &self.change
            && self.doubts == 0
            && !doomed.iter().all(|id| is_among(&shown, id))
            && let Some(step) = self.patience.wait(cx, "for the certificate to be known")
        {
            self.state = State::Waiting;
            return step;
        }
        let Some(list) = self.list(found) else { return Step::Done(Ok(())) };
        let operation = Operation::patch(below(&["applications", &self.id]), "the list of certificates")
            .document(&json!({ CredentialKind::Certificate.list(): list }));
        self.state = State::Writing(self.graph.service().call(operation));
        self.advance(cx, None)
    }

    fn wait(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<()> {
        match self.patience.wait_after(cx, "for the app registration to be known", &error) {
            Some(step) => {
                self.state = State::Waiting;
                step
            }
            None => self.failed(error),
        }
    }

    fn failed(&self, error: Error) -> Step<()> {
        if self.doubts == 0 {
            return Step::Done(Err(error));
        }
        // What is refused after an answer that got lost does not say that nothing was done.
        let error = if is_in_doubt(&error) { error } else { error.as_kind(ErrorKind::Service) };
        Step::Done(Err(error.so_far(
            "whether the list of certificates was changed is not known",
            "see what it has with: entrada sp show APP",
        )))
    }

    fn refused(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<()> {
        if is_unknown(&error) {
            return self.wait(cx, error);
        }
        if !is_in_doubt(&error) {
            return self.failed(error);
        }
        self.doubts += 1;
        if self.doubts > MOST_DOUBTS { self.failed(error) } else { self.wait(cx, error) }
    }

    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<()> {
        match &mut self.state {
            State::Reading(call) => {
                let answer = match call.step(cx, reply) {
                    Step::Do(effect) => return Step::Do(effect),
                    Step::Done(Err(error)) if is_unknown(&error) => return self.wait(cx, error),
                    Step::Done(Err(error)) => return self.failed(error),
                    Step::Done(Ok(answer)) => answer,
                };
                match answer.object().cloned().map(Value::Object).and_then(Application::of) {
                    Some(found) => self.found(cx, &found),
                    None => self.failed(malformed(&answer, "is not an app registration")),
                }
            }
            State::Writing(call) => {
                let result = match call.step(cx, reply) {
                    Step::Do(effect) => return Step::Do(effect),
                    Step::Done(result) => result.and_then(|answer| nothing_more(&answer)),
                };
                match result {
                    Ok(()) => Step::Done(Ok(())),
                    Err(error) => self.refused(cx, error),
                }
            }
            State::Waiting => {
                crate::check!(Patience::waited(reply));
                self.state = State::Reading(read(&self.graph, &self.id));
                self.advance(cx, None)
            }
        }
    }
}

impl Flow for ChangeCertificates {
    type Output = ();

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<()> {
        match self.advance(cx, reply) {
            // At the end of the time the run would end without a word on what may have been done.
            Step::Do(effect) if self.doubts > 0 && cx.outlasts(Duration::ZERO) => {
                self.failed(out_of_time(&effect))
            }
            other => other,
        }
    }
}
