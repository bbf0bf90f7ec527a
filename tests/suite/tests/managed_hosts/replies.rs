//! What comes back: every form of expiry, what is tried again, and what a refusal means.

use std::time::Duration;

use entrada_core::effect::{HttpFailure, TlsFault};
use entrada_core::{ErrorKind, ManagedIdentityCredential, ManagedIdentityId};
use entrada_emulator::world as w;
use entrada_tests::sim::START;

use super::support::{HOSTS, Host, KEY, SECRET, Says, ask, says, token};

const SYSTEM: ManagedIdentityId = ManagedIdentityId::SystemAssigned;

fn named() -> ManagedIdentityId {
    ManagedIdentityId::client_id(w::USER_IDENTITY).unwrap()
}

#[test]
fn every_host_and_every_form_of_expiry() {
    let at = START.unix.0 + 3600;
    let date = entrada_core::calendar::rfc3339(entrada_core::Unix(at));
    let (day, time) = (&date[..10], &date[11..19]);
    let us = format!("{}/{}/{}", &day[5..7], &day[8..10], &day[..4]);
    let hour: u32 = time[..2].parse().unwrap();
    let half = format!("{}{} {}", (hour + 11) % 12 + 1, &time[2..], if hour < 12 { "AM" } else { "PM" });
    let forms = [
        format!(r#""expires_on":{at}"#),
        format!(r#""expires_on":"{at}""#),
        format!(r#""expires_on":"{us} {time} +00:00""#),
        format!(r#""expires_on":"{us} {half} +00:00""#),
        format!(r#""expires_on":"{day}T{time}.0000000+00:00""#),
        format!(r#""expires_on":"{day}T{time}Z""#),
        format!(r#""expires_on":"{day} {time}""#),
        r#""expires_on":"3600""#.to_owned(),
        r#""expires_in":3600"#.to_owned(),
        r#""expires_in":"3600""#.to_owned(),
        format!(r#""expires_on":"{at}","expires_in":"9999""#),
    ];
    for host in HOSTS {
        for form in &forms {
            let outcome = ask(host, &host.credential(&SYSTEM), &[token(form)]);
            assert_eq!(outcome.result.expect(form).expires_on().0, at, "{host:?} {form}");
        }
        for bad in [r#""expires":1"#, r#""expires_on":"soon""#, r#""expires_on":1600000000"#] {
            let outcome = ask(host, &host.credential(&SYSTEM), &[token(bad)]);
            assert_eq!(outcome.result.unwrap_err().kind(), ErrorKind::Malformed, "{host:?} {bad}");
        }
    }
}

/// How often a status is asked for again, and the sum of the waits but for jitter.
fn retries(host: Host, status: u16) -> (usize, u64) {
    match (host, status) {
        (Host::Imds, _) => unreachable!("see the tests of its own"),
        (_, 400 | 401 | 403 | 404 | 410) => (0, 0),
        (Host::ServiceFabric, 500) => (2, 3),
        (Host::ServiceFabric, _) => (5, 31),
        (Host::AppService, _) => (2, 2),
        _ => (3, 3),
    }
}

#[test]
fn every_hosts_patience() {
    let hosts = HOSTS.into_iter().filter(|host| *host != Host::Imds);
    for host in hosts {
        let before = usize::from(host == Host::Arc);
        for status in [400, 401, 403, 404, 408, 410, 429, 500, 502, 503, 504] {
            let outcome = ask(host, &host.credential(&SYSTEM), &[says(status, "{}")]);
            let (count, seconds) = retries(host, status);
            assert_eq!(outcome.sent.len(), before + 1 + count, "{host:?} {status}");
            let waited: Duration = outcome.waits.iter().sum();
            let usual = Duration::from_secs(seconds);
            assert!(waited >= usual.mul_f64(0.75) && waited <= usual.mul_f64(1.25), "{host:?} {waited:?}");
            assert!(outcome.result.is_err());
        }
        // A demand is heeded; one that is too much ends the exchange.
        let busy = |seconds: &str| Says::Answer(429, vec![("retry-after", seconds.to_owned())], "{}".into());
        let outcome = ask(host, &host.credential(&SYSTEM), &[busy("7"), token(r#""expires_in":60"#)]);
        assert_eq!((outcome.result.is_ok(), outcome.waits), (true, vec![Duration::from_secs(7)]));
        let outcome = ask(host, &host.credential(&SYSTEM), &[busy("600")]);
        let error = outcome.result.unwrap_err();
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Service, Some(Duration::from_secs(600))));
        // A refused connection is an answer; silence is asked again.
        let outcome = ask(host, &host.credential(&SYSTEM), &[Says::Nothing(HttpFailure::Refused)]);
        assert_eq!(
            (outcome.result.unwrap_err().kind(), outcome.sent.len()),
            (ErrorKind::Network, before + 1)
        );
        let outcome = ask(host, &host.credential(&SYSTEM), &[Says::Nothing(HttpFailure::TimedOut)]);
        assert!(outcome.sent.len() > before + 1, "{host:?}");
        // Redirects lead nowhere.
        let away = Says::Answer(302, vec![("location", "http://evil.example/".to_owned())], String::new());
        let outcome = ask(host, &host.credential(&SYSTEM), &[away]);
        assert!(outcome.result.is_err() && outcome.sent.len() == before + 1);
    }
}

#[test]
fn a_wrong_certificate_is_not_asked_twice() {
    let host = Host::ServiceFabric;
    let outcome =
        ask(host, &host.credential(&SYSTEM), &[Says::Nothing(HttpFailure::Tls(TlsFault::WrongPin))]);
    let error = outcome.result.unwrap_err();
    assert_eq!((error.kind(), outcome.sent.len()), (ErrorKind::Network, 1));
    assert!(error.remedy().unwrap().contains("IDENTITY_SERVER_THUMBPRINT"));
}

/// What hosts that know several identities say of one that they do not have.
fn unknown(host: Host) -> Vec<Says> {
    match host {
        Host::Imds => {
            vec![says(400, r#"{"error":"invalid_request","error_description":"Identity not found"}"#)]
        }
        Host::AppService => vec![
            says(400, r#"{"statusCode":400,"message":"Unable to load the proper Managed Identity."}"#),
            says(
                500,
                r#"{"statusCode":500,"message":"No User Assigned or Delegated Managed Identity found for specified ClientId."}"#,
            ),
        ],
        Host::Arc => vec![
            says(
                400,
                r#"{"error":"invalid_request","error_description":"The requested identity was not found"}"#,
            ),
            says(404, ""),
        ],
        Host::MachineLearning => vec![
            says(404, "InternalError - :\nRequest failure status code: 404"),
            says(500, "InternalError - :\nRequest failure status code: 404"),
            says(200, ""),
        ],
        Host::ServiceFabric | Host::CloudShell => Vec::new(),
    }
}

#[test]
fn an_identity_that_is_not_there() {
    for host in HOSTS {
        for reply in unknown(host) {
            let outcome = ask(host, &host.credential(&named()), std::slice::from_ref(&reply));
            let error = outcome.result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Refused, "{host:?} {error}");
            assert!(error.to_string().contains(w::USER_IDENTITY), "{error}");
            let credential = host.credential(&named()).named_by_environment();
            let error = ask(host, &credential, std::slice::from_ref(&reply)).result.unwrap_err();
            // A host that is told of is there; behind a metadata service's answer may be any machine.
            assert_eq!(error.is_unavailable(), host == Host::Imds, "{host:?} {error}");
            assert!(error.remedy().unwrap().contains("AZURE_CLIENT_ID names it"), "{host:?} {error}");
            let error = ask(host, &host.credential(&SYSTEM), &[reply]).result.unwrap_err();
            assert!(error.is_unavailable(), "{host:?} {error}");
        }
    }
    // Arc may say so at once.
    let error =
        super::support::play(&Host::Arc.credential(&named()), &unknown(Host::Arc), super::support::key_file);
    assert_eq!((error.result.unwrap_err().kind(), error.sent.len()), (ErrorKind::Refused, 1));
}

/// Compute takes client ids alone, and has names of its own for its identities.
#[test]
fn a_compute_says_which_id_it_is_and_who_named_it() {
    let host = Host::MachineLearning;
    let gone = says(404, "InternalError - :\nRequest failure status code: 404");
    let bad = says(400, "InternalError - :\nsomething is wrong");
    let of_compute = host.environment().with("DEFAULT_IDENTITY_CLIENT_ID", w::USER_IDENTITY);
    for (credential, name) in [
        (host.credential(&named()), ""),
        (host.credential(&named()).named_by_environment(), "AZURE_CLIENT_ID"),
        (ManagedIdentityCredential::new(&of_compute, SYSTEM), "DEFAULT_IDENTITY_CLIENT_ID"),
    ] {
        for (reply, next) in [(&gone, "attach the identity to the compute"), (&bad, "check the resource")] {
            let error = ask(host, &credential, std::slice::from_ref(reply)).result.unwrap_err();
            let remedy = error.remedy().unwrap();
            assert!(remedy.contains(next) && remedy.contains(name), "{error}");
            assert!(remedy.contains("the client id, not the object id"), "{error}");
            assert!(error.detail().unwrap().contains("InternalError"), "{error:?}");
        }
    }
    for (reply, next) in [(gone, "give the compute a managed identity"), (bad, "what the host says")] {
        let error = ask(host, &host.credential(&SYSTEM), &[reply]).result.unwrap_err();
        assert!(error.remedy().unwrap().contains(next), "{error}");
        assert!(!error.remedy().unwrap().contains("object id"), "nobody named one: {error}");
    }
    // An object id is no client id to Entra either.
    for status in [400, 404] {
        let reply =
            says(status, "InternalError - :\nAADSTS700016: Application was not found in the directory");
        let error = ask(host, &host.credential(&named()), &[reply]).result.unwrap_err();
        assert_eq!((error.kind(), error.aadsts()), (ErrorKind::Refused, &[700_016][..]), "{error}");
        assert!(error.remedy().unwrap().contains("the client id, not the object id"), "{error}");
    }
    // What Entra says in such a text is as good as in a document.
    let reply = says(
        400,
        "InternalError - :\nAADSTS500011: no such resource. Correlation ID: fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7",
    );
    let error = ask(host, &host.credential(&named()), &[reply]).result.unwrap_err();
    assert_eq!((error.kind(), error.aadsts()), (ErrorKind::Refused, &[500_011][..]));
    assert_eq!(error.correlation_id(), Some("fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7"));
    assert!(error.remedy().unwrap().contains("scope, tenant and cloud"), "{error}");
}

/// What no other try mends is asked for once, whatever its status.
#[test]
fn a_last_word_is_not_asked_for_again() {
    let entra = r#"{"statusCode":500,"message":"AADSTS500011: no such resource"}"#;
    let without = r#"{"error":"unknown","error_description":"Failed to retrieve token from the Active directory. For details see logs in C:/x"}"#;
    let text = "InternalError - :\nRequest failure status code: 404";
    let sso = "SSO failure: unable to retrieve a token. Error Token service x. Token not found";
    for (host, body) in HOSTS.into_iter().map(|host| (host, entra)).chain([
        (Host::Imds, without),
        (
            Host::AppService,
            r#"{"message":"No User Assigned or Delegated Managed Identity found for specified ClientId."}"#,
        ),
        (Host::MachineLearning, text),
        (Host::MachineLearning, sso),
    ]) {
        let before = usize::from(host == Host::Arc);
        let outcome = ask(host, &host.credential(&SYSTEM), &[says(500, body), token(r#""expires_in":60"#)]);
        let error = outcome.result.unwrap_err();
        assert_eq!((outcome.sent.len(), outcome.waits.len()), (before + 1, 0), "{host:?} {body}: {error}");
        assert_ne!(error.kind(), ErrorKind::Service, "{host:?}: {error}");
        // What says nothing of the kind may pass.
        let outcome = ask(host, &host.credential(&SYSTEM), &[says(500, "{}"), token(r#""expires_in":60"#)]);
        assert!(outcome.result.is_ok(), "{host:?}");
    }
    // A number that passes is asked for again.
    let passing = says(500, r#"{"statusCode":500,"message":"AADSTS90033: a passing error"}"#);
    for host in HOSTS {
        let outcome = ask(host, &host.credential(&SYSTEM), &[passing.clone(), token(r#""expires_in":60"#)]);
        assert!(outcome.result.is_ok(), "{host:?}");
    }
}

#[test]
fn a_machine_without_any_identity_says_what_to_turn_on() {
    let reply = says(
        500,
        r#"{"error":"unknown","error_description":"Failed to retrieve token from the Active directory. For details see logs in C:/x"}"#,
    );
    let error = ask(Host::Imds, &Host::Imds.credential(&SYSTEM), &[reply]).result.unwrap_err();
    assert!(error.is_unavailable() && error.message().contains("not assigned to this machine"), "{error}");
    assert!(error.remedy().unwrap().contains("system-assigned"), "{error}");
}

#[test]
fn what_is_broken_stops_a_chain() {
    use ErrorKind as K;
    let coded =
        |status, code: &str| says(status, format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#));
    for (host, reply, kind, remedy) in [
        (
            Host::AppService,
            says(
                500,
                r#"{"statusCode":500,"message":"AADSTS500011: no such resource","correlationId":"fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7"}"#,
            ),
            K::Refused,
            "",
        ),
        (
            Host::AppService,
            says(500, r#"{"statusCode":500,"message":"An unexpected error"}"#),
            K::Service,
            "resource",
        ),
        (Host::AppService, says(401, r#"{"statusCode":401,"message":"no"}"#), K::Refused, "IDENTITY_HEADER"),
        (Host::AppService, says(401, "Unauthorized"), K::Refused, "IDENTITY_HEADER"),
        (Host::AppService, says(403, "<html>no</html>"), K::Refused, "IDENTITY_HEADER"),
        (
            Host::AppService,
            says(400, "AADSTS500011: no such resource"),
            K::Refused,
            "scope, tenant and cloud",
        ),
        (Host::AppService, says(200, "<html>"), K::Malformed, ""),
        (
            Host::AppService,
            says(202, r#"{"access_token":"canary-token-0123","expires_in":60}"#),
            K::Malformed,
            "",
        ),
        (Host::ServiceFabric, coded(404, "ManagedIdentityNotFound"), K::Refused, "manifest"),
        (Host::ServiceFabric, coded(400, "SecretHeaderNotFound"), K::Refused, "IDENTITY_HEADER"),
        (Host::ServiceFabric, coded(400, "ArgumentNullOrEmpty"), K::Refused, "resource"),
        (Host::ServiceFabric, coded(500, "InternalServerError"), K::Service, "slash"),
        (Host::ServiceFabric, says(401, "Unauthorized"), K::Refused, "IDENTITY_HEADER"),
        (Host::CloudShell, says(400, "bad"), K::Malformed, "answers at this address"),
        (Host::CloudShell, coded(400, "AudienceNotSupported"), K::Refused, "az login"),
        (
            Host::MachineLearning,
            says(500, "SSO failure: unable to retrieve a token. Error Token service x. Token not found"),
            K::InteractionRequired,
            "studio",
        ),
        (Host::MachineLearning, says(401, "Invalid secret token header: ."), K::Refused, "MSI_SECRET"),
        (Host::MachineLearning, says(401, "Unauthorized"), K::Refused, "MSI_SECRET"),
        (Host::MachineLearning, says(403, r#"{"Message":"Access denied"}"#), K::Refused, "MSI_SECRET"),
        (Host::MachineLearning, says(502, "<html>bad gateway</html>"), K::Service, "answers at this address"),
        (Host::Imds, says(400, r#"{"error":"invalid_request"}"#), K::Refused, "the host says"),
        (Host::Imds, says(503, "<html>busy</html>"), K::Service, "answers at this address"),
        (Host::Arc, says(403, "no"), K::Refused, "azcmagent show"),
        (Host::Arc, says(401, ""), K::Refused, "try again"),
        (Host::Arc, says(200, r#"{"expires_in":60}"#), K::Malformed, ""),
    ] {
        let error = ask(host, &host.credential(&SYSTEM), &[reply]).result.unwrap_err();
        assert_eq!(error.kind(), kind, "{host:?} {error}");
        assert!(error.remedy().unwrap_or_default().contains(remedy), "{host:?} {error}");
        assert_eq!(error.source_name(), Some("managed-identity"));
    }
}

#[test]
fn a_host_that_repeats_its_secret_does_not_make_it_seen() {
    // The driver of these tests looks for canaries in every error.
    for (host, secret) in [
        (Host::AppService, SECRET),
        (Host::ServiceFabric, SECRET),
        (Host::MachineLearning, SECRET),
        (Host::Arc, KEY),
    ] {
        for body in [format!(r#"{{"error_description":"you sent {secret}"}}"#), format!("you sent {secret}")]
        {
            let error = ask(host, &host.credential(&SYSTEM), &[says(403, body)]).result.unwrap_err();
            assert!(error.detail().unwrap().contains("you sent"), "{error:?}");
        }
    }
}
