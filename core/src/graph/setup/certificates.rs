//! The certificates of an app registration, which are written as one list.

use serde_json::{Value, json};

use super::{Certificate, is_unknown};
use crate::call::{Call, Operation, nothing_more};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind, Made, MadeKind};
use crate::flow::{Cx, Flow};
use crate::graph::{Application, CredentialKind, Graph, below};
use crate::patience::Patience;
use crate::run::Step;

/// After so many answers that leave it open what was done, it is not tried again.
const MOST_DOUBTS: u32 = 3;

/// So often the list is written, where what was written does not stay.
const MOST_WRITES: u32 = 3;

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
/// before it is written again.
///
/// Graph has no way to write only if nobody else did meanwhile. So a list with a new certificate is read back: where
/// that is not in it, since somebody else wrote a list without it, it is added to theirs. One that is not shown for a
/// minute is written once more. What somebody else adds between the reading and the writing is beyond help here: the
/// time between is that of one request.
#[derive(Debug)]
pub(super) struct ChangeCertificates {
    graph: Graph,
    /// The object id of the registration.
    id: String,
    app_id: String,
    change: Change,
    /// The ids of those that have to be in the list, before the change and after it.
    known: Vec<String>,
    patience: Patience,
    doubts: u32,
    /// The ids of what was written last, and how often something was.
    written: Vec<String>,
    writes: u32,
    /// For what was written to be shown.
    showing: Patience,
    state: State,
}

#[derive(Debug)]
enum State {
    Reading(Call),
    Writing(Call),
    Waiting,
    Checking(Call),
    WaitingToCheck,
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
            app_id: app.app_id.clone(),
            known: known.filter(|id| !is_among(doomed, id)).collect(),
            change,
            patience: Patience::for_replication(),
            doubts: 0,
            written: Vec::new(),
            writes: 0,
            showing: Patience::for_doubt(),
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
        let shown = shown(found);
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
        self.written = list.iter().filter_map(|item| Some(item.get("keyId")?.as_str()?.to_owned())).collect();
        self.writes += 1;
        let operation = Operation::patch(below(&["applications", &self.id]), "the list of certificates")
            .document(&json!({ CredentialKind::Certificate.list(): list }));
        self.state = State::Writing(self.graph.service().call(operation));
        self.advance(cx, None)
    }

    fn wait(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<()> {
        let waiting = self.patience.wait_or(cx, "for the app registration to be known", error);
        if waiting.is_ok() {
            self.state = State::Waiting;
        }
        waiting.unwrap_or_else(|error| self.failed(error))
    }

    fn failed(&self, error: Error) -> Step<()> {
        Step::Done(Err(match self.doubts {
            0 => error,
            _ => self.unknown(error),
        }))
    }

    /// The error that leaves it open whether the list was changed.
    fn unknown(&self, error: Error) -> Error {
        let what = match &self.change {
            Change::Add(_) => "whether the certificate was registered is not known",
            Change::Remove(_) => "whether the list of certificates was changed is not known",
        };
        let error = error.so_far(what, &format!("see what it has with: entrada sp show {}", self.app_id));
        match &self.change {
            Change::Add(own) => error.after_making([Made::perhaps(MadeKind::Certificate, &own.key_id())]),
            Change::Remove(_) => error,
        }
    }

    /// Reads back what was written, where it can be seen whether it stayed.
    fn check(&mut self, cx: &mut Cx<'_>) -> Step<()> {
        if matches!(self.change, Change::Remove(_)) {
            return Step::Done(Ok(()));
        }
        self.state = State::Checking(read(&self.graph, &self.id));
        self.advance(cx, None)
    }

    fn checked(&mut self, cx: &mut Cx<'_>, found: &Application) -> Step<()> {
        let shown = shown(found);
        if self.list(found).is_none() {
            return Step::Done(Ok(()));
        }
        // A server that does not know yet what was written shows nothing that was not.
        let is_anothers = !shown.iter().all(|id| is_among(&self.written, id));
        if !is_anothers && let Some(step) = self.showing.wait(cx, "for the certificate to be shown") {
            self.state = State::WaitingToCheck;
            return step;
        }
        match (is_anothers, self.writes >= MOST_WRITES) {
            (true, true) => {
                let what = "others write the app's list of certificates at the same time";
                return Step::Done(Err(self.unknown(Error::new(ErrorKind::Service, what))));
            }
            // What was confirmed twice stands, or once where there is no time for more.
            (false, _) if self.writes > 1 || self.showing.is_out_of_time() => return Step::Done(Ok(())),
            _ => {}
        }
        self.showing = Patience::for_doubt();
        if is_anothers {
            self.known = shown;
        }
        self.found(cx, found)
    }

    fn refused(&mut self, cx: &mut Cx<'_>, error: Error, sent: bool) -> Step<()> {
        if is_unknown(&error) {
            return self.wait(cx, error);
        }
        if !sent || !error.leaves_open() {
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
                match Application::of_answer(&answer) {
                    Ok(found) => self.found(cx, &found),
                    Err(error) => self.failed(error),
                }
            }
            State::Writing(call) => {
                let result = match call.step(cx, reply) {
                    Step::Do(effect) => return Step::Do(effect),
                    Step::Done(result) => result.and_then(|answer| nothing_more(&answer)),
                };
                let sent = call.is_under_way();
                match result {
                    Ok(()) => self.check(cx),
                    Err(error) => self.refused(cx, error, sent),
                }
            }
            State::Checking(call) => {
                let found = match call.step(cx, reply) {
                    Step::Do(effect) => return Step::Do(effect),
                    Step::Done(result) => result.and_then(|answer| Application::of_answer(&answer)),
                };
                // What was confirmed stands, even if it cannot be read back.
                found.map_or(Step::Done(Ok(())), |found| self.checked(cx, &found))
            }
            State::WaitingToCheck => {
                crate::check!(Patience::waited(reply));
                self.check(cx)
            }
            State::Waiting => {
                crate::check!(Patience::waited(reply));
                self.state = State::Reading(read(&self.graph, &self.id));
                self.advance(cx, None)
            }
        }
    }
}

/// The ids of the certificates that are shown.
fn shown(found: &Application) -> Vec<String> {
    found.credentials(CredentialKind::Certificate).into_iter().map(|known| known.id).collect()
}

impl Flow for ChangeCertificates {
    type Output = ();

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<()> {
        self.advance(cx, reply)
    }

    fn interrupted(&self, error: Error) -> Error {
        match (&self.state, &self.change) {
            (State::Checking(_) | State::WaitingToCheck, Change::Add(own)) => {
                error.adding("the certificate is registered").after_making([own.made()])
            }
            (State::Writing(call), _) if call.is_under_way() => self.unknown(error),
            _ if self.doubts > 0 || self.writes > 0 => self.unknown(error),
            _ => error,
        }
    }
}
