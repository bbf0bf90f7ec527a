//! What a caller is told to do, and whether that is right.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use entrada_core::TokenRequest;
use entrada_core::cache::{HOLD_OFF, Permit, Plan};

use super::{Counter, Flight, Key, MOST, Open, Peace, Sitting, World};

impl World {
    pub(super) fn ask(&mut self, key: Key, request: &TokenRequest, claims: usize) {
        let (now, partition) = (self.now, self.partitions[key.0].clone());
        let under_way = self.flights.iter().position(|flight| {
            flight.outcome.is_none() && flight.key == key && flight.claims == claims && !self.over(flight)
        });
        let tick = self.tick();
        match self.cache.plan(&partition, request, now) {
            Plan::Use(token) => {
                assert_eq!(claims, 0, "claims are answered by a fresh token");
                assert!(token.is_alive(now), "a dead token was handed out");
                let text = token.secret().expose();
                assert_eq!(
                    self.live(&key).map(|held| held.text.as_str()),
                    Some(text),
                    "not the token that is held"
                );
            }
            Plan::Refresh(token, permit) => {
                let held = self.live(&key).expect("nothing to renew");
                assert_eq!((claims, token.secret().expose()), (0, held.text.as_str()));
                assert!(partition.ahead() && under_way.is_none());
                let (earliest, earliest_unix, ..) = held.renewable;
                assert!(now.mono.0 >= earliest || now.unix.0 >= earliest_unix, "renewed too early");
                assert!(now.mono.0 >= self.quiet.get(&key).copied().unwrap_or(0), "no peace after a renewal");
                assert!(!self.must_be_left_alone(&key), "renews though the service wants peace");
                self.quiet.insert(key.clone(), now.mono.after(HOLD_OFF).0);
                self.begin(key, claims, permit, tick);
                return;
            }
            Plan::Lead(permit) => {
                assert!(under_way.is_none(), "two ask for the same");
                if claims == 0 {
                    self.must_be_gone(&key);
                }
                let spared = self.spared(&key, claims);
                assert!(spared.is_none_or(|spared| spared.gone), "asks though the answer is known");
                assert!(!self.must_be_left_alone(&key), "asks though the service wants peace");
                self.begin(key, claims, permit, tick);
                return;
            }
            Plan::Fail(error) => {
                assert!(under_way.is_none() && (claims > 0 || self.live(&key).is_none_or(|held| held.gone)));
                // A service that asks for no time at all asks for nothing.
                match error.retry_after().filter(|left| !left.is_zero()) {
                    Some(left) => {
                        let until = now.mono.after(left).0;
                        let known = |peace: &Peace| (peace.kind, peace.until) == (error.kind(), until);
                        assert!(self.peace(&key).any(known), "a demand from nowhere: {error:?}");
                        let longer = |peace: &Peace| !peace.gone && peace.until > until;
                        assert!(!self.peace(&key).any(longer), "a demand was cut short: {error:?}");
                    }
                    None => {
                        assert!(!self.must_be_left_alone(&key), "a demand was forgotten");
                        let spared = self.spared(&key, claims).expect("a failure from nowhere");
                        assert_eq!(error.kind(), spared.kind);
                    }
                }
                return;
            }
            Plan::Wait(seat) => {
                let flight = under_way.expect("nobody to wait for");
                if claims == 0 {
                    self.must_be_gone(&key);
                }
                let woken = Arc::new(Counter(AtomicUsize::new(0)));
                self.seats.push(Sitting { seat, flight, woken, polled: false });
                return;
            }
        }
        // What was used without being renewed was not due for long, or something forbids it.
        let held = self.live(&key).expect("checked above");
        let (.., latest, latest_unix) = held.renewable;
        let due = now.mono.0 >= latest || now.unix.0 >= latest_unix;
        let quiet = now.mono.0 < self.quiet.get(&key).copied().unwrap_or(0);
        assert!(
            !due || quiet || under_way.is_some() || !partition.ahead() || self.peace(&key).next().is_some(),
            "a token that is due is not renewed"
        );
    }

    /// There is no token to use, unless it was put out.
    fn must_be_gone(&mut self, key: &Key) {
        if let Some(held) = self.live(key) {
            assert!(held.gone, "asks though there is a token");
            self.held.remove(key);
        }
    }

    fn begin(&mut self, key: Key, claims: usize, permit: Permit, begun: u64) {
        // Whatever is new may put out the dead, and the living once there are too many.
        let (now, full) = (self.now, self.cache.len() >= MOST);
        self.held.values_mut().for_each(|held| held.gone |= full || !held.token.is_alive(now));
        self.peace.values_mut().flatten().for_each(|peace| peace.gone |= full);
        self.spared.values_mut().for_each(|spared| spared.gone |= full);
        self.open.push(Open { permit, flight: self.flights.len() });
        self.flights.push(Flight { key, claims, begun, led: true, outcome: None });
    }
}
