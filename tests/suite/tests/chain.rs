//! Chains: absent goes on, broken stops, the first that answered stays.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use entrada_core::flow::{self, BoxFlow, Credential};
use entrada_core::{AccessToken, Chain, Error, ErrorKind, Run, Secret, Step, TokenRequest, Unix};
use entrada_tests::choices::Seeded;
use entrada_tests::sim::START;

fn request() -> TokenRequest {
    TokenRequest::new(["https://management.azure.com/.default"]).unwrap()
}

/// A credential that ends in one way, and counts how often it was asked.
#[derive(Debug)]
struct Ending(&'static str, Option<ErrorKind>, AtomicUsize);

fn ending(name: &'static str, end: Option<ErrorKind>) -> Arc<Ending> {
    Arc::new(Ending(name, end, AtomicUsize::new(0)))
}

impl Credential for Ending {
    fn name(&self) -> &'static str {
        self.0
    }

    fn begin(&self, _: &TokenRequest) -> BoxFlow<AccessToken> {
        self.2.fetch_add(1, Ordering::Relaxed);
        flow::ready(match self.1 {
            Some(kind) => Err(Error::new(kind, "it ended").with_remedy("do something").from_source(self.0)),
            None => AccessToken::new(Secret::new("token"), Unix(START.unix.0 + 60), START, self.0),
        })
    }
}

fn run_chain(chain: &Chain) -> Result<AccessToken, Error> {
    match Run::new(chain.begin(&request())).start(START, &mut Seeded(1)) {
        Step::Done(result) => result,
        Step::Do(effect) => panic!("{effect:?}"),
    }
}

#[test]
fn absent_goes_on_broken_stops() {
    for kind in ErrorKind::ALL {
        let chain = Chain::new(vec![ending("one", Some(kind)), ending("two", None)]).unwrap();
        let result = run_chain(&chain);
        if kind == ErrorKind::Unavailable {
            assert_eq!(result.unwrap().source(), "two");
            assert_eq!(chain.winner(), Some("two"));
        } else {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), kind);
            let attempts: Vec<_> = error.attempts().iter().map(|a| (a.source, a.outcome)).collect();
            assert_eq!(attempts, [("one", kind)]);
            assert_eq!(chain.winner(), None);
        }
    }
}

#[test]
fn every_attempt_is_recorded_with_its_remedy() {
    let absent = Some(ErrorKind::Unavailable);
    let inner = Chain::new(vec![ending("a", absent), ending("b", absent)]).unwrap();
    let chain = Chain::new(vec![Arc::new(inner), ending("c", absent)]).unwrap();
    let error = run_chain(&chain).unwrap_err();
    assert!(error.is_unavailable());
    let attempts: Vec<_> = error.attempts().iter().map(|a| (a.source, a.remedy.as_deref())).collect();
    assert_eq!(
        attempts,
        [("a", Some("do something")), ("b", Some("do something")), ("c", Some("do something"))]
    );
    assert!(Chain::new(Vec::new()).is_err());
}

#[test]
fn the_first_that_answered_stays() {
    let (first, second) = (ending("first", Some(ErrorKind::Unavailable)), ending("second", None));
    let chain = Chain::new(vec![first.clone(), second.clone()]).unwrap();
    assert_eq!(chain.winner(), None);
    assert!(run_chain(&chain).is_ok());
    assert_eq!(chain.winner(), Some("second"));
    // From now on the first is not asked any more, by a copy of the chain neither.
    assert!(run_chain(&chain.clone()).is_ok());
    let asked = |credential: &Ending| credential.2.load(Ordering::Relaxed);
    assert_eq!((asked(&first), asked(&second)), (1, 2));
}
