//! Who can do something about a refusal, and whether it is asked for again.

use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::{ErrorKind, TokenRequest, UsernamePasswordCredential};
use entrada_tests::script::{respond, run};

use crate::support::{app, document, of_app, of_person, refused};

#[test]
fn who_can_do_something_about_it() {
    use ErrorKind::{InteractionRequired, Refused};
    for (status, code, number, text, app, person) in [
        (401, "invalid_client", 7_000_215, "Invalid client secret provided.", Refused, Refused),
        (401, "invalid_client", 7_000_222, "The provided client secret keys are expired.", Refused, Refused),
        (400, "invalid_grant", 50_076, "Due to a configuration change …", Refused, InteractionRequired),
        (
            400,
            "interaction_required",
            50_079,
            "… you must enroll in multi-factor …",
            Refused,
            InteractionRequired,
        ),
        (
            400,
            "invalid_grant",
            700_082,
            "The refresh token has expired due to inactivity.",
            Refused,
            InteractionRequired,
        ),
        (
            400,
            "invalid_grant",
            65_001,
            "The user or administrator has not consented …",
            Refused,
            InteractionRequired,
        ),
        (400, "invalid_grant", 53_003, "Access has been blocked by Conditional Access.", Refused, Refused),
        (
            400,
            "unauthorized_client",
            700_016,
            "Application with identifier 'x' was not found.",
            Refused,
            Refused,
        ),
        (400, "invalid_request", 90_002, "Tenant 't' not found.", Refused, Refused),
        // A number that nobody has heard of decides nothing.
        (400, "invalid_grant", 999_999_999, "Something new.", Refused, InteractionRequired),
        (400, "invalid_scope", 999_999_999, "Something new.", Refused, Refused),
    ] {
        for older in [false, true] {
            let said = document(code, number, text, older);
            let (error, requests) = refused(&of_app(), status, &said);
            assert_eq!((error.kind(), requests, error.status()), (app, 1, Some(status)), "{number}");
            let (error, requests) = refused(&of_person(), status, &said);
            assert_eq!((error.kind(), requests, error.code()), (person, 1, Some(code)), "{number}");
        }
    }
}

#[test]
fn what_a_person_has_to_satisfy_comes_along_for_apps_too() {
    let claims = r#"{"access_token":{"capolids":{"essential":true,"values":["c"]}}}"#;
    let mut said = document("interaction_required", 50_076, "More is needed.", true);
    said["claims"] = claims.into();
    said["suberror"] = "basic_action".into();
    for credential in [&of_app() as &dyn Credential, &of_person()] {
        let (error, _) = refused(credential, 400, &said);
        assert_eq!(error.claims().map(|claims| claims.to_json()).as_deref(), Some(claims));
        assert!(error.suberror().is_some());
        assert!(!format!("{error} {error:?}").contains("capolids"), "{error:?}");
    }
}

/// A grant that a policy refused, with what a sign-in would have to satisfy: a person can do that, though the number
/// alone says that an administrator has to.
#[test]
fn a_demand_of_claims_is_for_whoever_signs_in() {
    use ErrorKind::{InteractionRequired, Refused};
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    for (code, suberror, number, person) in [
        ("invalid_grant", None, 53_003, InteractionRequired),
        ("invalid_grant", None, 530_032, InteractionRequired),
        ("invalid_grant", Some("device_authentication_failed"), 53_003, InteractionRequired),
        ("invalid_grant", Some("client_mismatch"), 53_003, Refused),
        ("invalid_grant", Some("protection_policy_required"), 53_003, Refused),
        ("access_denied", None, 53_003, Refused),
        ("invalid_client", None, 7_000_215, Refused),
    ] {
        let mut said = document(code, number, "Access has been blocked.", false);
        said["claims"] = claims.into();
        if let Some(suberror) = suberror {
            said["suberror"] = suberror.into();
        }
        for (credential, kind) in [(&of_app() as &dyn Credential, Refused), (&of_person(), person)] {
            let (error, requests) = refused(credential, 400, &said);
            assert_eq!((error.kind(), requests), (kind, 1), "{code} {suberror:?} {number}");
            assert!(error.claims().is_some());
        }
    }
}

/// What is refused for good is not asked for again, whatever status it comes with: a wrong password locks the account.
#[test]
fn what_stays_refused_is_asked_for_once_whatever_the_status() {
    for status in [400, 401, 408, 429, 500, 503] {
        for (code, number) in [
            ("invalid_client", 7_000_215),
            ("invalid_grant", 50_126),
            ("unauthorized_client", 700_016),
            ("invalid_scope", 999_999_999),
        ] {
            let said = document(code, number, "It is wrong.", false);
            for credential in [&of_app() as &dyn Credential, &of_person()] {
                let (error, requests) = refused(credential, status, &said);
                assert_eq!((error.kind(), requests), (ErrorKind::Refused, 1), "{status} {code}");
            }
            let (mut passwords, password) =
                (0, UsernamePasswordCredential::of(app(), "ada@contoso.com", "p"));
            let request = TokenRequest::new(["https://graph.example/.default"]).unwrap();
            let (result, _) = run(password.unwrap().begin(&request), |effect, _| match effect {
                Effect::Http(call) if call.request().method() == "GET" => {
                    respond(call, 200, &[], r#"{"account_type":"Managed"}"#)
                }
                Effect::Http(call) => {
                    passwords += 1;
                    respond(call, status, &[], &said.to_string())
                }
                other => panic!("{other:?}"),
            });
            assert_eq!((result.unwrap_err().kind(), passwords), (ErrorKind::Refused, 1), "{status} {code}");
        }
        // What passes by itself is asked for again, whatever code stands beside the number.
        let said = document("invalid_grant", 90_033, "A transient error has occurred.", false);
        let (error, requests) = refused(&of_app(), status, &said);
        assert_eq!((error.kind(), requests), (ErrorKind::Service, 4), "{status}");
    }
}
