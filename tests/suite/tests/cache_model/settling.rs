//! What a request comes to, and what is kept of it.

use std::sync::atomic::Ordering;
use std::task::Waker;
use std::time::Duration;

use entrada_core::cache::HOLD_OFF;
use entrada_core::{AccessToken, Error, ErrorKind};

use super::{Answer, Held, Key, MOST, Open, Peace, Spared, World, kind_of};

impl World {
    pub(super) fn settle(&mut self, open: Open, random: u64, answer: &Answer) {
        let tick = self.tick();
        let text = format!("token-{tick}");
        let now = self.now;
        let result = match answer {
            Answer::Token { life, renewed, late } => {
                let life = Duration::from_secs(u64::from(*life));
                let token = AccessToken::new(text.clone().into(), now.unix.after(life), now, "test").unwrap();
                if *late {
                    self.now = now.after(life);
                }
                Ok(token.refreshed_on(renewed.map(|at| now.unix.after(Duration::from_secs(u64::from(at))))))
            }
            Answer::Failure { pause, kind } => Err(Error::new(*kind, "down")
                .with_retry_after(pause.map(|pause| Duration::from_secs(u64::from(pause))))),
        };
        let now = self.now;
        let (key, claims, begun) = {
            let flight = &self.flights[open.flight];
            (flight.key.clone(), flight.claims, flight.begun)
        };
        let settled = self.cache.settle(open.permit, now, random, result.clone());
        let got = kind_of(&settled.result);
        let kept = self.live(&key).filter(|_| claims == 0);
        let kept = kept.filter(|held| !held.gone || got.as_ref() == Ok(&held.text));
        let kept = kept.map(|held| (held.text.clone(), held.since));
        let dead = result.as_ref().is_ok_and(|token| !token.is_alive(now));
        match (&result, kept) {
            (Ok(token), kept) if !dead => match kept {
                Some((newer, since)) if since > begun => {
                    assert_eq!(got, Ok(newer), "an older request took the place")
                }
                _ => {
                    assert_eq!(got, Ok(text.clone()));
                    self.hold(key.clone(), text, token.clone(), tick);
                }
            },
            (_, Some((alive, _))) => {
                assert_eq!(got, Ok(alive), "a failed renewal hurt a caller");
                self.quiet.insert(key.clone(), now.mono.after(HOLD_OFF).0);
                self.leave_alone(&key, answer);
            }
            _ => {
                assert!(got.is_err(), "a failure became a token: {got:?}");
                self.remember(&key, claims, answer);
                self.leave_alone(&key, answer);
            }
        }
        if got.is_ok() && !dead && result.is_ok() {
            self.peace.remove(&key);
            self.spared.remove(&key);
        }
        // The dead are put out now and then.
        self.held.values_mut().for_each(|held| held.gone |= !held.token.is_alive(now));
        if self.cache.len() >= MOST - 1 {
            self.held.values_mut().for_each(|held| held.gone = true);
            self.peace.values_mut().flatten().for_each(|peace| peace.gone = true);
            self.spared.values_mut().for_each(|spared| spared.gone = true);
        }
        for sitting in self.seats.iter().filter(|sitting| sitting.flight == open.flight && sitting.polled) {
            assert_eq!(sitting.woken.0.load(Ordering::Relaxed), 0, "woken for nothing");
        }
        settled.wake.into_iter().for_each(Waker::wake);
        for sitting in self.seats.iter_mut().filter(|sitting| sitting.flight == open.flight && sitting.polled)
        {
            assert_eq!(sitting.woken.0.swap(0, Ordering::Relaxed), 1, "not woken");
        }
        self.flights[open.flight].outcome = Some(got);
    }

    /// A service that asks for peace gets it, for an hour at most, whatever is held.
    fn leave_alone(&mut self, key: &Key, answer: &Answer) {
        let Answer::Failure { pause: Some(pause), kind } = answer else { return };
        let until = self.now.mono.after(Duration::from_secs(u64::from(*pause).min(3600))).0;
        self.peace.entry(key.clone()).or_default().push(Peace { kind: *kind, until, gone: false });
    }

    /// What is refused is not asked again for five seconds, where no person is asked.
    fn remember(&mut self, key: &Key, claims: usize, answer: &Answer) {
        self.spared.remove(key);
        let Answer::Failure { kind: ErrorKind::Refused, .. } = answer else { return };
        if key.0 == 2 {
            return;
        }
        let (kind, until) = (ErrorKind::Refused, self.now.mono.after(Duration::from_secs(5)).0);
        self.spared.insert(key.clone(), Spared { kind, claims, until, gone: false });
    }

    fn hold(&mut self, key: Key, text: String, token: AccessToken, since: u64) {
        let now = self.now;
        let life = token.life_left(now);
        let wanted = match token.refresh_on() {
            Some(at) => now.unix.until(at).min(life),
            None if life > Duration::from_secs(600) => life - Duration::from_secs(300),
            None => life / 2,
        };
        let (early, late) = (now.after(wanted.saturating_sub(Duration::from_secs(60))), now.after(wanted));
        let renewable = (early.mono.0, early.unix.0, late.mono.0, late.unix.0.saturating_add(1));
        self.quiet.insert(key.clone(), now.mono.after(HOLD_OFF).0);
        self.given.push(token.clone());
        self.held.insert(key, Held { text, token, renewable, since, gone: false });
    }
}
