//! Set-up under every single fault and every pair of them, and what can be done at once, while the directory's
//! servers still tell each other of what was made: no secret that nobody knows, no certificate whose key is thrown
//! away, no second app, and no half state that a second run does not finish or that cannot be deleted.

use std::time::Duration;

use entrada_core::effect::HttpFailure;
use entrada_core::graph::setup::{Proof, TakenRoles};
use entrada_emulator::config::Replication;
use entrada_tests::faults::{HttpFault, Patience};
use entrada_tests::setups::directory::lagging;

use crate::stage::{Stage, certificate, common, named, reused, secret};

pub(crate) const FAULTS: [HttpFault; 16] = [
    HttpFault::Fails(HttpFailure::Broken, true),
    HttpFault::Fails(HttpFailure::Broken, false),
    HttpFault::Fails(HttpFailure::Refused, false),
    HttpFault::Silent(true),
    HttpFault::Silent(false),
    HttpFault::Truncated(128),
    HttpFault::Empty,
    HttpFault::WrongType,
    HttpFault::Huge,
    HttpFault::Page(200),
    HttpFault::Status(503, Patience::None),
    HttpFault::Status(429, Patience::Seconds(3)),
    HttpFault::Status(500, Patience::None),
    HttpFault::Status(403, Patience::None),
    HttpFault::Status(404, Patience::None),
    HttpFault::Status(409, Patience::None),
];

/// What is done after a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The same again with `--reuse`, at once.
    SameAgain,
    /// What the error says to go on with, at once.
    GoOn,
    /// What the error says to undo it with, at once.
    Undo,
    /// Deletion without a word on where its roles are, at once.
    Delete,
    /// The same again with `--reuse`, when everything is known everywhere.
    Later,
}

impl Next {
    pub(crate) const ALL: [Next; 5] = [Next::SameAgain, Next::GoOn, Next::Undo, Next::Delete, Next::Later];

    /// It leads to a whole set-up, or to nothing at all. `told` is what the error said, if there was one.
    pub(crate) fn follow(self, stage: &mut Stage, told: Option<&str>, proof: &Proof) {
        let told = match (self, told) {
            // Of what is whole nothing has to be gone on with.
            (Next::SameAgain | Next::GoOn | Next::Undo | Next::Later, None) => return,
            (_, told) => told.unwrap_or_default(),
        };
        let before = stage.apps().first().map(|app| (app.client_id.clone(), app.object_id.clone()));
        let gone = match (self, &before) {
            (Next::Delete, Some((app, _))) => Some(stage.delete(app, TakenRoles::Everywhere)),
            (Next::Undo, _) => stage.undo(told),
            _ => None,
        };
        if let Some(result) = gone {
            let deleted = result.unwrap_or_else(|error| panic!("{error}: {:?}", stage.asked));
            assert!(deleted.existed, "{:?}", stage.asked);
            let (app, principal) = before.unwrap();
            assert_eq!((stage.apps().len(), stage.roles(&principal)), (0, 0), "{:?}", stage.asked);
            assert!(!stage.delete(&app, TakenRoles::Everywhere).unwrap().existed, "twice is once");
            return;
        }
        if self == Next::Later {
            stage.pass(Duration::from_secs(300));
        }
        let again = match self {
            Next::GoOn => stage.go_on(told, proof.clone()),
            _ => stage.create(reused(), proof.clone()),
        };
        let again = again.unwrap_or_else(|error| panic!("{error}: {:?}", stage.asked));
        stage.complete(&again, told);
    }
}

/// Says what was tried when it goes wrong.
pub(crate) struct Trying<T: std::fmt::Debug>(pub(crate) T);

impl<T: std::fmt::Debug> Drop for Trying<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("it was {:?}", self.0);
        }
    }
}

/// What comes of one run with these faults, and of what is done next.
fn survives(mut stage: Stage, faults: &[(usize, HttpFault)], next: Next, proof: &Proof) {
    let _trying = Trying((faults, next));
    stage.world.faults.planned = faults.iter().copied().collect();
    let first = stage.create(named(), proof.clone());
    stage.world.faults.planned.clear();
    let told = match &first {
        Ok(created) => {
            stage.complete(created, "");
            None
        }
        Err(error) => {
            stage.is_told(error);
            Some(error.to_string())
        }
    };
    next.follow(&mut stage, told.as_deref(), proof);
}

/// The answer to the making of the app got lost, and the directory shows the app late.
#[test]
fn an_app_that_is_shown_late_is_not_made_twice() {
    for fault in [FAULTS[0], FAULTS[5]] {
        let mut stage = Stage::new(Replication { application: 90, ..Replication::default() });
        stage.world.faults.planned = [(2, fault)].into();
        let error = stage.create(named(), secret()).unwrap_err();
        assert_eq!(stage.apps().len(), 1, "{fault:?}: {:?}", stage.asked);
        assert!(error.message().contains("is not known") && error.to_string().contains("--reuse"), "{error}");
        stage.world.faults.planned.clear();
        stage.pass(Duration::from_secs(120));
        let created = stage.create(reused(), secret()).unwrap();
        stage.complete(&created, &error.to_string());
    }
}

/// The answer with the secret got lost, and the directory shows the secret late.
#[test]
fn a_secret_that_got_lost_is_looked_for_a_minute() {
    for (shown, seconds) in [(0, 5), (20, 25), (50, 55), (90, 65)] {
        let mut stage = Stage::new(Replication { shown, ..Replication::default() });
        stage.world.faults.planned = [(6, FAULTS[0])].into();
        let created = stage.create(named(), secret()).unwrap();
        stage.complete(&created, "");
        let left = created.secret.unwrap().left_behind;
        assert_eq!(
            (left.is_some(), stage.apps()[0].secrets.len()),
            (shown > 60, 1 + usize::from(shown > 60))
        );
        assert!((seconds - 5..=seconds + 5).contains(&stage.waited), "{shown}: {}", stage.waited);
    }
}

fn singles(proof: &Proof) {
    let stage = Stage::ready(lagging());
    for number in 0..stage.trunk(&[], proof).len() {
        for fault in FAULTS {
            for next in Next::ALL {
                survives(stage.clone(), &[(number, fault)], next, proof);
            }
        }
    }
}

#[test]
fn every_single_fault() {
    singles(&secret());
}

#[test]
fn every_single_fault_with_a_certificate() {
    singles(&certificate());
}

/// Every pair of faults whose first strikes one of every two requests, the even or the odd ones. The second strikes
/// each of those that a run with the first alone makes after it: where that fault ends the run, no second one can.
/// What is done next takes turns.
///
/// With a certificate, pairs whose second strikes before the run parts from that with a secret are left out: their runs
/// are those with a secret, request for request. What is done next is done with a certificate after each single fault.
fn pairs(even_or_odd: usize, proof: &Proof) {
    let stage = Stage::ready(lagging()).unsearched();
    let mut turns = Next::ALL.into_iter().cycle();
    let mut tried = 0;
    for first in (even_or_odd..stage.trunk(&[], proof).len()).step_by(2) {
        for one in FAULTS {
            let trunk = stage.trunk(&[(first, one)], proof);
            let same = match proof {
                Proof::Secret(_) => 0,
                _ => common(&trunk, &stage.trunk(&[(first, one)], &secret())),
            };
            for second in same.max(first + 1)..trunk.len() {
                for other in FAULTS {
                    let faults = [(first, one), (second, other)];
                    survives(stage.after(&trunk, second), &faults, turns.next().unwrap(), proof);
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 1_000, "{tried}");
}

// Halves of about the same length, each on a processor of its own.
#[test]
fn every_pair_of_faults_that_begins_with_an_even_request() {
    pairs(0, &secret());
}

#[test]
fn every_pair_of_faults_that_begins_with_an_odd_request() {
    pairs(1, &secret());
}

#[test]
fn every_pair_that_reaches_a_certificate_s_own_requests_and_begins_with_an_even_one() {
    pairs(0, &certificate());
}

#[test]
fn every_pair_that_reaches_a_certificate_s_own_requests_and_begins_with_an_odd_one() {
    pairs(1, &certificate());
}

/// One fault in a run, one in what is done next.
#[test]
fn a_fault_in_each_of_two_runs() {
    let stage = Stage::ready(lagging()).unsearched();
    for proof in [secret(), certificate()] {
        for first in 2..14 {
            for one in [FAULTS[0], FAULTS[3], FAULTS[13]] {
                for second in 0..6 {
                    for (other, next) in
                        [(FAULTS[3], Next::SameAgain), (FAULTS[13], Next::GoOn), (FAULTS[14], Next::Undo)]
                    {
                        survives_twice(stage.clone(), [(first, one), (second, other)], next, &proof);
                    }
                }
            }
        }
    }
}

fn survives_twice(mut stage: Stage, [first, second]: [(usize, HttpFault); 2], next: Next, proof: &Proof) {
    stage.world.faults.planned = [first].into();
    let Err(error) = stage.create(named(), proof.clone()) else { return };
    stage.is_told(&error);
    let told = error.to_string();
    let at = stage.world.faults.exchanges() + second.0;
    stage.world.faults.planned = [(at, second.1)].into();
    match next {
        Next::Undo => {
            if let Some(Err(_)) = stage.undo(&told) {
                Next::Undo.follow(&mut stage, Some(&told), proof);
            }
        }
        _ => {
            let again = match next {
                Next::GoOn => stage.go_on(&told, proof.clone()),
                _ => stage.create(reused(), proof.clone()),
            };
            assert!(stage.apps().len() <= 1, "{:?}", stage.asked);
            if let Err(error) = again {
                let all = format!("{told} {error}");
                stage.secrets_are_known(&[], &all);
                Next::Later.follow(&mut stage, Some(&all), proof);
            }
        }
    }
}
