//! The loop's other half: a run steps a flow, one effect at a time.

use std::fmt;

use crate::effect::{Effect, Outcome, Reply, Ticket};
use crate::error::{Error, ErrorKind};
use crate::flow::{BoxFlow, Cx, Entropy};
use crate::product::Product;
use crate::time::{Mono, Now};

/// The most effects that one run may ask for. The longest legal exchange is a device code: however long
/// it lives, it is polled 1,800 times at the most, with a wait before each poll.
pub const STEP_BUDGET: u32 = 4096;

/// What a run wants next.
#[must_use = "an effect has to be carried out, a result used"]
#[derive(Debug)]
pub enum Step<T> {
    /// Carry this out, then call [`Run::resume`] with its reply, or [`Run::expire`] when its
    /// deadline has passed.
    Do(Effect),
    /// The run is over.
    Done(Result<T, Error>),
}

/// One execution of a flow.
///
/// It owns no clock, no socket and no randomness: those come in with every call. Dropping a run
/// cancels it without a word; [`Run::cancel`] tells what there is by then.
pub struct Run<T> {
    flow: BoxFlow<T>,
    id: u64,
    issued: u64,
    outstanding: Option<u64>,
    budget: u32,
    deadline: Option<Mono>,
    product: Option<Product>,
    short_of_time: bool,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Fresh,
    Started,
    Finished,
}

impl<T> Run<T> {
    /// A run of this flow, not yet started.
    #[must_use]
    pub fn new(flow: BoxFlow<T>) -> Run<T> {
        Run {
            flow,
            id: 0,
            issued: 0,
            outstanding: None,
            budget: STEP_BUDGET,
            deadline: None,
            product: None,
            short_of_time: false,
            stage: Stage::Fresh,
        }
    }

    /// The same, to be over by `deadline`: no effect's own deadline lies beyond it.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Mono) -> Run<T> {
        self.deadline = Some(deadline);
        self
    }

    /// The same, whose requests name this program.
    #[must_use]
    pub fn on_account_of(mut self, product: Product) -> Run<T> {
        self.product = Some(product);
        self
    }

    /// Begins the run.
    pub fn start(&mut self, now: Now, entropy: &mut dyn Entropy) -> Step<T> {
        if self.stage != Stage::Fresh {
            return misuse("a run was started twice");
        }
        self.stage = Stage::Started;
        let mut id = [0; 8];
        entropy.fill(&mut id);
        self.id = u64::from_le_bytes(id);
        // A count from zero would let a reply of one run pass for that of another with the same id.
        entropy.fill(&mut id);
        self.issued = u64::from_le_bytes(id) >> 1;
        self.advance(now, entropy, None)
    }

    /// Goes on with the reply to the outstanding effect.
    ///
    /// Any other reply, a stale, a foreign or a second one, is answered with [`ErrorKind::Misuse`] and
    /// changes nothing.
    pub fn resume(&mut self, now: Now, entropy: &mut dyn Entropy, reply: Reply) -> Step<T> {
        let Ticket { run, number } = reply.ticket;
        if self.stage != Stage::Started || run != self.id || Some(number) != self.outstanding {
            return misuse("a reply does not belong to the outstanding effect");
        }
        self.advance(now, entropy, Some(reply))
    }

    /// Goes on without a reply: the deadline of the outstanding effect has passed.
    pub fn expire(&mut self, now: Now, entropy: &mut dyn Entropy) -> Step<T> {
        let Some(number) = self.outstanding.filter(|_| self.stage == Stage::Started) else {
            return misuse("there is no outstanding effect to expire");
        };
        let ticket = Ticket { run: self.id, number };
        self.advance(now, entropy, Some(Reply { ticket, outcome: Outcome::Expired }))
    }

    /// Gives the run up. What it ends in is [`ErrorKind::Cancelled`], and says what there is by then where the
    /// flow has made something. The outstanding effect counts as one that may have been carried out.
    pub fn cancel(&mut self) -> Error {
        self.stage = Stage::Finished;
        self.outstanding = None;
        self.flow.interrupted(Error::cancelled())
    }

    fn advance(&mut self, now: Now, entropy: &mut dyn Entropy, reply: Option<Reply>) -> Step<T> {
        self.outstanding = None;
        if self.budget == 0 {
            let what = format!("the exchange did not end within {STEP_BUDGET} steps");
            return self.finish(Err(self.flow.interrupted(Error::new(ErrorKind::Stuck, what))));
        }
        self.budget -= 1;
        self.issued = self.issued.wrapping_add(1);
        let ticket = Ticket { run: self.id, number: self.issued };
        let mut cx = Cx::new(now, entropy, ticket, self.deadline).on_account_of(self.product.as_ref());
        let step = self.flow.step(&mut cx, reply);
        self.short_of_time |= cx.is_short_of_time() || self.is_over(now);
        match step {
            // At the end of the time "not available" only says that it was cut off.
            Step::Done(Err(error)) if error.is_unavailable() && self.is_over(now) => {
                self.finish(Err(error.as_kind(ErrorKind::Timeout)))
            }
            Step::Done(result) => self.finish(result),
            Step::Do(effect) if self.is_over(now) => {
                self.finish(Err(self.flow.interrupted(out_of_time(&effect))))
            }
            Step::Do(effect) => {
                self.outstanding = Some(self.issued);
                Step::Do(effect)
            }
        }
    }

    fn is_over(&self, now: Now) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now.mono)
    }

    fn finish(&mut self, result: Result<T, Error>) -> Step<T> {
        self.stage = Stage::Finished;
        Step::Done(result.map_err(|error| if self.short_of_time { error.cut_short() } else { error }))
    }
}

/// The error of a run whose time is over before this could be done.
pub(crate) fn out_of_time(effect: &Effect) -> Error {
    let what = format!("the time limit passed; the next step would have been to {}", effect.purpose());
    Error::new(ErrorKind::Timeout, what).with_remedy("allow more time, or see what took so long")
}

fn misuse<T>(what: &'static str) -> Step<T> {
    Step::Done(Err(
        Error::new(ErrorKind::Misuse, what).with_remedy("this is a defect of the driver: please report it")
    ))
}

impl<T> fmt::Debug for Run<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("flow", &self.flow)
            .field("stage", &self.stage)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}
