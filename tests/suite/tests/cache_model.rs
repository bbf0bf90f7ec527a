//! The token cache against a plain model of what it promises, under any order of operations.

#[path = "cache_model/asking.rs"]
mod asking;
#[path = "cache_model/operations.rs"]
mod operations;
#[path = "cache_model/settling.rs"]
mod settling;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Wake, Waker};
use std::time::Duration;

use entrada_core::cache::{Permit, Seat, TokenCache, Turned};
use entrada_core::claims::Claims;
use entrada_core::{AccessToken, Error, ErrorKind, Mono, Now, Partition, Tenant, TokenRequest, Unix};
use operations::{Answer, Operation, operations};
use proptest::prelude::*;

const SCOPES: [&[&str]; 3] = [&["https://a/.default"], &["b/x", "b/y"], &["b/y"]];
const TENANTS: [Option<&str>; 3] = [None, Some("contoso.com"), Some("fabrikam.com")];
const CLAIMS: [Option<&str>; 3] =
    [None, Some(r#"{"access_token":{"nbf":{"value":"1"}}}"#), Some(r#"{"access_token":{"acrs":{}}}"#)];
const FAILURES: [ErrorKind; 3] = [ErrorKind::Network, ErrorKind::Refused, ErrorKind::InteractionRequired];
const MOST: usize = 6;

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

/// What a service demanded.
struct Peace {
    kind: ErrorKind,
    until: u64,
    gone: bool,
}

/// A refusal that is to be the answer.
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
    /// All that was demanded, since some of it may have been put out.
    peace: BTreeMap<Key, Vec<Peace>>,
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
            peace: BTreeMap::new(),
            spared: BTreeMap::new(),
        }
    }

    fn spared(&self, key: &Key, claims: usize) -> Option<&Spared> {
        let stands = |spared: &&Spared| spared.claims == claims && self.now.mono.0 < spared.until;
        self.spared.get(key).filter(stands)
    }

    /// What a service demanded and is not over.
    fn peace(&self, key: &Key) -> impl Iterator<Item = &Peace> {
        let now = self.now.mono.0;
        self.peace.get(key).into_iter().flatten().filter(move |peace| now < peace.until)
    }

    /// Whether nobody may ask: what is demanded is known for certain.
    fn must_be_left_alone(&self, key: &Key) -> bool {
        self.peace(key).any(|peace| !peace.gone)
    }

    fn tick(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    fn live(&self, key: &Key) -> Option<&Held> {
        self.held.get(key).filter(|held| held.token.is_alive(self.now))
    }

    fn over(&self, flight: &Flight) -> bool {
        !flight.led && !self.seats.iter().any(|sitting| std::ptr::eq(&self.flights[sitting.flight], flight))
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
                self.peace.clear();
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
