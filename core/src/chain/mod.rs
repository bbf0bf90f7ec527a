//! Trying several credentials in order.
//!
//! *Absent goes on, broken stops*: only [`ErrorKind::Unavailable`] leads to the next credential. A
//! service principal whose secret has expired must not silently become somebody else.

mod default;
mod environment;
mod member;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::cache::Partition;
use crate::effect::Reply;
use crate::error::{Attempt, Error, ErrorKind};
use crate::flow::{self, BoxFlow, Credential, Cx, Flow};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::token::AccessToken;

pub(crate) use default::members;
pub(crate) use member::Selection;

pub use default::DefaultChain;
pub use environment::EnvironmentCredential;
pub use member::Member;

/// No credential of the chain has answered yet.
const UNDECIDED: usize = usize::MAX;

/// Credentials in order. The first that answers is used from then on.
#[derive(Clone, Debug)]
pub struct Chain {
    name: &'static str,
    links: Vec<Arc<dyn Credential>>,
    winner: Arc<AtomicUsize>,
}

impl Chain {
    /// The credentials, in this order.
    ///
    /// # Errors
    /// `Configuration` when there is none.
    pub fn new(links: Vec<Arc<dyn Credential>>) -> Result<Chain, Error> {
        Chain::named("chain", links)
    }

    pub(crate) fn named(name: &'static str, links: Vec<Arc<dyn Credential>>) -> Result<Chain, Error> {
        if links.is_empty() {
            return Err(Error::new(ErrorKind::Configuration, "a chain needs at least one credential"));
        }
        Ok(Chain { name, links, winner: Arc::new(AtomicUsize::new(UNDECIDED)) })
    }

    /// The name of the credential that answered, once one did.
    #[must_use]
    pub fn winner(&self) -> Option<&'static str> {
        self.links.get(self.winner.load(Ordering::Relaxed)).map(|link| link.name())
    }
}

impl Credential for Chain {
    fn name(&self) -> &'static str {
        self.name
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        if let Some(winner) = self.links.get(self.winner.load(Ordering::Relaxed)) {
            return winner.begin(request);
        }
        let mut links = self.links.clone().into_iter();
        match links.next() {
            Some(first) => Box::new(ChainFlow {
                name: self.name,
                current: first.begin(request),
                current_name: first.name(),
                position: 0,
                rest: links.collect(),
                request: request.clone(),
                attempts: Vec::new(),
                winner: Arc::clone(&self.winner),
            }),
            None => flow::ready(Err(flow::out_of_turn())),
        }
    }

    fn partition(&self) -> Partition {
        match self.links.iter().all(|link| link.partition().ahead()) {
            true => Partition::private(),
            false => Partition::private().never_ahead(),
        }
    }
}

struct ChainFlow {
    name: &'static str,
    current: BoxFlow<AccessToken>,
    current_name: &'static str,
    position: usize,
    rest: Vec<Arc<dyn Credential>>,
    request: TokenRequest,
    attempts: Vec<Attempt>,
    winner: Arc<AtomicUsize>,
}

impl std::fmt::Debug for ChainFlow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain")
            .field("attempts", &self.attempts)
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

impl ChainFlow {
    fn ended(&mut self, error: Error) -> Error {
        let attempts = std::mem::take(&mut self.attempts);
        if error.is_unavailable() {
            let names: Vec<_> = attempts.iter().map(|attempt| attempt.source).collect();
            return Error::new(
                ErrorKind::Unavailable,
                format!("no credential is available here; tried {}", names.join(", ")),
            )
            .with_remedy("set up one of them")
            .from_source(self.name)
            .with_attempts(attempts);
        }
        error.with_attempts(attempts)
    }
}

impl Flow for ChainFlow {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        let mut reply = reply;
        loop {
            let error = match self.current.step(cx, reply.take()) {
                Step::Do(effect) => return Step::Do(effect),
                Step::Done(Ok(token)) => {
                    // Whoever was first stays; a race between callers must not change the identity.
                    let _ = self.winner.compare_exchange(
                        UNDECIDED,
                        self.position,
                        Ordering::Relaxed,
                        Ordering::Relaxed,
                    );
                    return Step::Done(Ok(token));
                }
                Step::Done(Err(error)) => error,
            };
            let nested = error.attempts().to_vec();
            let single = nested.is_empty().then(|| error.to_attempt(self.current_name));
            self.attempts.extend(nested.into_iter().chain(single));
            let over = cx.outlasts(std::time::Duration::ZERO);
            if !error.is_unavailable() || self.rest.is_empty() || over {
                return Step::Done(Err(self.ended(error)));
            }
            let next = self.rest.remove(0);
            self.position += 1;
            self.current_name = next.name();
            self.current = next.begin(&self.request);
        }
    }
}

/// A developer's tool within the default chain: whatever is wrong with it means that it is not
/// available, so that a signed-out tool does not hide another that works.
#[derive(Debug)]
pub(crate) struct DeveloperTool<C>(pub(crate) C);

impl<C: Credential> Credential for DeveloperTool<C> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        Box::new(Lenient(self.0.begin(request)))
    }

    fn partition(&self) -> Partition {
        self.0.partition()
    }
}

#[derive(Debug)]
struct Lenient(BoxFlow<AccessToken>);

impl Flow for Lenient {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match self.0.step(cx, reply) {
            Step::Done(Err(error)) if !matches!(error.kind(), ErrorKind::Misuse | ErrorKind::Stuck) => {
                Step::Done(Err(error.as_kind(ErrorKind::Unavailable)))
            }
            step => step,
        }
    }
}

/// A member of a chain that could not be set up: it says why when it is asked.
#[derive(Debug)]
pub struct Unusable {
    name: &'static str,
    error: Error,
}

impl Unusable {
    /// The member of this name, and why it cannot be used.
    #[must_use]
    pub fn new(name: &'static str, error: Error) -> Unusable {
        Unusable { name, error }
    }
}

impl Credential for Unusable {
    fn name(&self) -> &'static str {
        self.name
    }

    fn begin(&self, _: &TokenRequest) -> BoxFlow<AccessToken> {
        flow::ready(Err(self.error.clone().from_source(self.name)))
    }
}
