//! What was found, for programs.

use entrada_core::doctor::{DefaultOutcome, Finding};
use serde_json::{Map, Value, json};

use super::Examined;
use crate::output::{self, IdentityDocument, LIKE_THE_CLI};
use crate::remedies::Remedies;

pub(super) fn of(examined: &Examined) -> Value {
    let facts = &examined.facts;
    let sources: Vec<_> = examined.report.findings().iter().map(|it| source(it, examined.remedies)).collect();
    let default = match examined.report.default_chain() {
        DefaultOutcome::Uses(source) => json!({"outcome": "uses", "source": source}),
        DefaultOutcome::StopsAt(source) => json!({"outcome": "stops", "source": source}),
        DefaultOutcome::AsksAPerson(source) => json!({"outcome": "asks", "source": source}),
        DefaultOutcome::FindsNothing => json!({"outcome": "nothing"}),
        DefaultOutcome::Misconfigured(error) => {
            json!({"outcome": "misconfigured", "message": error.message(), "remedy": error.remedy()})
        }
    };
    let mut document = json!({
        "sources": sources,
        "default_chain": default,
        "authority": facts.authority.as_ref().ok(),
        "variables": {"set": facts.set, "empty": facts.empty},
    });
    let mut add = |name: &str, value: Option<Value>| {
        if let (Some(value), Some(document)) = (value, document.as_object_mut()) {
            document.insert(name.to_owned(), value);
        }
    };
    add(
        "authority_error",
        facts
            .authority
            .as_ref()
            .err()
            .map(|error| json!({"message": error.message(), "remedy": error.remedy()})),
    );
    add("cloud", facts.cloud.map(|cloud| cloud.name.into()));
    add("proxy", examined.proxy.as_ref().map(|address| json!({"address": address})));
    add(
        "workspace_file",
        match &examined.workspace_file {
            Ok(found) => Some(json!({"path": found.path.display().to_string()})),
            Err(error) => Some(json!({"message": error.message()})),
        },
    );
    add("token_cache", Some(examined.kept.as_str().into()));
    add("clock_ahead_seconds", examined.report.clock_ahead().map(Value::from));
    document
}

fn source(finding: &Finding, remedies: Remedies) -> Value {
    let mut document = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            document.insert(name.to_owned(), value);
        }
    };
    add("source", Some(finding.source().into()));
    add("outcome", Some(finding.outcome().into()));
    add("found", Some(finding.variables().into()));
    add("asked", Some(finding.asked().into()));
    if let Some(granted) = finding.granted() {
        let identity = IdentityDocument::of(&granted.identity);
        add("identity", identity.and_then(|identity| serde_json::to_value(identity).ok()));
        add("of_a_person", granted.of_a_person.then(|| true.into()));
        add("tenant", granted.tenant.clone().map(Value::from));
        add("expiresOn", Some(output::local(granted.expires_on, LIKE_THE_CLI).into()));
        add("expires_on", Some(granted.expires_on.0.into()));
    }
    if let Some(error) = finding.error() {
        add("message", Some(error.to_attempt(finding.source()).message.into()));
        add("remedy", error.remedy().map(|remedy| remedies.told(remedy).into()));
        add("detail", error.detail().map(Value::from));
        add("aadsts", Some(error.aadsts()).filter(|numbers| !numbers.is_empty()).map(Value::from));
        add("correlation_id", error.correlation_id().map(Value::from));
        add("trace_id", error.trace_id().map(Value::from));
    }
    Value::Object(document)
}
