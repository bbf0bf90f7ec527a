//! A request under way, and those who wait for it.

use std::collections::BTreeMap;
use std::task::Waker;

use super::key::Key;
use crate::claims::Claims;
use crate::error::Error;
use crate::token::AccessToken;

/// One request for one token.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) mark: u64,
    pub(super) key: Key,
    pub(super) claims: Option<Claims>,
    /// Whether somebody has the permit. Without, one of those who wait takes it.
    pub(super) led: bool,
    pub(super) outcome: Option<Result<AccessToken, Error>>,
    seats: BTreeMap<u64, Option<Waker>>,
}

impl Flight {
    pub(super) fn new(mark: u64, key: Key, claims: Option<Claims>) -> Flight {
        Flight { mark, key, claims, led: true, outcome: None, seats: BTreeMap::new() }
    }

    pub(super) fn sit(&mut self, seat: u64) {
        self.seats.insert(seat, None);
    }

    /// Frees a seat; gives back whom it would have woken.
    pub(super) fn stand_up(&mut self, seat: u64) -> Option<Waker> {
        self.seats.remove(&seat).flatten()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// Remembers whom to wake; gives back whom it would have woken.
    pub(super) fn wait(&mut self, seat: u64, waker: Waker) -> Option<Waker> {
        self.seats.get_mut(&seat)?.replace(waker)
    }

    /// All who are to be woken.
    pub(super) fn wakers(&mut self) -> Vec<Waker> {
        self.seats.values_mut().filter_map(Option::take).collect()
    }
}
