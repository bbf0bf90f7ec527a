//! The token cache against a plain model of what it promises, under any order of operations.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Wake, Waker};
use std::time::Duration;

use entrada_core::cache::{HOLD_OFF, Permit, Plan, Seat, TokenCache, Turned};
use entrada_core::claims::Claims;
use entrada_core::{AccessToken, Error, ErrorKind, Mono, Now, Partition, Tenant, TokenRequest, Unix};
use proptest::prelude::*;

const SCOPES: [&[&str]; 3] = [&["https://a/.default"], &["b/x", "b/y"], &["b/y"]];
const TENANTS: [Option<&str>; 3] = [None, Some("contoso.com"), Some("fabrikam.com")];
const CLAIMS: [Option<&str>; 3] =
    [None, Some(r#"{"access_token":{"nbf":{"value":"1"}}}"#), Some(r#"{"access_token":{"acrs":{}}}"#)];
const FAILURES: [ErrorKind; 3] = [ErrorKind::Network, ErrorKind::Refused, ErrorKind::InteractionRequired];
const MOST: usize = 6;

#[derive(Clone, Debug)]
enum Operation {
    Ask { partition: usize, scopes: usize, tenant: usize, cae: bool, claims: usize, turned: bool },
    Settle { which: usize, random: u64, answer: Answer },
    Abandon { which: usize },
    Poll { which: usize },
    Leave { which: usize },
    Pass { seconds: u32 },
    StepWall { seconds: i32 },
    Clear,
    Forget { which: usize },
}

#[derive(Clone, Debug)]
enum Answer {
    Token { life: u32, renewed: Option<u32>, late: bool },
    Failure { pause: Option<u32>, kind: ErrorKind },
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let which = 0..8usize;
    let answer = prop_oneof![
        3 => (1..9000u32, proptest::option::of(0..9000u32), prop::bool::weighted(0.1))
            .prop_map(|(life, renewed, late)| Answer::Token { life, renewed, late }),
        2 => (prop_oneof![2 => Just(None), 1 => (0..8000u32).prop_map(Some)], 0..3usize)
            .prop_map(|(pause, kind)| Answer::Failure { pause, kind: FAILURES[kind] }),
    ];
    let ask = (
        0..3usize,
        0..3usize,
        0..3usize,
        prop::bool::weighted(0.1),
        prop_oneof![4 => Just(0), 1 => 1..3usize],
        any::<bool>(),
    )
        .prop_map(|(partition, scopes, tenant, cae, claims, turned)| Operation::Ask {
            partition,
            scopes: if tenant == 2 { scopes } else { 0 },
            tenant,
            cae,
            claims,
            turned,
        });
    let operation = prop_oneof![
        8 => ask,
        5 => (which.clone(), any::<u64>(), answer).prop_map(|(which, random, answer)| Operation::Settle { which, random, answer }),
        1 => which.clone().prop_map(|which| Operation::Abandon { which }),
        4 => which.clone().prop_map(|which| Operation::Poll { which }),
        1 => which.prop_map(|which| Operation::Leave { which }),
        1 => (0..200usize).prop_map(|which| Operation::Forget { which }),
        3 => prop_oneof![0..40u32, 0..4000u32].prop_map(|seconds| Operation::Pass { seconds }),
        1 => (-5000..5000i32).prop_map(|seconds| Operation::StepWall { seconds }),
        1 => Just(Operation::Clear),
    ];
    proptest::collection::vec(operation, 1..120)
}

/// What tells a token from others, as the model has it.
type Key = (usize, usize, String, bool);

struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

struct Open {
    permit: Permit,
    flight: usize,
}

struct Sitting {
    seat: Seat,
    flight: usize,
    woken: Arc<Counter>,
    polled: bool,
}

struct Flight {
    key: Key,
    claims: usize,
    begun: u64,
    led: bool,
    outcome: Option<Result<String, ErrorKind>>,
}

struct Held {
    text: String,
    token: AccessToken,
    renewable: (u64, i64, u64, i64),
    since: u64,
    /// It may have been put out: for others, or while it was dead.
    gone: bool,
}

/// A failure that is to be the answer.
struct Spared {
    kind: ErrorKind,
    claims: usize,
    until: u64,
    gone: bool,
}

struct World {
    cache: TokenCache,
    partitions: [Partition; 3],
    now: Now,
    serial: u64,
    flights: Vec<Flight>,
    open: Vec<Open>,
    seats: Vec<Sitting>,
    held: BTreeMap<Key, Held>,
    /// Every token that was ever given.
    given: Vec<AccessToken>,
    quiet: BTreeMap<Key, u64>,
    spared: BTreeMap<Key, Spared>,
}

fn kind_of(result: &Result<AccessToken, Error>) -> Result<String, ErrorKind> {
    match result {
        Ok(token) => Ok(token.secret().expose().to_owned()),
        Err(error) => Err(error.kind()),
    }
}

impl World {
    fn new() -> World {
        let app = entrada_core::EntraClient::new("contoso.com", "client").unwrap();
        World {
            cache: TokenCache::new(MOST),
            partitions: [
                Partition::of_app("client-secret", &app),
                Partition::of_app("client-secret", &app).for_user("somebody"),
                Partition::private().never_ahead(),
            ],
            now: Now { mono: Mono(50_000), unix: Unix(1_800_000_000) },
            serial: 0,
            flights: Vec::new(),
            open: Vec::new(),
            seats: Vec::new(),
            held: BTreeMap::new(),
            given: Vec::new(),
            quiet: BTreeMap::new(),
            spared: BTreeMap::new(),
        }
    }

    fn spared(&self, key: &Key, claims: usize) -> Option<&Spared> {
        let stands = |spared: &&Spared| spared.claims == claims && self.now.mono.0 < spared.until;
        self.spared.get(key).filter(stands)
    }

    fn tick(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    fn live(&self, key: &Key) -> Option<&Held> {
        self.held.get(key).filter(|held| held.token.is_alive(self.now))
    }

    fn ask(&mut self, key: Key, request: &TokenRequest, claims: usize) {
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
                self.begin(key, claims, permit, tick);
                return;
            }
            Plan::Fail(error) => {
                assert!(under_way.is_none() && (claims > 0 || self.live(&key).is_none_or(|held| held.gone)));
                let spared = self.spared(&key, claims).expect("a failure from nowhere");
                assert_eq!(error.kind(), spared.kind);
                let left = Duration::from_millis(spared.until - now.mono.0);
                assert!(error.retry_after().is_none_or(|told| told == left), "{error:?}");
                return;
            }
            Plan::Join(seat) => {
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
            !due || quiet || under_way.is_some() || !partition.ahead(),
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

    fn over(&self, flight: &Flight) -> bool {
        !flight.led && !self.seats.iter().any(|sitting| std::ptr::eq(&self.flights[sitting.flight], flight))
    }

    fn begin(&mut self, key: Key, claims: usize, permit: Permit, begun: u64) {
        // Whatever is new may put out the dead, and the living once there are too many.
        let (now, full) = (self.now, self.cache.len() >= MOST);
        self.held.values_mut().for_each(|held| held.gone |= full || !held.token.is_alive(now));
        self.spared.values_mut().for_each(|spared| spared.gone |= full);
        self.open.push(Open { permit, flight: self.flights.len() });
        self.flights.push(Flight { key, claims, begun, led: true, outcome: None });
    }

    fn settle(&mut self, open: Open, random: u64, answer: &Answer) {
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
                let pause =
                    result.as_ref().err().and_then(Error::retry_after).unwrap_or_default().max(HOLD_OFF);
                self.quiet.insert(key.clone(), now.mono.after(pause).0);
            }
            _ => {
                assert!(got.is_err(), "a failure became a token: {got:?}");
                self.remember(&key, claims, answer);
            }
        }
        if got.is_ok() && !dead && result.is_ok() {
            self.spared.remove(&key);
        }
        if self.cache.len() >= MOST - 1 {
            self.held.values_mut().for_each(|held| held.gone = true);
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

    /// A service that asks for peace gets it, for an hour at most. What is refused is not asked again for five
    /// seconds, where no person is asked.
    fn remember(&mut self, key: &Key, claims: usize, answer: &Answer) {
        self.spared.remove(key);
        let Answer::Failure { pause, kind } = answer else { return };
        let span = match pause {
            Some(pause) => u64::from(*pause).min(3600),
            None if *kind != ErrorKind::Network && key.0 != 2 => 5,
            None => return,
        };
        let until = self.now.mono.after(Duration::from_secs(span)).0;
        self.spared.insert(key.clone(), Spared { kind: *kind, claims, until, gone: false });
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

    fn poll(&mut self, which: usize) {
        if self.seats.is_empty() {
            return;
        }
        let index = which % self.seats.len();
        let sitting = &mut self.seats[index];
        let mut waker = Some(Waker::from(Arc::clone(&sitting.woken)));
        let polled = self.cache.poll(&sitting.seat, &mut waker);
        let flight = &mut self.flights[sitting.flight];
        match polled {
            Poll::Pending => {
                assert!(flight.led && flight.outcome.is_none(), "waits for nobody");
                sitting.polled = true;
            }
            Poll::Ready(Turned::Done(result)) => {
                assert_eq!(
                    Some(&kind_of(&result)),
                    flight.outcome.as_ref(),
                    "not what the one who asked got"
                );
                self.seats.remove(index);
            }
            Poll::Ready(Turned::Lead(permit)) => {
                assert!(!flight.led && flight.outcome.is_none(), "two lead");
                flight.led = true;
                let flight = sitting.flight;
                self.open.push(Open { permit, flight });
                self.seats.remove(index);
            }
        }
    }

    fn run(&mut self, operation: Operation) {
        // Whatever was dead once may have been put out, though a wall clock that is set back revives it.
        let now = self.now;
        self.held.values_mut().for_each(|held| held.gone |= !held.token.is_alive(now));
        match operation {
            Operation::Ask { partition, scopes, tenant, cae, claims, turned } => {
                let mut list = SCOPES[scopes].to_vec();
                if turned {
                    list.reverse();
                }
                let mut request = TokenRequest::new(list).unwrap();
                if let Some(tenant) = TENANTS[tenant] {
                    let name = if turned { tenant.to_ascii_uppercase() } else { tenant.to_owned() };
                    request = request.in_tenant(Tenant::new(name).unwrap());
                }
                if cae {
                    request = request.with_cae();
                }
                if let Some(claims) = CLAIMS[claims] {
                    request = request.with_claims(Claims::from_json(claims).unwrap());
                }
                let own = if partition == 2 { "" } else { "contoso.com" };
                let key = (partition, scopes, TENANTS[tenant].unwrap_or(own).to_owned(), cae);
                self.ask(key, &request, claims);
            }
            Operation::Settle { which, random, answer } if !self.open.is_empty() => {
                let open = self.open.remove(which % self.open.len());
                self.settle(open, random, &answer);
            }
            Operation::Abandon { which } if !self.open.is_empty() => {
                let open = self.open.remove(which % self.open.len());
                self.flights[open.flight].led = false;
                self.cache.abandon(open.permit).into_iter().for_each(Waker::wake);
                for sitting in
                    self.seats.iter_mut().filter(|sitting| sitting.flight == open.flight && sitting.polled)
                {
                    assert_eq!(sitting.woken.0.swap(0, Ordering::Relaxed), 1, "not woken to take over");
                    sitting.polled = false;
                }
            }
            Operation::Poll { which } => self.poll(which),
            Operation::Leave { which } if !self.seats.is_empty() => {
                let sitting = self.seats.remove(which % self.seats.len());
                drop(self.cache.leave(&sitting.seat));
            }
            Operation::Pass { seconds } => self.now = self.now.after(Duration::from_secs(u64::from(seconds))),
            Operation::StepWall { seconds } => self.now.unix.0 += i64::from(seconds),
            Operation::Clear => {
                self.cache.clear();
                self.held.clear();
                self.spared.clear();
            }
            Operation::Forget { which } if !self.given.is_empty() => {
                let token = &self.given[which % self.given.len()];
                self.cache.forget(token);
                self.held.retain(|_, held| held.text != token.secret().expose());
            }
            _ => {}
        }
        let under_way =
            self.flights.iter().filter(|flight| flight.outcome.is_none() && !self.over(flight)).count();
        assert!(self.cache.len() <= MOST + under_way, "{} entries", self.cache.len());
    }

    /// Everybody goes home.
    fn end(mut self) {
        while let Some(open) = self.open.pop() {
            self.settle(open, 0, &Answer::Failure { pause: None, kind: ErrorKind::Network });
        }
        while !self.seats.is_empty() {
            self.poll(0);
            while let Some(open) = self.open.pop() {
                self.settle(open, 0, &Answer::Failure { pause: None, kind: ErrorKind::Network });
            }
        }
        self.cache.clear();
        assert!(self.cache.is_empty(), "a request was left behind");
        assert!(!format!("{:?}", self.cache).contains("Flight"), "{:?}", self.cache);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_cache_keeps_its_promises(operations in operations()) {
        let mut world = World::new();
        for operation in operations {
            world.run(operation);
        }
        world.end();
    }
}
