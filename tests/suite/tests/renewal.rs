//! A refresh token that is kept: the newest is the one that is redeemed.

use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::{EntraClient, Error, RefreshTokenCredential, TokenRequest};
use entrada_tests::script::{respond, run};

fn credential() -> RefreshTokenCredential {
    let app = EntraClient::new("contoso.example", "client").unwrap();
    RefreshTokenCredential::of(app, "renewal-0").unwrap()
}

/// What is sent by a redemption that is answered like this.
fn redeemed(credential: &RefreshTokenCredential, status: u16, body: &str) -> (Result<(), Error>, String) {
    let request = TokenRequest::new(["https://graph.example/.default"]).unwrap();
    let mut sent = String::new();
    let (result, _) = run(credential.begin(&request), |effect, _| match effect {
        Effect::Http(call) => {
            let form = url::form_urlencoded::parse(call.request().body().expose());
            sent.extend(
                form.filter(|(name, _)| name == "refresh_token").map(|(_, token)| token.into_owned()),
            );
            respond(call, status, &[], body)
        }
        other => panic!("{other:?}"),
    });
    (result.map(drop), sent)
}

fn reply(refresh_token: Option<&str>) -> String {
    let new = refresh_token.map(|token| format!(r#","refresh_token":"{token}""#)).unwrap_or_default();
    format!(r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"t"{new}}}"#)
}

#[test]
fn the_newest_is_redeemed_next_and_can_be_kept() {
    let credential = credential();
    let clone = credential.clone();
    let flow_of_before = credential.clone();
    for (number, brings) in [(0, Some("renewal-1")), (1, None), (1, Some("renewal-2")), (2, None)] {
        let (result, sent) = redeemed(&credential, 200, &reply(brings));
        assert!(result.is_ok());
        assert_eq!(sent, format!("renewal-{number}"));
        let newest = brings.map_or(sent, str::to_owned);
        assert_eq!(clone.newest().expose(), newest);
    }
    assert_eq!(redeemed(&flow_of_before, 200, &reply(None)).1, "renewal-2");
    // Another value of the same token has its own.
    assert_eq!(redeemed(&self::credential(), 200, &reply(None)).1, "renewal-0");
    assert!(!format!("{credential:?}").contains("renewal-"), "{credential:?}");
}

#[test]
fn a_refusal_changes_nothing() {
    let credential = credential();
    for body in [r#"{"error":"invalid_grant","refresh_token":"renewal-9"}"#, "<html>"] {
        assert!(redeemed(&credential, 400, body).0.is_err());
        assert_eq!(credential.newest().expose(), "renewal-0");
    }
}

#[test]
fn what_was_begun_before_redeems_the_newest_too() {
    let credential = credential();
    let request = TokenRequest::new(["https://graph.example/.default"]).unwrap();
    let before = credential.redeem(&request);
    assert!(redeemed(&credential, 200, &reply(Some("renewal-1"))).0.is_ok());
    let (result, _) = run(before, |effect, _| match effect {
        Effect::Http(call) => {
            let body = String::from_utf8_lossy(call.request().body().expose()).into_owned();
            assert!(body.contains("refresh_token=renewal-1"), "{body}");
            respond(call, 200, &[], &reply(None))
        }
        other => panic!("{other:?}"),
    });
    assert!(result.is_ok());
}
