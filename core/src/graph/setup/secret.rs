//! A secret of an app registration.

use std::time::Duration;

use serde_json::{Value, json};

use super::{is_unknown, remove_secrets};
use crate::calendar;
use crate::call::{Call, Operation, nothing_more};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind, Made, MadeKind};
use crate::exchange::Answer;
use crate::flow::{Cx, Flow};
use crate::graph::{Application, CredentialKind, Graph, below};
use crate::patience::Patience;
use crate::run::{Step, out_of_time};
use crate::secret::Secret;
use crate::tenant::is_guid;
use crate::time::Unix;

/// How long a secret or a certificate serves, from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// In days.
    pub days: u32,
}

impl Life {
    pub(super) fn ends(self, now: Unix) -> Unix {
        now.after(Duration::from_secs(u64::from(self.days) * 86_400))
    }
}

/// A secret that was made.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// The secret itself, which is told this one time.
    pub secret: Secret,
    /// Its id, by which it is removed.
    pub key_id: String,
    /// When it stops to serve.
    pub expires: Unix,
    /// The name of secrets that nobody knows and that may be left behind: [`remove_secrets`] tells how to remove
    /// them.
    pub left_behind: Option<String>,
}

/// What secrets are called here: this and eight hexadecimal digits, the same in one run.
const PREFIX: &str = "entrada ";

/// Whether it is the name of secrets that were made here.
pub(in crate::graph) fn is_own_name(name: &str) -> bool {
    let digits = name.strip_prefix(PREFIX).unwrap_or_default();
    digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// Adds a secret to an app registration; those there are stay.
///
/// An answer that got lost may have been that of a secret, which then nobody knows. So each secret has a name
/// of its own (`entrada` and eight digits), and after such an answer those of this name are removed before
/// another is made. The directory may show one late: those that got lost are looked for a minute more once there
/// is a secret, and where they were not found that is told ([`NewSecret::left_behind`]).
#[derive(Debug)]
pub struct AddSecret {
    graph: Graph,
    /// The object id of the registration.
    id: String,
    app_id: String,
    life: Life,
    name: String,
    made: Option<NewSecret>,
    /// How many answers got lost.
    doubts: u32,
    /// How many secrets that nobody knows were found and removed.
    removed: u32,
    patience: Patience,
    /// For looking once more after a secret was made.
    doubt: Patience,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Adding(Call),
    Waiting,
    Looking(Call),
    Removing(Call, Vec<String>),
}

impl AddSecret {
    /// A secret for this app registration.
    #[must_use]
    pub fn new(graph: &Graph, app: &Application, life: Life) -> AddSecret {
        AddSecret {
            graph: graph.clone(),
            id: app.id.clone(),
            app_id: app.app_id.clone(),
            life,
            name: String::new(),
            made: None,
            doubts: 0,
            removed: 0,
            patience: Patience::for_replication(),
            doubt: Patience::for_doubt(),
            state: State::Fresh,
        }
    }

    fn add(&mut self, cx: &mut Cx<'_>) -> Step<NewSecret> {
        if self.name.is_empty() {
            self.name = format!("{PREFIX}{}", &cx.random_guid()[..8]);
        }
        let now = cx.now().unix;
        let document = json!({ "passwordCredential": {
            "displayName": self.name, "startDateTime": calendar::rfc3339(now),
            "endDateTime": calendar::rfc3339(self.life.ends(now)),
        } });
        let operation = Operation::post(below(&["applications", &self.id, "addPassword"]), "a new secret");
        self.state = State::Adding(self.graph.service().call(operation.document(&document)));
        self.step(cx, None)
    }

    fn taken(&self, answer: &Answer, now: Unix) -> Result<NewSecret, Error> {
        let document = answer.object().cloned().unwrap_or_default();
        let text = |name: &str| document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let told = text("secretText").zip(text("keyId").filter(|id| is_guid(id)));
        let Some((secret, key_id)) = told else {
            // Its body may hold the secret: nothing of it is shown.
            let what = "the directory made a secret and did not tell it";
            return Err(Error::new(ErrorKind::Malformed, what));
        };
        let ends = text("endDateTime").and_then(calendar::parse).map(calendar::Stamp::or_utc);
        Ok(NewSecret {
            secret: Secret::new(secret),
            key_id: key_id.to_owned(),
            expires: ends.unwrap_or_else(|| self.life.ends(now)),
            left_behind: None,
        })
    }

    fn look(&mut self, cx: &mut Cx<'_>) -> Step<NewSecret> {
        let operation = Operation::get(below(&["applications", &self.id]), "the secrets of the app");
        self.state = State::Looking(self.graph.service().call(operation));
        self.step(cx, None)
    }

    fn wait(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<NewSecret> {
        let waiting = self.patience.wait_or(cx, "for the app registration to be known", error);
        if waiting.is_ok() {
            self.state = State::Waiting;
        }
        waiting.unwrap_or_else(|error| self.failed(error))
    }

    fn failed(&mut self, error: Error) -> Step<NewSecret> {
        if let Some(mut made) = self.made.take() {
            made.left_behind = Some(self.name.clone());
            return Step::Done(Ok(made));
        }
        Step::Done(Err(match self.doubts {
            0 => error,
            _ => self.lost(error),
        }))
    }

    /// The error that leaves it open whether secrets were made that nobody knows.
    fn lost(&self, error: Error) -> Error {
        let what = format!("a secret that nobody knows may have been made, named '{}'", self.name);
        let next = format!("remove it with: {}", remove_secrets(&self.app_id, &self.name));
        error.so_far(&what, &next).after_making([Made::perhaps(MadeKind::Secret, &self.name)])
    }

    fn remove(&mut self, cx: &mut Cx<'_>, mut left: Vec<String>) -> Step<NewSecret> {
        let Some(id) = left.pop() else { return self.none_left(cx) };
        let path = below(&["applications", &self.id, "removePassword"]);
        let operation = Operation::post(path, "a secret that nobody knows");
        let operation = operation.document(&json!({ "keyId": id })).repeatable();
        self.state = State::Removing(self.graph.service().call(operation), left);
        self.step(cx, None)
    }

    /// Goes on when no secret that nobody knows is shown.
    fn none_left(&mut self, cx: &mut Cx<'_>) -> Step<NewSecret> {
        let Some(mut made) = self.made.take() else { return self.add(cx) };
        if self.removed >= self.doubts {
            return Step::Done(Ok(made));
        }
        if let Some(step) = self.doubt.wait(cx, "for a secret that nobody knows to be shown") {
            self.made = Some(made);
            self.state = State::Waiting;
            return step;
        }
        made.left_behind = Some(self.name.clone());
        Step::Done(Ok(made))
    }

    fn looked(&mut self, cx: &mut Cx<'_>, answer: &Answer) -> Step<NewSecret> {
        let found = match Application::of_answer(answer) {
            Ok(found) => found,
            Err(error) => return self.failed(error),
        };
        let own = self.made.as_ref().map(|made| made.key_id.clone());
        let left = found.credentials(CredentialKind::Secret).into_iter();
        let left =
            left.filter(|known| known.name.as_ref() == Some(&self.name) && own.as_ref() != Some(&known.id));
        let left = left.map(|known| known.id).collect();
        self.remove(cx, left)
    }

    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<NewSecret> {
        match &mut self.state {
            State::Fresh => self.add(cx),
            State::Adding(call) => {
                let result = match call.step(cx, reply) {
                    Step::Do(effect) => return Step::Do(effect),
                    Step::Done(result) => result,
                };
                let sent = call.is_under_way();
                match result.and_then(|answer| self.taken(&answer, cx.now().unix)) {
                    Ok(made) if self.doubts == 0 => Step::Done(Ok(made)),
                    Ok(made) => {
                        // One that got lost before may be known by now.
                        self.made = Some(made);
                        self.look(cx)
                    }
                    Err(error) if is_unknown(&error) => self.wait(cx, error),
                    Err(error) if sent && error.leaves_open() => {
                        self.doubts += 1;
                        if self.doubts > 3 { self.failed(error) } else { self.wait(cx, error) }
                    }
                    Err(error) => self.failed(error),
                }
            }
            State::Waiting => {
                crate::check!(Patience::waited(reply));
                if self.doubts == 0 { self.add(cx) } else { self.look(cx) }
            }
            State::Looking(call) => match call.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                Step::Done(Ok(answer)) => self.looked(cx, &answer),
                Step::Done(Err(error)) if is_unknown(&error) && self.made.is_none() => self.wait(cx, error),
                Step::Done(Err(error)) => self.failed(error),
            },
            State::Removing(call, left) => {
                let left = std::mem::take(left);
                match call.step(cx, reply) {
                    Step::Do(effect) => {
                        if let State::Removing(_, kept) = &mut self.state {
                            *kept = left;
                        }
                        Step::Do(effect)
                    }
                    // One that is gone already is refused.
                    Step::Done(Err(error)) if !matches!(super::status(&error), Some(400 | 404)) => {
                        self.failed(error)
                    }
                    Step::Done(Ok(answer)) => match nothing_more(&answer) {
                        Ok(()) => {
                            self.removed += 1;
                            self.remove(cx, left)
                        }
                        Err(error) => self.failed(error),
                    },
                    Step::Done(Err(_)) => self.remove(cx, left),
                }
            }
        }
    }
}

impl Flow for AddSecret {
    type Output = NewSecret;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<NewSecret> {
        match self.advance(cx, reply) {
            // At the end of the time the secret that there is is handed out, though another may have got lost.
            Step::Do(effect) if self.made.is_some() && cx.outlasts(Duration::ZERO) => {
                self.failed(out_of_time(&effect))
            }
            other => other,
        }
    }

    fn interrupted(&self, error: Error) -> Error {
        match &self.state {
            State::Adding(call) if call.is_under_way() => self.lost(error),
            _ if self.doubts > 0 => self.lost(error),
            _ => error,
        }
    }
}
