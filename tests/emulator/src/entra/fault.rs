//! Entra's error documents.

use entrada_core::calendar;
use entrada_core::effect::HttpResponse;
use serde_json::{Map, Value, json};

use super::tenant::is_adfs;
use crate::Emulator;
use crate::ask::{Ask, is_guid};
use crate::config::User;
use crate::reply;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    pub(crate) status: u16,
    pub(crate) error: &'static str,
    pub(crate) code: u32,
    pub(crate) message: String,
    pub(crate) suberror: Option<&'static str>,
    pub(crate) claims: Option<String>,
}

impl Fault {
    /// A refusal with the status that belongs to the error.
    pub(crate) fn new(error: &'static str, code: u32, message: impl Into<String>) -> Fault {
        let status = if error == "invalid_client" { 401 } else { 400 };
        Fault { status, error, code, message: message.into(), suberror: None, claims: None }
    }

    pub(crate) fn status(self, status: u16) -> Fault {
        Fault { status, ..self }
    }

    pub(crate) fn suberror(self, suberror: &'static str) -> Fault {
        Fault { suberror: Some(suberror), ..self }
    }

    /// The first half of the description: number and message, those of an AD FS where one is asked.
    pub(crate) fn line(&self, ask: &Ask<'_>) -> String {
        match self.error {
            _ if !is_adfs(ask) => format!("AADSTS{}: {}", self.code, self.message),
            "invalid_client" => {
                "MSIS9622: Client authentication failed. Please verify the credential provided for \
                                 client authentication is valid."
                    .to_owned()
            }
            _ => format!(
                "MSIS9604: The authorization server was not able to fulfill the request. {}",
                self.message
            ),
        }
    }

    pub(crate) fn missing(parameter: &str) -> Fault {
        let message = format!("The request body must contain the following parameter: '{parameter}'.");
        Fault::new("invalid_request", 900_144, message)
    }

    pub(crate) fn malformed() -> Fault {
        Fault::new("invalid_request", 9_002_313, "Invalid request. Request is malformed or invalid.")
    }

    pub(crate) fn doubled(parameter: &str) -> Fault {
        let message =
            format!("The request is not properly formatted. The parameter '{parameter}' is duplicated.");
        Fault::new("invalid_request", 9_000_411, message)
    }

    pub(crate) fn verb(accepted: &str, method: &http::Method) -> Fault {
        let message = format!("The endpoint only accepts {accepted} requests. Received a {method} request.");
        Fault::new("invalid_request", 900_561, message).status(405)
    }

    pub(crate) fn wrong_scope(scope: &str) -> Fault {
        let message = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input \
             parameter 'scope' is not valid. The scope {scope} is not valid."
        );
        Fault::new("invalid_scope", 70_011, message)
    }

    /// A JSON Web Token that is none, or lacks something.
    pub(crate) fn bad_token(message: &str) -> Fault {
        Fault::new("invalid_request", 50_027, message)
    }

    pub(crate) fn wrong_password() -> Fault {
        let message = "Error validating credentials due to invalid username or password.";
        Fault::new("invalid_grant", 50_126, message)
    }

    /// A person of another directory.
    pub(crate) fn elsewhere(user: &User, tenant: &str) -> Fault {
        let message = format!(
            "User account '{}' from identity provider 'https://sts.windows.net/{}/' does not exist in tenant \
             '{tenant}'. The account needs to be added as an external user in the tenant first.",
            user.username, user.tenant
        );
        Fault::new("invalid_grant", 50_020, message)
    }

    pub(crate) fn revoked() -> Fault {
        let message = "The provided grant has expired due to it being revoked, a fresh auth token is needed. \
                       The user might have changed or reset their password.";
        Fault::new("invalid_grant", 50_173, message).suberror("bad_token")
    }
}

/// `2026-01-09 02:02:12Z`
fn timestamp(ask: &Ask<'_>) -> String {
    calendar::rfc3339(ask.now.unix).replace('T', " ")
}

impl Emulator {
    /// The ids under which a request would be found in Entra's logs: trace and correlation.
    pub(crate) fn trace(&mut self, ask: &Ask<'_>) -> (String, String) {
        let correlation = match ask.header("client-request-id") {
            Some(id) if is_guid(id) => id.to_ascii_lowercase(),
            _ => self.draw.guid(),
        };
        (self.draw.guid(), correlation)
    }

    /// The whole description of a refusal, as redirects and pages have it.
    pub(crate) fn description(&mut self, ask: &Ask<'_>, fault: &Fault) -> String {
        if is_adfs(ask) {
            return fault.line(ask);
        }
        let (trace, correlation) = self.trace(ask);
        self.describe(&fault.line(ask), &trace, &correlation, &timestamp(ask))
    }

    fn describe(&self, line: &str, trace: &str, correlation: &str, time: &str) -> String {
        let gap = if self.config.policy.line_breaks { "\r\n" } else { " " };
        format!("{line}{gap}Trace ID: {trace}{gap}Correlation ID: {correlation}{gap}Timestamp: {time}")
    }

    /// The JSON document of a refusal.
    pub(crate) fn refuse(&mut self, ask: &Ask<'_>, fault: &Fault) -> HttpResponse {
        let (trace, correlation) = self.trace(ask);
        let time = timestamp(ask);
        let mut document = Map::new();
        document.insert("error".into(), fault.error.into());
        document.insert(
            "error_description".into(),
            self.describe(&fault.line(ask), &trace, &correlation, &time).into(),
        );
        document.insert("error_codes".into(), json!([fault.code]));
        document.insert("timestamp".into(), time.into());
        document.insert("trace_id".into(), trace.clone().into());
        document.insert("correlation_id".into(), correlation.clone().into());
        document.insert("error_uri".into(), format!("{}/error?code={}", ask.origin, fault.code).into());
        if let Some(suberror) = fault.suberror {
            document.insert("suberror".into(), suberror.into());
        }
        if let Some(claims) = &fault.claims {
            document.insert("claims".into(), claims.clone().into());
        }
        let response = marked(ask, reply::json(fault.status, &Value::Object(document)), &trace, &correlation);
        if fault.status == 405 { reply::with(response, "allow", "POST, OPTIONS") } else { response }
    }

    /// A successful document.
    pub(crate) fn accept(&mut self, ask: &Ask<'_>, document: &Value) -> HttpResponse {
        let (trace, correlation) = self.trace(ask);
        marked(ask, reply::json(200, document), &trace, &correlation)
    }
}

fn marked(ask: &Ask<'_>, response: HttpResponse, trace: &str, correlation: &str) -> HttpResponse {
    let response = reply::with(response, "x-ms-request-id", trace);
    let wanted =
        ask.header("return-client-request-id").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if wanted { reply::with(response, "client-request-id", correlation) } else { response }
}
