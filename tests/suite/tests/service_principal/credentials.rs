//! Secrets and certificates of an app that is there: what is not to be removed survives every fault.

use std::time::Duration;

use entrada_core::error::MadeKind;
use entrada_core::graph::Application;
use entrada_core::graph::setup::{
    AddCertificate, AddSecret, EnsureApplication, Life, RemoveCredentials, Which,
};
use entrada_core::{Error, ErrorKind};
use entrada_emulator::config::Replication;
use entrada_tests::faults::HttpFault;
use entrada_tests::setups::directory::{lagging, there};

use crate::faults::FAULTS;
use crate::stage::{Stage, graph};

fn read(stage: &mut Stage) -> Result<Application, Error> {
    let which = Which::Of(there::APP_ID.to_owned());
    stage.run(Box::new(EnsureApplication::new(&graph(), &which, None))).map(|(app, _)| app)
}

/// What the command does: a new certificate comes, then an old one and a secret go. Tells whether each was done.
fn reset(stage: &mut Stage) -> Result<(bool, Result<(), Error>), Error> {
    let app = read(stage)?;
    let doomed = there::doomed(&app)?;
    let certificate = there::certificate()?;
    let added = stage.run(Box::new(AddCertificate::new(&graph(), &app, &certificate)))?;
    let remove = RemoveCredentials::new(&graph(), &app, &doomed).keeping(&added);
    Ok((true, stage.run(Box::new(remove))))
}

fn certificates(stage: &Stage) -> Vec<String> {
    stage.apps()[0].certificates.iter().map(|known| known.key_id.clone()).collect()
}

fn secrets(stage: &Stage) -> Vec<String> {
    stage.apps()[0].secrets.iter().map(|known| known.key_id.clone()).collect()
}

/// The certificates that are there after an error, or may be.
fn told(error: &Error) -> Vec<&String> {
    let made = error.made().iter().filter(|made| made.what == MadeKind::Certificate);
    made.map(|made| &made.id).collect()
}

fn new() -> String {
    there::certificate().unwrap().key_id()
}

fn at_work(replication: Replication) -> Stage {
    let mut stage = Stage::new(replication);
    there::put(&mut stage.world);
    stage
}

fn survives(faults: &[(usize, HttpFault)]) {
    let mut stage = at_work(lagging());
    stage.world.faults.planned = faults.iter().copied().collect();
    if faults.len() > 1 {
        stage = stage.unsearched();
    }
    let result = reset(&mut stage);
    stage.world.faults.planned.clear();
    let (first, second) = (there::CERTIFICATES[0].to_owned(), there::CERTIFICATES[1].to_owned());
    let there = certificates(&stage);
    assert!(there.contains(&first), "{faults:?}: {there:?} {:?}", stage.asked);
    assert!(secrets(&stage).contains(&there::SECRETS[0].to_owned()), "{faults:?}");
    if let Ok((_, removed)) = &result {
        assert!(there.contains(&new()), "{faults:?}: {there:?} {:?}", stage.asked);
        if removed.is_ok() {
            assert_eq!((there.len(), secrets(&stage).len()), (2, 1), "{faults:?}: {:?}", stage.asked);
        }
    } else {
        assert!(there.contains(&second), "nothing was to be removed yet: {faults:?}");
    }
    if let Err(error) = &result {
        let is_told = told(error).contains(&&new());
        assert!(is_told || !there.contains(&new()), "its key would be lost: {faults:?}: {error}");
    }
    // What went wrong is finished by another run, and what was done already does not stand in its way.
    stage.pass(Duration::from_secs(300));
    let app = read(&mut stage).unwrap();
    let doomed: Vec<_> = [there::SECRETS[1], there::CERTIFICATES[1]]
        .into_iter()
        .filter_map(|id| app.credential(id).ok())
        .collect();
    stage.run(Box::new(RemoveCredentials::new(&graph(), &app, &doomed))).unwrap();
    assert_eq!(secrets(&stage), [there::SECRETS[0]], "{faults:?}");
    assert!(certificates(&stage).contains(&first) && !certificates(&stage).contains(&second), "{faults:?}");
}

#[test]
fn what_is_named_is_removed_and_nothing_else() {
    let mut stage = at_work(Replication::default());
    assert!(matches!(reset(&mut stage), Ok((true, Ok(())))));
    assert_eq!(certificates(&stage), [there::CERTIFICATES[0].to_owned(), new()]);
    assert_eq!(secrets(&stage), [there::SECRETS[0]]);
    let steps: Vec<_> = stage.asked.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(steps, ["GET", "GET", "PATCH", "GET", "POST", "GET", "PATCH"], "{:?}", stage.asked);
    assert_eq!(stage.waited, 0);
    let app = read(&mut stage).unwrap();
    for nobody in [there::CERTIFICATES[1], "certificate 1", "", "secret"] {
        assert_eq!(app.credential(nobody).unwrap_err().kind(), ErrorKind::Refused, "{nobody}");
    }
    assert_eq!(app.credential(&there::SECRETS[0].to_uppercase()).unwrap().name.as_deref(), Some("secret 0"));
}

#[test]
fn two_of_one_name_are_told_apart_by_their_ids() {
    let mut stage = at_work(Replication::default());
    let apps = &mut stage.world.emulator.config_mut().apps;
    let app = apps.iter_mut().find(|app| app.client_id == there::APP_ID).unwrap();
    app.secrets[1].name = app.certificates[0].name.clone();
    let app = read(&mut stage).unwrap();
    let error = app.credential("certificate 0").unwrap_err();
    assert!(error.to_string().contains("more than one"), "{error}");
    assert_eq!(app.credential(there::CERTIFICATES[0]).unwrap().id, there::CERTIFICATES[0]);
}

/// The answer that tells the secret is cut off somewhere, and there is no time to look what became of it.
#[test]
fn nothing_is_shown_of_an_answer_that_tells_a_secret() {
    for share in 0..=255 {
        let mut stage = at_work(Replication::default());
        let app = read(&mut stage).unwrap();
        stage.world.faults.planned = [(1, HttpFault::Truncated(share))].into();
        stage.limit = Some(Duration::from_secs(2));
        let error = stage.run(Box::new(AddSecret::new(&graph(), &app, Life { days: 9 }))).unwrap_err();
        let new = stage.apps()[0].secrets.last().unwrap();
        let shown = format!("{error} {error:?} {:?}", error.detail());
        assert!(!shown.contains(new.value.expose()), "{share}: {shown}");
        assert!(error.made().iter().any(|made| made.id == new.name), "{share}: {shown}");
    }
}

/// A server that does not know yet of the certificate that was just added would have it written away.
#[test]
fn a_list_that_lacks_what_was_just_added_is_not_written() {
    let mut stage = at_work(Replication { shown: 30, ..Replication::default() });
    assert!(matches!(reset(&mut stage), Ok((true, Ok(())))));
    assert_eq!(certificates(&stage), [there::CERTIFICATES[0].to_owned(), new()]);
    assert!((25..40).contains(&stage.waited), "{}", stage.waited);
    // More than three minutes are not waited for, and nothing is written.
    let mut stage = at_work(Replication { shown: 400, ..Replication::default() });
    let (_, removed) = reset(&mut stage).unwrap();
    let error = removed.unwrap_err();
    assert!(error.to_string().contains(&new()) && error.to_string().contains(there::SECRETS[1]), "{error}");
    assert_eq!(certificates(&stage).len(), 3);
}

#[test]
fn every_single_fault_of_a_reset() {
    for number in 0..10 {
        for fault in FAULTS {
            survives(&[(number, fault)]);
        }
    }
}

#[test]
fn every_pair_of_faults_of_a_reset() {
    let kinds = [FAULTS[0], FAULTS[4], FAULTS[6], FAULTS[10], FAULTS[14]];
    for first in 1..8 {
        for second in first + 1..10 {
            for one in kinds {
                for other in kinds {
                    survives(&[(first, one), (second, other)]);
                }
            }
        }
    }
}
