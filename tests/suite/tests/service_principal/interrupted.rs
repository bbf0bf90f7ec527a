//! Set-up that is given up at any step, or whose time is over: it says what there is by then, and can be gone on
//! with or undone at once.

use std::time::Duration;

use entrada_core::ErrorKind;
use entrada_core::error::MadeKind;
use entrada_core::graph::setup::{Proof, TakenRoles};
use entrada_emulator::config::Replication;
use entrada_tests::setups::directory::lagging;

use crate::faults::{FAULTS, Next, Trying};
use crate::stage::{Cut, Stage, certificate, named, secret};

/// Gives a run up, and says whether there was a step to give it up at.
fn survives(cut: Cut, next: Next, proof: &Proof) -> bool {
    let mut stage = Stage::new(lagging()).unsearched();
    stage.cut = Some(cut);
    let error = match stage.create(named(), proof.clone()) {
        Ok(_) => return false,
        Err(error) => error,
    };
    stage.cut = None;
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{cut:?}: {error}");
    stage.is_told(&error);
    // What was certainly not sent is not called doubtful. A request that was handed to the driver may have been.
    let sent = |what: &str| stage.asked.iter().any(|asked| asked.starts_with(what));
    let doubtful = |kind: MadeKind| error.made().iter().any(|made| made.what == kind);
    for (method, kind) in [("PATCH", MadeKind::Certificate), ("PUT", MadeKind::Role)] {
        let unsent = matches!(cut, Cut::During(_)) && !sent(method);
        assert!(!unsent || !doubtful(kind), "{cut:?}: {error}");
    }
    next.follow(&mut stage, Some(&error.to_string()), proof);
    true
}

fn at_every_step(proof: &Proof) {
    for next in Next::ALL {
        for cut in [Cut::Before, Cut::During] {
            let steps = (0..200).take_while(|number| survives(cut(*number), next, proof)).count();
            assert!((20..200).contains(&steps), "{steps}");
        }
    }
}

#[test]
fn given_up_at_every_step() {
    at_every_step(&secret());
}

#[test]
fn given_up_at_every_step_with_a_certificate() {
    at_every_step(&certificate());
}

#[test]
fn out_of_time_at_every_second() {
    for proof in [secret(), certificate()] {
        for (seconds, fault) in (0..90).flat_map(|seconds| [(seconds, None), (seconds, Some(FAULTS[3]))]) {
            let _trying = Trying((seconds, fault));
            let mut stage = Stage::new(lagging()).unsearched();
            stage.world.faults.planned =
                fault.map(|fault| [(2, fault), (9, fault)].into()).unwrap_or_default();
            stage.limit = Some(Duration::from_secs(seconds));
            let Err(error) = stage.create(named(), proof.clone()) else { continue };
            stage.limit = None;
            stage.world.faults.planned.clear();
            assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
            stage.is_told(&error);
            let next = Next::ALL[usize::try_from(seconds).unwrap() % 5];
            next.follow(&mut stage, Some(&error.to_string()), &proof);
        }
    }
}

#[test]
fn what_is_not_waited_for_long_enough_says_how_long() {
    let slow = Replication { application: 60, ..Replication::default() };
    let mut stage = Stage::new(slow);
    stage.limit = Some(Duration::from_secs(12));
    let error = stage.create(named(), secret()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("tried 3 times in 10 s, and there was no time for more"), "{error}");
    assert!(error.remedy().unwrap().contains("--timeout"), "{error}");
    let mut patient = Stage::new(Replication { application: 400, ..Replication::default() });
    let error = patient.create(named(), secret()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    let figures = error.to_string().contains("tried 37 times in 18");
    assert!(figures && error.code() == Some("Request_BadRequest"), "{error}");
}

/// A deletion that is given up says what it took, and is finished by the same again.
#[test]
fn deletion_given_up_at_every_step() {
    for cut in [Cut::Before, Cut::During] {
        let mut finished = false;
        for number in 0..60 {
            let mut stage = Stage::new(lagging()).unsearched();
            let created = stage.create(named(), Proof::Nothing).unwrap();
            let (app, principal) = (created.application.app_id, created.principal.id);
            stage.cut = Some(cut(number));
            let result = stage.delete(&app, TakenRoles::Everywhere);
            stage.cut = None;
            let error = match result {
                Ok(_) => {
                    finished = true;
                    break;
                }
                Err(error) => error,
            };
            assert_eq!(error.kind(), ErrorKind::Cancelled);
            let told = error.to_string();
            assert!(!stage.apps().is_empty() || told.contains("was deleted is not known"), "{told}");
            let again = stage.delete(&app, TakenRoles::Everywhere).unwrap();
            assert_eq!(again.existed, !told.contains("was deleted is not known") || again.existed);
            assert_eq!((stage.apps().len(), stage.roles(&principal)), (0, 0), "{number}");
        }
        assert!(finished);
    }
}
