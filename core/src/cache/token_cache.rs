//! The decisions of the cache, as a value.

use std::collections::BTreeMap;
use std::task::{Poll, Waker};

use super::flight::Flight;
use super::key::{self, Key, Partition};
use super::peace::Peace;
use super::renewal::{self, HOLD_OFF};
use super::slots::{Held, Slots};
use super::spared::Spared;
use crate::error::Error;
use crate::request::TokenRequest;
use crate::time::Now;
use crate::token::AccessToken;

/// Access tokens, and the requests under way for more of them. Without clock, lock or waiting: see
/// [`super::SharedCache`] for the same with those.
#[derive(Debug)]
pub struct TokenCache {
    slots: Slots,
    flights: BTreeMap<u64, Flight>,
    ticks: u64,
}

/// What a caller is to do. The right to ask and the place among those who wait are the plain ones of a
/// [`TokenCache`], or those of a [`SharedCache`](super::SharedCache), which are given back when dropped.
#[derive(Debug)]
#[must_use]
pub enum Plan<L = Permit, W = Seat> {
    /// Use this token.
    Use(AccessToken),
    /// Use this token, and renew it on the side: where nobody waits for it.
    Refresh(AccessToken, L),
    /// Ask for a token, for everybody.
    Lead(L),
    /// Wait for the one who asks.
    Wait(W),
    /// Take this for the answer: the same was just asked, and the service is to be left alone.
    Fail(Error),
}

/// The right, and the duty, to ask for one token: give it back by [`TokenCache::settle`] or
/// [`TokenCache::abandon`].
#[derive(Debug)]
#[must_use]
pub struct Permit(u64);

/// A place among those who wait: give it back by [`TokenCache::leave`], unless a poll ended in a result.
#[derive(Debug)]
#[must_use]
pub struct Seat {
    flight: u64,
    number: u64,
}

/// How waiting ended.
#[derive(Debug)]
#[must_use]
pub enum Turned<L = Permit> {
    /// The one who asked got this.
    Done(Result<AccessToken, Error>),
    /// The one who asked gave up, and it is this caller's turn to ask.
    Lead(L),
}

/// What a request came to.
#[derive(Debug)]
#[must_use]
pub struct Settled {
    /// What all who waited get.
    pub result: Result<AccessToken, Error>,
    /// Who they are: to be woken when no lock is held any more.
    pub wake: Vec<Waker>,
}

impl TokenCache {
    /// An empty cache that holds at most this many tokens. The least recently used make place.
    #[must_use]
    pub fn new(most: usize) -> TokenCache {
        TokenCache { slots: Slots::new(most), flights: BTreeMap::new(), ticks: 0 }
    }

    /// What a caller with this request is to do now. Nothing is allocated where there is a token to use.
    pub fn plan(&mut self, partition: &Partition, request: &TokenRequest, now: Now) -> Plan {
        self.plan_at(key::mark(partition, request), partition, request, now)
    }

    /// The same, where the mark of the key is at hand.
    pub(super) fn plan_at(
        &mut self,
        mark: u64,
        partition: &Partition,
        request: &TokenRequest,
        now: Now,
    ) -> Plan {
        let tick = self.tick();
        if let Some(slot) = self.slots.find(mark, partition, request) {
            slot.used = tick;
            let live = slot.live(now).filter(|_| request.claims().is_none());
            let due = |held: &Held| {
                let peace =
                    now.mono < slot.quiet_until || slot.peace.as_ref().is_some_and(|it| it.stands(now));
                partition.ahead() && !peace && renewal::has_come(held.due, now)
            };
            if let Some(held) = live.filter(|held| !due(held)) {
                return Plan::Use(held.token.clone());
            }
            let live = live.map(|held| held.token.clone());
            let flights = &self.flights;
            let under_way = slot.flights.iter().copied().find(|number| {
                flights.get(number).is_some_and(|flight| flight.claims.as_ref() == request.claims())
            });
            match (live, under_way) {
                (Some(token), None) => {
                    slot.quiet_until = now.mono.after(HOLD_OFF);
                    return Plan::Refresh(token, self.begin(mark, partition, request, now));
                }
                (Some(token), Some(_)) => return Plan::Use(token),
                (None, None) => {
                    let refused = || slot.spared.as_ref()?.answer(partition, request, now);
                    let demanded = slot.peace.as_ref().and_then(|peace| peace.answer(now));
                    if let Some(error) = demanded.or_else(refused) {
                        return Plan::Fail(error);
                    }
                }
                (None, Some(_)) => {}
            }
            if let Some(number) = under_way
                && let Some(flight) = self.flights.get_mut(&number)
            {
                flight.sit(tick);
                return Plan::Wait(Seat { flight: number, number: tick });
            }
        }
        Plan::Lead(self.begin(mark, partition, request, now))
    }

    fn begin(&mut self, mark: u64, partition: &Partition, request: &TokenRequest, now: Now) -> Permit {
        let number = self.tick();
        let key = Key::of(partition, request);
        self.slots.at(mark, &key, now, number).flights.push(number);
        self.flights.insert(number, Flight::new(mark, key, request.claims().cloned()));
        Permit(number)
    }

    /// Ends a request with what it came to, and keeps its token. `random` is any number that others do not
    /// have: it spreads renewals.
    pub fn settle(
        &mut self,
        permit: Permit,
        now: Now,
        random: u64,
        result: Result<AccessToken, Error>,
    ) -> Settled {
        let result = result.and_then(|token| token.alive_at(now));
        let tick = self.tick();
        let Some(flight) = self.flights.get_mut(&permit.0) else {
            return Settled { result, wake: Vec::new() };
        };
        let (mark, key, claims) = (flight.mark, flight.key.clone(), flight.claims.clone());
        let slot = self.slots.at(mark, &key, now, tick);
        slot.flights.retain(|number| *number != permit.0);
        slot.used = tick;
        let held = slot.live(now).filter(|_| claims.is_none()).map(|held| (held.token.clone(), held.since));
        match &result {
            Ok(_) => (slot.peace, slot.spared) = (None, None),
            Err(error) => slot.peace = Peace::after(slot.peace.take(), error, now),
        }
        let result = match (result, held) {
            // It was asked for before the one that is held came, which may have been a demand of claims.
            (Ok(_), Some((held, since))) if since > permit.0 => Ok(held),
            (Ok(token), _) => {
                let due = renewal::due(&token, now, random);
                slot.held = Some(Held { token: token.clone(), due, since: tick });
                // What was kept may be due as it comes, when the authority gave nothing newer.
                slot.quiet_until = now.mono.after(HOLD_OFF);
                Ok(token)
            }
            (Err(_), Some((held, _))) => {
                slot.quiet_until = now.mono.after(HOLD_OFF);
                Ok(held)
            }
            (Err(error), None) => {
                if slot.live(now).is_none() {
                    slot.held = None;
                }
                slot.spared = Spared::of(&error, claims.as_ref(), &key, now);
                Err(error)
            }
        };
        self.slots.tidy(mark);
        self.slots.clean(now);
        if self.slots.is_overfull() {
            self.slots.make_room(now);
        }
        let Some(flight) = self.flights.get_mut(&permit.0) else {
            return Settled { result, wake: Vec::new() };
        };
        let wake = flight.wakers();
        match flight.is_empty() {
            true => drop(self.flights.remove(&permit.0)),
            false => flight.outcome = Some(result.clone()),
        }
        Settled { result, wake }
    }

    /// Gives a request up. Whoever waits for it is to be woken; the first to poll goes on with it.
    #[must_use]
    pub fn abandon(&mut self, permit: Permit) -> Vec<Waker> {
        let Some(flight) = self.flights.get_mut(&permit.0) else { return Vec::new() };
        flight.led = false;
        let wake = flight.wakers();
        self.clear_away(permit.0);
        wake
    }

    /// Whether waiting is over. If not, `waker` is woken when there is reason to ask again; in its place is
    /// left whatever was to be woken before. Dropping a waker may run anything, so this does not.
    pub fn poll(&mut self, seat: &Seat, waker: &mut Option<Waker>) -> Poll<Turned> {
        let Some(flight) = self.flights.get_mut(&seat.flight) else {
            return Poll::Ready(Turned::Done(Err(crate::flow::out_of_turn())));
        };
        if let Some(outcome) = flight.outcome.clone() {
            // It was woken, so there is no waker left to drop.
            drop(flight.stand_up(seat.number));
            self.clear_away(seat.flight);
            return Poll::Ready(Turned::Done(outcome));
        }
        if !flight.led {
            flight.led = true;
            drop(flight.stand_up(seat.number));
            return Poll::Ready(Turned::Lead(Permit(seat.flight)));
        }
        if let Some(next) = waker.take() {
            *waker = flight.wait(seat.number, next);
        }
        Poll::Pending
    }

    /// Stops waiting; gives back what would have been woken.
    #[must_use = "a waker is to be dropped where no lock is held"]
    pub fn leave(&mut self, seat: &Seat) -> Option<Waker> {
        let known = self.flights.get_mut(&seat.flight)?.stand_up(seat.number);
        self.clear_away(seat.flight);
        known
    }

    /// Forgets this token, which a service rejected. Another that came in its place stays, and requests under
    /// way go on.
    pub fn forget(&mut self, token: &AccessToken) {
        self.slots.forget(token);
    }

    /// Forgets every token, and every failure. Requests under way go on, and keep what they bring.
    pub fn clear(&mut self) {
        self.slots.clear();
    }

    /// How many tokens, requests for others, and failures that are remembered, there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// How many requests are under way.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.flights.values().filter(|flight| flight.outcome.is_none()).count()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn tick(&mut self) -> u64 {
        self.ticks += 1;
        self.ticks
    }

    /// Removes a request that nobody makes and nobody waits for any more.
    fn clear_away(&mut self, number: u64) {
        let over = |flight: &Flight| flight.is_empty() && (flight.outcome.is_some() || !flight.led);
        if !self.flights.get(&number).is_some_and(over) {
            return;
        }
        if let Some(flight) = self.flights.remove(&number) {
            self.slots.land(flight.mark, number);
        }
    }
}
