//! The first sign-in with what was just made: it waits for the authority to know it, and for nothing else.

use std::time::Duration;

use entrada_core::AccessToken;
use entrada_core::aadsts::{Class, TABLE};
use entrada_core::effect::{Effect, SigningKey};
use entrada_core::graph::setup::{Certificate, CreatePrincipal, Created, FirstSignIn, Plan, Proof};
use entrada_core::{
    ClientCertificate, ClientCertificateCredential, ClientSecretCredential, Credential, Error, ErrorKind,
};
use entrada_emulator::config::Replication;
use entrada_emulator::signing::Key;
use entrada_emulator::world as w;
use entrada_tests::script::{respond, run};
use entrada_tests::world::signer::KEY_NAME;
use serde_json::json;

use crate::faults::FAULTS;
use crate::stage::{Stage, graph, manager, named, secret};

fn first(stage: &mut Stage, credential: impl Credential + 'static) -> Result<AccessToken, Error> {
    stage.run(Box::new(FirstSignIn::new(credential, graph().request())))
}

fn with_secret(created: &Created) -> ClientSecretCredential {
    let secret = created.secret.as_ref().unwrap().secret.clone();
    ClientSecretCredential::new(w::TENANT, created.application.app_id.clone(), secret).unwrap()
}

#[test]
fn a_new_secret_signs_in_as_soon_as_it_is_known() {
    for (seconds, waits) in [(0, 0), (3, 1), (30, 6), (180, 36)] {
        let mut stage = Stage::new(Replication { credential: seconds, ..Replication::default() });
        let created = stage.create(named(), secret()).unwrap();
        let token = first(&mut stage, with_secret(&created)).unwrap();
        assert_eq!((token.source(), stage.waited / 5), ("client-secret", waits), "{seconds}");
        assert_eq!(token.identity().object_id.as_ref(), Some(&created.principal.id));
    }
    let mut stage = Stage::new(Replication { credential: 240, ..Replication::default() });
    let created = stage.create(named(), secret()).unwrap();
    let error = first(&mut stage, with_secret(&created)).unwrap_err();
    assert_eq!((error.kind(), error.aadsts(), stage.waited), (ErrorKind::Timeout, &[7_000_215][..], 180));
    assert!(error.remedy().unwrap().contains("need not be made again"), "{error:?}");
    assert!(error.correlation_id().is_some());
    assert_eq!(stage.apps()[0].secrets.len(), 1, "it is not made twice");
    stage.pass(Duration::from_secs(60));
    first(&mut stage, with_secret(&created)).unwrap();
}

#[test]
fn a_new_principal_and_a_new_certificate_are_waited_for_too() {
    let mut stage = Stage::new(Replication { principal: 20, ..Replication::default() });
    let created = stage.create(named(), secret()).unwrap();
    first(&mut stage, with_secret(&created)).unwrap();
    assert_eq!(stage.waited, 20);

    let mut stage = Stage::new(Replication { credential: 12, ..Replication::default() });
    let der = Key::of_pem(w::CERTIFICATE_PEM).unwrap().certificate().chain()[0].clone();
    let plan = Plan {
        which: named(),
        reference: None,
        role: None,
        scopes: Vec::new(),
        proof: Proof::Certificate(Certificate { der, valid: None }),
    };
    let created = stage.run(Box::new(CreatePrincipal::new(&graph(), &manager(), plan))).unwrap();
    let certificate = ClientCertificate::new(SigningKey::Named(KEY_NAME.into()));
    let app =
        ClientCertificateCredential::new(w::TENANT, created.application.app_id.clone(), certificate).unwrap();
    assert_eq!(first(&mut stage, app).unwrap().source(), "client-certificate");
    assert_eq!(stage.waited, 15);
}

#[test]
fn nothing_that_goes_wrong_once_keeps_it_from_signing_in() {
    // What an authority that cannot be reached says of nobody's secret.
    let passing =
        [FAULTS[0], FAULTS[1], FAULTS[2], FAULTS[3], FAULTS[4], FAULTS[5], FAULTS[6], FAULTS[10], FAULTS[11]];
    for number in 0..4 {
        for fault in passing {
            let mut stage = Stage::new(Replication { credential: 12, ..Replication::default() });
            let created = stage.create(named(), secret()).unwrap();
            let before = stage.world.faults.exchanges();
            stage.world.faults.planned = [(before + number, fault)].into_iter().collect();
            let result = first(&mut stage, with_secret(&created));
            assert!(result.is_ok(), "{number} {fault:?}: {result:?}");
            assert!(stage.waited <= 60, "{number} {fault:?}: {}", stage.waited);
        }
    }
}

/// What two refusals of this number come to, and how often the authority was asked, how far apart.
fn refused(number: u64) -> (Result<AccessToken, Error>, usize, Vec<Duration>) {
    let app = ClientSecretCredential::new(w::TENANT, "app", "secret").unwrap();
    let mut asked = 0;
    let flow = FirstSignIn::new(app, graph().request());
    let (result, told) = run(Box::new(flow), |effect, _| match effect {
        Effect::Http(call) => {
            asked += 1;
            let refusal = json!({
                "error": "invalid_client", "error_codes": [number],
                "error_description": format!("AADSTS{number}: no."),
            });
            let token = json!({ "access_token": "t", "token_type": "Bearer", "expires_in": 3599 });
            match asked {
                1 | 2 => respond(call, 401, &[], &refusal.to_string()),
                _ => respond(call, 200, &[], &token.to_string()),
            }
        }
        other => panic!("{other:?}"),
    });
    (result, asked, told.waits)
}

#[test]
fn only_what_may_be_unheard_of_is_asked_again() {
    let mut again = Vec::new();
    for entry in TABLE.iter().filter(|entry| entry.class != Class::Transient) {
        match refused(entry.number) {
            (Err(error), 1, _) => assert_eq!(error.aadsts(), [entry.number]),
            (Ok(_), 3, waits) if waits == [Duration::from_secs(5); 2] => again.push(entry.number),
            other => panic!("{}: {other:?}", entry.number),
        }
    }
    assert_eq!(again, [700_016, 700_027, 7_000_215, 7_000_229]);
}
