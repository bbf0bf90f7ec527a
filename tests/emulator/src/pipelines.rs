//! Azure Pipelines: a job's token for a service connection, which serves as a client assertion.

use entrada_core::effect::HttpResponse;
use http::Method;
use serde_json::json;

use crate::ask::Ask;
use crate::config::ServiceConnection;
use crate::{Emulator, jwt, reply};

/// How long such a token lives, in seconds.
const LIFE: i64 = 600;

/// A refusal, in the form of Azure DevOps.
struct Refusal {
    status: u16,
    kind: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, kind, message: message.into() }
    }
}

impl Emulator {
    pub(crate) fn pipelines(&mut self, ask: &Ask<'_>) -> HttpResponse {
        let response = match self.job_token(ask) {
            Ok(token) => reply::json(200, &json!({ "oidcToken": token })),
            Err(refusal) if refusal.status == 302 => reply::redirect(&refusal.message),
            Err(refusal) => {
                let document = json!({
                    "$id": "1", "innerException": null, "message": refusal.message,
                    "typeName": format!("Microsoft.TeamFoundation.Framework.Server.{}, \
                        Microsoft.TeamFoundation.Framework.Server", refusal.kind),
                    "typeKey": refusal.kind, "errorCode": 0, "eventId": 3000,
                });
                let response = reply::json(refusal.status, &document);
                match refusal.status {
                    401 => reply::with(response, "www-authenticate", &challenge(ask)),
                    405 => reply::with(response, "allow", "POST"),
                    _ => response,
                }
            }
        };
        let response = reply::with(response, "x-vss-e2eid", &self.draw.guid());
        reply::with(response, "x-msedge-ref", &format!("Ref A: {}", self.draw.guid()))
    }

    fn job_token(&mut self, ask: &Ask<'_>) -> Result<String, Refusal> {
        if ask.segments.last().is_none_or(|last| !last.eq_ignore_ascii_case("oidctoken")) {
            return Err(Refusal::new(404, "VssServiceException", "The page was not found."));
        }
        self.authenticated(ask)?;
        if *ask.method() != Method::POST {
            let message = format!("The requested resource does not support http method '{}'.", ask.method());
            return Err(Refusal::new(405, "VssServiceException", message));
        }
        self.store.token_requests += 1;
        let version = ask.query.get_any_case("api-version").ok_or_else(|| {
            let message = "No api-version was supplied for the \"POST\" request. The version must be supplied either \
                           as part of the Accept header (e.g. \"application/json; api-version=1.0\") or as a query \
                           parameter (e.g. \"?api-version=1.0\").";
            Refusal::new(400, "VssVersionNotSpecifiedException", message)
        })?;
        let number = version.split('-').next().unwrap_or_default();
        if !matches!(number, "7.1" | "7.2") {
            let message =
                format!("The requested REST API version of {version} is not supported by this server.");
            return Err(Refusal::new(400, "VssVersionOutOfRangeException", message));
        }
        // Transports add the length themselves; if it is there it has to be that of nothing.
        let empty = ask.body().is_empty() && ask.header("content-length").is_none_or(|length| length == "0");
        let kind = ask.header("content-type").and_then(|kind| kind.split(';').next()).map(str::trim);
        if !empty || kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("application/json")) {
            let message = "The request indicated a Content-Type or a body that this method does not support.";
            return Err(Refusal::new(415, "VssRequestContentTypeNotSupportedException", message));
        }
        let id = ask.query.get_any_case("serviceConnectionId").unwrap_or_default().to_owned();
        let known = &self.config.pipelines.service_connections;
        let connection = known.iter().find(|known| known.id.eq_ignore_ascii_case(&id)).cloned();
        let connection = connection.ok_or_else(|| {
            let message = format!("No service connection found with identifier {id}.");
            Refusal::new(404, "DistributedTaskException", message)
        })?;
        Ok(self.connection_token(ask, &connection))
    }

    fn authenticated(&self, ask: &Ask<'_>) -> Result<(), Refusal> {
        let bearer = ask.header("authorization").and_then(|header| header.split_once(' '));
        let token = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let known = &self.config.pipelines.system_access_token;
        if token.is_some_and(|(_, token)| !token.trim().is_empty() && known.matches(token.trim())) {
            return Ok(());
        }
        let suppress = ask.header("x-tfs-fedauthredirect");
        if suppress.is_some_and(|value| value.eq_ignore_ascii_case("suppress")) {
            let message = "TF400813: The user '' is not authorized to access this resource.";
            return Err(Refusal::new(401, "UnauthorizedRequestException", message));
        }
        // Who does not say that it cannot follow is taken for a browser.
        let address = format!("{}/_signin?realm={}&protocol=&context=e30", ask.origin, ask.origin.host());
        Err(Refusal::new(302, "", address))
    }

    fn connection_token(&mut self, ask: &Ask<'_>, connection: &ServiceConnection) -> String {
        let now = ask.now.unix.0;
        jwt::sign(&json!({
            "iss": connection.issuer, "sub": connection.subject, "aud": connection.audience,
            "jti": self.draw.guid(), "iat": now, "nbf": now, "exp": now.saturating_add(LIFE),
        }))
    }
}

fn challenge(ask: &Ask<'_>) -> String {
    format!(
        "Bearer authorization_uri=https://login.microsoftonline.com/common, Basic realm=\"{}/\"",
        ask.origin
    )
}
