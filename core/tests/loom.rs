//! The shared cache under every order in which the steps of a few threads can happen:
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test --release -p entrada-core --test loom
//! ```
#![cfg(loom)]

use entrada_core::cache::{Joined, Lead, Partition, SharedCache, Turn};
use entrada_core::claims::Claims;
use entrada_core::{AccessToken, Entropy, Error, ErrorKind, Now, TokenRequest};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

struct Zeros;

impl Entropy for Zeros {
    fn fill(&mut self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

struct Bench {
    cache: SharedCache,
    partition: Partition,
    request: TokenRequest,
    asked: AtomicUsize,
}

impl Bench {
    fn new() -> Arc<Bench> {
        Arc::new(Bench {
            cache: SharedCache::new(),
            partition: Partition::private(),
            request: TokenRequest::new(["https://a/.default"]).unwrap(),
            asked: AtomicUsize::new(0),
        })
    }

    fn token(&self, life: i64) -> AccessToken {
        let now = Now::default();
        AccessToken::new(
            "token".into(),
            now.unix.after(std::time::Duration::from_secs(life as u64)),
            now,
            "test",
        )
        .unwrap()
    }

    /// One that lives long, by its text.
    fn named(&self, text: &str) -> AccessToken {
        let now = Now::default();
        AccessToken::new(text.into(), now.unix.after(std::time::Duration::from_secs(7000)), now, "test")
            .unwrap()
    }

    fn lead(&self, lead: Lead, now: Now, result: Result<AccessToken, Error>) -> Result<AccessToken, Error> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        lead.settle(now, &mut Zeros, result)
    }

    fn get(&self, now: Now, result: Result<AccessToken, Error>) -> Result<AccessToken, Error> {
        self.ask(&self.request, now, result)
    }

    fn get_for(
        &self,
        request: &TokenRequest,
        result: Result<AccessToken, Error>,
    ) -> Result<AccessToken, Error> {
        self.ask(request, Now::default(), result)
    }

    fn ask(
        &self,
        request: &TokenRequest,
        now: Now,
        result: Result<AccessToken, Error>,
    ) -> Result<AccessToken, Error> {
        match self.cache.turn(&self.partition, request, now) {
            Turn::Use(token) => Ok(token),
            Turn::Fail(error) => Err(error),
            Turn::Refresh(token, lead) => {
                let _ = self.lead(lead, now, result);
                Ok(token)
            }
            Turn::Lead(lead) => self.lead(lead, now, result),
            Turn::Wait(waiting) => match loom::future::block_on(waiting) {
                Joined::Done(result) => result,
                Joined::Lead(lead) => self.lead(lead, now, result),
            },
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn down() -> Error {
    Error::new(ErrorKind::Network, "down")
}

/// A token that was rejected is forgotten while somebody asks: whoever comes after has another.
#[test]
fn what_is_forgotten_is_given_to_nobody_who_comes_later() {
    loom::model(|| {
        let bench = Bench::new();
        let first = bench.get(Now::default(), Ok(bench.token(3600))).unwrap();
        let other = {
            let bench = Arc::clone(&bench);
            thread::spawn(move || bench.get(Now::default(), Ok(bench.named("second"))).unwrap())
        };
        let before = bench.cache.revision();
        bench.cache.forget(&first);
        assert_ne!(bench.cache.revision(), before, "whoever was given it asks anew");
        let mine = bench.get(Now::default(), Ok(bench.named("second"))).unwrap();
        assert_eq!(mine.secret().expose(), "second");
        other.join().unwrap();
        assert_eq!((bench.asked(), bench.cache.len(), bench.cache.in_flight()), (2, 1, 0));
    });
}

/// What came in the place of a token that was rejected stays, whichever of the two happens first.
#[test]
fn what_came_in_its_place_stays() {
    loom::model(|| {
        let bench = Bench::new();
        let first = bench.get(Now::default(), Ok(bench.token(3600))).unwrap();
        let later = Now::default().after(std::time::Duration::from_secs(3400));
        let other = {
            let bench = Arc::clone(&bench);
            thread::spawn(move || drop(bench.get(later, Ok(bench.named("second"))).unwrap()))
        };
        bench.cache.forget(&first);
        other.join().unwrap();
        let kept = bench.get(later, Err(down())).unwrap();
        assert_eq!((kept.secret().expose(), bench.asked(), bench.cache.len()), ("second", 2, 1));
    });
}

/// Claims that a service demanded get a token of their own once for all who have the same, and it takes the place of the
/// old one.
#[test]
fn claims_are_asked_for_once() {
    loom::model(|| {
        let bench = Bench::new();
        bench.get(Now::default(), Ok(bench.token(3600))).unwrap();
        let demanded =
            || bench.request.clone().with_claims(Claims::from_json(r#"{"access_token":{}}"#).unwrap());
        let demand = demanded();
        let other = {
            let (bench, demand) = (Arc::clone(&bench), demanded());
            thread::spawn(move || bench.get_for(&demand, Ok(bench.named("second"))).unwrap())
        };
        let mine = bench.get_for(&demand, Ok(bench.named("second"))).unwrap();
        let other = other.join().unwrap();
        assert_eq!((mine.secret().expose(), other.secret().expose()), ("second", "second"));
        let plain = bench.get(Now::default(), Err(down())).unwrap();
        assert_eq!(plain.secret().expose(), "second", "nobody goes on with the old one");
        assert!((2..=3).contains(&bench.asked()), "who comes when it was answered may ask again");
        assert_eq!(bench.cache.in_flight(), 0);
    });
}

/// Claims beside a request without: neither waits for the other's failure.
#[test]
fn claims_that_fail_leave_the_old_token() {
    loom::model(|| {
        let bench = Bench::new();
        bench.get(Now::default(), Ok(bench.token(3600))).unwrap();
        let demand = bench.request.clone().with_claims(Claims::from_json(r#"{"access_token":{}}"#).unwrap());
        let other = {
            let bench = Arc::clone(&bench);
            thread::spawn(move || drop(bench.get_for(&demand, Err(down())).unwrap_err()))
        };
        let mine = bench.get(Now::default(), Err(down())).unwrap();
        assert_eq!(mine.secret().expose(), "token");
        other.join().unwrap();
        assert_eq!((bench.asked(), bench.cache.in_flight()), (2, 0));
    });
}

#[test]
fn one_request_for_all() {
    loom::model(|| {
        let bench = Bench::new();
        let others: Vec<_> = (0..2)
            .map(|_| {
                let bench = Arc::clone(&bench);
                thread::spawn(move || bench.get(Now::default(), Ok(bench.token(3600))).unwrap())
            })
            .collect();
        others.into_iter().for_each(|other| drop(other.join().unwrap()));
        assert_eq!(bench.asked(), 1);
        assert_eq!((bench.cache.len(), bench.cache.in_flight()), (1, 0));
    });
}

#[test]
fn a_failure_leaves_nothing_behind() {
    loom::model(|| {
        let bench = Bench::new();
        let other = {
            let bench = Arc::clone(&bench);
            thread::spawn(move || bench.get(Now::default(), Err(down())).unwrap_err())
        };
        bench.get(Now::default(), Err(down())).unwrap_err();
        other.join().unwrap();
        assert!((1..=2).contains(&bench.asked()));
        assert!(bench.cache.is_empty());
    });
}

#[test]
fn whoever_gives_up_hands_over() {
    loom::model(|| {
        let bench = Bench::new();
        let other = {
            let bench = Arc::clone(&bench);
            thread::spawn(move || {
                if let Turn::Lead(lead) = bench.cache.turn(&bench.partition, &bench.request, Now::default()) {
                    drop(lead);
                }
            })
        };
        bench.get(Now::default(), Ok(bench.token(3600))).unwrap();
        other.join().unwrap();
        assert_eq!(bench.asked(), 1);
        assert_eq!(bench.cache.in_flight(), 0);
    });
}

#[test]
fn whoever_leaves_is_not_waited_for() {
    loom::model(|| {
        let bench = Bench::new();
        let other = {
            let bench = Arc::clone(&bench);
            thread::spawn(move || drop(bench.cache.turn(&bench.partition, &bench.request, Now::default())))
        };
        bench.get(Now::default(), Ok(bench.token(3600))).unwrap();
        other.join().unwrap();
        assert_eq!(bench.cache.in_flight(), 0);
        bench.cache.clear();
        assert!(bench.cache.is_empty());
    });
}

#[test]
fn one_renewal() {
    loom::model(|| {
        let bench = Bench::new();
        bench.get(Now::default(), Ok(bench.token(3600))).unwrap();
        let later = Now::default().after(std::time::Duration::from_secs(3400));
        let other = {
            let bench = Arc::clone(&bench);
            thread::spawn(move || bench.get(later, Err(down())).unwrap())
        };
        bench.get(later, Err(down())).unwrap();
        other.join().unwrap();
        assert_eq!(bench.asked(), 2);
        assert_eq!(bench.cache.in_flight(), 0);
    });
}
