//! Errors on standard error, and exit codes.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use clap::ValueEnum;
use entrada_core::error::{Attempt, Made};
use entrada_core::{Error, ErrorKind};
use serde_json::{Map, Value, json};

use crate::remedies::Remedies;

/// How errors are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ErrorFormat {
    /// For people
    Text,
    /// One object on one line
    Json,
}

/// Why the command did not do what it was told.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line makes no sense.
    Usage(String),
    /// Anything else.
    Error(Box<Error>),
}

impl Failure {
    pub(crate) fn usage(what: String) -> Failure {
        Failure::Usage(what)
    }

    pub(crate) fn of(error: Error) -> Failure {
        Failure::Error(Box::new(error))
    }

    fn code(&self) -> u8 {
        match self {
            Failure::Usage(_) => 2,
            Failure::Error(error) => exit_code(error.kind()),
        }
    }

    /// Prints it and tells the exit code.
    pub(crate) fn report(self, format: ErrorFormat) -> ExitCode {
        self.report_with(format, Remedies::default(), |_| None)
    }

    /// The same, in the words for this command line, and with what to run next, where that is known.
    pub(crate) fn report_with(
        self,
        format: ErrorFormat,
        remedies: Remedies,
        next: impl FnOnce(&Error) -> Option<String>,
    ) -> ExitCode {
        let text = match (&self, format) {
            (Failure::Usage(what), ErrorFormat::Text) => format!("error: {what}\n"),
            (Failure::Usage(what), ErrorFormat::Json) => {
                format!("{}\n", json!({"error": "usage", "message": what}))
            }
            (Failure::Error(error), ErrorFormat::Text) => text(error, remedies, next(error).as_deref()),
            (Failure::Error(error), ErrorFormat::Json) => format!("{}\n", document(error, remedies)),
        };
        // A closed standard error is no reason to fail in another way.
        let _ = std::io::stderr().write_all(text.as_bytes());
        ExitCode::from(self.code())
    }
}

/// What clap says of the arguments: help and versions are no failures.
pub(crate) fn of_arguments(error: &clap::Error) -> ExitCode {
    let arguments = || std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let wants_json = arguments().zip(arguments().skip(1)).any(|(option, value)| {
        (option == "--error-format" && value == "json") || value == "--error-format=json"
    });
    if !error.use_stderr() || !wants_json {
        let _ = error.print();
        return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
    }
    let rendered = error.render().to_string();
    let told = rendered.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let told: Vec<_> = told.filter(|line| !line.is_empty()).collect();
    let message = told.join(" ").trim_start_matches("error: ").to_owned();
    Failure::usage(message).report(ErrorFormat::Json)
}

fn exit_code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Refused | ErrorKind::Forbidden => 1,
        ErrorKind::Configuration => 2,
        ErrorKind::Unavailable => 3,
        ErrorKind::InteractionRequired | ErrorKind::Declined | ErrorKind::Expired => 4,
        ErrorKind::Cancelled => 130,
        _ => 5,
    }
}

fn text(error: &Error, remedies: Remedies, next: Option<&str>) -> String {
    let mut text = format!("error: {}\n", error.message());
    for attempt in error.attempts() {
        let _ = writeln!(text, "  {:<19} {}: {}", attempt.source, attempt.outcome, attempt.message);
        if let Some(detail) = &attempt.detail {
            let _ = writeln!(text, "  {:<19} it said: {detail}", "");
        }
        if let Some(id) = attempt.correlation_id.as_deref().filter(|id| error.correlation_id() != Some(id)) {
            let _ = writeln!(text, "  {:<19} correlation id: {id}", "");
        }
        if let Some(remedy) = &attempt.remedy {
            let _ = writeln!(text, "  {:<19} -> {}", "", remedies.told(remedy));
        }
    }
    let last = error.attempts().last();
    let told = |of: fn(&Attempt) -> Option<&str>| last.and_then(of);
    if let Some(detail) = error.detail().filter(|it| told(|last| last.detail.as_deref()) != Some(it)) {
        let _ = writeln!(text, "  it said: {detail}");
    }
    if let Some(remedy) = error.remedy().filter(|it| told(|last| last.remedy.as_deref()) != Some(it)) {
        let _ = writeln!(text, "  help: {}", remedies.told(remedy));
    }
    let for_the_caller = error.source_name() == Some("on-behalf-of");
    if let Some(claims) = error.claims().filter(|_| for_the_caller) {
        let _ = writeln!(text, "  WWW-Authenticate: {}", claims.to_challenge());
    }
    if let Some(next) = next {
        let _ = writeln!(text, "  {next}");
    }
    if let Some(wait) = error.retry_after() {
        let _ = writeln!(text, "  it asks to be left alone for {} s", wait.as_secs());
    }
    if let Some(id) = error.correlation_id() {
        let _ = writeln!(text, "  correlation id: {id}");
    }
    // Azure Resource Manager's is often the same.
    if let Some(id) = error.trace_id().filter(|id| error.correlation_id() != Some(id)) {
        let _ = writeln!(text, "  trace id: {id}");
    }
    text
}

fn document(error: &Error, remedies: Remedies) -> Value {
    let mut document = Map::new();
    document.insert("error".into(), error.kind().name().into());
    document.insert("message".into(), error.message().into());
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            document.insert(name.to_owned(), value);
        }
    };
    let aadsts = error.aadsts();
    add("aadsts", (!aadsts.is_empty()).then(|| aadsts.into()));
    add("correlation_id", error.correlation_id().map(Value::from));
    add("trace_id", error.trace_id().map(Value::from));
    let attempts: Vec<_> = error.attempts().iter().map(|it| attempt(it, remedies)).collect();
    add("attempts", (!attempts.is_empty()).then(|| attempts.into()));
    let made: Vec<_> = error.made().iter().map(made).collect();
    add("made", (!made.is_empty()).then(|| made.into()));
    add("remedy", error.remedy().map(|remedy| remedies.told(remedy).into()));
    add("detail", error.detail().map(Value::from));
    add("code", error.code().map(Value::from));
    add("suberror", error.suberror().map(|suberror| suberror.name().into()));
    add("status", error.status().map(Value::from));
    add("claims", error.claims().map(|claims| claims.to_json().into()));
    add("retry_after", error.retry_after().map(|wait| wait.as_secs().into()));
    Value::Object(document)
}

fn made(made: &Made) -> Value {
    json!({ "what": made.what.name(), "id": made.id, "certain": made.certain })
}

fn attempt(attempt: &Attempt, remedies: Remedies) -> Value {
    let mut document = Map::new();
    document.insert("source".into(), attempt.source.into());
    document.insert("outcome".into(), attempt.outcome.name().into());
    document.insert("message".into(), attempt.message.clone().into());
    if !attempt.aadsts.is_empty() {
        document.insert("aadsts".into(), attempt.aadsts.clone().into());
    }
    if let Some(remedy) = &attempt.remedy {
        document.insert("remedy".into(), remedies.told(remedy).into());
    }
    if let Some(detail) = &attempt.detail {
        document.insert("detail".into(), detail.clone().into());
    }
    if let Some(id) = &attempt.correlation_id {
        document.insert("correlation_id".into(), id.clone().into());
    }
    if let Some(elapsed) = attempt.elapsed {
        document.insert("elapsed_ms".into(), u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).into());
    }
    Value::Object(document)
}
