//! A token that is due for renewal while the authority cannot be had.

use std::time::Duration;

use entrada_core::cache::HOLD_OFF;
use entrada_core::cache::accounts::Arrival;
use entrada_core::effect::HttpFailure;
use entrada_core::flow::Credential;
use entrada_core::flows::silent::{Memory, Remembered, RememberedApp};
use entrada_core::{
    AccessToken, AzureCliCredential, ClientSecretCredential, DeviceCodeCredential, Environment, ErrorKind,
    SecretBytes, Unix,
};
use entrada_tests::sim::START;
use serde_json::{Value, json};

use crate::desk::{Authority, Desk, Ended};
use crate::people::{ADA, TENANT, app, granted, request, response, signed_in, silently, tool};

/// A token with so many seconds to live that has been due for a minute.
fn due(lives: i64) -> AccessToken {
    let ends = Unix(START.unix.0 + lives);
    let token = AccessToken::new("kept".into(), ends, START, "script").unwrap();
    token.refreshed_on(Some(Unix(START.unix.0 - 60)))
}

/// Every credential that keeps tokens, and a desk on which a token of it is due, with so many seconds to live.
fn all(lives: i64) -> Vec<(Desk, Box<dyn Credential>)> {
    let with = |arrival: Arrival| {
        let mut desk = Desk::new();
        desk.keep(arrival);
        desk
    };
    let person = || with(signed_in(&tool(), &response(due(lives), "refresh", ADA)));
    let own = Arrival::of_app(&app("own"), &request(), &due(lives)).unwrap();
    let secret = ClientSecretCredential::of(app("own"), "s").unwrap();
    let mut native = person();
    native.profile = json!({"subscriptions": [{"id": "s", "name": "s", "state": "Enabled", "isDefault": true,
        "user": {"name": "ada@contoso.example", "type": "user"}, "tenantId": TENANT,
        "environmentName": "AzureCloud", "homeTenantId": TENANT}]})
    .to_string();
    // A name is what the tool knows its user by.
    let mut document: Value = serde_json::from_slice(native.kept.expose()).unwrap();
    for account in document["Account"].as_object_mut().unwrap().values_mut() {
        account["username"] = "ada@contoso.example".into();
    }
    native.kept = SecretBytes::new(document.to_string());
    let environment = Environment::new().with("AZURE_CONFIG_DIR", "/home/ada/.azure");
    vec![
        (person(), Box::new(silently(tool()))),
        (person(), Box::new(Remembered::of(DeviceCodeCredential::of(tool()), Memory::shared()))),
        (with(own), Box::new(RememberedApp::of(app("own"), secret, Memory::shared()))),
        (native, Box::new(AzureCliCredential::new().natively(&environment))),
    ]
}

#[track_caller]
fn text((result, posts, took): Ended) -> (String, usize, Duration) {
    (result.unwrap().secret().expose().to_owned(), posts, took)
}

#[test]
fn a_token_that_lives_is_had_within_two_seconds_whatever_the_network_does() {
    for failure in [HttpFailure::TimedOut, HttpFailure::Refused, HttpFailure::Broken] {
        for (mut desk, credential) in all(1500) {
            let name = credential.name();
            let gone: Authority<'_> = &mut |_, _| Err(failure);
            let (token, posts, took) = text(desk.token(&credential, gone));
            assert_eq!((token.as_str(), posts), ("kept", 1), "{name}, {failure:?}");
            assert!(took <= Duration::from_secs(2), "{name}, {failure:?}: {took:?}");
            // The next process knows.
            for _ in 0..3 {
                let next = text(desk.token(&credential, gone));
                assert_eq!(next, ("kept".to_owned(), 0, Duration::ZERO), "{name}, {failure:?}");
            }
            desk.wait(HOLD_OFF);
            assert_eq!(text(desk.token(&credential, gone)).1, 1, "{name}, {failure:?}");
            desk.wait(HOLD_OFF);
            let renewed = text(desk.token(&credential, &mut |_, _| granted("new")));
            assert_eq!((renewed.0.as_str(), renewed.1), ("new", 1), "{name}, {failure:?}");
        }
    }
}

/// The change of what is kept is waited for no longer than the renewal, but for an instant.
#[test]
fn a_document_that_is_locked_delays_a_token_that_is_there_by_an_instant() {
    let most = Duration::from_millis(2500);
    for (mut desk, credential) in all(1500) {
        let name = credential.name();
        desk.locked = true;
        let (token, _, took) = text(desk.token(&credential, &mut |_, _| granted("new")));
        assert!(token == "new" && took <= most, "{name}: {token} {took:?}");
        for failure in [HttpFailure::TimedOut, HttpFailure::Refused] {
            let (token, _, took) = text(desk.token(&credential, &mut |_, _| Err(failure)));
            assert!(token == "kept" && took <= most, "{name}, {failure:?}: {token} {took:?}");
        }
    }
}

#[test]
fn where_nobody_waits_a_renewal_has_all_its_tries() {
    for (mut desk, credential) in all(1500) {
        let gone: Authority<'_> = &mut |_, _| Err(HttpFailure::Refused);
        let (token, posts, took) = text(desk.run(credential.renew(&request()), gone));
        assert_eq!((token.as_str(), posts), ("kept", 4), "{}", credential.name());
        assert!(took > Duration::from_secs(3), "{}: {took:?}", credential.name());
    }
}

/// Nothing is there to go on with, so it is worth waiting.
#[test]
fn a_token_that_is_about_to_die_is_renewed_with_patience() {
    for (mut desk, credential) in all(2) {
        let gone: Authority<'_> = &mut |_, _| Err(HttpFailure::Refused);
        let (result, posts, _) = desk.token(&credential, gone);
        assert_eq!((result.unwrap_err().kind(), posts), (ErrorKind::Network, 4), "{}", credential.name());
    }
}

#[test]
fn what_is_noted_is_the_time_of_renewal_alone() {
    let (mut desk, credential) = all(1500).remove(0);
    let mut before = desk.entries().remove(0);
    let (result, ..) = desk.token(&credential, &mut |_, _| Err(HttpFailure::TimedOut));
    let due = result.unwrap().refresh_due();
    assert_eq!(due, desk.machine.now.unix.after(HOLD_OFF));
    let after = desk.entries().remove(0);
    assert_eq!(after["refresh_on"], due.0.to_string());
    before["refresh_on"] = after["refresh_on"].clone();
    assert_eq!(after, before);
}
