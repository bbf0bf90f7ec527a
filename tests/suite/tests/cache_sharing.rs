//! One cache under real threads and real tasks, with both drivers.

#[path = "cache_sharing/bench.rs"]
mod bench;
#[path = "cache_sharing/callers.rs"]
mod callers;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use entrada_core::claims::Claims;
use entrada_core::{
    AccessToken, BoxFlow, Chain, ClientSecretCredential, Credential, Error, ErrorKind, SharedCache,
    TokenRequest, flow,
};

use bench::{Bench, GARBAGE, runtime, text};
use callers::{at_both, on_both, with_both};

const SCOPE: &str = "https://a/.default";

fn request() -> TokenRequest {
    TokenRequest::new([SCOPE]).unwrap()
}

/// One for the scope of this number, none of which is that of [`request`].
fn scope(number: usize) -> TokenRequest {
    TokenRequest::new([format!("https://{number}.example/.default")]).unwrap()
}

#[test]
fn threads_and_tasks_on_an_empty_cache_make_one_request() {
    let bench = Bench::new();
    let runtime = runtime();
    let (blocking, tasks) = (bench.blocking(), bench.tokio());
    let barrier = Arc::new(Barrier::new(17));
    let threads: Vec<_> = (0..16)
        .map(|_| {
            let (credential, barrier) = (blocking.clone(), Arc::clone(&barrier));
            thread::spawn(move || {
                barrier.wait();
                text(&credential.token([SCOPE]).unwrap())
            })
        })
        .collect();
    let tasks: Vec<_> = (0..500)
        .map(|_| {
            let credential = tasks.clone();
            runtime.spawn(async move { text(&credential.token([SCOPE]).await.unwrap()) })
        })
        .collect();
    barrier.wait();
    bench.entered.recv().unwrap();
    bench.let_through(100);
    for thread in threads {
        assert_eq!(thread.join().unwrap(), "token-1");
    }
    for task in tasks {
        assert_eq!(runtime.block_on(task).unwrap(), "token-1");
    }
    assert_eq!(bench.asked(), 1);
}

#[test]
fn nobody_waits_for_a_renewal() {
    let bench = Bench::new();
    let runtime = runtime();
    let (blocking, tasks) = (bench.blocking(), bench.tokio());
    bench.let_through(1);
    assert_eq!(text(&blocking.token([SCOPE]).unwrap()), "token-1");
    bench.entered.recv().unwrap();
    bench.pass(2000);
    // The authority holds the renewal back; all of these would wait for ever if they waited.
    for _ in 0..50 {
        assert_eq!(text(&blocking.token([SCOPE]).unwrap()), "token-1");
        assert_eq!(text(&runtime.block_on(tasks.token([SCOPE])).unwrap()), "token-1");
    }
    bench.entered.recv().unwrap();
    assert_eq!(bench.asked(), 2, "one renewal");
    bench.let_through(1);
    while text(&blocking.token([SCOPE]).unwrap()) != "token-2" {
        thread::yield_now();
    }
    assert_eq!(bench.asked(), 2);
    bench.settled();
    // The same, begun by a task.
    bench.pass(2000);
    assert_eq!(text(&runtime.block_on(tasks.token([SCOPE])).unwrap()), "token-2");
    bench.entered.recv().unwrap();
    bench.let_through(1);
    while text(&runtime.block_on(tasks.token([SCOPE])).unwrap()) != "token-3" {
        thread::yield_now();
    }
    assert_eq!(bench.asked(), 3);
}

#[test]
fn a_failing_renewal_hurts_nobody_while_the_token_lives() {
    with_both(|bench, callers| {
        bench.let_through(1000);
        assert_eq!(callers.ask(&request()).unwrap(), "token-1");
        bench.fail_with(Some("invalid_client"));
        bench.pass(1800);
        for second in 0..1799 {
            assert_eq!(callers.ask(&request()).unwrap(), "token-1", "{second}");
            bench.settled();
            bench.pass(1);
        }
        assert_eq!(bench.asked(), 1 + 1800 / 30, "one try each half a minute");
        bench.pass(2);
        assert_eq!(callers.ask(&request()).unwrap_err().aadsts(), [7_000_222], "it has died");
        // A refusal is remembered for a moment, by the handle that got it and its clones.
        bench.fail_with(None);
        let asked = bench.asked();
        assert_eq!(callers.ask(&request()).unwrap_err().aadsts(), [7_000_222]);
        assert_eq!(bench.asked(), asked, "nobody asks for the same refusal");
        bench.pass(5);
        assert!(callers.ask(&request()).unwrap().starts_with("token-"));
    });
}

#[test]
fn one_failure_is_everybodys_who_waited() {
    with_both(|bench, callers| {
        // Neither is it tried again, nor is it remembered for who comes later.
        bench.fail_with(Some(GARBAGE));
        let all = bench.gather(callers, &request(), 100);
        bench.let_through(1000);
        for caller in all {
            assert_eq!(caller().unwrap_err().kind(), ErrorKind::Malformed);
        }
        assert_eq!(bench.asked(), 1);
    });
}

#[test]
fn many_callers_of_a_chain_make_one_walk_and_share_its_failure() {
    let absent = Arc::new(Absent::default());
    let bench = || {
        let links: Vec<Arc<dyn Credential>> = vec![absent.clone(), Arc::new(Bench::credential())];
        Bench::new().with(Chain::new(links).unwrap())
    };
    at_both(&bench, &|bench, callers| {
        bench.fail_with(Some(GARBAGE));
        let all = bench.gather(callers, &request(), 100);
        bench.let_through(1000);
        for caller in all {
            assert_eq!(caller().unwrap_err().kind(), ErrorKind::Malformed);
        }
        assert_eq!((absent.0.swap(0, Ordering::SeqCst), bench.asked()), (1, 1));
    });
}

/// A source that is not there, and counts how often it was looked for.
#[derive(Debug, Default)]
struct Absent(AtomicUsize);

impl Credential for Absent {
    fn name(&self) -> &'static str {
        "absent"
    }

    fn begin(&self, _: &TokenRequest) -> BoxFlow<AccessToken> {
        self.0.fetch_add(1, Ordering::SeqCst);
        flow::ready(Err(Error::new(ErrorKind::Unavailable, "it is not there")))
    }
}

#[test]
fn whoever_gives_up_hands_over() {
    let bench = Bench::new();
    let cancel = entrada_blocking::Cancel::new();
    let first = bench.blocking().cancelled_by(&cancel);
    let leader = thread::spawn(move || first.token([SCOPE]).unwrap_err().kind());
    bench.entered.recv().unwrap();
    let second = bench.blocking();
    let follower = thread::spawn(move || text(&second.token([SCOPE]).unwrap()));
    cancel.cancel();
    assert_eq!(leader.join().unwrap(), ErrorKind::Cancelled);
    bench.entered.recv().unwrap();
    bench.let_through(2);
    assert_eq!(follower.join().unwrap(), "token-2");

    let bench = Bench::new();
    let runtime = runtime();
    let (first, second) = (bench.tokio(), bench.tokio());
    let leader = runtime.spawn(async move { drop(first.token([SCOPE]).await) });
    bench.entered.recv().unwrap();
    let follower = runtime.spawn(async move { text(&second.token([SCOPE]).await.unwrap()) });
    leader.abort();
    bench.entered.recv().unwrap();
    bench.let_through(1);
    assert_eq!(runtime.block_on(follower).unwrap(), "token-2");
}

#[test]
fn a_caller_with_little_time_costs_the_others_nothing() {
    let bench = Bench::new();
    let hasty = bench.blocking();
    let patient = bench.blocking();
    let leader = thread::spawn(move || {
        let error = hasty.within(Duration::from_secs(5)).token([SCOPE]).unwrap_err();
        error.kind()
    });
    bench.entered.recv().unwrap();
    let follower = thread::spawn(move || text(&patient.token([SCOPE]).unwrap()));
    // Its five seconds pass while the authority thinks: the answer comes too late for it.
    bench.pass(6);
    bench.fail_with(Some("temporarily_unavailable"));
    bench.let_through(1);
    let hasty = leader.join().unwrap();
    assert_eq!(hasty, ErrorKind::Service);
    bench.fail_with(None);
    bench.let_through(10);
    assert!(follower.join().unwrap().starts_with("token-"));
}

#[test]
fn scopes_do_not_wait_for_one_another() {
    with_both(|bench, callers| {
        let slow = callers.call(&request());
        bench.entered.recv().unwrap();
        // The first is held back; this one comes to the gate only because it asks by itself.
        let quick = callers.call(&scope(1));
        bench.entered.recv().unwrap();
        bench.let_through(2);
        let mut both = [slow().unwrap(), quick().unwrap()];
        both.sort();
        assert_eq!(both, ["token-1", "token-2"]);
    });
}

#[test]
fn claims_bring_a_fresh_token_for_all() {
    let claims = Claims::from_json(r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#).unwrap();
    let demanding = request().with_claims(claims);
    with_both(|bench, callers| {
        bench.let_through(1);
        assert_eq!(callers.ask(&request()).unwrap(), "token-1");
        bench.entered.recv().unwrap();
        let all = bench.gather(callers, &demanding, 8);
        // Others go on with what there is meanwhile.
        assert_eq!(callers.ask(&request()).unwrap(), "token-1");
        bench.let_through(100);
        for caller in all {
            assert_eq!(caller().unwrap(), "token-2-claims");
        }
        assert_eq!(callers.ask(&request()).unwrap(), "token-2-claims", "it takes the place of the other");
        assert_eq!(bench.asked(), 2, "one request for all who had the same demand");
    });
}

#[test]
fn a_dead_token_is_not_given_after_sleep_nor_when_the_clock_was_set_back() {
    with_both(|bench, callers| {
        bench.let_through(100);
        assert_eq!(callers.ask(&request()).unwrap(), "token-1");
        // One clock stood still while the machine slept.
        bench.set_wall(3600);
        assert_eq!(callers.ask(&request()).unwrap(), "token-2");
        bench.set_wall(-36_000);
        assert_eq!(callers.ask(&request()).unwrap(), "token-2", "it lives on both clocks");
        bench.pass(3600);
        assert_eq!(callers.ask(&request()).unwrap(), "token-3");
        assert_eq!(bench.asked(), 3);
    });
}

#[test]
fn memory_is_bounded_and_the_dead_leave_it() {
    on_both(&|| SharedCache::with_capacity(8), &|bench, callers| {
        let all: Vec<_> = (0..40).map(|number| callers.call(&scope(number))).collect();
        (0..40).for_each(|_| bench.entered.recv().unwrap());
        assert_eq!(bench.cache.len(), 40, "what is asked for stays");
        bench.let_through(100);
        all.into_iter().for_each(|caller| drop(caller().unwrap()));
        assert!(bench.cache.len() <= 8, "{}", bench.cache.len());
        for number in 40..60 {
            callers.ask(&scope(number)).unwrap();
            assert!(bench.cache.len() <= 8, "{}", bench.cache.len());
        }
        let asked = bench.asked();
        callers.ask(&scope(59)).unwrap();
        assert_eq!(bench.asked(), asked, "the last is there still");
        bench.pass(3600);
        callers.ask(&scope(0)).unwrap();
        assert_eq!(bench.cache.len(), 1, "the dead have left");
    });
}

#[test]
fn a_call_uses_the_cache_too() {
    let bench = Bench::new();
    let credential = bench.blocking();
    bench.let_through(10);
    let scoped = credential.for_scopes([SCOPE]).unwrap();
    let (one, two) = (scoped.authorization().unwrap(), scoped.authorization().unwrap());
    assert_eq!(one, "Bearer token-1");
    assert!(one.is_sensitive());
    assert_eq!(one.as_bytes().as_ptr(), two.as_bytes().as_ptr(), "the very same bytes");
    assert_eq!(bench.asked(), 1);
    let apart = credential.clone().without_cache();
    assert_eq!(text(&apart.token([SCOPE]).unwrap()), "token-2");
    assert_eq!(text(&apart.token([SCOPE]).unwrap()), "token-3");
}

#[test]
fn only_what_is_alike_is_shared() {
    let bench = Bench::new();
    bench.let_through(10);
    let first = bench.blocking();
    assert_eq!(text(&first.token([SCOPE]).unwrap()), "token-1");
    let again = bench.blocking();
    assert_eq!(text(&again.token([SCOPE]).unwrap()), "token-1", "the same app, and the same cache");
    let other = ClientSecretCredential::new("contoso.com", "another", "secret").unwrap();
    let other = entrada_blocking::Credential::with_driver(other, again.driver()).with_cache(&bench.cache);
    assert_eq!(text(&other.token([SCOPE]).unwrap()), "token-2");
    let apart = entrada_blocking::Credential::with_driver(Bench::credential(), again.driver());
    assert_eq!(text(&apart.token([SCOPE]).unwrap()), "token-3", "a cache of its own");
}
