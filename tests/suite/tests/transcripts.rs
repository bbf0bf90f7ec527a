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

#[test]
fn some_flows_as_they_should_not_go() {
    let wanted = [
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
    ];
    let cases = model::cases();
    for name in wanted {
        let case = cases.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no case {name}"));
        golden(name, &case.run());
    }
}
