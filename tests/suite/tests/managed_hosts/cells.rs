//! Every host, every way to name an identity, every shape of reply: what comes of each.
//!
//! A cell has five letters, one for each way to name an identity, in the order of [`forms`]: none, by client id, by
//! object id, by resource id, by `AZURE_CLIENT_ID`. The letters are those of [`letter`].

use entrada_core::effect::HttpFailure;
use entrada_core::{AccessToken, Error, ErrorKind, ManagedIdentityCredential};
use entrada_tests::sim::START;

use super::support::{HOSTS, Host, Says, ask, identities, says, token};

fn forms(host: Host) -> Vec<ManagedIdentityCredential> {
    let made = |identity| host.credential(identity);
    let ids = identities();
    ids.iter().map(made).chain([made(&ids[1]).named_by_environment()]).collect()
}

/// What came of it, in one letter.
fn letter(result: &Result<AccessToken, Error>) -> char {
    match result.as_ref().map_err(Error::kind) {
        Ok(_) => 't',
        Err(ErrorKind::Unavailable) => 'u',
        Err(ErrorKind::Refused) => 'r',
        Err(ErrorKind::Configuration) => 'c',
        Err(ErrorKind::Malformed) => 'm',
        Err(ErrorKind::Service) => 's',
        Err(ErrorKind::Network) => 'n',
        Err(ErrorKind::Timeout) => 'o',
        Err(_) => '?',
    }
}

fn shapes() -> Vec<(&'static str, Says)> {
    let at = START.unix.0 + 3600;
    let date = entrada_core::calendar::rfc3339(entrada_core::Unix(at));
    let (day, time) = (format!("{}/{}/{}", &date[5..7], &date[8..10], &date[..4]), &date[11..19]);
    let hour: u32 = time[..2].parse().unwrap();
    let half = format!("{}{} {}", (hour + 11) % 12 + 1, &time[2..], if hour < 12 { "AM" } else { "PM" });
    let bare = |more: &str| says(200, format!(r#"{{"access_token":"canary-token-0123"{more}}}"#));
    let fault =
        |status: u16, text: &str| says(status, format!(r#"{{"error":"e","error_description":"{text}"}}"#));
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
        ("the connection refused", silence(HttpFailure::Refused)),
        ("the connection broken", silence(HttpFailure::Broken)),
        ("silence", silence(HttpFailure::TimedOut)),
    ]
}

/// The cells of each shape: of the hosts in the order of [`HOSTS`].
const CELLS: [(&str, [&str; 6]); 31] = [
    ("expires_on, a number", ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct"]),
    ("expires_on, a text", ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct"]),
    ("expires_in, a number", ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct"]),
    ("expires_in, a text", ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct"]),
    ("a date, ISO 8601", ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct"]),
    ("a date, App Service on Linux", ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct"]),
    ("a date, App Service on Windows", ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct"]),
    ("no echo of an identity", ["ttttt", "ttttt", "trrru", "tccct", "tccct", "ttcct"]),
    ("the echo of another identity", ["trrru", "trrru", "trrru", "tccct", "tccct", "trccu"]),
    ("no expiry", ["mmmmm", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm"]),
    ("an expiry that is none", ["mmmmm", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm"]),
    ("an expiry that has passed", ["mmmmm", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm"]),
    ("an object without a token", ["mmmmm", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm"]),
    ("a page", ["uuuuu", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm"]),
    ("nothing", ["uuuuu", "mmmmm", "mmmmm", "mcccm", "mcccm", "urccu"]),
    ("204", ["uuuuu", "mmmmm", "mmmmm", "mcccm", "mcccm", "urccu"]),
    ("a redirect", ["uuuuu", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm"]),
    ("400 with a reason", ["rrrrr", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr"]),
    ("400, no such identity", ["urrru", "urrru", "urrru", "rcccr", "rcccr", "urccu"]),
    ("401", ["rrrrr", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr"]),
    ("403", ["rrrrr", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr"]),
    ("403 of a proxy", ["uuuuu", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm"]),
    ("404", ["rrrrr", "rrrrr", "urrru", "rcccr", "rcccr", "rrccr"]),
    ("410", ["sssss", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr"]),
    ("429", ["sssss", "sssss", "sssss", "scccs", "scccs", "ssccs"]),
    ("500", ["sssss", "sssss", "sssss", "scccs", "scccs", "ssccs"]),
    ("500, a resource that Entra does not know", ["sssss", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr"]),
    ("503, a page", ["sssss", "sssss", "sssss", "scccs", "scccs", "ssccs"]),
    ("the connection refused", ["uuuuu", "nnnnn", "nnnnn", "ncccn", "ncccn", "nnccn"]),
    ("the connection broken", ["uuuuu", "nnnnn", "nnnnn", "ncccn", "ncccn", "nnccn"]),
    ("silence", ["uuuuu", "ooooo", "ooooo", "occco", "occco", "oocco"]),
];

#[test]
fn every_cell() {
    let shapes = shapes();
    assert_eq!(shapes.len(), CELLS.len());
    for ((name, reply), (row, cells)) in shapes.iter().zip(CELLS) {
        assert_eq!(*name, row);
        for (host, cell) in HOSTS.into_iter().zip(cells) {
            let forms = forms(host);
            assert_eq!(forms.len(), cell.len());
            for (at, (credential, expected)) in forms.iter().zip(cell.chars()).enumerate() {
                let case = format!("{name}, {host:?}, way {at}");
                let outcome = ask(host, credential, std::slice::from_ref(reply));
                assert_eq!(letter(&outcome.result), expected, "{case}: {:?}", outcome.result);
                // What a host cannot be asked for, it is not asked for.
                assert_eq!(outcome.sent.is_empty(), expected == 'c', "{case}");
                if let Err(error) = &outcome.result {
                    assert_eq!(error.source_name(), Some("managed-identity"), "{case}");
                    assert!(error.remedy().is_some(), "{case}: no next step in {error}");
                }
            }
        }
    }
}
