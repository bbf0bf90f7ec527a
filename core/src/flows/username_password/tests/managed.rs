//! Accounts whose password the authority checks.

use super::*;
use crate::authority::Authority;
use crate::endpoint::PlainHttp;
use crate::error::ErrorKind;
use crate::exchange::RetryPolicy;

const REALM: &str =
    "https://login.microsoftonline.com/common/userrealm/jo&%3Co%3E'@contoso.com?api-version=1.0";
const TOKENS: &str = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token";

fn refused(number: u64, code: &str) -> Scripted {
    let body = format!(
        r#"{{"error":"{code}","error_description":"AADSTS{number}: No. You sent {} to us.","error_codes":[{number}]}}"#,
        serde_json::to_string(PASSWORD).unwrap().trim_matches('"'),
    );
    status(400, &body)
}

#[test]
fn the_password_goes_to_the_authority() {
    let played = play(&user(), [ok(MANAGED), ok(TOKEN)]);
    let response = played.result.as_ref().unwrap();
    assert_eq!(response.access.source(), "username-password");
    assert!(response.refresh_token.is_some());
    assert_eq!(played.to(), [REALM, TOKENS]);
    assert_eq!(played.sent[0].header("accept"), "application/json");
    assert!(played.sent[0].body.is_empty() && played.sent[0].headers.contains_key("client-request-id"));
    let token = &played.sent[1];
    for (name, value) in [
        ("grant_type", "password"),
        ("client_id", "app"),
        ("username", USER),
        ("password", PASSWORD),
        ("client_info", "1"),
        ("scope", "https://graph.microsoft.com/.default openid profile offline_access"),
    ] {
        assert_eq!(token.field(name).as_deref(), Some(value));
    }
    assert_eq!(token.header("x-anchormailbox"), format!("upn:{USER}"));
}

#[test]
fn an_authority_without_realms_checks_it_itself() {
    let played = play(&user(), [status(404, "no such place"), ok(TOKEN)]);
    assert!(played.result.is_ok());
    let adfs =
        Authority::new("https://sts.contoso.com/adfs", PlainHttp::Refused).unwrap().without_discovery();
    let client = EntraClient::new("adfs", "app").unwrap().with_authority(adfs);
    let user = UsernamePasswordCredential::of(client, USER, PASSWORD).unwrap();
    let played = play(&user, [ok(TOKEN)]);
    assert_eq!(played.to(), ["https://sts.contoso.com/adfs/oauth2/token"]);
}

#[test]
fn an_unknown_domain_gets_no_password() {
    let played = play(&user(), [ok(r#"{"ver":"1.0","account_type":"Unknown"}"#)]);
    assert_eq!(played.error().kind(), ErrorKind::Refused);
    assert!(played.error().to_string().contains("no password was sent"));
}

#[test]
fn a_realm_that_makes_no_sense() {
    for (reply, kind) in [
        (ok("<html>"), ErrorKind::Malformed),
        (ok("{}"), ErrorKind::Malformed),
        (ok(r#"{"account_type":"Other"}"#), ErrorKind::Malformed),
        (status(302, ""), ErrorKind::Malformed),
        (status(400, r#"{"error":"invalid_request"}"#), ErrorKind::Refused),
    ] {
        assert_eq!(play(&user(), [reply]).error().kind(), kind);
    }
    let busy = || status(503, "");
    assert_eq!(play(&user(), [busy(), busy(), busy(), busy()]).error().kind(), ErrorKind::Service);
}

#[test]
fn refusals_keep_their_numbers() {
    for (number, code, kind) in [
        (50126, "invalid_grant", ErrorKind::Refused),
        (50034, "invalid_grant", ErrorKind::Refused),
        (50053, "invalid_grant", ErrorKind::Refused),
        (50055, "invalid_grant", ErrorKind::InteractionRequired),
        (50076, "invalid_grant", ErrorKind::InteractionRequired),
        (65001, "invalid_grant", ErrorKind::InteractionRequired),
        (7_000_218, "invalid_client", ErrorKind::Refused),
        (9_001_023, "invalid_request", ErrorKind::Refused),
    ] {
        let played = play(&user(), [ok(MANAGED), refused(number, code)]);
        let error = played.error();
        assert_eq!((error.kind(), error.aadsts()), (kind, &[number][..]));
        assert!(error.remedy().is_some() && error.detail().unwrap().contains("You sent [redacted] to us"));
    }
}

#[test]
fn a_password_that_may_have_been_compared_is_not_sent_again() {
    let server_error = r#"{"error":"server_error","error_description":"AADSTS50033: Try again."}"#;
    for (reply, kind) in [
        (Err(HttpFailure::Broken), ErrorKind::Network),
        (Err(HttpFailure::TimedOut), ErrorKind::Timeout),
        (status(500, ""), ErrorKind::Service),
        (status(502, ""), ErrorKind::Service),
        (status(504, ""), ErrorKind::Service),
        (status(400, server_error), ErrorKind::Service),
    ] {
        let played = play(&user(), [ok(MANAGED), reply]);
        assert_eq!((played.error().kind(), played.waits), (kind, 0));
    }
}

#[test]
fn a_password_that_nobody_looked_at_is_sent_again() {
    for reply in [
        || Err(HttpFailure::Refused),
        || Err(HttpFailure::ConnectTimedOut),
        || status(429, ""),
        || status(503, r#"{"error":"temporarily_unavailable"}"#),
    ] {
        assert!(play(&user(), [ok(MANAGED), reply(), reply(), ok(TOKEN)]).result.is_ok());
        let played = play(&user(), [ok(MANAGED), reply(), reply(), reply()]);
        assert_eq!(played.waits, RetryPolicy::PASSWORD.retries as usize);
    }
}

#[test]
fn what_cannot_sign_in_is_told_before_anything_is_sent() {
    let new = |tenant: &str, user: &str, password: &str| {
        UsernamePasswordCredential::new(tenant, "app", user, password)
    };
    for (user, password) in [("", "x"), (" ", "x"), ("a\u{1}b", "x"), ("a\r\nb", "x"), ("jo", "")] {
        assert_eq!(new("t", user, password).unwrap_err().kind(), ErrorKind::Configuration);
    }
    for tenant in ["common", "Consumers"] {
        let played = play(&new(tenant, USER, PASSWORD).unwrap(), []);
        assert_eq!(played.error().kind(), ErrorKind::Configuration);
        assert!(played.error().to_string().contains("organizations"));
    }
    let lookalike = Authority::new("https://login.microsoftonline.com.example", PlainHttp::Refused).unwrap();
    let client = EntraClient::new("t", "app").unwrap().with_authority(lookalike);
    let unknown = status(400, r#"{"error":"invalid_instance"}"#);
    let played = play(&UsernamePasswordCredential::of(client, USER, PASSWORD).unwrap(), [unknown]);
    assert_eq!(played.error().kind(), ErrorKind::Configuration);
    assert_eq!(played.sent.len(), 1);
    assert!(played.sent[0].to.contains("/common/discovery/instance") && played.sent[0].body.is_empty());
    clean(&format!("{:?}", super::user()));
}
