//! What is told of a refusal: cause, remedy and ids.

use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::{ErrorKind, TokenRequest, Unix, aadsts};
use entrada_tests::script::{respond, run};
use entrada_tests::sim::START;

use crate::support::{CORRELATION, TRACE, document, of_app, of_person, refused};

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
fn the_ids_of_a_description_are_told_where_no_field_has_them() {
    let mut said = document("invalid_client", 7_000_215, "Invalid client secret.", false);
    let fields = said.as_object_mut().unwrap();
    fields.remove("correlation_id");
    fields.remove("trace_id");
    let (error, _) = refused(&of_app(), 401, &said);
    assert_eq!((error.correlation_id(), error.trace_id()), (Some(CORRELATION), Some(TRACE)));
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
