//! What the demo shows: progress on standard error, the result on standard output.

use std::time::Duration;

use entrada_blocking::TraceLine;
use entrada_core::AccessToken;
use entrada_core::effect::EffectKind;
use entrada_core::ml::Workspace;
use entrada_core::tenant::is_guid;
use entrada_emulator::serve::Asked;
use serde_json::{Value, json};

use super::Opened;
use super::project::Project;
use crate::args::TableOutput;
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

/// What a workflow came to.
pub(super) struct Row {
    workflow: &'static str,
    source: &'static str,
    who: String,
    workspace: String,
    requests: usize,
    took: Duration,
}

impl Row {
    pub(super) fn new(workflow: &'static str, opened: &Opened, requests: usize, took: Duration) -> Row {
        let identity = opened.token.identity();
        Row {
            workflow,
            source: opened.token.source(),
            who: identity.username.clone().or_else(|| identity.client_id.clone()).unwrap_or_default(),
            workspace: opened.workspace.name().to_owned(),
            requests,
            took,
        }
    }

    fn cells(&self) -> [String; 6] {
        let Row { workflow, source, who, workspace, requests, took } = self;
        let [workflow, source] = [workflow, source].map(|text| (*text).to_owned());
        [workflow, source, who.clone(), workspace.clone(), requests.to_string(), milliseconds(*took)]
    }

    fn document(&self) -> Value {
        json!({
            "workflow": self.workflow, "source": self.source, "identity": self.who,
            "workspace": self.workspace, "requests": self.requests,
            "took_ms": self.took.as_secs_f64() * 1000.0,
        })
    }
}

pub(super) fn summary(rows: &[Row], output: TableOutput) -> String {
    match output {
        TableOutput::Json => Value::from_iter(rows.iter().map(Row::document)).to_string(),
        TableOutput::Table => {
            let cells: Vec<_> = rows.iter().map(Row::cells).collect();
            table::columns(
                ["WORKFLOW", "CREDENTIAL", "SIGNED IN AS", "WORKSPACE", "REQUESTS", "TOOK"],
                &cells,
            )
        }
    }
}

fn milliseconds(span: Duration) -> String {
    format!("{:.1} ms", span.as_secs_f64() * 1000.0)
}
