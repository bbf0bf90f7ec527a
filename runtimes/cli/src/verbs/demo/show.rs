//! What the demo shows: progress on standard error, the result on standard output.

use std::time::Duration;

use entrada_blocking::TraceLine;
use entrada_core::AccessToken;
use entrada_core::effect::EffectKind;
use entrada_core::ml::Workspace;
use entrada_core::tenant::is_guid;
use entrada_emulator::serve::Asked;

use super::project::Project;
use crate::output;
use crate::table;
use crate::ui::say;
use crate::verbs::workspace::speaker;

pub(super) fn opening(address: &str, project: &Project) {
    say(&format!(
        "An emulator of Microsoft Entra ID, the metadata service and Azure Resource Manager runs at {address}."
    ));
    say(&format!(
        "The project is in {}; its .azureml/config.json names the workspace.",
        project.folder().display()
    ));
}

pub(super) fn begin(number: usize, name: &str) {
    say(&format!("\n{number}/4  {name}"));
}

/// One step of a driver, as it happens. Looking for the workspace file goes without saying.
pub(super) fn step(line: &TraceLine) {
    match line {
        TraceLine::Effect { kind: EffectKind::ReadFile | EffectKind::Token | EffectKind::Forget, .. } => {}
        TraceLine::Effect { summary, .. } => say(&format!("     - {}", brief(summary))),
        _ => {}
    }
}

/// A line without the emulator's address, and with the long ids of the world cut short.
fn brief(line: &str) -> String {
    let path = |after_port: &str| after_port.find('/').map(|at| after_port[at..].to_owned());
    let word =
        |word: &str| word.strip_prefix("http://127.0.0.1:").and_then(path).unwrap_or_else(|| word.to_owned());
    let line = line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    let step = |step: &str| if is_guid(step) { format!("{}…", &step[..8]) } else { step.to_owned() };
    let line = line.split('/').map(step).collect::<Vec<_>>().join("/");
    line.replace("providers/Microsoft.MachineLearningServices", "…")
}

pub(super) fn end(asked: &[Asked], token: &AccessToken, workspace: &Workspace, took: Duration) {
    say("     what the emulator was asked:");
    for line in asked {
        say(&format!("       {}", brief(&line.to_string())));
    }
    let until = output::local(token.expires_on(), "%H:%M:%S");
    say(&format!("     token:     {}, good until {until}", speaker(token)));
    say(&format!(
        "     workspace: {} in {} ({})",
        workspace.name(),
        workspace.location().unwrap_or("an unknown region"),
        workspace.provisioning_state().unwrap_or("unknown state"),
    ));
    say(&format!("     took:      {}", milliseconds(took)));
}

pub(super) fn row(
    name: &str,
    token: &AccessToken,
    workspace: &Workspace,
    asked: usize,
    took: Duration,
) -> [String; 6] {
    let identity = token.identity();
    let who = identity.username.clone().or_else(|| identity.client_id.clone()).unwrap_or_default();
    [
        name.to_owned(),
        token.source().to_owned(),
        who,
        workspace.name().to_owned(),
        asked.to_string(),
        milliseconds(took),
    ]
}

pub(super) fn summary(rows: &[[String; 6]]) -> String {
    table::columns(["WORKFLOW", "CREDENTIAL", "SIGNED IN AS", "WORKSPACE", "REQUESTS", "TOOK"], rows)
}

fn milliseconds(span: Duration) -> String {
    format!("{:.1} ms", span.as_secs_f64() * 1000.0)
}
