//! Every host, every way to name an identity, every shape of reply: what comes of each.
//!
//! A cell has five letters, one for each way to name an identity, in the order of [`forms`]: none, by client id, by
//! object id, by resource id, by `AZURE_CLIENT_ID`. The letters are those of [`letter`].

use entrada_core::environment::System;
use entrada_core::{
    AccessToken, Environment, Error, ErrorKind, ManagedIdentityCredential, ManagedIdentityId,
};
use entrada_emulator::world as w;

use super::pod::{pod, token_file};
use super::shapes::shapes;
use super::support::{HOSTS, Host, Outcome, Says, ask, identities, play};

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

/// The cells of each shape: of the hosts in the order of [`HOSTS`], then of the other columns in theirs.
const CELLS: [(&str, [&str; 10]); 47] = [
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
        ["ttttt", "ttttt", "trrrr", "tccct", "tccct", "ttcct", "ttcct", "ttttt", "ttttt", "ttcct"],
    ),
    (
        "the echo of another identity",
        ["trrru", "trrrr", "trrrr", "tccct", "tccct", "trccr", "ttcct", "trrru", "trrrr", "rrccr"],
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
    ("nothing", ["uuuuu", "mmmmm", "mmmmm", "mcccm", "mcccm", "urccr", "mmccm", "uuuuu", "mmmmm", "rrccr"]),
    ("204", ["uuuuu", "mmmmm", "mmmmm", "mcccm", "mcccm", "urccr", "mmccm", "uuuuu", "mmmmm", "rrccr"]),
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
        ["urrru", "urrrr", "urrrr", "rcccr", "rcccr", "urccr", "rrccr", "urrru", "urrrr", "rrccr"],
    ),
    ("401", ["rrrrr", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "rrccr", "rrrrr", "rrrrr", "rrccr"]),
    ("403", ["rrrrr", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "rrccr", "rrrrr", "rrrrr", "rrccr"]),
    (
        "403 of a proxy",
        ["uuuuu", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "mmccm", "uuuuu", "uuuuu", "rrccr"],
    ),
    ("404", ["rrrrr", "rrrrr", "urrrr", "rcccr", "rcccr", "rrccr", "rrccr", "rrrrr", "rrrrr", "rrccr"]),
    ("410", ["sssss", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "rrccr", "sssss", "sssss", "rrccr"]),
    ("429", ["sssss", "sssss", "sssss", "scccs", "scccs", "ssccs", "ssccs", "sssss", "sssss", "ssccs"]),
    ("500", ["sssss", "sssss", "sssss", "scccs", "scccs", "ssccs", "ssccs", "sssss", "sssss", "ssccs"]),
    (
        "500, a resource that Entra does not know",
        ["rrrrr", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "ssccs", "rrrrr", "rrrrr", "rrccr"],
    ),
    (
        "503, a page",
        ["sssss", "sssss", "sssss", "scccs", "scccs", "ssccs", "ssccs", "uuuuu", "sssss", "ssccs"],
    ),
    (
        "400 in a text, with a number of Entra's",
        ["uuuuu", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "mmccm", "uuuuu", "mmmmm", "rrccr"],
    ),
    (
        "400 in a text",
        ["uuuuu", "mmmmm", "mmmmm", "mcccm", "mcccm", "rrccr", "mmccm", "uuuuu", "mmmmm", "rrccr"],
    ),
    (
        "401 in a text",
        ["uuuuu", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "mmccm", "uuuuu", "mmmmm", "rrccr"],
    ),
    (
        "403 in a text",
        ["uuuuu", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "mmccm", "uuuuu", "mmmmm", "rrccr"],
    ),
    (
        "403, an object of another form",
        ["rrrrr", "rrrrr", "rrrrr", "rcccr", "rcccr", "rrccr", "mmccm", "rrrrr", "rrrrr", "rrccr"],
    ),
    (
        "404 in a text",
        ["uuuuu", "mmmmm", "urrrr", "mcccm", "mcccm", "urccr", "mmccm", "uuuuu", "mmmmm", "rrccr"],
    ),
    (
        "404, a page",
        ["uuuuu", "mmmmm", "urrrr", "mcccm", "mcccm", "mmccm", "mmccm", "uuuuu", "mmmmm", "mmccm"],
    ),
    (
        "404, empty",
        ["sssss", "mmmmm", "urrrr", "mcccm", "mcccm", "urccr", "mmccm", "sssss", "sssss", "rrccr"],
    ),
    (
        "500, no identity on the machine",
        ["urrru", "sssss", "sssss", "scccs", "scccs", "ssccs", "ssccs", "urrru", "urrrr", "ssccs"],
    ),
    (
        "500, single sign-on without a user",
        ["sssss", "sssss", "sssss", "scccs", "scccs", "iicci", "ssccs", "sssss", "sssss", "iicci"],
    ),
    (
        "500, no such identity",
        ["sssss", "sssss", "sssss", "scccs", "scccs", "urccr", "ssccs", "sssss", "sssss", "rrccr"],
    ),
    (
        "502, a page",
        ["sssss", "sssss", "sssss", "scccs", "scccs", "ssccs", "ssccs", "uuuuu", "sssss", "ssccs"],
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
                    let of_entra = ["Entra", "authority"].iter().any(|word| error.to_string().contains(word));
                    assert!(matches!(host, Column::Pod) || !of_entra, "{case}: {error}");
                    assert!(error.remedy() != usual || usual == Some("try again later"), "{case}: {error}");
                }
            }
        }
    }
}
