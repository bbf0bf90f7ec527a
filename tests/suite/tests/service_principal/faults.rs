//! Set-up under every single fault and every pair of faults: no secret that nobody knows, no second app, and no
//! half state that a second run does not finish or that cannot be deleted.

use std::time::Duration;

use entrada_core::ErrorKind;
use entrada_core::effect::HttpFailure;
use entrada_core::graph::setup::Proof;
use entrada_emulator::config::Replication;
use entrada_tests::faults::{HttpFault, Patience};

use crate::stage::{Stage, certificate, named, replication, reused, secret};

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

/// What comes of one run with these faults, and that a second run finishes it, or deletion cleans it.
fn survives(faults: &[(usize, HttpFault)], delete: bool, proof: &Proof) {
    let mut stage = Stage::new(replication());
    stage.world.faults.planned = faults.iter().copied().collect();
    stage.searched = faults.len() < 2;
    let first = stage.create(named(), proof.clone());
    stage.world.faults.planned.clear();
    let told = match &first {
        Ok(created) => {
            stage.complete(created, "");
            String::new()
        }
        Err(error) => {
            assert!(stage.apps().len() <= 1, "{faults:?}: {:?}", stage.asked);
            let told = error.to_string();
            if let Some(app) = stage.apps().first() {
                // Whoever made the key for it throws it away then.
                let refused = matches!(error.kind(), ErrorKind::Forbidden | ErrorKind::Refused);
                assert!(!refused || app.certificates.is_empty(), "{faults:?}: {told}");
                stage.secrets_are_known(&[], &told);
                assert!(told.contains("--app-id") || told.contains("--reuse"), "{faults:?}: {told}");
            }
            told
        }
    };
    stage.pass(std::time::Duration::from_secs(300));
    if delete {
        let Some(app) = stage.apps().first().map(|app| app.client_id.clone()) else { return };
        let principal = stage.apps()[0].object_id.clone();
        stage.delete(&app).unwrap();
        assert_eq!((stage.apps().len(), stage.roles(&principal)), (0, 0), "{faults:?}");
    } else if first.is_err() {
        let second =
            stage.create(reused(), proof.clone()).unwrap_or_else(|error| panic!("{faults:?}: {error}"));
        stage.complete(&second, &told);
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

/// Whatever is under way when the time is over: what there is by then is told.
#[test]
fn the_end_of_the_time_is_no_silence() {
    for seconds in 0..90 {
        for fault in [None, Some(FAULTS[0]), Some(FAULTS[3])] {
            let mut stage = Stage::new(replication());
            stage.world.faults.planned =
                fault.map(|fault| [(2, fault), (9, fault)].into()).unwrap_or_default();
            stage.limit = Some(Duration::from_secs(seconds));
            let Err(error) = stage.create(named(), secret()) else { continue };
            let told = format!("{error} {}", error.remedy().unwrap_or_default());
            if !stage.apps().is_empty() {
                assert!(told.contains("--app-id") || told.contains("--reuse"), "{seconds} {fault:?}: {told}");
                stage.secrets_are_known(&[], &told);
            }
        }
    }
}

#[test]
fn every_single_fault() {
    for number in 0..22 {
        for fault in FAULTS {
            for proof in [secret(), certificate()] {
                survives(&[(number, fault)], false, &proof);
                survives(&[(number, fault)], true, &proof);
            }
        }
    }
}

/// One of each kind: lost on its way there and back, cut off, refused, busy, in conflict.
const KINDS: [HttpFault; 7] =
    [FAULTS[0], FAULTS[4], FAULTS[5], FAULTS[9], FAULTS[10], FAULTS[13], FAULTS[15]];

/// Every pair whose first fault strikes one of these requests.
fn pairs(firsts: impl Iterator<Item = usize>, proof: &Proof, kinds: &[HttpFault]) {
    for first in firsts {
        for second in first + 1..16 {
            for one in kinds {
                for other in kinds {
                    let delete = (first + second) % 2 == 0;
                    survives(&[(first, *one), (second, *other)], delete, proof);
                }
            }
        }
    }
}

// Halves of about the same length, each on a processor of its own.
#[test]
fn every_pair_of_faults_that_begins_early() {
    pairs(0..4, &secret(), &KINDS);
}

#[test]
fn every_pair_of_faults_that_begins_late() {
    pairs(4..14, &secret(), &KINDS);
}

/// What a certificate has of its own is its list, which is read and written last.
#[test]
fn every_pair_of_faults_with_a_certificate() {
    pairs(5..14, &certificate(), &[FAULTS[0], FAULTS[4], FAULTS[10], FAULTS[14]]);
}
