//! How long a device code is waited for.

use std::time::Duration;

use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::flows::device_code::PendingDeviceCode;
use entrada_core::{DeviceCodeCredential, EntraClient, ErrorKind, TokenRequest};
use entrada_tests::script::{respond, run};
use entrada_tests::sim::START;

fn credential() -> DeviceCodeCredential {
    DeviceCodeCredential::of(EntraClient::developer().unwrap())
}

fn request() -> TokenRequest {
    TokenRequest::new(["https://graph.example/.default"]).unwrap()
}

/// A code, with more about it.
fn code(more: &str) -> String {
    format!(r#"{{"device_code":"d","user_code":"U","verification_uri":"https://x.example/"{more}}}"#)
}

/// The seconds that nobody signs in for, as the person is told and as they pass.
fn patience(credential: &DeviceCodeCredential, more: &str) -> (i64, u64) {
    let mut told = 0;
    let (result, waited) = run(credential.begin(&request()), |effect, _| match effect {
        Effect::Http(call) if call.request().uri().path().ends_with("/devicecode") => {
            respond(call, 200, &[], &code(more))
        }
        Effect::Http(call) => respond(call, 400, &[], r#"{"error":"authorization_pending"}"#),
        Effect::Prompt(show) => {
            let (prompt, ticket) = show.split();
            told = prompt.expires_on.0 - START.unix.0;
            ticket.reply(Ok(()))
        }
        other => panic!("{other:?}"),
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Expired);
    (told, waited.waits.iter().map(Duration::as_secs).sum())
}

#[test]
fn the_code_lives_as_long_as_it_says_else_for_half_an_hour() {
    assert_eq!(patience(&credential(), ""), (1800, 1795));
    assert_eq!(patience(&credential(), r#","expires_in":900"#), (900, 895));
    assert_eq!(patience(&credential(), r#","expires_in":"60","interval":"10""#), (60, 50));
}

#[test]
fn a_limit_of_ones_own_shortens_it_and_never_lengthens_it() {
    let limited = |seconds| credential().within(Duration::from_secs(seconds));
    assert_eq!(patience(&limited(120), r#","expires_in":900"#), (120, 115));
    assert_eq!(patience(&limited(120), ""), (120, 115));
    assert_eq!(patience(&limited(3600), r#","expires_in":900"#), (900, 895));
    assert_eq!(patience(&limited(0), r#","expires_in":900"#), (0, 0));
    // It stays with a sign-in that is finished elsewhere.
    let (pending, _) = run(limited(120).start(&request()), |effect, _| match effect {
        Effect::Http(call) => respond(call, 200, &[], &code(r#","expires_in":900"#)),
        other => panic!("{other:?}"),
    });
    let kept = PendingDeviceCode::from_json(&pending.unwrap().to_json()).unwrap();
    let (result, waited) = run(credential().resume(&kept), |effect, _| match effect {
        Effect::Http(call) => respond(call, 400, &[], r#"{"error":"authorization_pending"}"#),
        other => panic!("{other:?}"),
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Expired);
    assert_eq!(waited.waits.iter().map(Duration::as_secs).sum::<u64>(), 115);
}
