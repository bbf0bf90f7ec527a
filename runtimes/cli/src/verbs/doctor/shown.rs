//! What was found, for people.

use entrada_core::doctor::{DefaultOutcome, Finding, Report};

use super::Examined;
use crate::remedies::Remedies;
use crate::{output, table};

/// From here on a clock's error matters: signed assertions are refused for less than five minutes of it.
const NOTEWORTHY: i64 = 60;

pub(super) fn table(examined: &Examined) -> String {
    let rows: Vec<_> = examined.report.findings().iter().map(|it| row(it, examined.remedies)).collect();
    let sources = table::columns(["SOURCE", "RESULT", "FOUND, ASKED, ANSWERED"], &rows);
    format!("{sources}\n\n{}", facts(examined))
}

fn row(finding: &Finding, remedies: Remedies) -> [String; 3] {
    let result = match finding.error() {
        Some(error) if error.is_unavailable() => "absent",
        _ => finding.outcome(),
    };
    [finding.source().to_owned(), result.to_owned(), told(finding, remedies)]
}

/// What was found, what was asked, what came back, what to do: on one line.
fn told(finding: &Finding, remedies: Remedies) -> String {
    let list = |what: &str, items: String| (!items.is_empty()).then(|| format!("{what}{items}"));
    let mut parts: Vec<String> = list("set: ", finding.variables().join(", ")).into_iter().collect();
    parts.extend(list("asked: ", finding.asked().join(", then ")));
    match (finding.granted(), finding.error()) {
        (Some(granted), _) => {
            let who = output::who(&granted.identity).unwrap_or("a token that tells nothing".to_owned());
            parts.push(match granted.of_a_person {
                true => format!("the token of a person, not of a managed identity: {who}"),
                false => who,
            });
            parts.extend(granted.tenant.as_ref().map(|tenant| format!("tenant {tenant}")));
            parts.push(format!("until {}", output::local(granted.expires_on, "%Y-%m-%d %H:%M:%S")));
        }
        (None, Some(error)) => {
            parts.push(error.to_attempt(finding.source()).message);
            parts.extend(error.detail().map(|detail| format!("it said: {detail}")));
            parts.extend(error.correlation_id().map(|id| format!("correlation id {id}")));
        }
        (None, None) => {}
    }
    let remedy = finding.error().and_then(|error| error.remedy());
    let remedy = remedy.map(|remedy| format!(" -> {}", remedies.told(remedy))).unwrap_or_default();
    format!("{}{remedy}", parts.join("; "))
}

fn facts(examined: &Examined) -> String {
    let facts = &examined.facts;
    let cloud = match (&facts.authority, facts.cloud) {
        (Ok(authority), Some(cloud)) => format!("{} ({authority})", cloud.name),
        (Ok(authority), None) => format!("none that is known ({authority})"),
        (Err(error), _) => format!("{} -> {}", error.message(), error.remedy().unwrap_or_default()),
    };
    let narrowed = facts.set.iter().any(|name| name == "AZURE_TOKEN_CREDENTIALS");
    let names = |names: &[String]| match names {
        [] => None,
        names => Some(names.join(", ")),
    };
    let proxy = match &examined.proxy {
        None => "none",
        Some(None) => "named, and its address cannot be read",
        Some(Some(address)) => address,
    };
    let file = match &examined.workspace_file {
        Ok(found) => found.path.display().to_string(),
        Err(error) => error.message(),
    };
    table::pairs(&[
        ("default chain", Some(&default_chain(&examined.report, narrowed))),
        ("cloud", Some(&cloud)),
        ("variables set", Some(names(&facts.set).as_deref().unwrap_or("none"))),
        ("set to nothing", names(&facts.empty).as_deref()),
        ("proxy", Some(proxy)),
        ("token cache", Some(&examined.kept)),
        ("workspace file", Some(&file)),
        ("clock", examined.report.clock_ahead().map(clock).as_deref()),
    ])
}

fn default_chain(report: &Report, narrowed: bool) -> String {
    let outcome = match report.default_chain() {
        DefaultOutcome::Uses(source) => format!("uses {source}"),
        DefaultOutcome::StopsAt(source) => format!("stops at {source}, which is broken"),
        DefaultOutcome::AsksAPerson(source) => format!("asks a person, by {source}"),
        DefaultOutcome::FindsNothing => "finds nothing".to_owned(),
        DefaultOutcome::Misconfigured(error) => {
            return format!("{} -> {}", error.message(), error.remedy().unwrap_or_default());
        }
    };
    if narrowed { format!("{outcome}, of what AZURE_TOKEN_CREDENTIALS selects") } else { outcome }
}

fn clock(ahead: i64) -> String {
    match ahead {
        ahead if ahead.abs() <= NOTEWORTHY => "agrees with the services'".to_owned(),
        ahead if ahead > 0 => format!("{ahead} s ahead of the services': set it, tokens go by it"),
        behind => format!("{} s behind the services': set it, tokens go by it", -behind),
    }
}
