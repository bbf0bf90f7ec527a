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
///
/// ```
/// use std::sync::Arc;
///
/// use entrada_core::{
///     AzureCliCredential, Chain, Environment, ManagedIdentityCredential, ManagedIdentityId,
/// };
///
/// let identity = ManagedIdentityId::SystemAssigned;
/// let machine = ManagedIdentityCredential::new(&Environment::new(), identity).probing();
/// let chain = Chain::new(vec![Arc::new(machine), Arc::new(AzureCliCredential::new())])?;
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Chain {
    name: &'static str,
    links: Vec<Link>,
    winner: Arc<AtomicUsize>,
}

/// One of the credentials.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) credential: Arc<dyn Credential>,
    /// Whether it is a developer's tool in the default chain: whatever is wrong with it means that it is not
    /// available, so that a signed-out tool does not hide another that works.
    pub(crate) lenient: bool,
}

impl Chain {
    /// The credentials, in this order.
    ///
    /// # Errors
    /// `Configuration` when there is none.
    pub fn new(links: Vec<Arc<dyn Credential>>) -> Result<Chain, Error> {
        Chain::named(
            "chain",
            links.into_iter().map(|credential| Link { credential, lenient: false }).collect(),
        )
    }

    pub(crate) fn named(name: &'static str, links: Vec<Link>) -> Result<Chain, Error> {
        if links.is_empty() {
            return Err(Error::new(ErrorKind::Configuration, "a chain needs at least one credential"));
        }
        Ok(Chain { name, links, winner: Arc::new(AtomicUsize::new(UNDECIDED)) })
    }

    /// The name of the credential that answered, once one did.
    #[must_use]
    pub fn winner(&self) -> Option<&'static str> {
        self.links.get(self.winner.load(Ordering::Relaxed)).map(|link| link.credential.name())
    }
}

impl Credential for Chain {
    fn name(&self) -> &'static str {
        self.name
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        if let Some(winner) = self.links.get(self.winner.load(Ordering::Relaxed)) {
            return winner.credential.begin(request);
        }
        match self.links.first() {
            Some(first) => Box::new(ChainFlow {
                current: first.credential.begin(request),
                position: 0,
                chain: self.clone(),
                request: request.clone(),
                attempts: Vec::new(),
            }),
            None => flow::ready(Err(flow::out_of_turn())),
        }
    }

    fn partition(&self) -> Partition {
        match self.links.iter().all(|link| link.credential.partition().ahead()) {
            true => Partition::private(),
            false => Partition::private().never_ahead(),
        }
    }
}

struct ChainFlow {
    chain: Chain,
    current: BoxFlow<AccessToken>,
    position: usize,
    request: TokenRequest,
    attempts: Vec<Attempt>,
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
            .from_source(self.chain.name)
            .with_attempts(attempts);
        }
        error.with_attempts(attempts)
    }
}

impl ChainFlow {
    /// Whoever was first stays: a race between callers must not change the identity. Nothing, if it is the
    /// link that has just answered; else the flow of the one that was faster.
    fn overtaken(&self) -> Option<BoxFlow<AccessToken>> {
        let order = Ordering::Relaxed;
        match self.chain.winner.compare_exchange(UNDECIDED, self.position, order, order) {
            Err(winner) if winner != self.position => {
                self.chain.links.get(winner).map(|link| link.credential.begin(&self.request))
            }
            _ => None,
        }
    }
}

impl Flow for ChainFlow {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        let mut reply = reply;
        loop {
            let error = match self.current.step(cx, reply.take()) {
                Step::Do(effect) => return Step::Do(effect),
                Step::Done(Ok(token)) => match self.overtaken() {
                    Some(faster) => {
                        self.current = faster;
                        self.position = self.chain.winner.load(Ordering::Relaxed);
                        continue;
                    }
                    None => return Step::Done(Ok(token)),
                },
                Step::Done(Err(error)) => error,
            };
            let Some(link) = self.chain.links.get(self.position) else {
                return Step::Done(Err(error));
            };
            // One that answered before is not merely absent, whatever it is.
            let undecided = self.chain.winner.load(Ordering::Relaxed) != self.position;
            let defect = matches!(error.kind(), ErrorKind::Misuse | ErrorKind::Stuck);
            let error = match link.lenient && undecided && !defect {
                true => error.as_kind(ErrorKind::Unavailable),
                false => error,
            };
            let nested = error.attempts().to_vec();
            let single = nested.is_empty().then(|| error.to_attempt(link.credential.name()));
            self.attempts.extend(nested.into_iter().chain(single));
            let next = self.chain.links.get(self.position + 1);
            let over = cx.outlasts(std::time::Duration::ZERO);
            match next {
                Some(next) if error.is_unavailable() && undecided && !over => {
                    self.position += 1;
                    self.current = next.credential.begin(&self.request);
                }
                _ => return Step::Done(Err(self.ended(error))),
            }
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
