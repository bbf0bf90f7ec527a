//! A device code: how long, and at which pace, it is waited for, and in which process.

use std::time::Duration;

use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::flows::device_code::PendingDeviceCode;
use entrada_core::{
    AccessToken, Authority, DeviceCodeCredential, EntraClient, Error, ErrorKind, PlainHttp, TokenRequest,
};
use entrada_tests::script::{pass, respond, run};
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

/// A server's request waits as long as it has, and the next one goes on with the same code.
#[test]
fn a_limit_holds_where_a_code_is_resumed_and_the_code_lives_on() {
    let (pending, _) = run(credential().start(&request()), |effect, _| match effect {
        Effect::Http(call) => respond(call, 200, &[], &code(r#","expires_in":900"#)),
        other => panic!("{other:?}"),
    });
    let kept = pending.unwrap();
    for (limit, waited, lives) in [(20, 15, true), (20, 15, true), (0, 0, true), (3600, 895, false)] {
        let hasty = credential().within(Duration::from_secs(limit));
        let (result, told) = run(hasty.resume(&kept), |effect, _| match effect {
            Effect::Http(call) => respond(call, 400, &[], PENDING),
            other => panic!("{other:?}"),
        });
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Expired);
        assert_eq!(told.waits.iter().map(Duration::as_secs).sum::<u64>(), waited);
        assert_eq!(error.message().contains("lives on"), lives, "{limit}: {error}");
        assert_eq!(error.remedy().unwrap().contains("again where it was kept"), lives, "{limit}: {error}");
    }
    // The time of the run itself does the same.
    let mut hasty = entrada_core::Run::new(credential().resume(&kept))
        .with_deadline(START.mono.after(Duration::from_secs(3)));
    let mut entropy = entrada_tests::choices::Seeded(1);
    let entrada_core::Step::Done(Err(error)) = hasty.start(START, &mut entropy) else { panic!("it waits") };
    assert!(error.kind() == ErrorKind::Expired && error.message().contains("lives on"), "{error}");
}

const CODE: &str = r#"{"device_code":"d","user_code":"U","verification_uri":"https://x.example/","expires_in":900,"interval":5}"#;
const PENDING: &str = r#"{"error":"authorization_pending"}"#;
const SLOWER: &str = r#"{"error":"slow_down"}"#;
const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#;

/// A status, headers and a body.
type Answer = (u16, &'static [(&'static str, &'static str)], &'static str);

/// A device code, and what each poll is answered with, one after the other.
fn polled(code: &str, polls: &[Answer]) -> (Result<AccessToken, Error>, Vec<u64>) {
    let mut polls = polls.iter();
    let (result, told) = run(credential().begin(&request()), |effect, _| match effect {
        Effect::Http(call) if call.request().uri().path().ends_with("/devicecode") => {
            respond(call, 200, &[], code)
        }
        Effect::Http(call) => {
            let (status, headers, body) = polls.next().unwrap();
            respond(call, *status, headers, body)
        }
        Effect::Prompt(prompt) => prompt.split().1.reply(Ok(())),
        other => panic!("{other:?}"),
    });
    (result, told.waits.iter().map(Duration::as_secs).collect())
}

#[test]
fn a_demand_for_patience_counts_once() {
    let (result, waits) =
        polled(CODE, &[(429, &[("retry-after", "100")], ""), (400, &[], PENDING), (200, &[], TOKEN)]);
    assert!(result.is_ok());
    assert_eq!(waits, [5, 100, 5]);
}

#[test]
fn the_interval_is_the_authoritys() {
    let slow = CODE.replace("\"interval\":5", "\"interval\":\"90.5\"");
    let (result, waits) = polled(&slow, &[(400, &[], SLOWER), (400, &[], PENDING), (200, &[], TOKEN)]);
    assert!(result.is_ok());
    assert_eq!(waits, [90, 95, 95]);
}

#[test]
fn a_service_that_outlasts_the_code_is_named() {
    let (result, _) = polled(CODE, &[(503, &[("retry-after", "3600")], "")]);
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Service, Some(Duration::from_secs(3600))));
}

#[test]
fn a_device_code_goes_on_in_another_process() {
    let credential = DeviceCodeCredential::of(EntraClient::developer().unwrap());
    let (pending, told) = run(credential.start(&request()), |effect, _| match effect {
        Effect::Http(call) => respond(call, 200, &[], CODE),
        other => panic!("{other:?}"),
    });
    let pending = pending.unwrap();
    assert_eq!((told.effects.len(), pending.prompt().user_code.expose()), (1, "U"));
    assert!(!format!("{pending:?}").contains("\"d\""));
    let kept = pending.to_json();
    let elsewhere = DeviceCodeCredential::of(EntraClient::developer().unwrap());
    let resumed = PendingDeviceCode::from_json(&kept).unwrap();
    let mut polls = 0;
    let (result, told) = run(elsewhere.resume(&resumed), |effect, _| match effect {
        Effect::Http(call) => {
            let form = String::from_utf8(call.request().body().expose().to_vec()).unwrap();
            assert!(form.contains("device_code=d&"), "{form}");
            polls += 1;
            if polls == 1 { respond(call, 400, &[], PENDING) } else { respond(call, 200, &[], TOKEN) }
        }
        other => panic!("{other:?}"),
    });
    assert!(result.is_ok());
    assert_eq!(told.waits, [Duration::from_secs(5); 2]);
    // After its end nobody is asked.
    let (result, told) = run(elsewhere.resume(&resumed), |effect, now| match effect {
        Effect::Http(call) => {
            pass(now, Duration::from_secs(890));
            respond(call, 400, &[], PENDING)
        }
        other => panic!("{other:?}"),
    });
    assert_eq!((result.unwrap_err().kind(), told.effects.len()), (ErrorKind::Expired, 1));
    for broken in ["", "{}", "[]", &kept.expose().replace("\"version\":2", "\"version\":1")] {
        assert!(PendingDeviceCode::from_json(&broken.into()).is_err());
    }
}

#[test]
fn a_device_code_goes_back_only_to_who_gave_it_by_who_got_it() {
    let of = |address: &str, app: &str| {
        let authority = Authority::new(address, PlainHttp::Refused).unwrap().without_discovery();
        let client = EntraClient::new("contoso.example", app).unwrap().with_authority(authority);
        DeviceCodeCredential::of(client)
    };
    let (pending, _) = run(of("public", "app").start(&request()), |effect, _| match effect {
        Effect::Http(call) => respond(call, 200, &[], CODE),
        other => panic!("{other:?}"),
    });
    let kept = PendingDeviceCode::from_json(&pending.unwrap().to_json()).unwrap();
    for (address, app, said) in [
        ("china", "app", "at another authority"),
        ("https://login.example", "app", "at another authority"),
        ("https://login.microsoftonline.com/tfp/contoso.example/b2c_1_in", "app", "at another authority"),
        ("public", "other", "with another app"),
    ] {
        let (result, told) = run(of(address, app).resume(&kept), |effect, _| panic!("{effect:?}"));
        let error = result.unwrap_err();
        assert_eq!((error.kind(), told.waits.len()), (ErrorKind::Configuration, 0), "{address} {app}");
        assert!(error.message().contains(said) && error.remedy().is_some(), "{error}");
    }
    // Another host of the same cloud is the same authority.
    let (result, _) = run(of("https://login.windows.net", "app").resume(&kept), |effect, _| match effect {
        Effect::Http(call) => respond(call, 200, &[], TOKEN),
        other => panic!("{other:?}"),
    });
    assert!(result.is_ok());
}
