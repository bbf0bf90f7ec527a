//! Renewing a token that is kept and still lives: whoever waits for it does not wait for long.

use std::time::Duration;

use crate::cache::HOLD_OFF;
use crate::cache::accounts::Change;
use crate::effect::{Reply, StoreAction, StoreName};
use crate::error::Error;
use crate::flow::{BoxFlow, Cx};
use crate::run::{Step, out_of_time};
use crate::time::{Mono, Now};
use crate::token::AccessToken;

/// How long the renewal of a token that lives may take where somebody waits for it.
const TRY: Duration = Duration::from_secs(2);

/// How long a change of what is kept may take where a token that lives is at hand and its renewal took its time.
const INSTANT: Duration = Duration::from_millis(500);

/// How a token that is due is renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Somebody waits: one try of two seconds, since there is a token to go on with.
    Brisk,
    /// Nobody waits: with all the tries that the policy of the request allows.
    Patient,
}

/// A token that is due for renewal and still alive, if there is one, and how it is renewed.
#[derive(Debug)]
pub(super) struct Due {
    pace: Pace,
    token: Option<AccessToken>,
    /// When the renewal has to be over.
    until: Option<Mono>,
}

impl Due {
    /// None so far.
    pub(super) fn at(pace: Pace) -> Due {
        Due { pace, token: None, until: None }
    }

    pub(super) fn pace(&self) -> Pace {
        self.pace
    }

    /// Takes the token that is to be renewed. One that would be dead after a short try is waited for.
    pub(super) fn set(&mut self, token: Option<AccessToken>, now: Now) {
        let serves = token.as_ref().is_some_and(|token| token.life_left(now) > TRY);
        self.until = (serves && self.pace == Pace::Brisk).then(|| now.mono.after(TRY));
        self.token = token;
    }

    /// Goes on with a flow that is to bring the next one.
    pub(super) fn step<T>(&self, cx: &mut Cx<'_>, flow: &mut BoxFlow<T>, reply: Option<Reply>) -> Step<T> {
        let Some(until) = self.until else { return flow.step(cx, reply) };
        match flow.step(&mut cx.hurried(until), reply) {
            Step::Do(effect) if until <= cx.now().mono => Step::Done(Err(out_of_time(&effect))),
            step => step,
        }
    }

    /// Changes what is kept while a token that lives is at hand: within the same short time as its renewal, of which at
    /// least an instant is left.
    pub(super) fn store<T>(&self, cx: &mut Cx<'_>, name: StoreName, change: Change) -> Step<T> {
        match self.until {
            Some(until) => cx.hurried(until.max(cx.now().mono.after(INSTANT))).store_aside(name, change),
            None => cx.store_aside(name, change),
        }
    }

    /// What is given after this error: a token that still lives is better than the error of its renewal. When to try
    /// again, it says itself.
    ///
    /// # Errors
    /// This one, where there is none that lives.
    pub(super) fn or(&mut self, error: Error, now: Now) -> Result<AccessToken, Error> {
        match self.token.take().filter(|token| token.is_alive(now)) {
            Some(token) => {
                let pause = error.retry_after().unwrap_or_default().max(HOLD_OFF);
                Ok(token.refreshed_on(Some(now.unix.after(pause))))
            }
            None => Err(error),
        }
    }
}

/// Notes when a token that is kept is to be renewed, so that the next run does not try in vain too; nothing where
/// there is no time for that.
pub(super) fn noting<T>(cx: &mut Cx<'_>, document: StoreName, token: &AccessToken) -> Option<Step<T>> {
    let now = cx.now().mono;
    let in_time = cx.deadline().is_none_or(|deadline| now < deadline);
    let change = Change::PutOffRenewal(token.clone());
    in_time.then(|| cx.hurried(now.after(INSTANT)).store(document, StoreAction::Change(Box::new(change))))
}
