//! One walk along a chain.

use std::fmt;
use std::time::Duration;

use super::{Chain, Link, ending};
use crate::effect::Reply;
use crate::error::{Attempt, Error, ErrorKind};
use crate::flow::{self, BoxFlow, Credential, Cx, Flow};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::time::Mono;
use crate::token::AccessToken;

/// The way from a credential to its flow.
type Ask = fn(&(dyn Credential + 'static), &TokenRequest) -> BoxFlow<AccessToken>;

/// Asks the credentials of a chain, one after the other.
pub(super) struct Walk {
    chain: Chain,
    request: TokenRequest,
    /// How a credential is asked.
    ask: Ask,
    current: Option<BoxFlow<AccessToken>>,
    position: usize,
    /// When the current one was asked.
    since: Mono,
    attempts: Vec<Attempt>,
}

impl fmt::Debug for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain")
            .field("attempts", &self.attempts)
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

impl Walk {
    pub(super) fn new(chain: &Chain, request: &TokenRequest, ask: Ask) -> Walk {
        Walk {
            chain: chain.clone(),
            request: request.clone(),
            ask,
            current: None,
            position: 0,
            since: Mono::default(),
            attempts: Vec::new(),
        }
    }

    fn link(&self) -> Option<&Link> {
        self.chain.links.get(self.position)
    }

    /// Whether one that was asked before decides: then it is asked, whoever else would answer.
    fn is_decided(&self) -> bool {
        self.chain.decided() == Some(self.position)
    }

    fn note(&mut self, error: &Error, now: Mono) {
        let Some(link) = self.link() else { return };
        let elapsed = self.since.until(now);
        let nested = error.attempts().to_vec();
        let single = nested
            .is_empty()
            .then(|| Attempt { elapsed: Some(elapsed), ..error.to_attempt(link.credential.name()) });
        self.attempts.extend(nested.into_iter().chain(single));
    }

    /// The current credential failed. Nothing, if the next one is to be asked.
    fn failed(&mut self, cx: &mut Cx<'_>, error: Error) -> Option<Error> {
        let Some(link) = self.link() else { return Some(error) };
        // One that answered before is not merely absent, whatever it is.
        let undecided = !self.is_decided();
        let defect = matches!(error.kind(), ErrorKind::Misuse | ErrorKind::Stuck);
        let error = match link.lenient && undecided && !defect && !error.is_unavailable() {
            true => error.nearly().as_kind(ErrorKind::Unavailable),
            false => error,
        };
        self.note(&error, cx.now().mono);
        if !error.is_unavailable() {
            return Some(error.with_attempts(std::mem::take(&mut self.attempts)));
        }
        if cx.outlasts(Duration::ZERO) {
            return Some(self.out_of_time());
        }
        match self.chain.decided() {
            // Another caller got its token from another place meanwhile: that is everybody's.
            Some(winner) if winner != self.position => {
                self.position = winner;
                return None;
            }
            _ => self.position += 1,
        }
        match undecided && self.link().is_some() {
            true => None,
            false => {
                let attempts = std::mem::take(&mut self.attempts);
                Some(ending::nothing(&attempts).from_source(self.chain.name).with_attempts(attempts))
            }
        }
    }

    fn out_of_time(&mut self) -> Error {
        let rest = self.chain.links.iter().skip(self.position + 1).map(|link| link.credential.name());
        let rest: Vec<_> = rest.collect();
        let mut attempts = std::mem::take(&mut self.attempts);
        let error = ending::out_of_time(&mut attempts, &rest);
        error.from_source(self.chain.name).with_attempts(attempts)
    }
}

impl Flow for Walk {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        let mut reply = reply;
        loop {
            let mut current = match (self.current.take(), self.link()) {
                (Some(current), _) => current,
                (None, Some(link)) => {
                    let begun = (self.ask)(&*link.credential, &self.request);
                    self.since = cx.now().mono;
                    begun
                }
                (None, None) => return Step::Done(Err(flow::out_of_turn())),
            };
            match current.step(cx, reply.take()) {
                // The run would end here, and nobody would learn of those that were asked before.
                Step::Do(effect) if cx.outlasts(Duration::ZERO) => {
                    let what =
                        format!("its time was over before it was done; it was about to {}", effect.purpose());
                    self.note(&Error::new(ErrorKind::Timeout, what), cx.now().mono);
                    return Step::Done(Err(self.out_of_time()));
                }
                Step::Do(effect) => {
                    self.current = Some(current);
                    return Step::Do(effect);
                }
                Step::Done(Ok(token)) => match self.chain.won(self.position) {
                    winner if winner == self.position => return Step::Done(Ok(token)),
                    faster => self.position = faster,
                },
                Step::Done(Err(error)) => {
                    if let Some(error) = self.failed(cx, error) {
                        return Step::Done(Err(error));
                    }
                }
            }
        }
    }
}
