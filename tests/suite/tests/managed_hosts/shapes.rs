//! Every shape of reply.

use entrada_core::effect::HttpFailure;
use entrada_tests::sim::START;

use super::support::{Says, says, token};

pub(crate) fn shapes() -> Vec<(&'static str, Says)> {
    let at = START.unix.0 + 3600;
    let date = entrada_core::calendar::rfc3339(entrada_core::Unix(at));
    let (day, time) = (format!("{}/{}/{}", &date[5..7], &date[8..10], &date[..4]), &date[11..19]);
    let hour: u32 = time[..2].parse().unwrap();
    let half = format!("{}{} {}", (hour + 11) % 12 + 1, &time[2..], if hour < 12 { "AM" } else { "PM" });
    let bare = |more: &str| says(200, format!(r#"{{"access_token":"canary-token-0123"{more}}}"#));
    let fault =
        |status: u16, text: &str| says(status, format!(r#"{{"error":"e","error_description":"{text}"}}"#));
    let entra = |status: u16, code: &str, text: &str| {
        let more = r#""error_codes":[],"correlation_id":"3f1d0c5e-6d1c-4a53-8b0b-8d7a3f0f8c11""#;
        says(status, format!(r#"{{"error":"{code}","error_description":"{text}",{more}}}"#))
    };
    let silence = Says::Nothing;
    vec![
        ("expires_on, a number", token(&format!(r#""expires_on":{at}"#))),
        ("expires_on, a text", token(&format!(r#""expires_on":"{at}""#))),
        ("expires_in, a number", token(r#""expires_in":3600"#)),
        ("expires_in, a text", token(r#""expires_in":"3600""#)),
        ("a date, ISO 8601", token(&format!(r#""expires_on":"{date}""#))),
        ("a date, App Service on Linux", token(&format!(r#""expires_on":"{day} {time} +00:00""#))),
        ("a date, App Service on Windows", token(&format!(r#""expires_on":"{day} {half} +00:00""#))),
        ("no echo of an identity", bare(r#","expires_in":3600"#)),
        (
            "the echo of another identity",
            bare(r#","expires_in":3600,"client_id":"x","object_id":"x","msi_res_id":"x""#),
        ),
        ("no expiry", token(r#""token":"x""#)),
        ("an expiry that is none", token(r#""expires_on":"soon""#)),
        ("an expiry that has passed", token(r#""expires_on":1600000000"#)),
        ("an object without a token", says(200, r#"{"token_type":"Bearer"}"#)),
        ("a page", says(200, "<html>sign in</html>")),
        ("nothing", says(200, "")),
        ("204", says(204, "")),
        (
            "a redirect",
            Says::Answer(302, vec![("location", "http://evil.example/".to_owned())], String::new()),
        ),
        ("400 with a reason", fault(400, "something is wrong")),
        ("400, no such identity", fault(400, "Identity not found")),
        ("401", fault(401, "no")),
        ("403", fault(403, "no")),
        (
            "403 of a proxy",
            says(403, "connectex: A socket operation was attempted to an unreachable network."),
        ),
        ("404", fault(404, "not here")),
        ("410", fault(410, "updating")),
        ("429", fault(429, "too many")),
        ("500", fault(500, "oops")),
        (
            "500, a resource that Entra does not know",
            says(500, r#"{"statusCode":500,"message":"AADSTS500011: no such resource"}"#),
        ),
        ("503, a page", says(503, "<html>busy</html>")),
        (
            "400 in a text, with a number of Entra's",
            says(400, "InternalError - :\nAADSTS500011: no such resource"),
        ),
        ("400 in a text", says(400, "InternalError - :\nsomething is wrong")),
        ("401 in a text", says(401, "Unauthorized")),
        ("403 in a text", says(403, "Access denied")),
        ("403, an object of another form", says(403, r#"{"Message":"Access denied"}"#)),
        ("404 in a text", says(404, "InternalError - :\nRequest failure status code: 404")),
        ("404, a page", says(404, "<html>no such page</html>")),
        ("404, empty", says(404, "")),
        (
            "500, no identity on the machine",
            fault(500, "Failed to retrieve token from the Active directory. For details see logs in C:/x"),
        ),
        (
            "500, single sign-on without a user",
            says(500, "SSO failure: unable to retrieve a token. Error Token service x. Token not found"),
        ),
        ("500, no such identity", says(500, "InternalError - :\nRequest failure status code: 404")),
        ("502, a page", says(502, "<html>bad gateway</html>")),
        ("Entra: no such federation", entra(401, "invalid_client", "AADSTS700213: no matching record found")),
        (
            "Entra: the assertion has expired",
            entra(401, "invalid_client", "AADSTS700024: not within its time"),
        ),
        ("Entra: no such app", entra(400, "unauthorized_client", "AADSTS700016: not found in the directory")),
        ("Entra: try again", entra(400, "temporarily_unavailable", "AADSTS90033: a passing error")),
        ("the connection refused", silence(HttpFailure::Refused)),
        ("the connection broken", silence(HttpFailure::Broken)),
        ("silence", silence(HttpFailure::TimedOut)),
    ]
}
