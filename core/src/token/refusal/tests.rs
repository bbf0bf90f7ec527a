//! What a refusal comes to.

use super::*;

fn refusal(document: &serde_json::Value) -> Refusal {
    Refusal::of_document(document.as_object().unwrap())
}

#[test]
fn debug_does_not_show_what_the_server_says() {
    let refusal = refusal(&serde_json::json!({
        "error": "invalid_client", "error_description": "you sent canary", "suberror": "canary"
    }));
    assert_eq!(refusal.description(), Some("you sent canary"));
    let shown = format!("{refusal:?}");
    assert!(shown.contains("invalid_client") && !shown.contains("canary"), "{shown}");
}

#[test]
fn what_is_said_besides_decides_about_a_grant() {
    use ErrorKind::{InteractionRequired, Refused};
    for (error, suberror, number, kind) in [
        ("invalid_grant", "client_mismatch", 70_000, Refused),
        ("invalid_grant", "protection_policy_required", 530_021, Refused),
        ("invalid_grant", "PROTECTION_POLICY_REQUIRED", 1, Refused),
        // The code itself comes before it, and a word that is not known says nothing.
        ("interaction_required", "protection_policy_required", 1, InteractionRequired),
        ("invalid_grant", "something_new", 1, InteractionRequired),
        ("invalid_grant", "something_new", 50_126, Refused),
        ("invalid_grant", "device_authentication_failed", 50_126, Refused),
        ("invalid_client", "basic_action", 1, Refused),
        // It comes before the number.
        ("invalid_grant", "basic_action", 50_126, InteractionRequired),
        ("invalid_grant", "additional_action", 50_126, InteractionRequired),
        ("invalid_grant", "message_only", 53_003, InteractionRequired),
        ("invalid_grant", "consent_required", 1, InteractionRequired),
        ("invalid_grant", "user_password_expired", 50_055, InteractionRequired),
        ("invalid_grant", "bad_token", 700_082, InteractionRequired),
    ] {
        let refusal = refusal(&serde_json::json!({
            "error": error, "suberror": suberror, "error_codes": [number]
        }));
        assert_eq!(refusal.kind(400, Party::User), kind, "{error} {suberror} {number}");
        assert_eq!(refusal.kind(400, Party::App), Refused, "{error} {suberror}: nobody can be asked");
        let error = refusal.into_redirect_error("login.example", String::new());
        assert_eq!(error.suberror(), Suberror::named(suberror));
    }
}

#[test]
fn a_remedy_that_is_said_besides_comes_first() {
    let mismatch = refusal(&serde_json::json!({
        "error": "invalid_grant", "suberror": "client_mismatch", "error_codes": [70_000]
    }));
    let error = mismatch.into_redirect_error("login.example", String::new());
    assert!(error.remedy().unwrap().contains("this app"), "{error}");
    for known in Suberror::ALL {
        assert_eq!(Suberror::named(known.name()), Some(known));
    }
}

/// An AD FS or another provider of OpenID Connect has no numbers.
#[test]
fn a_code_alone_says_what_to_do() {
    let says_nothing = |code: &&str| {
        [Party::App, Party::User].into_iter().any(|party| {
            let refusal = refusal(&serde_json::json!({ "error": code }));
            let kind = refusal.kind(400, party);
            refusal.say(kind, "it is refused".to_owned()).own_remedy().is_none()
        })
    };
    let left_out: Vec<_> = codes::CODES.into_iter().filter(says_nothing).collect();
    // Those that are waited for, and the one that Entra gives a number with.
    assert_eq!(left_out, ["authorization_pending", "bad_verification_code", "slow_down"]);
}
