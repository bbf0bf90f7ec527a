//! What a run asked for and what it was answered, as lines of JSON without secrets.
//!
//! Every driver of the same script gives the same lines, so times, sizes and randomness stay out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use entrada_core::effect::{Effect, HttpCall, LoopbackAction, Reply, SignAction};
use serde_json::{Map, Value, json};

/// Fields whose value is part of the protocol and no secret.
const SHOWN: [&str; 25] = [
    "$filter",
    "api-version",
    "authorization_endpoint",
    "claims",
    "client_assertion_type",
    "client_id",
    "client_info",
    "clientid",
    "code_challenge_method",
    "domain_hint",
    "grant_type",
    "login_hint",
    "mi_res_id",
    "msi_res_id",
    "object_id",
    "prompt",
    "redirect_uri",
    "requested_token_use",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "serviceconnectionid",
    "$skiptoken",
    "tenant",
];

/// Headers whose value is part of the protocol and no secret.
const SHOWN_HEADERS: [&str; 7] = [
    "accept",
    "content-type",
    "metadata",
    "return-client-request-id",
    "soapaction",
    "x-ms-return-client-request-id",
    "x-tfs-fedauthredirect",
];

/// Members of documents whose value is part of the protocol, no secret, and the same in every run.
const SHOWN_MEMBERS: [&str; 9] = [
    "@odata.type",
    "accountEnabled",
    "computeType",
    "location",
    "principalType",
    "roleDefinitionId",
    "type",
    "types",
    "usage",
];

const HIDDEN: &str = "…";

/// The line of an effect.
#[must_use]
pub fn effect(effect: &Effect) -> String {
    let value = match effect {
        Effect::Http(call) => http(call),
        Effect::Wait(wait) => json!({ "do": "wait", "why": wait.why() }),
        Effect::ReadFile(read) => {
            json!({ "do": "read", "path": read.path().display().to_string(), "limit": read.limit() })
        }
        Effect::RunCommand(command) => json!({
            "do": "run", "program": command.program(), "arguments": command.arguments().iter().map(|text| shortened(text)).collect::<Vec<_>>(),
            "variables": command.variables().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>(),
        }),
        Effect::Sign(sign) => {
            let what = match sign.action() {
                SignAction::Sign { algorithm, .. } => format!("{algorithm:?}"),
                _ => "certificate".to_owned(),
            };
            json!({ "do": "sign", "key": sign.key().label(), "what": what })
        }
        Effect::Prompt(_) => json!({ "do": "prompt" }),
        Effect::OpenBrowser(open) => {
            let (address, query) = open.url().split_once('?').unwrap_or((open.url(), ""));
            json!({ "do": "open", "url": address, "query": fields(query.as_bytes()) })
        }
        Effect::Loopback(step) => match step.action() {
            LoopbackAction::Listen { port, hosts } => {
                json!({ "do": "listen", "port": port, "hosts": format!("{hosts:?}") })
            }
            LoopbackAction::Accept => json!({ "do": "accept" }),
            LoopbackAction::Answer(page) => {
                let text = String::from_utf8_lossy(page);
                json!({ "do": "answer", "status": text.lines().next() })
            }
            other => json!({ "do": format!("{other:?}") }),
        },
        Effect::Token(need) => json!({
            "do": "token", "scopes": need.request().scopes().joined(),
            "claims": need.request().claims_parameter(), "cae": need.request().cae(),
        }),
        other => json!({ "do": other.summary() }),
    };
    line(value)
}

/// One line of JSON whose keys are in alphabetical order, whether or not some crate of the same build
/// turns on serde_json's `preserve_order`.
fn line(value: Value) -> String {
    sorted(value).to_string()
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let ordered: BTreeMap<_, _> =
                object.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(ordered.into_iter().collect())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

/// A script is told by its length.
fn shortened(argument: &str) -> String {
    if argument.len() > 500 { format!("({} bytes)", argument.len()) } else { argument.to_owned() }
}

fn http(call: &HttpCall) -> Value {
    let request = call.request();
    let uri = request.uri().to_string();
    let (address, query) = uri.split_once('?').unwrap_or((&uri, ""));
    let headers: Map<String, Value> = request
        .headers()
        .iter()
        .map(|(name, value)| {
            let shown = SHOWN_HEADERS.contains(&name.as_str());
            let text = if shown { value.to_str().unwrap_or(HIDDEN) } else { HIDDEN };
            (name.as_str().to_ascii_lowercase(), text.into())
        })
        .collect();
    let kind = request.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let body = request.body().expose();
    let form = match kind {
        None | Some("application/x-www-form-urlencoded") => fields(body),
        // What else is sent is all secret, or nothing.
        Some(_) if body.is_empty() => Vec::new(),
        Some("application/json") => Vec::new(),
        Some(_) => vec![HIDDEN.to_owned()],
    };
    let document = (kind == Some("application/json")).then(|| serde_json::from_slice(body).ok()).flatten();
    let mut told = json!({
        "do": "http", "method": request.method().as_str(), "url": address, "query": fields(query.as_bytes()),
        "headers": headers, "form": form, "route": format!("{:?}", call.route()),
        "label": call.label(),
    });
    if let Some(document) = document {
        told["document"] = shape(document);
    }
    told
}

/// The members of a document, without values that are secret or differ from run to run.
fn shape(document: Value) -> Value {
    match document {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let shown = SHOWN_MEMBERS.contains(&name.as_str());
                    let value = if shown { value } else { shape(value) };
                    (name, value)
                })
                .collect(),
        ),
        Value::Array(items) => items.into_iter().map(shape).collect(),
        Value::String(_) | Value::Number(_) => HIDDEN.into(),
        other => other,
    }
}

/// Names and, where they are no secret, values, in the order of the wire.
fn fields(text: &[u8]) -> Vec<String> {
    url::form_urlencoded::parse(text)
        .map(|(name, value)| {
            let value = if SHOWN.contains(&name.to_ascii_lowercase().as_str()) { &value } else { HIDDEN };
            format!("{name}={value}")
        })
        .collect()
}

/// The line of a reply.
#[must_use]
pub fn reply(reply: &Reply) -> String {
    line(json!({ "got": without_sizes(&reply.summary()) }))
}

/// A summary without what changes from run to run: sizes, which follow the claims of a token, and the
/// ports of listeners.
#[must_use]
pub fn without_sizes(summary: &str) -> String {
    let words: Vec<&str> = summary.split(' ').collect();
    let plain = words.iter().enumerate().map(|(at, word)| {
        let size = words.get(at + 1) == Some(&"bytes") || (at > 0 && words[at - 1] == "port");
        if size { HIDDEN } else { word }
    });
    plain.collect::<Vec<_>>().join(" ")
}

/// The line of a deadline that passed.
#[must_use]
pub fn nothing() -> String {
    json!({ "got": "nothing" }).to_string()
}

/// The line of a result.
#[must_use]
pub fn result<T>(result: &Result<T, entrada_core::Error>) -> String {
    match result {
        Ok(_) => line(json!({ "end": "ok" })),
        Err(error) => line(json!({ "end": error.kind().name(), "message": error.message() })),
    }
}

/// Where a golden transcript lies.
#[must_use]
pub fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{name}.jsonl"))
}

/// Compares with the golden transcript of this name, or writes it where `ENTRADA_BLESS` is set.
///
/// # Panics
/// When they differ; the message shows the first line that does.
pub fn compare(name: &str, lines: &[String]) {
    let path = golden(name);
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    if std::env::var_os("ENTRADA_BLESS").is_some() {
        std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    if golden == text {
        return;
    }
    let known: Vec<_> = golden.lines().collect();
    let at = lines.iter().zip(&known).position(|(a, b)| a != b).unwrap_or(known.len().min(lines.len()));
    panic!(
        "{name}: line {} is\n  {}\nand was\n  {}\nENTRADA_BLESS=1 accepts it",
        at + 1,
        lines.get(at).map_or("(nothing)", String::as_str),
        known.get(at).unwrap_or(&"(nothing)")
    );
}
