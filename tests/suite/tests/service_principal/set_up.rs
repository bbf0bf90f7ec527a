//! What is set up, without faults.

use entrada_core::arm::roles::{AssignRole, BUILT_IN, FindRole, ListRoles, Role};
use entrada_core::error::MadeKind;
use entrada_core::graph::setup::{CreatePrincipal, EnsureApplication, Plan, Proof, TakenRoles, Which};
use entrada_core::graph::{FindPrincipal, Principal, PrincipalKind};
use entrada_core::{Error, ErrorKind};
use entrada_emulator::config::{App, AppCertificate, Replication, RoleAssignment};
use entrada_emulator::world as w;
use entrada_tests::faults::{HttpFault, Patience};
use entrada_tests::setups::directory::{lagging, there};

use crate::stage::{Stage, certificate, graph, manager, named, reused, secret};

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
    let deleted = stage.delete(&again.application.app_id, TakenRoles::Everywhere).unwrap();
    assert!(deleted.existed && deleted.roles.len() == 1 && stage.waited == 0);
    assert!(stage.apps().is_empty());
}

#[test]
fn replication_is_waited_for() {
    let mut stage = Stage::new(lagging());
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
    let mut stage = Stage::new(lagging());
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
    // The role, the name, the app, its principal looked for and made, the assignment; its certificates read,
    // written and read back.
    let wanted = ["GET", "GET", "POST", "GET", "POST", "PUT", "GET", "PATCH", "GET"];
    assert_eq!(steps, wanted, "{:?}", stage.asked);
    let again = stage.create(reused(), certificate()).unwrap();
    stage.complete(&again, "");
    assert_eq!(stage.apps()[0].certificates.len(), 1);
}

/// Whoever may not give the role leaves no certificate in the directory, whose key would go with its file.
#[test]
fn a_role_that_may_not_be_given_comes_before_the_certificate() {
    let mut stage = Stage::new(Replication::default());
    let roles = &mut stage.world.emulator.config_mut().role_assignments;
    roles.retain(|role| role.principal != w::APP_OBJECT && role.principal != "*");
    roles.push(RoleAssignment {
        principal: w::APP_OBJECT.into(),
        scope: format!("/subscriptions/{}", w::SUBSCRIPTION),
        role: "b24988ac-6180-42a0-ab88-20f7382dd24c".into(),
        principal_type: "ServicePrincipal".into(),
        ..RoleAssignment::default()
    });
    let error = stage.create(named(), certificate()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden, "{error}");
    assert_eq!(stage.apps().len(), 1, "{error} {:?}", stage.asked);
    stage.is_told(&error);
    assert!(stage.apps()[0].certificates.is_empty(), "{:?}", stage.asked);
    assert!(error.made().iter().all(|made| made.what != MadeKind::Certificate));
}

/// What another writes at the same time does not take the certificate away, nor the other way round.
#[test]
fn a_list_that_another_writes_is_added_to() {
    let mut stage = Stage::new(Replication::default());
    let replaced: fn(&mut App) = |app| {
        app.certificates.clear();
        app.certificates.push(AppCertificate {
            pem: w::CERTIFICATE_PEM.into(),
            key_id: "ae62418f-cc39-4057-82b6-51df7394b086".into(),
            ..AppCertificate::default()
        });
    };
    stage.meddler = Some((http::Method::PATCH, replaced));
    let created = stage.create(named(), certificate()).unwrap();
    stage.complete(&created, "");
    assert_eq!(stage.apps()[0].certificates.len(), 2, "{:?}", stage.asked);
    // One that is late to be shown is waited for and not written twice.
    let mut late = Stage::new(Replication { shown: 20, ..Replication::default() });
    let created = late.create(named(), certificate()).unwrap();
    late.complete(&created, "");
    assert_eq!(late.asked.iter().filter(|asked| asked.starts_with("PATCH")).count(), 1, "{:?}", late.asked);
}

/// An app whose roles cannot be seen is not deleted, unless they are left on purpose.
#[test]
fn roles_are_taken_with_the_app() {
    let mut stage = Stage::new(Replication { principal: 30, ..Replication::default() });
    let created = stage.create(named(), Proof::Nothing).unwrap();
    let (app, principal) = (created.application.app_id, created.principal.id);
    let deleted = stage.delete(&app, TakenRoles::Everywhere).unwrap();
    assert_eq!((deleted.roles.len(), stage.roles(&principal)), (1, 0));
    assert!(stage.waited >= 25, "the principal was waited for");

    let mut stage = Stage::new(Replication::default());
    let created = stage.create(named(), Proof::Nothing).unwrap();
    let (app, principal) = (created.application.app_id, created.principal.id);
    let roles = &mut stage.world.emulator.config_mut().role_assignments;
    roles.retain(|role| role.principal == principal);
    roles.push(RoleAssignment {
        principal: w::APP_OBJECT.into(),
        scope: there::scope().unwrap().as_str().to_owned(),
        role: "Reader".into(),
        principal_type: "ServicePrincipal".into(),
        ..RoleAssignment::default()
    });
    let error = stage.delete(&app, TakenRoles::Everywhere).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden, "{error}");
    assert!(error.to_string().contains("--leave-roles"), "{error}");
    assert_eq!((stage.apps().len(), stage.roles(&principal)), (1, 1));
    assert!(stage.delete(&app, TakenRoles::Left).unwrap().existed);
    assert_eq!((stage.apps().len(), stage.roles(&principal)), (0, 1));
}

/// A deletion that is refused names each role that it took, in a command that gives it back.
#[test]
fn roles_that_were_taken_in_vain_are_named() {
    let mut trial = Stage::new(Replication::default());
    let app = trial.create(named(), Proof::Nothing).unwrap().application.app_id;
    let before = trial.asked.len();
    trial.delete(&app, TakenRoles::Everywhere).unwrap();
    let last = trial.asked.len() - before - 1;

    let mut stage = Stage::new(Replication::default());
    let created = stage.create(named(), Proof::Nothing).unwrap();
    let (app, principal) = (created.application.app_id, created.principal.id);
    let deleting = stage.world.faults.exchanges() + last;
    stage.world.faults.planned = [(deleting, HttpFault::Status(403, Patience::None))].into();
    let error = stage.delete(&app, TakenRoles::Everywhere).unwrap_err();
    assert_eq!(error.status(), Some(403), "{error} {:?}", stage.asked);
    assert_eq!((stage.apps().len(), stage.roles(&principal)), (1, 0), "{:?}", stage.asked);
    let scope = there::scope().unwrap();
    let role = "f6c7c914-8db3-469d-8ca1-694a8f32e121";
    assert!(error.message().contains(&format!("{role} at {}", scope.as_str())), "{error}");
    let command = format!(
        "entrada role assign --assignee-object-id {principal} --assignee-principal-type ServicePrincipal --role {role} --scope {}",
        scope.as_str()
    );
    assert!(error.remedy().unwrap().contains(&command), "{error}");
    // The same command again finishes it.
    let deleted = stage.delete(&app, TakenRoles::Everywhere).unwrap();
    assert!(deleted.existed && stage.apps().is_empty());
}

/// An object id, and a name, are told from an application id: of an app that is there it is never said that it is gone.
#[test]
fn what_is_no_application_id_is_no_app_that_is_gone() {
    let mut stage = Stage::new(Replication::default());
    let created = stage.create(named(), Proof::Nothing).unwrap();
    let app = created.application.app_id.clone();
    let before = stage.asked.len();
    for id in [&created.application.id, &created.principal.id] {
        let refused = stage.delete(id, TakenRoles::Everywhere).unwrap_err();
        assert_eq!((refused.kind(), stage.waited), (ErrorKind::Refused, 0), "{refused}");
        assert!(refused.remedy().unwrap().contains(&app), "{refused}");
        let ensure = EnsureApplication::new(&graph(), &Which::Of(id.to_string()), None);
        let refused = stage.run(Box::new(ensure)).unwrap_err();
        assert!(refused.remedy().unwrap().contains(&app), "{refused}");
        stage.waited = 0;
    }
    assert!(stage.asked[before..].iter().all(|asked| asked.starts_with("GET ")), "{:?}", stage.asked);
    let before = stage.asked.len();
    let misnamed = stage.delete(there::NAME, TakenRoles::Everywhere).unwrap_err();
    let ensure = EnsureApplication::new(&graph(), &Which::Of(there::NAME.to_owned()), None);
    let other = stage.run(Box::new(ensure)).unwrap_err();
    for error in [misnamed, other] {
        assert_eq!((error.kind(), stage.asked.len()), (ErrorKind::Configuration, before), "{error}");
    }
    // Of what is made a moment ago it is found out in the end.
    let mut late = Stage::new(Replication { application: 30, ..Replication::default() });
    let made = late.run(Box::new(EnsureApplication::new(&graph(), &named(), None))).unwrap().0;
    let refused = late.delete(&made.id, TakenRoles::Everywhere).unwrap_err();
    assert!(refused.remedy().unwrap().contains(&made.app_id), "{refused}");
    let nobody = "11111111-1111-4111-8111-111111111111";
    assert!(!stage.delete(nobody, TakenRoles::Everywhere).unwrap().existed);
    let ensure = EnsureApplication::new(&graph(), &Which::Of(nobody.to_owned()), None);
    assert_eq!(stage.run(Box::new(ensure)).unwrap_err().kind(), ErrorKind::Refused);
}

/// A role that is not there leaves nothing behind, by whatever it was named.
#[test]
fn a_role_that_is_not_there_comes_before_everything() {
    let mut stage = Stage::new(Replication::default());
    for role in ["11111111-1111-4111-8111-111111111111", "AzureML Data Scientst"] {
        let plan = Plan {
            which: named(),
            reference: None,
            role: Some(Role::new(role).unwrap()),
            scopes: vec![there::scope().unwrap()],
            proof: secret(),
        };
        let create = CreatePrincipal::new(&graph(), &manager(), plan);
        let error = stage.run(Box::new(create)).unwrap_err();
        assert_eq!((error.kind(), stage.apps().len()), (ErrorKind::Refused, 0), "{error} {:?}", stage.asked);
        assert!(error.message().contains(role), "{error}");
        assert!(error.remedy().unwrap().contains("Contributor"), "{error}");
    }
}

/// Where the result cannot be handed over, no secret is lost without a word: what the error says removes it.
#[test]
fn what_cannot_be_told_is_named() {
    let mut stage = Stage::new(Replication::default());
    let created = stage.create(named(), secret()).unwrap();
    let app = created.application.app_id.clone();
    let own = created.secret.clone().unwrap();
    let full = || Error::new(ErrorKind::Configuration, "the result cannot be written");
    let lost = created.untold(full(), None);
    stage.is_told(&lost);
    let remove = format!("entrada sp reset {app} --no-password --remove-key {}", own.key_id);
    assert!(lost.remedy().unwrap().contains(&remove), "{lost}");
    let kept = created.untold(full(), Some("/home/ada/secret.json"));
    assert!(kept.remedy().unwrap().contains("it is in /home/ada/secret.json"), "{kept}");
    assert!(!kept.remedy().unwrap().contains("--remove-key"), "{kept}");
    assert!(own.untold(&app, full(), None).remedy().unwrap().contains(&remove));
    // As it says.
    let undone = stage.undo(&lost.to_string()).unwrap().unwrap();
    assert!(undone.existed && undone.roles.len() == 1 && stage.apps().is_empty());
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
