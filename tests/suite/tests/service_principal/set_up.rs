//! What is set up, without faults.

use entrada_core::ErrorKind;
use entrada_core::arm::roles::{AssignRole, BUILT_IN, FindRole, ListRoles, Role};
use entrada_core::graph::{FindPrincipal, Principal, PrincipalKind};
use entrada_emulator::config::Replication;
use entrada_emulator::world as w;
use entrada_tests::setups::directory::there;

use crate::stage::{Stage, certificate, graph, manager, named, replication, reused, secret};

#[test]
fn without_faults_it_takes_its_steps_once() {
    let mut stage = Stage::new(Replication::default());
    let created = stage.create(named(), secret()).unwrap();
    stage.complete(&created, "");
    assert!(created.is_new);
    let steps: Vec<_> = stage.asked.iter().map(|line| line.split(' ').next().unwrap()).collect();
    // The role, the name, the app, its principal looked for and made, the assignment, the secret.
    assert_eq!(steps, ["GET", "GET", "POST", "GET", "POST", "PUT", "POST"], "{:?}", stage.asked);
    assert_eq!(stage.waited, 0);
    // Again: refused, and nothing is lost.
    let error = stage.create(named(), secret()).unwrap_err();
    assert!(error.kind() == ErrorKind::Refused && error.to_string().contains("--reuse"), "{error}");
    let again = stage.create(reused(), secret()).unwrap();
    assert!(!again.is_new && again.assigned[0].existed);
    assert_eq!(stage.apps()[0].secrets.len(), 2, "the old secret stays");
    assert_eq!(stage.roles(&again.principal.id), 1);
    assert_eq!(stage.delete(&again.application.app_id).unwrap(), 1);
    assert!(stage.apps().is_empty());
}

#[test]
fn replication_is_waited_for() {
    let mut stage = Stage::new(replication());
    let created = stage.create(named(), secret()).unwrap();
    stage.complete(&created, "");
    assert!(stage.waited >= 20);
    // More than three minutes are not.
    let mut slow = Stage::new(Replication { application: 200, ..Replication::default() });
    let error = slow.create(named(), secret()).unwrap_err();
    assert_eq!(slow.waited, 36 * 5);
    assert!(error.to_string().contains("entrada sp delete"), "{error}");
}

#[test]
fn a_role_waits_for_its_principal() {
    let mut stage = Stage::new(replication());
    let created = stage.create(named(), secret()).unwrap();
    for (seconds, waits) in [(30, 6), (180, 36), (181, 36)] {
        let late = Replication { typed_principal: seconds, ..Replication::default() };
        let mut stage = Stage::new(late);
        let result = stage.create(named(), secret());
        assert_eq!((result.is_ok(), stage.waited / 5), (seconds <= 180, waits), "{seconds}");
    }
    let list = ListRoles::new(&manager(), &there::scope().unwrap(), Some(&created.principal.id));
    let listed = stage.run(Box::new(list)).unwrap();
    assert_eq!(listed[0].role.as_deref(), Some("AzureML Data Scientist"));
    let principal =
        Principal::of_object(&created.principal.id, Some(PrincipalKind::ServicePrincipal)).unwrap();
    let role = Role::new("f6c7c914-8db3-469d-8ca1-694a8f32e121").unwrap();
    let again = stage
        .run(Box::new(AssignRole::new(&manager(), &there::scope().unwrap(), &role, &principal)))
        .unwrap();
    assert!(again.existed);
}

#[test]
fn principals_are_found_by_every_name() {
    let mut stage = Stage::new(Replication::default());
    for (name, object, kind) in [
        (w::APP, w::APP_OBJECT, PrincipalKind::ServicePrincipal),
        (w::APP_OBJECT, w::APP_OBJECT, PrincipalKind::ServicePrincipal),
        (w::USER, w::USER_OBJECT, PrincipalKind::User),
        (w::USER_OBJECT, w::USER_OBJECT, PrincipalKind::User),
        (w::USER_IDENTITY, w::USER_IDENTITY_OBJECT, PrincipalKind::ServicePrincipal),
        (w::USER_IDENTITY_RESOURCE, w::USER_IDENTITY_OBJECT, PrincipalKind::ServicePrincipal),
    ] {
        let found = stage.run(Box::new(FindPrincipal::new(&graph(), name).unwrap())).unwrap();
        assert_eq!((found.object_id.as_str(), found.kind), (object, Some(kind)), "{name}");
    }
    for nobody in ["nobody@x.example", "no-such-app", "11111111-1111-4111-8111-111111111111"] {
        let error = stage.run(Box::new(FindPrincipal::new(&graph(), nobody).unwrap())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{nobody}");
    }
}

#[test]
fn a_certificate_comes_last_and_twice_is_once() {
    let mut stage = Stage::new(Replication::default());
    let created = stage.create(named(), certificate()).unwrap();
    stage.complete(&created, "");
    assert!(created.secret.is_none() && created.certificate.is_some());
    let steps: Vec<_> = stage.asked.iter().map(|line| line.split(' ').next().unwrap()).collect();
    // The role, the name, the app, its principal looked for and made, the assignment, the certificates read and
    // written.
    assert_eq!(steps, ["GET", "GET", "POST", "GET", "POST", "PUT", "GET", "PATCH"], "{:?}", stage.asked);
    let again = stage.create(reused(), certificate()).unwrap();
    stage.complete(&again, "");
    assert_eq!(stage.apps()[0].certificates.len(), 1);
}

#[test]
fn every_built_in_role_is_found_by_its_name_and_taken_by_its_guid() {
    let mut stage = Stage::new(Replication::default());
    let scope = there::scope().unwrap();
    for known in BUILT_IN {
        for text in [known.name, known.id, &known.id.to_uppercase(), &known.name.to_uppercase()] {
            let find = FindRole::new(&manager(), &scope, &Role::new(text).unwrap());
            assert_eq!(stage.run(Box::new(find)).unwrap(), known.id, "{text}");
        }
    }
    // A name that none has.
    let apart = FindRole::new(&manager(), &scope, &Role::new("o'brien's role").unwrap());
    let error = stage.run(Box::new(apart)).unwrap_err();
    assert!(error.kind() == ErrorKind::Refused && error.to_string().contains("o'brien's role"), "{error}");
}
