//! One HTTP exchange with its retries, as a small machine that flows embed.

mod answer;
mod fault;
mod fields;
mod html;
mod policy;
mod retry_after;
mod spec;

use std::sync::Arc;
use std::time::Duration;

use crate::effect::{HttpFailure, Reply};
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, expect, out_of_turn};
use crate::run::Step;
use crate::time::Now;

pub use answer::Answer;
pub(crate) use fields::{Field, Fields, Lookup, Scalar};
pub use policy::{Faults, Heeds, RetryPolicy};
pub use retry_after::retry_after;
pub use spec::{Form, RequestSpec};

/// Sends a request until an answer is worth having, or the policy says that enough is enough.
///
/// The last answer is returned whatever its status: what it means is for the flow to say.
#[derive(Debug)]
pub struct Exchange {
    spec: Arc<RequestSpec>,
    policy: RetryPolicy,
    tries: u32,
    /// How many of the retries that the policy allows were used.
    spent: u32,
    began: Option<Now>,
    /// What the transport failed with last.
    failure: Option<HttpFailure>,
    /// Whether any try may have been received.
    arrived: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    Sending(Now),
    /// With what came of the last try: the result, should the driver be unable to wait.
    BackingOff(Box<Result<Answer, Error>>),
}

impl Exchange {
    /// An exchange of this request under this policy.
    #[must_use]
    pub fn new(spec: RequestSpec, policy: RetryPolicy) -> Exchange {
        Exchange {
            spec: Arc::new(spec),
            policy,
            tries: 0,
            spent: 0,
            began: None,
            failure: None,
            arrived: false,
            state: State::Ready,
        }
    }

    /// Whether the reply that comes next ends a wait, after which the request is sent again.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        matches!(self.state, State::BackingOff(_))
    }

    /// What the transport failed with last, where it did.
    pub(crate) fn failure(&self) -> Option<HttpFailure> {
        self.failure
    }

    /// Takes the end of a wait, where another request shall be sent than before: see
    /// [`Exchange::renew`]. Gives what the exchange ends in where the driver cannot wait, and nothing
    /// where it goes on.
    pub fn waited(&mut self, reply: Option<Reply>) -> Option<Step<Answer>> {
        let result = match std::mem::replace(&mut self.state, State::Ready) {
            State::BackingOff(last) => match expect(reply).and_then(Reply::waited) {
                Ok(()) => return None,
                Err(error) if error.is_unavailable() => *last,
                Err(error) => Err(error),
            },
            _ => Err(out_of_turn()),
        };
        Some(Step::Done(result))
    }

    /// Sends this request from now on, with the tries that are left.
    pub fn renew(&mut self, spec: RequestSpec) {
        self.spec = Arc::new(spec);
    }

    /// Goes on.
    pub fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Answer> {
        match std::mem::replace(&mut self.state, State::Ready) {
            State::Ready => self.send(cx),
            waiting @ State::BackingOff(_) => {
                self.state = waiting;
                self.waited(reply).unwrap_or_else(|| self.send(cx))
            }
            State::Sending(sent) => match crate::check!(expect(reply)).http() {
                Ok(response) => {
                    self.arrived = true;
                    self.judge_answer(cx, Answer::new(&self.spec, [sent, cx.now()], response))
                }
                Err(failure) => self.judge_fault(cx, failure),
            },
        }
    }

    fn send(&mut self, cx: &mut Cx<'_>) -> Step<Answer> {
        self.began.get_or_insert(cx.now());
        self.tries += 1;
        self.state = State::Sending(cx.now());
        match self.left(cx).filter(|left| *left < self.spec.limit()) {
            Some(left) => {
                cx.http(&RequestSpec::clone(&self.spec).limits(self.spec.connect_limit().min(left), left))
            }
            None => cx.http(&self.spec),
        }
    }

    fn passed(&self, cx: &Cx<'_>) -> Duration {
        self.began.map_or(Duration::ZERO, |began| began.mono.until(cx.now().mono))
    }

    /// What is left of the time of the whole exchange, if that has a limit.
    fn left(&self, cx: &Cx<'_>) -> Option<Duration> {
        self.policy.within.map(|within| within.saturating_sub(self.passed(cx)))
    }

    fn judge_answer(&mut self, cx: &mut Cx<'_>, answer: Answer) -> Step<Answer> {
        let demanded = answer.retry_after(cx.now().unix);
        if let (410, Some(limit)) = (answer.status(), self.policy.gone_for) {
            return self.judge_update(cx, answer, limit, demanded);
        }
        // A service that asks for more patience than a call has is not asked again.
        let patient = demanded.is_none_or(|wait| wait <= self.policy.longest_wait);
        let may_retry = self.spent < self.policy.retries_after(&answer);
        if !patient || !may_retry || !self.policy.retries_answer(&answer) {
            return Step::Done(Ok(answer));
        }
        self.spent += 1;
        let span = match demanded {
            Some(demanded) => demanded.max(Duration::from_millis(50)),
            None => self.usual_wait(cx, self.spent),
        };
        self.back_off(cx, span, Ok(answer))
    }

    /// The metadata service says 410 while it is being updated, for up to 70 s: that time counts, not
    /// the number of tries.
    fn judge_update(
        &mut self,
        cx: &mut Cx<'_>,
        answer: Answer,
        limit: Duration,
        demanded: Option<Duration>,
    ) -> Step<Answer> {
        let left = limit.saturating_sub(self.passed(cx));
        if left.is_zero() {
            return Step::Done(Ok(answer));
        }
        let usual = self.usual_wait(cx, self.tries);
        let span =
            demanded.map_or(usual, |demanded| demanded.clamp(self.policy.base, self.policy.longest_wait));
        self.back_off(cx, span.min(left.max(self.policy.base)), Ok(answer))
    }

    fn judge_fault(&mut self, cx: &mut Cx<'_>, failure: HttpFailure) -> Step<Answer> {
        if failure == HttpFailure::Mismatch {
            return Step::Done(Err(Error::new(ErrorKind::Misuse, failure.to_string())));
        }
        self.failure = Some(failure);
        self.arrived |= !failure.nothing_sent();
        let error = fault::error(failure, &self.spec, self.tries).of_nothing_sent(!self.arrived);
        if !self.policy.retries_fault(failure) || self.spent >= self.policy.retries {
            return Step::Done(Err(error));
        }
        self.spent += 1;
        let span = self.usual_wait(cx, self.spent);
        self.back_off(cx, span, Err(error))
    }

    /// The wait before the retry of this number, where the service demands none.
    fn usual_wait(&self, cx: &mut Cx<'_>, number: u32) -> Duration {
        let doubled = self.policy.base.saturating_mul(1 << number.saturating_sub(1).min(16));
        jittered(doubled.min(self.policy.cap), u16::from_le_bytes(cx.random()))
    }

    /// Waits before the next try; ends with what there is when the exchange or the run would be over by then.
    fn back_off(&mut self, cx: &mut Cx<'_>, span: Duration, last: Result<Answer, Error>) -> Step<Answer> {
        if self.left(cx).is_some_and(|left| span >= left) || cx.outlasts(span) {
            return Step::Done(last);
        }
        self.state = State::BackingOff(Box::new(last));
        cx.wait(span, "before the next try")
    }
}

/// Between three quarters and five quarters of the span, so that many callers do not come back at
/// once.
fn jittered(span: Duration, random: u16) -> Duration {
    span.mul_f64(0.75 + f64::from(random) / f64::from(u16::MAX) / 2.0)
}
