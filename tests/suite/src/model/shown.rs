//! The cases, of those that go wrong or are out of the ordinary, that are shown beside the simulation.

use super::{Case, cases};

/// Where a case is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// Its transcript is kept.
    Transcript,
    /// It is played under both drivers, which have to tell the same as the simulation.
    Drivers,
    /// Both.
    Both,
}

const SHOWN: [(&str, Shown); 114] = [
    ("app-service-by-resource", Shown::Both),
    ("app-service-other-header", Shown::Both),
    ("app-service-unknown-resource", Shown::Drivers),
    ("arc-by-client", Shown::Both),
    ("arc-installed", Shown::Transcript),
    ("arc-key-elsewhere", Shown::Both),
    ("arc-key-linked", Shown::Transcript),
    ("arc-key-long", Shown::Drivers),
    ("arc-key-missing", Shown::Drivers),
    ("arc-key-of-lines", Shown::Drivers),
    ("arc-older-by-client", Shown::Both),
    ("arc-stopped", Shown::Drivers),
    ("assertion-other-identity", Shown::Both),
    ("azd-claims", Shown::Both),
    ("azd-claims-older", Shown::Drivers),
    ("azd-signed-out", Shown::Both),
    ("azure-cli-claims", Shown::Drivers),
    ("azure-cli-missing", Shown::Drivers),
    ("azure-cli-native-app", Shown::Both),
    ("azure-cli-native-just-now", Shown::Drivers),
    ("azure-cli-native-locked", Shown::Drivers),
    ("azure-cli-native-other-name", Shown::Both),
    ("azure-cli-native-revoked", Shown::Drivers),
    ("azure-cli-native-revoked-alone", Shown::Both),
    ("azure-cli-nonsense", Shown::Drivers),
    ("azure-cli-signed-out", Shown::Both),
    ("browser-claims", Shown::Both),
    ("browser-code-503", Shown::Drivers),
    ("browser-refused", Shown::Both),
    ("browser-strangers", Shown::Transcript),
    ("certificate-at-adfs", Shown::Both),
    ("certificate-private-repeated", Shown::Drivers),
    ("certificate-renewed", Shown::Both),
    ("certificate-unregistered", Shown::Both),
    ("certificate-with-chain", Shown::Drivers),
    ("chain-kept-day-ago", Shown::Both),
    ("chain-no-metadata", Shown::Drivers),
    ("chain-nothing", Shown::Both),
    ("chain-portal", Shown::Drivers),
    ("client-secret-one-503", Shown::Both),
    ("client-secret-redirect", Shown::Drivers),
    ("client-secret-untrusted", Shown::Drivers),
    ("client-secret-wrong", Shown::Both),
    ("cloud-shell-nobody", Shown::Both),
    ("code-other-state", Shown::Drivers),
    ("code-received", Shown::Drivers),
    ("code-used", Shown::Both),
    ("compute-by-client", Shown::Transcript),
    ("compute-no-guess", Shown::Drivers),
    ("compute-not-assigned", Shown::Drivers),
    ("compute-of-a-person-with-default", Shown::Both),
    ("device-code-claims", Shown::Both),
    ("device-code-declined", Shown::Transcript),
    ("device-code-nobody", Shown::Drivers),
    ("device-code-resumed", Shown::Both),
    ("dsts-once", Shown::Both),
    ("dsts-unregistered", Shown::Drivers),
    ("endpoint-with-entra", Shown::Both),
    ("external-policy", Shown::Both),
    ("external-unknown", Shown::Both),
    ("federated-distrusted", Shown::Both),
    ("federated-received", Shown::Drivers),
    ("federated-wrong", Shown::Both),
    ("identity-of-compute", Shown::Both),
    ("imds-absent", Shown::Both),
    ("imds-by-object", Shown::Drivers),
    ("imds-by-resource", Shown::Transcript),
    ("imds-not-assigned", Shown::Drivers),
    ("imds-one-404", Shown::Drivers),
    ("imds-updating", Shown::Transcript),
    ("job-claims", Shown::Both),
    ("job-token-and-date", Shown::Both),
    ("on-behalf-of-app-token", Shown::Both),
    ("on-behalf-of-certified", Shown::Drivers),
    ("on-behalf-of-more-needed", Shown::Drivers),
    ("password-lured", Shown::Both),
    ("password-mfa", Shown::Drivers),
    ("password-wrong", Shown::Both),
    ("pipelines-other-job", Shown::Both),
    ("pipelines-token-503", Shown::Both),
    ("powershell-no-module", Shown::Drivers),
    ("powershell-older", Shown::Both),
    ("powershell-signed-out", Shown::Transcript),
    ("provider", Shown::Both),
    ("provider-elsewhere", Shown::Both),
    ("proxy-certificates-in-data", Shown::Both),
    ("proxy-certificates-rubbish", Shown::Drivers),
    ("proxy-platform-trust", Shown::Both),
    ("refresh-revoked", Shown::Both),
    ("refresh-stranger", Shown::Drivers),
    ("regional-detected", Shown::Both),
    ("regional-nobody-knows", Shown::Drivers),
    ("regional-not-allowed", Shown::Both),
    ("remembered-app-day-ago", Shown::Drivers),
    ("remembered-app-just-now", Shown::Both),
    ("remembered-app-not-kept", Shown::Drivers),
    ("remembered-day-ago", Shown::Both),
    ("remembered-not-kept", Shown::Drivers),
    ("remembered-revoked", Shown::Both),
    ("service-fabric-by-client", Shown::Drivers),
    ("service-fabric-wrong-certificate", Shown::Both),
    ("shared-cache-just-now", Shown::Drivers),
    ("shared-cache-locked", Shown::Drivers),
    ("shared-cache-other-name", Shown::Both),
    ("shared-cache-revoked", Shown::Both),
    ("unknown-authority-refused", Shown::Both),
    ("workload-as-managed", Shown::Both),
    ("workload-expired", Shown::Both),
    ("workload-missing", Shown::Drivers),
    ("workload-renewed", Shown::Transcript),
    ("workspace-challenge", Shown::Both),
    ("workspace-challenge-forever", Shown::Both),
    ("workspace-forbidden", Shown::Drivers),
    ("workspaces-elsewhere", Shown::Both),
];

/// Those whose transcripts are kept.
#[must_use]
pub fn with_transcript() -> Vec<Case> {
    of(|shown| shown != Shown::Drivers)
}

/// Those that are played under both drivers.
#[must_use]
pub fn under_drivers() -> Vec<Case> {
    of(|shown| shown != Shown::Transcript)
}

fn of(wanted: impl Fn(Shown) -> bool) -> Vec<Case> {
    let all = cases();
    let names = SHOWN.into_iter().filter(|(_, shown)| wanted(*shown)).map(|(name, _)| name);
    let case = |name| all.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no case {name}"));
    names.map(|name| case(name).clone()).collect()
}
