//! What a silent sign-in makes of the words beside a refusal: which refresh tokens are tried, which are
//! forgotten, and whether a person is of any help.

use entrada_core::effect::{Effect, StoreAction};
use entrada_core::error::Suberror;
use entrada_core::flow::Credential;
use entrada_core::flows::silent::{Memory, SharedTokenCacheCredential};
use entrada_core::{EntraClient, Error, ErrorKind, SecretBytes, TokenRequest};
use entrada_tests::script::{respond, run};
use serde_json::{Value, json};

const APP: &str = "app";

/// What is kept: an account, and these refresh tokens, each named by the app it was given to.
fn kept(owners: &[&str]) -> Value {
    let environment = "login.microsoftonline.com";
    let mut document = json!({
        "Account": { "a": {
            "home_account_id": "u.t", "environment": environment, "realm": "t", "username": "ada@contoso.example",
            "local_account_id": "u", "authority_type": "MSSTS",
        }},
        "RefreshToken": {},
    });
    for owner in owners {
        document["RefreshToken"][owner] = json!({
            "credential_type": "RefreshToken", "secret": format!("renewal-of-{owner}"), "client_id": owner,
            "home_account_id": "u.t", "environment": environment, "family_id": "1",
        });
    }
    document
}

/// The error, the refresh tokens that were sent, and those that are left.
fn refused(owners: &[&str], refusals: &[&Value]) -> (Error, Vec<String>, Vec<String>) {
    let app = EntraClient::new("t", APP).unwrap();
    let credential = SharedTokenCacheCredential::of(app, Memory::shared());
    let request = TokenRequest::new(["https://graph.example/.default"]).unwrap();
    let mut store = SecretBytes::new(kept(owners).to_string());
    let (mut sent, mut refusals) = (Vec::new(), refusals.iter());
    let (result, _) = run(credential.begin(&request), |effect, now| match effect {
        Effect::Store(using) => {
            let (_, action, ticket) = using.split();
            if let StoreAction::Change(change) = action {
                store = change.apply_to_bytes(store.expose(), now.unix).unwrap();
            }
            ticket.reply(Ok(store.clone()))
        }
        Effect::Http(call) => {
            let form = url::form_urlencoded::parse(call.request().body().expose());
            sent.extend(
                form.filter(|(name, _)| name == "refresh_token").map(|(_, token)| token.into_owned()),
            );
            respond(call, 400, &[], &refusals.next().expect("no more requests").to_string())
        }
        other => panic!("{other:?}"),
    });
    let left: Value = serde_json::from_slice(store.expose()).unwrap();
    let left = left["RefreshToken"].as_object().unwrap().keys().cloned().collect();
    (result.unwrap_err(), sent, left)
}

fn grant(suberror: &str) -> Value {
    json!({ "error": "invalid_grant", "suberror": suberror, "error_codes": [1] })
}

#[test]
fn a_token_that_is_of_no_use_is_forgotten_and_the_next_one_tried() {
    for dead in ["bad_token", "token_expired"] {
        let (error, sent, left) = refused(&[APP, "one"], &[&grant(dead), &grant("basic_action")]);
        assert_eq!(sent, ["renewal-of-app", "renewal-of-one"], "{dead}");
        assert_eq!(left, ["one"], "{dead}");
        assert_eq!(error.kind(), ErrorKind::InteractionRequired);
        assert_eq!(error.suberror(), Some(Suberror::BasicAction));
    }
    let old = |more: Value| {
        let mut refusal = json!({ "error": "invalid_grant", "error_codes": [50_078] });
        refusal.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        refused(&[APP], &[&refusal]).2
    };
    assert!(old(json!({})).is_empty());
    let claims = json!({ "claims": r#"{"access_token":{"acrs":{"essential":true,"value":"p1"}}}"# });
    assert_eq!(old(claims), [APP], "with claims it is good for other things");
}

#[test]
fn after_one_that_is_of_another_family_no_other_is_tried() {
    let (error, sent, left) = refused(&["one", "two", "three"], &[&grant("client_mismatch")]);
    assert_eq!((sent.len(), left.len()), (1, 3));
    // A sign-in to this very app helps.
    assert_eq!(error.kind(), ErrorKind::InteractionRequired);
    assert_eq!(error.suberror(), Some(Suberror::ClientMismatch));
}

#[test]
fn where_no_sign_in_helps_nobody_is_asked_for_one() {
    let (error, sent, left) = refused(&[APP, "one"], &[&grant("protection_policy_required")]);
    assert_eq!((sent.len(), left.len()), (1, 2));
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.remedy().is_some_and(|remedy| remedy.contains("protection policy")), "{error}");
}

#[test]
fn what_a_person_can_mend_is_tried_with_every_token() {
    for word in
        ["basic_action", "additional_action", "message_only", "consent_required", "user_password_expired"]
    {
        let (error, sent, left) = refused(&[APP, "one"], &[&grant(word), &grant(word)]);
        assert_eq!((sent.len(), left.len()), (2, 2), "{word}");
        assert_eq!(error.kind(), ErrorKind::InteractionRequired, "{word}");
    }
}
