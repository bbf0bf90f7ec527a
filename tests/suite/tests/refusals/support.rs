//! A refusal as Entra writes it, and what an app and a person get for it.

use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::{ClientSecretCredential, EntraClient, Error, RefreshTokenCredential, TokenRequest};
use entrada_tests::script::{respond, run};
use serde_json::{Value, json};

pub(crate) const TRACE: &str = "255d1aef-8c98-452f-ac51-23d051240864";
pub(crate) const CORRELATION: &str = "fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7";
pub(crate) const STAMP: &str = "2026-01-09 02:02:12Z";

/// The document of a refusal. The older servers' descriptions have line ends, and they list no numbers.
pub(crate) fn document(error: &str, number: u64, text: &str, older: bool) -> Value {
    let between = if older { "\r\n" } else { " " };
    let description = format!(
        "AADSTS{number}: {text}{between}Trace ID: {TRACE}{between}Correlation ID: {CORRELATION}{between}Timestamp: {STAMP}"
    );
    let mut document = json!({
        "error": error, "error_description": description, "timestamp": STAMP, "trace_id": TRACE,
        "correlation_id": CORRELATION,
    });
    if !older {
        document["error_codes"] = json!([number]);
        document["error_uri"] = format!("https://login.microsoftonline.com/error?code={number}").into();
    }
    document
}

pub(crate) fn refused(credential: &dyn Credential, status: u16, document: &Value) -> (Error, usize) {
    let request = TokenRequest::new(["https://graph.example/.default"]).unwrap();
    let mut requests = 0;
    let (result, _) = run(credential.begin(&request), |effect, _| match effect {
        Effect::Http(call) => {
            requests += 1;
            respond(call, status, &[], &document.to_string())
        }
        other => panic!("{other:?}"),
    });
    (result.unwrap_err(), requests)
}

pub(crate) fn app() -> EntraClient {
    EntraClient::new("t", "app").unwrap()
}

pub(crate) fn of_app() -> ClientSecretCredential {
    ClientSecretCredential::of(app(), "secret").unwrap()
}

pub(crate) fn of_person() -> RefreshTokenCredential {
    RefreshTokenCredential::of(app(), "renewal").unwrap()
}
