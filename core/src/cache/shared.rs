//! The cache behind a lock: one gate for threads and tasks alike.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::PoisonError;
use std::task::{Context, Poll, Waker};

use super::key::{self, Partition};
use super::sync::{Arc, AtomicU64, Mutex, MutexGuard, Ordering};
use super::token_cache::{Permit, Plan, Seat, TokenCache, Turned};
use crate::error::{Error, ErrorKind};
use crate::flow::Entropy;
use crate::request::TokenRequest;
use crate::time::Now;
use crate::token::AccessToken;

/// How many tokens a cache holds unless told otherwise.
const MOST: usize = 10_000;

/// A [`TokenCache`] for any number of threads and tasks. Cheap to clone; the clones are one cache.
///
/// The lock is held for a look and no longer: nobody asks, waits or wakes with it.
#[derive(Clone)]
pub struct SharedCache(Arc<Shared>);

struct Shared {
    cache: Mutex<TokenCache>,
    /// How often tokens came or were forgotten.
    changes: AtomicU64,
}

/// A state of a cache: equal ones have the same tokens, bar those that died or made place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision(u64);

/// What a caller of a [`SharedCache`] is to do.
pub type Turn = Plan<Lead, Waiting>;

/// How waiting for a [`SharedCache`] ended.
pub type Joined = Turned<Lead>;

impl SharedCache {
    /// An empty cache for ten thousand tokens.
    #[must_use]
    pub fn new() -> SharedCache {
        SharedCache::with_capacity(MOST)
    }

    /// An empty cache that holds at most this many tokens; the least recently used make place. A service
    /// that acts on behalf of its users has a token for each of them.
    #[must_use]
    pub fn with_capacity(most: usize) -> SharedCache {
        let cache = Mutex::new(TokenCache::new(most));
        SharedCache(Arc::new(Shared { cache, changes: AtomicU64::new(0) }))
    }

    /// What a caller with this request is to do now.
    pub fn turn(&self, partition: &Partition, request: &TokenRequest, now: Now) -> Turn {
        // What can be known before is not found out with the lock.
        let mark = key::mark(partition, request);
        let plan = self.lock().plan_at(mark, partition, request, now);
        match plan {
            Plan::Use(token) => Turn::Use(token),
            Plan::Refresh(token, permit) => Turn::Refresh(token, self.lead(permit)),
            Plan::Lead(permit) => Turn::Lead(self.lead(permit)),
            Plan::Wait(seat) => Turn::Wait(Waiting { cache: self.clone(), seat: Some(seat) }),
            Plan::Fail(error) => Turn::Fail(error),
        }
    }

    /// Forgets this token, which a service rejected. Another that came in its place stays, and requests under
    /// way go on.
    pub fn forget(&self, token: &AccessToken) {
        self.changing(|cache| cache.forget(token));
    }

    /// Forgets every token, and every failure. Requests under way go on, and keep what they bring.
    pub fn clear(&self) {
        self.changing(TokenCache::clear);
    }

    /// How many tokens, requests for others, and failures that are remembered, there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// How many requests are under way: a program that ends well waits for the last renewal.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.lock().in_flight()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lead(&self, permit: Permit) -> Lead {
        Lead { cache: self.clone(), permit: Some(permit) }
    }

    /// What became of it last: to be asked for before a token that is to be [given again](super::Recent).
    #[must_use]
    pub fn revision(&self) -> Revision {
        Revision(self.0.changes.load(Ordering::Acquire))
    }

    /// Does this and counts it. Whoever sees the new count finds what was done; it is counted with the lock,
    /// so that nobody who waits for that sees the old one.
    fn changing<T>(&self, work: impl FnOnce(&mut TokenCache) -> T) -> T {
        let mut cache = self.lock();
        let done = work(&mut cache);
        self.0.changes.fetch_add(1, Ordering::Release);
        done
    }

    fn lock(&self) -> MutexGuard<'_, TokenCache> {
        self.0.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for SharedCache {
    fn default() -> SharedCache {
        SharedCache::new()
    }
}

impl fmt::Debug for SharedCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedCache").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// The duty to ask for a token. Dropped, it goes to one of those who wait.
#[derive(Debug)]
#[must_use]
pub struct Lead {
    cache: SharedCache,
    permit: Option<Permit>,
}

impl Lead {
    /// Ends it with what the request came to, which all who wait share; what this caller gets is returned.
    /// A request that was cancelled, or [cut short](Error::is_cut_short) by this caller's own limit, is handed
    /// over instead.
    ///
    /// # Errors
    /// What the request ended in, unless there is a token that lives.
    pub fn settle(
        mut self,
        now: Now,
        entropy: &mut dyn Entropy,
        result: Result<AccessToken, Error>,
    ) -> Result<AccessToken, Error> {
        let given_up = |error: &Error| error.kind() == ErrorKind::Cancelled || error.is_cut_short();
        if result.as_ref().is_err_and(given_up) {
            return result;
        }
        let Some(permit) = self.permit.take() else { return result };
        let mut random = [0; 8];
        entropy.fill(&mut random);
        let random = u64::from_le_bytes(random);
        let settled = self.cache.changing(|cache| cache.settle(permit, now, random, result));
        settled.wake.into_iter().for_each(Waker::wake);
        settled.result
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take() {
            let wake = self.cache.lock().abandon(permit);
            wake.into_iter().for_each(Waker::wake);
        }
    }
}

/// Waiting for the one who asks. Any executor can await it; dropping it is leaving.
#[derive(Debug)]
#[must_use]
pub struct Waiting {
    cache: SharedCache,
    seat: Option<Seat>,
}

impl Waiting {
    /// What a caller says whose time is up.
    #[must_use]
    pub fn too_late() -> Error {
        Error::new(ErrorKind::Timeout, "no token came in time; another caller is asking for it")
            .with_remedy("allow more time, or find out why the source of the token is slow")
    }
}

impl Future for Waiting {
    type Output = Joined;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Joined> {
        let Some(seat) = &self.seat else {
            return Poll::Ready(Joined::Done(Err(crate::flow::out_of_turn())));
        };
        let mut waker = Some(context.waker().clone());
        let polled = self.cache.lock().poll(seat, &mut waker);
        polled.map(|turned| {
            self.seat = None;
            match turned {
                Turned::Done(result) => Joined::Done(result),
                Turned::Lead(permit) => Joined::Lead(self.cache.lead(permit)),
            }
        })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(seat) = &self.seat {
            let waker = self.cache.lock().leave(seat);
            drop(waker);
        }
    }
}
