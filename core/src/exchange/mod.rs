//! One HTTP exchange with its retries, as a small machine that flows embed.

mod answer;
mod fault;
mod policy;
mod retry_after;
mod spec;

use std::time::Duration;

use crate::effect::{HttpFailure, Reply};
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, expect};
use crate::run::Step;
use crate::time::Now;

pub use answer::Answer;
pub use policy::{Faults, RetryPolicy};
pub use retry_after::retry_after;
pub use spec::{Form, RequestSpec};

/// Sends a request until an answer is worth having, or the policy says that enough is enough.
///
/// The last answer is returned whatever its status: what it means is for the flow to say.
#[derive(Debug)]
pub struct Exchange {
    spec: RequestSpec,
    policy: RetryPolicy,
    tries: u32,
    began: Option<Now>,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Ready,
    Sending(Now),
    BackingOff,
}

impl Exchange {
    /// An exchange of this request under this policy.
    #[must_use]
    pub fn new(spec: RequestSpec, policy: RetryPolicy) -> Exchange {
        Exchange { spec, policy, tries: 0, began: None, state: State::Ready }
    }

    /// Goes on.
    pub fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Answer> {
        let sent = match self.state {
            State::Ready | State::BackingOff => {
                self.began.get_or_insert(cx.now());
                self.tries += 1;
                self.state = State::Sending(cx.now());
                return cx.http(&self.spec);
            }
            State::Sending(sent) => sent,
        };
        let result = crate::check!(expect(reply)).http();
        match result {
            Ok(response) => self.judge_answer(cx, Answer::new(&self.spec, sent, response)),
            Err(failure) => self.judge_fault(cx, failure),
        }
    }

    fn judge_answer(&mut self, cx: &mut Cx<'_>, answer: Answer) -> Step<Answer> {
        let demanded = answer.retry_after(cx.now().unix);
        let worthwhile =
            self.policy.retries_answer(&answer) && (self.may_retry() || self.is_updating(cx, &answer));
        // A service that asks for more patience than a call has is not asked again.
        if !worthwhile || demanded.is_some_and(|wait| wait > self.policy.longest_wait) {
            return Step::Done(Ok(answer));
        }
        match self.back_off(cx, demanded) {
            Some(step) => step,
            None => Step::Done(Ok(answer)),
        }
    }

    fn judge_fault(&mut self, cx: &mut Cx<'_>, failure: HttpFailure) -> Step<Answer> {
        if failure == HttpFailure::Mismatch {
            return Step::Done(Err(Error::new(ErrorKind::Misuse, failure.to_string())));
        }
        let again = self.policy.retries_fault(failure) && self.may_retry();
        let wait = if again { self.back_off(cx, None) } else { None };
        wait.unwrap_or_else(|| Step::Done(Err(fault::error(failure, &self.spec, self.tries))))
    }

    fn may_retry(&self) -> bool {
        self.tries <= self.policy.retries
    }

    /// The metadata service says 410 while it is being updated, for up to 70 s.
    fn is_updating(&self, cx: &Cx<'_>, answer: &Answer) -> bool {
        let Some((limit, began)) = self.policy.gone_for.zip(self.began) else {
            return false;
        };
        answer.status() == 410 && began.mono.until(cx.now().mono) < limit
    }

    /// The wait before the next try; nothing when the run would be over by then.
    fn back_off(&mut self, cx: &mut Cx<'_>, demanded: Option<Duration>) -> Option<Step<Answer>> {
        let doubled = self.policy.base.saturating_mul(1 << (self.tries - 1).min(16));
        let usual = jittered(doubled.min(self.policy.cap), u16::from_le_bytes(cx.random()));
        let span = demanded.map_or(usual, |demanded| demanded.max(Duration::from_millis(50)));
        if cx.outlasts(span) {
            return None;
        }
        self.state = State::BackingOff;
        Some(cx.wait(span, "before the next try"))
    }
}

/// Between three quarters and five quarters of the span, so that many callers do not come back at
/// once.
fn jittered(span: Duration, random: u16) -> Duration {
    span.mul_f64(0.75 + f64::from(random) / f64::from(u16::MAX) / 2.0)
}
