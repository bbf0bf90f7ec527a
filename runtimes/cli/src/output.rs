//! How tokens and times are printed.

use std::io::{self, Write as _};

use entrada_core::jwt::Identity;
use entrada_core::{AccessToken, Environment, Error, ErrorKind, TokenRequest, Unix};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

/// As the Azure CLI prints a time.
pub(crate) const LIKE_THE_CLI: &str = "%Y-%m-%d %H:%M:%S.000000";

/// One object on one line.
#[derive(Serialize)]
struct TokenDocument<'a> {
    #[serde(rename = "accessToken")]
    access_token: &'a str,
    #[serde(rename = "expiresOn")]
    expires_on_local: String,
    expires_on: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_on: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    #[serde(rename = "tokenType")]
    token_type: &'a str,
    scope: String,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<IdentityDocument<'a>>,
}

/// Whom a token speaks for.
#[derive(Serialize)]
pub(crate) struct IdentityDocument<'a> {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(rename = "clientId", skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(rename = "objectId", skip_serializing_if = "Option::is_none")]
    object_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
}

impl IdentityDocument<'_> {
    /// Whom a token speaks for, if it tells.
    pub(crate) fn of(identity: &Identity) -> Option<IdentityDocument<'_>> {
        let Identity { client_id, object_id, username, is_app, .. } = identity;
        (client_id.is_some() || object_id.is_some() || username.is_some()).then_some(IdentityDocument {
            kind: is_app.map(|app| if app { "app" } else { "user" }),
            client_id: client_id.as_deref(),
            object_id: object_id.as_deref(),
            username: username.as_deref(),
        })
    }
}

pub(crate) fn json(token: &AccessToken, request: &TokenRequest) -> String {
    let document = TokenDocument {
        access_token: token.secret().expose(),
        expires_on_local: local(token.expires_on(), LIKE_THE_CLI),
        expires_on: token.expires_on().0,
        refresh_on: token.refresh_on().map(|at| at.0),
        tenant: token.tenant(),
        token_type: "Bearer",
        scope: request.scopes().joined().to_owned(),
        source: token.source(),
        identity: IdentityDocument::of(token.identity()),
    };
    serde_json::to_string(&document).unwrap_or_default()
}

pub(crate) fn raw(token: &AccessToken) -> String {
    token.secret().expose().to_owned()
}

pub(crate) fn header(token: &AccessToken) -> String {
    format!("Authorization: Bearer {}", token.secret().expose())
}

pub(crate) fn env(token: &AccessToken) -> String {
    let text = token.secret().expose();
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b));
    let quoted = if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) };
    format!("export ACCESS_TOKEN={quoted}\nexport ACCESS_TOKEN_EXPIRES_ON={}", token.expires_on().0)
}

/// An ExecCredential, of the version that kubectl asks for in `KUBERNETES_EXEC_INFO`.
pub(crate) fn kubernetes(token: &AccessToken, environment: &Environment) -> String {
    let info =
        environment.get("KUBERNETES_EXEC_INFO").and_then(|info| serde_json::from_str::<Value>(info).ok());
    let beta = "client.authentication.k8s.io/v1beta1";
    let wants_beta = info.is_some_and(|info| info["apiVersion"] == beta);
    let version = if wants_beta { beta } else { "client.authentication.k8s.io/v1" };
    json!({
        "apiVersion": version,
        "kind": "ExecCredential",
        "status": {
            "token": token.secret().expose(),
            "expirationTimestamp": entrada_core::calendar::rfc3339(token.expires_on()),
        },
    })
    .to_string()
}

/// Whom a token speaks for, if it tells.
pub(crate) fn who(identity: &Identity) -> Option<String> {
    let app = || identity.client_id.as_ref().map(|id| format!("app {id}"));
    let who = identity.username.clone().or_else(app)?;
    Some(match &identity.object_id {
        Some(object) => format!("{who} (object id {object})"),
        None => who,
    })
}

/// A time in the local zone.
pub(crate) fn local(at: Unix, format: &str) -> String {
    let timestamp = Timestamp::from_second(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
    timestamp.to_zoned(entrada_host::zone::system()).strftime(format).to_string()
}

/// Prints a result on standard output. A reader that has gone away is no failure.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    match write(text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| unwritten(&error)),
    }
}

/// Prints a result that is told this one time: a reader that has gone away is a failure too.
pub(crate) fn hand_over(text: &str) -> Result<(), Error> {
    write(text).map_err(|error| unwritten(&error))
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush())
}

fn unwritten(error: &io::Error) -> Error {
    Error::new(ErrorKind::Configuration, format!("the result cannot be written: {error}"))
}
