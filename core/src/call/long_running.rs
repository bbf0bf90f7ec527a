//! What takes longer than an answer: asynchronous operations of Azure Resource Manager.

use std::time::Duration;

use http::Method;
use serde_json::Value;

use super::error::outcome_of;
use super::{Call, malformed};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::flow::{Cx, Flow, expect};
use crate::run::Step;

/// How long is waited between two looks where the service does not say.
const USUAL_WAIT: Duration = Duration::from_secs(10);
/// The longest wait that the service may demand between two looks.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// More looks than this are an operation that does not come to an end.
const MOST_LOOKS: usize = 1000;

/// Begins an operation and waits for its end, whatever way the service tells it by: the header
/// `Azure-AsyncOperation`, the header `Location`, or `properties.provisioningState` of what was written.
///
/// Ends in the answer that has the result: what was written, after `PUT` and `PATCH`; what `Location`
/// leads to, after `POST`; the last answer there was, after `DELETE`. How long that takes is limited by
/// the run alone. `Location` beside `Azure-AsyncOperation` is where the result of a `POST` is, and is not asked
/// after other methods (Azure Resource Manager, “Track asynchronous Azure operations”): what was deleted has none.
///
/// An operation that fails or is cancelled is an error with its own code, the message, the ids of the last answer
/// and what helps; of the kind that the code has, else `Refused`. Any other error after the service accepted the
/// operation says that it may go on.
#[derive(Debug)]
pub struct LongRunning {
    /// The call that is under way, or was last.
    call: Call,
    /// What is written to, to be read at the end.
    written: Option<Call>,
    /// Where the result of a `POST` will be.
    result: Option<Call>,
    stage: Stage,
    looks: usize,
}

#[derive(Debug)]
enum Stage {
    Beginning,
    Waiting(Watch),
    Looking(Watch),
    Reading,
    /// The operation ended badly, or what is to be said of it is said.
    Over,
}

/// By what the end of an operation is seen.
#[derive(Clone, Copy, Debug)]
enum Watch {
    /// A document whose `status` is one of the end.
    Status,
    /// Another status than 202.
    Location,
    /// `properties.provisioningState` of the resource itself.
    State,
}

impl LongRunning {
    /// The operation that this call begins.
    #[must_use]
    pub fn new(call: Call) -> LongRunning {
        let written = matches!(*call.method(), Method::PUT | Method::PATCH).then(|| call.reading_back());
        LongRunning { call, written, result: None, stage: Stage::Beginning, looks: 0 }
    }

    fn begun(&mut self, cx: &mut Cx<'_>, answer: Answer) -> Step<Answer> {
        let link = |name: &str| answer.header(name).filter(|link| !link.is_empty());
        if let Some(link) = link("azure-asyncoperation") {
            self.stage = Stage::Waiting(Watch::Status);
            let result = answer.header("location").filter(|_| *self.call.method() == Method::POST);
            if let Some(result) = result {
                self.result = Some(crate::check!(self.call.follow(result)));
            }
            self.call = crate::check!(self.call.follow(link));
            return self.wait(cx, &answer, Watch::Status);
        }
        if let (202, Some(link)) = (answer.status(), link("location")) {
            self.stage = Stage::Waiting(Watch::Location);
            self.call = crate::check!(self.call.follow(link));
            return self.wait(cx, &answer, Watch::Location);
        }
        match (provisioning_state(&answer), self.written.take()) {
            (Some(state), Some(written)) if !is_over(&state) => {
                self.call = written;
                self.wait(cx, &answer, Watch::State)
            }
            (Some(state), _) if has_failed(&state) => self.failed(&answer, &state),
            _ => Step::Done(told(&answer).map(|()| answer)),
        }
    }

    fn wait(&mut self, cx: &mut Cx<'_>, answer: &Answer, watch: Watch) -> Step<Answer> {
        self.looks += 1;
        let span = answer.retry_after(cx.now().unix).unwrap_or(USUAL_WAIT).min(LONGEST_WAIT);
        self.stage = Stage::Waiting(watch);
        if self.looks > MOST_LOOKS {
            return Step::Done(Err(malformed(answer, "does not come to an end")));
        }
        if cx.outlasts(span) {
            self.stage = Stage::Over;
            let what = format!("{} was begun, but did not come to its end in time", answer.label());
            return Step::Done(Err(
                Error::new(ErrorKind::Timeout, what).with_remedy("it goes on without us: look again later")
            ));
        }
        cx.wait(span.max(Duration::from_millis(50)), "for the operation to end")
    }

    fn looked(&mut self, cx: &mut Cx<'_>, answer: Answer, watch: Watch) -> Step<Answer> {
        let state = match watch {
            Watch::Status => {
                let status = answer.object().cloned().and_then(|document| text(document.get("status")));
                Some(crate::check!(status.ok_or_else(|| malformed(&answer, "has no status"))))
            }
            Watch::State => provisioning_state(&answer),
            Watch::Location if answer.status() == 202 => Some("InProgress".to_owned()),
            Watch::Location => {
                crate::check!(told(&answer));
                None
            }
        };
        match state {
            Some(state) if !is_over(&state) => {
                // The service may move the place to look at.
                if let (Watch::Location, Some(link)) = (watch, answer.header("location")) {
                    self.call = crate::check!(self.call.follow(link));
                } else {
                    self.call = self.call.reading_back();
                }
                self.wait(cx, &answer, watch)
            }
            Some(state) if has_failed(&state) => self.failed(&answer, &state),
            _ => match (watch, self.written.take().or(self.result.take())) {
                (Watch::Status | Watch::Location, Some(call)) => {
                    self.call = call;
                    self.stage = Stage::Reading;
                    self.advance(cx, None)
                }
                _ => Step::Done(told(&answer).map(|()| answer)),
            },
        }
    }

    fn failed(&mut self, answer: &Answer, state: &str) -> Step<Answer> {
        self.stage = Stage::Over;
        let how = if state.eq_ignore_ascii_case("Failed") { "failed" } else { "was cancelled" };
        Step::Done(Err(outcome_of(answer, self.call.dialect(), how)))
    }

    /// A failure, with what it leaves open.
    fn so_far(&self, error: Error) -> Error {
        match self.stage {
            Stage::Beginning | Stage::Over => error,
            Stage::Waiting(_) | Stage::Looking(_) => error.so_far(
                "the service had accepted the operation, which may go on",
                "see what became of it before it is done again",
            ),
            Stage::Reading => error.so_far(
                "the operation itself succeeded; only what came of it was not read",
                "read it, and do not do it again",
            ),
        }
    }

    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Answer> {
        match self.stage {
            Stage::Beginning => {
                let answer = crate::pump!(self.call.step(cx, reply));
                self.begun(cx, answer)
            }
            Stage::Waiting(watch) => {
                crate::check!(expect(reply).and_then(Reply::waited));
                self.stage = Stage::Looking(watch);
                self.call.step(cx, None)
            }
            Stage::Looking(watch) => {
                let answer = crate::pump!(self.call.step(cx, reply));
                self.looked(cx, answer, watch)
            }
            Stage::Reading => self.call.step(cx, reply),
            Stage::Over => Step::Done(Err(crate::flow::out_of_turn())),
        }
    }
}

/// What the service answers has a document or nothing in it. A page is from something in between, and tells nothing of
/// what became of the operation.
fn told(answer: &Answer) -> Result<(), Error> {
    let body = answer.body();
    match body.is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        true => Ok(()),
        false => Err(malformed(answer, "is not the service's")),
    }
}

impl Flow for LongRunning {
    type Output = Answer;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Answer> {
        match self.advance(cx, reply) {
            Step::Done(Err(error)) => Step::Done(Err(self.so_far(error))),
            other => other,
        }
    }

    fn interrupted(&self, error: Error) -> Error {
        self.so_far(error)
    }
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::to_owned)
}

fn provisioning_state(answer: &Answer) -> Option<String> {
    let document = answer.object().cloned()?;
    text(document.get("properties")?.get("provisioningState"))
}

fn is_over(state: &str) -> bool {
    state.eq_ignore_ascii_case("Succeeded") || has_failed(state)
}

fn has_failed(state: &str) -> bool {
    ["Failed", "Canceled", "Cancelled"].iter().any(|end| state.eq_ignore_ascii_case(end))
}
