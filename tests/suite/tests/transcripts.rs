//! Golden transcripts: what each flow asks for, in which order, with which parameters.
//! `ENTRADA_BLESS=1` writes them anew.

use entrada_tests::choices::Choices;
use entrada_tests::model;
use entrada_tests::setups::{Kind, Setup};
use entrada_tests::sim::{Outcome, simulate};
use entrada_tests::transcript;

fn golden(name: &str, outcome: &Outcome) {
    outcome.assert_clean();
    let mut lines = outcome.transcript.clone();
    lines.push(transcript::result(&outcome.result));
    for line in &lines {
        assert_eq!(outcome.world.canaries.leak(line), None, "{name}: {line}");
    }
    transcript::compare(name, &lines);
}

#[test]
fn every_flow_as_it_should_go() {
    for kind in Kind::ALL {
        golden(kind.name(), &simulate(Setup::fair(kind), &mut Choices::new(&[3])));
    }
}

/// The cases, of those that go wrong or are out of the ordinary, whose transcripts are kept.
const KEPT: [&str; 58] = [
    "client-secret-one-503",
    "client-secret-wrong",
    "device-code-declined",
    "browser-refused",
    "browser-strangers",
    "azure-cli-signed-out",
    "imds-updating",
    "imds-absent",
    "chain-nothing",
    "workspace-challenge",
    "workspace-challenge-forever",
    "workspaces-elsewhere",
    "certificate-unregistered",
    "certificate-renewed",
    "certificate-at-adfs",
    "assertion-other-identity",
    "workload-expired",
    "workload-renewed",
    "pipelines-other-job",
    "pipelines-token-503",
    "on-behalf-of-app-token",
    "code-used",
    "refresh-revoked",
    "password-wrong",
    "password-lured",
    "federated-wrong",
    "federated-distrusted",
    "imds-by-resource",
    "app-service-by-resource",
    "app-service-other-header",
    "service-fabric-wrong-certificate",
    "arc-by-client",
    "arc-older-by-client",
    "arc-installed",
    "arc-key-elsewhere",
    "arc-key-linked",
    "cloud-shell-nobody",
    "compute-by-client",
    "compute-of-a-person-with-default",
    "azd-claims",
    "azd-signed-out",
    "powershell-older",
    "powershell-signed-out",
    "device-code-claims",
    "browser-claims",
    "proxy-certificates-in-data",
    "proxy-platform-trust",
    "unknown-authority-refused",
    "provider",
    "provider-elsewhere",
    "shared-cache-other-name",
    "shared-cache-revoked",
    "remembered-day-ago",
    "remembered-revoked",
    "remembered-app-just-now",
    "azure-cli-native-app",
    "azure-cli-native-other-name",
    "azure-cli-native-revoked-alone",
];

#[test]
fn some_flows_as_they_should_not_go() {
    let cases = model::cases();
    for name in KEPT {
        let case = cases.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no case {name}"));
        golden(name, &case.run());
    }
}

#[test]
fn no_transcript_is_left_over() {
    let kinds = Kind::ALL.map(Kind::name);
    let folder = transcript::golden("x");
    for entry in std::fs::read_dir(folder.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(kinds.contains(&name) || KEPT.contains(&name), "nothing makes {}", path.display());
    }
}
