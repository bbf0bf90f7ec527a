//! Every host, every way to name an identity, every shape of reply: what comes of each.
//!
//! A cell has five letters, one for each way to name an identity, in the order of [`forms`]: none, by client id, by
//! object id, by resource id, by `AZURE_CLIENT_ID`. The letters are those of [`letter`].

use entrada_core::effect::HttpFailure;
use entrada_core::environment::System;
use entrada_core::{
    AccessToken, Environment, Error, ErrorKind, ManagedIdentityCredential, ManagedIdentityId,
};
use entrada_emulator::world as w;
use entrada_tests::sim::START;

use super::pod::{pod, token_file};
use super::support::{HOSTS, Host, Outcome, Says, ask, identities, play, says, token};

#[derive(Clone, Copy, Debug)]
enum Column {
    On(Host),
    /// A pod of AKS with workload identity, which is asked through Entra.
    Pod,
    /// A machine whose metadata service a chain looks for first: the probe is answered as the request is.
    Chain,
    /// A machine whose environment says where its metadata service is, so that a chain does not look for it.
    Named,
    /// Azure Machine Learning compute that names an identity of its own.
    Compute,
}

fn columns() -> impl Iterator<Item = Column> {
    HOSTS.into_iter().map(Column::On).chain([Column::Pod, Column::Chain, Column::Named, Column::Compute])
}

fn put(column: Column, credential: &ManagedIdentityCredential, reply: &Says) -> Outcome {
    let replies = std::slice::from_ref(reply);
    match column {
        Column::On(host) => ask(host, credential, replies),
        Column::Compute => ask(Host::MachineLearning, credential, replies),
        Column::Pod | Column::Chain | Column::Named => play(credential, replies, token_file),
    }
}

fn forms(column: Column) -> Vec<ManagedIdentityCredential> {
    let environment = match column {
        Column::On(host) => host.environment(),
        Column::Pod => pod(w::APP),
        Column::Chain => Environment::new().on(System::Linux),
        Column::Named => {
            Environment::new().with("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:8080")
        }
        Column::Compute => {
            Host::MachineLearning.environment().with("DEFAULT_IDENTITY_CLIENT_ID", w::USER_IDENTITY)
        }
    };
    let made = |identity: &ManagedIdentityId| {
        let credential = ManagedIdentityCredential::new(&environment, identity.clone());
        if matches!(column, Column::Chain | Column::Named) { credential.probing() } else { credential }
    };
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
        Err(ErrorKind::InteractionRequired) => 'i',
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

/// The cells of each shape: of the hosts in the order of [`HOSTS`], then of the other columns in theirs.
const CELLS: [(&str, [&str; 10]); 35] = [
    (
        "expires_on, a number",
        ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct", "ttcct", "ttttt", "ttttt", "ttcct"],
    ),
    (
        "expires_on, a text",
        ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct", "ttcct", "ttttt", "ttttt", "ttcct"],
    ),
    (
        "expires_in, a number",
        ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct", "ttcct", "ttttt", "ttttt", "ttcct"],
    ),
    (
        "expires_in, a text",
        ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct", "ttcct", "ttttt", "ttttt", "ttcct"],
    ),
    (
        "a date, ISO 8601",
        ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct", "ttcct", "ttttt", "ttttt", "ttcct"],
    ),
    (
        "a date, App Service on Linux",
        ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct", "ttcct", "ttttt", "ttttt", "ttcct"],
    ),
    (
        "a date, App Service on Windows",
        ["ttttt", "ttttt", "ttttt", "tccct", "tccct", "ttcct", "ttcct", "ttttt", "ttttt", "ttcct"],
    ),
    (
        "no echo of an identity",
        ["ttttt", "ttttt", "trrru", "tccct", "tccct", "ttcct", "ttcct", "ttttt", "ttttt", "ttcct"],
    ),
    (
        "the echo of another identity",
        ["trrru", "trrru", "trrru", "tccct", "tccct", "trccu", "ttcct", "trrru", "trrru", "urccu"],
    ),
    ("no expiry", ["mmmmm", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm", "mmccm", "mmmmm", "mmmmm", "mmccm"]),
    (
        "an expiry that is none",
        ["mmmmm", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm", "mmccm", "mmmmm", "mmmmm", "mmccm"],
    ),
    (
        "an expiry that has passed",
        ["mmmmm", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm", "mmccm", "mmmmm", "mmmmm", "mmccm"],
    ),
    (
        "an object without a token",
        ["mmmmm", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm", "mmccm", "mmmmm", "mmmmm", "mmccm"],
    ),
    ("a page", ["uuuuu", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm", "mmccm", "uuuuu", "mmmmm", "mmccm"]),
    ("nothing", ["uuuuu", "mmmmm", "mmmmm", "mcccm", "mcccm", "urccu", "mmccm", "uuuuu", "mmmmm", "urccu"]),
    ("204", ["uuuuu", "mmmmm", "mmmmm", "mcccm", "mcccm", "urccu", "mmccm", "uuuuu", "mmmmm", "urccu"]),
    (
        "a redirect",
        ["uuuuu", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm", "mmccm", "uuuuu", "mmmmm", "mmccm"],
    ),
    (
        "400 with a reason",
        ["rrrrr", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "rrccr", "rrrrr", "rrrrr", "rrccr"],
    ),
    (
        "400, no such identity",
        ["urrru", "urrru", "urrru", "rcccr", "rcccr", "urccu", "rrccr", "urrru", "urrru", "urccu"],
    ),
    ("401", ["rrrrr", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "rrccr", "rrrrr", "rrrrr", "rrccr"]),
    ("403", ["rrrrr", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "rrccr", "rrrrr", "rrrrr", "rrccr"]),
    (
        "403 of a proxy",
        ["uuuuu", "mmmmm", "mmmmm", "mcccm", "mcccm", "mmccm", "mmccm", "uuuuu", "uuuuu", "mmccm"],
    ),
    ("404", ["rrrrr", "rrrrr", "urrru", "rcccr", "rcccr", "rrccr", "rrccr", "rrrrr", "rrrrr", "rrccr"]),
    ("410", ["sssss", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "rrccr", "sssss", "sssss", "rrccr"]),
    ("429", ["sssss", "sssss", "sssss", "scccs", "scccs", "ssccs", "ssccs", "sssss", "sssss", "ssccs"]),
    ("500", ["sssss", "sssss", "sssss", "scccs", "scccs", "ssccs", "ssccs", "sssss", "sssss", "ssccs"]),
    (
        "500, a resource that Entra does not know",
        ["sssss", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "ssccs", "sssss", "sssss", "rrccr"],
    ),
    (
        "503, a page",
        ["sssss", "sssss", "sssss", "scccs", "scccs", "ssccs", "ssccs", "sssss", "sssss", "ssccs"],
    ),
    (
        "Entra: no such federation",
        ["rrrrr", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "rrccr", "rrrrr", "rrrrr", "rrccr"],
    ),
    (
        "Entra: the assertion has expired",
        ["rrrrr", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "rrccr", "rrrrr", "rrrrr", "rrccr"],
    ),
    (
        "Entra: no such app",
        ["rrrrr", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "rrccr", "rrrrr", "rrrrr", "rrccr"],
    ),
    (
        "Entra: try again",
        ["sssss", "sssss", "sssss", "scccs", "scccs", "ssccs", "ssccs", "sssss", "sssss", "ssccs"],
    ),
    (
        "the connection refused",
        ["uuuuu", "nnnnn", "nnnnn", "ncccn", "ncccn", "nnccn", "nnccn", "uuuuu", "nnnnn", "nnccn"],
    ),
    (
        "the connection broken",
        ["uuuuu", "nnnnn", "nnnnn", "ncccn", "ncccn", "nnccn", "nnccn", "uuuuu", "nnnnn", "nnccn"],
    ),
    ("silence", ["uuuuu", "ooooo", "ooooo", "occco", "occco", "oocco", "oocco", "uuuuu", "ooooo", "oocco"]),
];

#[test]
fn every_cell() {
    let shapes = shapes();
    assert_eq!(shapes.len(), CELLS.len());
    for ((name, reply), (row, cells)) in shapes.iter().zip(CELLS) {
        assert_eq!(*name, row);
        for (host, cell) in columns().zip(cells) {
            let forms = forms(host);
            assert_eq!(forms.len(), cell.len());
            for (at, (credential, expected)) in forms.iter().zip(cell.chars()).enumerate() {
                let case = format!("{name}, {host:?}, way {at}");
                let outcome = put(host, credential, reply);
                assert_eq!(letter(&outcome.result), expected, "{case}: {:?}", outcome.result);
                // What a host cannot be asked for, it is not asked for.
                assert_eq!(outcome.sent.is_empty(), expected == 'c', "{case}");
                if let Err(error) = &outcome.result {
                    assert_eq!(error.source_name(), Some("managed-identity"), "{case}");
                    let usual = error.kind().remedy();
                    assert!(error.remedy().is_some(), "{case}: no next step in {error}");
                    assert!(error.remedy() != usual || usual == Some("try again later"), "{case}: {error}");
                }
            }
        }
    }
}
