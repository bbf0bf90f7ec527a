//! Callers that are on their way along a chain at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use entrada_core::effect::Effect;
use entrada_core::flow::{self, BoxFlow, Credential};
use entrada_core::{AccessToken, Chain, Error, ErrorKind, Run, Secret, Step, TokenRequest, Unix};
use entrada_tests::choices::Seeded;
use entrada_tests::sim::START;

use super::{Slow, ending, request, run_chain};

#[test]
fn of_two_first_callers_both_get_the_identity_that_was_faster() {
    let first = Arc::new(Fails(AtomicUsize::new(0)));
    let chain = Chain::new(vec![first, Arc::new(Slow("tool"))]).unwrap();
    // The first to come finds the host absent and goes on to the tool; before that answers, the host does.
    let mut late = Run::new(chain.begin(&request()));
    let Step::Do(Effect::Wait(wait)) = late.start(START, &mut Seeded(1)) else { panic!() };
    assert_eq!(run_chain(&chain).unwrap().source(), "host");
    let Step::Done(token) = late.resume(START, &mut Seeded(1), wait.ticket().done()) else { panic!() };
    assert_eq!(token.unwrap().source(), "host");
    assert_eq!(chain.winner(), Some("host"));
}

#[test]
fn whoever_finds_nothing_left_gets_the_identity_that_another_caller_found_meanwhile() {
    let first = Arc::new(Fails(AtomicUsize::new(0)));
    let gone = ending("gone", Some(ErrorKind::Unavailable));
    let chain = Chain::new(vec![first, Arc::new(SlowlyAbsent), gone.clone()]).unwrap();
    let mut late = Run::new(chain.begin(&request()));
    let Step::Do(Effect::Wait(wait)) = late.start(START, &mut Seeded(1)) else { panic!() };
    assert_eq!(run_chain(&chain).unwrap().source(), "host");
    let Step::Done(token) = late.resume(START, &mut Seeded(1), wait.ticket().done()) else { panic!() };
    assert_eq!(token.unwrap().source(), "host");
    assert_eq!(gone.2.load(Ordering::Relaxed), 0, "nobody else needs to be asked");
}

/// Is not there, which it says after a second.
#[derive(Debug)]
struct SlowlyAbsent;

impl Credential for SlowlyAbsent {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        flow::map(Slow("slow").begin(request), |_| Err(Error::new(ErrorKind::Unavailable, "it is not there")))
    }
}

/// Absent for the first who asks, there for all others.
#[derive(Debug)]
struct Fails(AtomicUsize);

impl Credential for Fails {
    fn name(&self) -> &'static str {
        "host"
    }

    fn begin(&self, _: &TokenRequest) -> BoxFlow<AccessToken> {
        flow::ready(match self.0.fetch_add(1, Ordering::Relaxed) {
            0 => Err(Error::new(ErrorKind::Unavailable, "nobody there")),
            _ => AccessToken::new(Secret::new("token"), Unix(START.unix.0 + 60), START, "host"),
        })
    }
}
