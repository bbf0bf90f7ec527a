//! Trying several credentials in order.
//!
//! *Absent goes on, broken stops*: only [`ErrorKind::Unavailable`] leads to the next credential. A
//! service principal whose secret has expired must not silently become somebody else.

mod default;
mod ending;
mod environment;
mod member;
mod slot;
mod walk;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::authority::Authority;
use crate::cache::Partition;
use crate::cloud::Cloud;
use crate::error::{Error, ErrorKind};
use crate::flow::{self, BoxFlow, Credential};
use crate::request::TokenRequest;
use crate::token::AccessToken;

use self::walk::Walk;

pub(crate) use default::members;
pub(crate) use ending::nothing;
pub(crate) use member::Selection;

pub use default::DefaultChain;
pub use environment::EnvironmentCredential;
pub use member::Member;

/// No credential of the chain has answered yet.
const UNDECIDED: usize = usize::MAX;

/// What is made at this authority. Where there is none, that is what is wrong with what is set up, and what is not is
/// absent all the same.
pub(crate) fn at<T>(
    authority: &Result<Authority, Error>,
    make: impl Fn(&Authority) -> Result<T, Error>,
) -> Result<T, Error> {
    match authority {
        Ok(authority) => make(authority),
        Err(error) => make(&Authority::of_cloud(Cloud::PUBLIC)?).and(Err(error.clone())),
    }
}

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
    retrying: bool,
}

/// One of the credentials.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) credential: Arc<dyn Credential>,
    /// Whether it is a developer's tool beside others in the default chain: whatever is wrong with it means that it is not
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
        Ok(Chain { name, links, winner: Arc::new(AtomicUsize::new(UNDECIDED)), retrying: false })
    }

    /// The same, but each request begins at the first credential again, whoever answered before: for a
    /// program that outlives what it finds at its start, such as a developer's tool that is signed in to
    /// later, or one that is not any more. *Absent goes on, broken stops* each time; the identity may change
    /// between two requests.
    #[must_use]
    pub fn retrying_sources(mut self) -> Chain {
        self.retrying = true;
        self
    }

    /// The credential that is used from now on, if that is decided.
    fn decided(&self) -> Option<usize> {
        let winner = self.winner.load(Ordering::Relaxed);
        (!self.retrying && winner != UNDECIDED).then_some(winner)
    }

    /// Notes that this one answered. Whoever was first stays, since a race between callers must not change
    /// the identity: then it is that one's place that comes back.
    fn won(&self, position: usize) -> usize {
        let order = Ordering::Relaxed;
        if self.retrying {
            self.winner.store(position, order);
            return position;
        }
        match self.winner.compare_exchange(UNDECIDED, position, order, order) {
            Ok(_) => position,
            Err(winner) => winner,
        }
    }

    /// The name of the credential that answered, once one did; of several, the last.
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
        match self.decided().and_then(|winner| self.links.get(winner)) {
            Some(winner) => winner.credential.begin(request),
            None => Box::new(Walk::new(self, request, <dyn Credential>::begin)),
        }
    }

    fn renew(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        match self.decided().and_then(|winner| self.links.get(winner)) {
            Some(winner) => winner.credential.renew(request),
            None => Box::new(Walk::new(self, request, <dyn Credential>::renew)),
        }
    }

    fn partition(&self) -> Partition {
        let partitions: Vec<_> = self.links.iter().map(|link| link.credential.partition()).collect();
        match () {
            () if !partitions.iter().all(Partition::ahead) => Partition::private().never_ahead(),
            () if partitions.iter().any(Partition::asks_a_person) => Partition::private().asking_a_person(),
            () => Partition::private(),
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
