//! Refusals as Entra writes them, in the older form with line ends and the newer one with blanks: what is
//! told to people and to programs.

use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::{
    ClientSecretCredential, EntraClient, Error, ErrorKind, RefreshTokenCredential, TokenRequest, Unix,
    UsernamePasswordCredential, aadsts,
};
use entrada_tests::script::{respond, run};
use entrada_tests::sim::START;
use serde_json::{Value, json};

const TRACE: &str = "255d1aef-8c98-452f-ac51-23d051240864";
const CORRELATION: &str = "fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7";
const STAMP: &str = "2026-01-09 02:02:12Z";

/// The document of a refusal. The older servers' descriptions have line ends, and they list no numbers.
fn document(error: &str, number: u64, text: &str, older: bool) -> Value {
    let between = if older { "\r\n" } else { " " };
    let description = format!(
        "AADSTS{number}: {text}{between}Trace ID: {TRACE}{between}Correlation ID: {CORRELATION}{between}Timestamp: {STAMP}"
    );
    let mut document = json!({
        "error": error, "error_description": description, "timestamp": STAMP, "trace_id": TRACE,
        "correlation_id": CORRELATION,
    });
    if !older {
        document["error_codes"] = json!([number]);
        document["error_uri"] = format!("https://login.microsoftonline.com/error?code={number}").into();
    }
    document
}

fn refused(credential: &dyn Credential, status: u16, document: &Value) -> (Error, usize) {
    let request = TokenRequest::new(["https://graph.example/.default"]).unwrap();
    let mut requests = 0;
    let (result, _) = run(credential.begin(&request), |effect, _| match effect {
        Effect::Http(call) => {
            requests += 1;
            respond(call, status, &[], &document.to_string())
        }
        other => panic!("{other:?}"),
    });
    (result.unwrap_err(), requests)
}

fn app() -> EntraClient {
    EntraClient::new("t", "app").unwrap()
}

fn of_app() -> ClientSecretCredential {
    ClientSecretCredential::of(app(), "secret").unwrap()
}

fn of_person() -> RefreshTokenCredential {
    RefreshTokenCredential::of(app(), "renewal").unwrap()
}

#[test]
fn every_number_of_the_table_is_told_with_cause_and_remedy_in_either_form() {
    for entry in aadsts::TABLE {
        for older in [false, true] {
            let said = document("invalid_request", entry.number, "A canary of the server's.", older);
            let (error, requests) = refused(&of_app(), 400, &said);
            let shown = error.to_string();
            assert_eq!(error.aadsts(), [entry.number], "{shown}");
            assert!(
                shown.contains(entry.cause) && shown.contains(&format!("AADSTS{}", entry.number)),
                "{shown}"
            );
            // Nobody can be asked for an app.
            let person = entry.class == aadsts::Class::InteractionRequired;
            // What blocks a person's device blocks no app's.
            let own = entry.number == 53003;
            assert_eq!(error.remedy() == Some(entry.remedy), !person && !own, "{shown}");
            assert_eq!(error.remedy().unwrap().contains("app that acts as itself"), person, "{shown}");
            assert_eq!((error.correlation_id(), error.trace_id()), (Some(CORRELATION), Some(TRACE)));
            assert!(!shown.contains("canary"), "{shown}");
            let detail = error.detail().unwrap();
            assert!(detail.contains("canary") && !detail.contains(['\r', '\n']), "{detail:?}");
            // Nothing is tried again but what passes by itself.
            let passes = entry.class == aadsts::Class::Transient;
            assert_eq!((requests > 1, error.kind() == ErrorKind::Service), (passes, passes), "{shown}");
        }
    }
}

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

/// The remedy is one for the error that it stands at: what a number would say of another kind of error is not said.
#[test]
fn the_remedy_is_for_the_kind() {
    const AGAIN: &str = "sign in again, interactively";
    for (code, suberror, number, status, person, app) in [
        ("invalid_grant", Some("bad_token"), 9_002_313, 400, AGAIN, "check the settings"),
        ("invalid_grant", Some("basic_action"), 50_126, 400, AGAIN, "check both"),
        ("invalid_grant", None, 50_076, 400, "sign in interactively, handing on", "app that acts as itself"),
        ("interaction_required", None, 999_999_999, 400, AGAIN, "app that acts as itself"),
        ("temporarily_unavailable", None, 50_126, 503, "try again later", "try again later"),
        ("invalid_grant", None, 90_055, 429, "wait", "wait"),
    ] {
        let mut said = document(code, number, "It says no.", false);
        if let Some(suberror) = suberror {
            said["suberror"] = suberror.into();
        }
        for (credential, remedy) in [(&of_person() as &dyn Credential, person), (&of_app(), app)] {
            let (error, _) = refused(credential, status, &said);
            let told = error.remedy().unwrap();
            assert!(told.contains(remedy), "{code} {number}: {told}");
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

#[test]
fn a_clock_that_is_wrong_is_told_by_how_much() {
    let told = |number: u64, seconds: i64| {
        let text = entrada_tests::faults::http_date(Unix(START.unix.0.saturating_sub(seconds)));
        let document = document("invalid_client", number, "it is not valid now", false).to_string();
        let request = TokenRequest::new(["https://graph.example/.default"]).unwrap();
        let (result, _) = run(of_app().begin(&request), |effect, _| match effect {
            Effect::Http(call) => respond(call, 401, &[("date", &text)], &document),
            other => panic!("{other:?}"),
        });
        result.unwrap_err().remedy().unwrap().to_owned()
    };
    let host = "login.microsoftonline.com";
    assert_eq!(
        told(700_024, 900),
        format!("set this machine's clock right: it is 900 s ahead of that of {host}")
    );
    assert_eq!(
        told(500_133, -900),
        format!("set this machine's clock right: it is 900 s behind that of {host}")
    );
    // A clock that is right, or has nothing to do with it, is not blamed.
    for (number, seconds) in [(700_024, 30), (700_024, -119), (7_000_215, 900)] {
        assert!(!told(number, seconds).contains(" s "), "{number} {seconds}");
    }
}

/// An AD FS or another provider of OpenID Connect has no numbers.
#[test]
fn a_refusal_without_a_number_says_what_to_do() {
    for code in [
        "access_denied",
        "consent_required",
        "interaction_required",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_resource",
        "invalid_scope",
        "invalid_target",
        "invalid_tenant",
        "login_required",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
    ] {
        for status in [400, 401] {
            let said = json!({ "error": code });
            for credential in [&of_app() as &dyn Credential, &of_person()] {
                let (error, _) = refused(credential, status, &said);
                assert_eq!(error.code(), Some(code));
                assert!(error.remedy().is_some(), "{code}: {error}");
            }
        }
    }
}

#[test]
fn the_ids_of_a_description_are_told_where_no_field_has_them() {
    let mut said = document("invalid_client", 7_000_215, "Invalid client secret.", false);
    let fields = said.as_object_mut().unwrap();
    fields.remove("correlation_id");
    fields.remove("trace_id");
    let (error, _) = refused(&of_app(), 401, &said);
    assert_eq!((error.correlation_id(), error.trace_id()), (Some(CORRELATION), Some(TRACE)));
}
