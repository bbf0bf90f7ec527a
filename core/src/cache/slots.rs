//! Where the tokens are: a bounded number of slots, found without allocating.

use std::collections::BTreeMap;
use std::time::Duration;

use super::key::{Key, Partition};
use super::peace::Peace;
use super::spared::Spared;
use crate::request::TokenRequest;
use crate::time::{Mono, Now};
use crate::token::AccessToken;

/// How many entries there may be before the first search for dead ones.
const FIRST_SWEEP: usize = 64;

/// How often the dead are searched for however few entries there are.
const SWEEP_EVERY: Duration = Duration::from_secs(300);

/// All slots, by their key's mark.
#[derive(Debug)]
pub(super) struct Slots {
    buckets: BTreeMap<u64, Vec<Slot>>,
    entries: usize,
    most: usize,
    sweep_at: usize,
    swept: Mono,
}

/// What is known for one key.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) key: Key,
    pub(super) held: Option<Held>,
    /// No renewal is begun before.
    pub(super) quiet_until: Mono,
    /// What the service demanded.
    pub(super) peace: Option<Peace>,
    /// A refusal that is the answer for a while, where no token is.
    pub(super) spared: Option<Spared>,
    pub(super) flights: Vec<u64>,
    pub(super) used: u64,
}

/// A token, from when on it is due, and since when it is here, in ticks of the cache.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) token: AccessToken,
    pub(super) due: Now,
    pub(super) since: u64,
}

impl Slots {
    pub(super) fn new(most: usize) -> Slots {
        Slots {
            buckets: BTreeMap::new(),
            entries: 0,
            most: most.max(1),
            sweep_at: FIRST_SWEEP,
            swept: Mono(0),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries
    }

    /// Whether there are more than there should be: they were asked for all at once.
    pub(super) fn is_overfull(&self) -> bool {
        self.entries > self.most
    }

    /// The slot of this request, if there is one.
    pub(super) fn find(
        &mut self,
        mark: u64,
        partition: &Partition,
        request: &TokenRequest,
    ) -> Option<&mut Slot> {
        self.buckets.get_mut(&mark)?.iter_mut().find(|slot| slot.key.is_of(partition, request))
    }

    /// The slot of this key, which is made at `tick` where there is none.
    pub(super) fn at(&mut self, mark: u64, key: &Key, now: Now, tick: u64) -> &mut Slot {
        let found =
            self.buckets.get(&mark).and_then(|bucket| bucket.iter().position(|slot| slot.key.is(key)));
        if found.is_none() {
            self.make_room(now);
            self.entries += 1;
        }
        // Hardly ever do two keys have the same mark.
        let bucket = self.buckets.entry(mark).or_insert_with(|| Vec::with_capacity(1));
        let position = found.unwrap_or_else(|| {
            let key = key.clone();
            bucket.push(Slot {
                key,
                held: None,
                quiet_until: Mono(0),
                peace: None,
                spared: None,
                flights: Vec::new(),
                used: tick,
            });
            bucket.len() - 1
        });
        &mut bucket[position]
    }

    /// Removes what is of no use any more at this place.
    pub(super) fn tidy(&mut self, mark: u64) {
        if let Some(bucket) = self.buckets.get_mut(&mark) {
            let before = bucket.len();
            bucket.retain(Slot::is_of_use);
            self.entries -= before - bucket.len();
            if bucket.is_empty() {
                self.buckets.remove(&mark);
            }
        }
    }

    /// Removes whatever does not pass.
    fn keep(&mut self, mut pass: impl FnMut(&Slot) -> bool) {
        self.buckets.retain(|_, bucket| {
            bucket.retain(&mut pass);
            !bucket.is_empty()
        });
        self.entries = self.buckets.values().map(Vec::len).sum();
    }

    /// Removes the dead every few minutes.
    pub(super) fn clean(&mut self, now: Now) {
        if now.mono >= self.swept.after(SWEEP_EVERY) {
            self.sweep(now);
        }
    }

    /// Removes dead tokens, and what is of no use without them.
    fn sweep(&mut self, now: Now) {
        self.swept = now.mono;
        let dead = |held: &mut Held| !held.token.is_alive(now);
        self.buckets.values_mut().flatten().for_each(|slot| drop(slot.held.take_if(dead)));
        self.keep(|slot| slot.is_asked_for() || slot.held.is_some() || slot.stands(now));
    }

    /// Removes the dead once there are many, and those that were not used for the longest time once there
    /// are too many. What is asked for stays.
    pub(super) fn make_room(&mut self, now: Now) {
        if self.entries >= self.sweep_at.min(self.most) {
            self.sweep(now);
            self.sweep_at = FIRST_SWEEP.max(2 * self.entries);
        }
        if self.entries >= self.most {
            let idle = self.buckets.values().flatten().filter(|slot| !slot.is_asked_for());
            let mut uses: Vec<_> = idle.map(|slot| slot.used).collect();
            // Some more than needed, so that a full cache does not search for each newcomer.
            let last = self.entries - self.most + self.most / 16;
            let Some(last) = uses.len().checked_sub(1).map(|most| most.min(last)) else { return };
            let newest = *uses.select_nth_unstable(last).1;
            self.keep(|slot| slot.is_asked_for() || slot.used > newest);
        }
    }

    /// Removes every token, and every failure that is remembered.
    pub(super) fn clear(&mut self) {
        let all = self.buckets.values_mut().flatten();
        all.for_each(|slot| (slot.held, slot.peace, slot.spared) = (None, None, None));
        self.keep(Slot::is_of_use);
    }

    /// Removes this token, wherever it is.
    pub(super) fn forget(&mut self, token: &AccessToken) {
        let is_it = |held: &mut Held| held.token.secret().expose() == token.secret().expose();
        self.buckets.values_mut().flatten().for_each(|slot| drop(slot.held.take_if(is_it)));
        self.keep(Slot::is_of_use);
    }

    /// Removes a request from the slots that are found by this mark.
    pub(super) fn land(&mut self, mark: u64, flight: u64) {
        if let Some(bucket) = self.buckets.get_mut(&mark) {
            bucket.iter_mut().for_each(|slot| slot.flights.retain(|known| *known != flight));
        }
        self.tidy(mark);
    }
}

impl Slot {
    /// Whether a request is under way.
    fn is_asked_for(&self) -> bool {
        !self.flights.is_empty()
    }

    /// What is held, if it lives.
    pub(super) fn live(&self, now: Now) -> Option<&Held> {
        self.held.as_ref().filter(|held| held.token.is_alive(now))
    }

    /// Whether a failure is remembered that is still an answer.
    fn stands(&self, now: Now) -> bool {
        self.peace.as_ref().is_some_and(|peace| peace.stands(now))
            || self.spared.as_ref().is_some_and(|spared| spared.stands(now))
    }

    fn is_of_use(&self) -> bool {
        self.held.is_some() || self.peace.is_some() || self.spared.is_some() || self.is_asked_for()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::asked::credential;
    use crate::cache::{Plan, TokenCache};
    use crate::error::{Error, ErrorKind};
    use crate::time::Unix;

    fn at(seconds: u64) -> Now {
        Now { mono: Mono(seconds * 1000), unix: Unix(1_800_000_000 + i64::try_from(seconds).unwrap()) }
    }

    /// A cache of ten thousand, and what a credential of it gets for a scope of this number.
    struct Many(TokenCache, Partition);

    impl Many {
        fn new() -> Many {
            Many(TokenCache::new(10_000), credential())
        }

        fn plan(&mut self, number: usize, now: Now) -> Plan {
            let request = TokenRequest::new([format!("s{number}")]).unwrap();
            self.0.plan(&self.1, &request, now)
        }

        fn ask(&mut self, number: usize, now: Now, result: Result<AccessToken, Error>) {
            let Plan::Lead(permit) = self.plan(number, now) else { panic!("nobody has to ask for {number}") };
            drop(self.0.settle(permit, now, 0, result));
        }

        fn told(&mut self, number: usize, now: Now) -> bool {
            matches!(self.plan(number, now), Plan::Fail(_))
        }
    }

    fn token(seconds: u64, now: Now) -> Result<AccessToken, Error> {
        AccessToken::new("t".into(), now.after(Duration::from_secs(seconds)).unix, now, "test")
    }

    #[test]
    fn a_failure_that_stands_is_not_put_out_by_others() {
        let mut cache = Many::new();
        let busy = Error::new(ErrorKind::Service, "busy").with_retry_after(Some(Duration::from_secs(600)));
        let refused = Error::new(ErrorKind::Refused, "no");
        for number in 0..100 {
            cache.ask(number, at(0), Err([&busy, &refused][number % 2].clone()));
        }
        assert!((0..100).all(|number| cache.told(number, at(4))), "there is room for ten thousand");
        // What is over goes with the next search.
        cache.ask(100, at(599), token(3600, at(599)));
        assert_eq!(cache.0.len(), 51);
        assert!((0..100).step_by(2).all(|number| cache.told(number, at(599))));
        cache.ask(101, at(900), token(3600, at(900)));
        assert_eq!(cache.0.len(), 2);
    }

    #[test]
    fn a_dead_token_is_gone_after_some_minutes_however_few_there_are() {
        let mut cache = Many::new();
        for number in 0..10 {
            cache.ask(number, at(0), token(100, at(0)));
        }
        cache.ask(10, at(299), token(3600, at(299)));
        assert_eq!(cache.0.len(), 11);
        cache.ask(11, at(300), token(3600, at(300)));
        assert_eq!(cache.0.len(), 2);
    }
}
