//! Service Fabric: the identity is that of the application, whatever a request names. It keeps tokens, and gives
//! another only when one is due, or is said to be refused.

use entrada_core::effect::HttpResponse;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::not_allowed;
use crate::ask::Ask;
use crate::config::Expiry;
use crate::draw::hex;
use crate::{Emulator, reply};

/// A token with no more life than this, in seconds, is not given again.
const DUE: i64 = 300;

impl Emulator {
    pub(super) fn service_fabric(&mut self, ask: &Ask<'_>) -> HttpResponse {
        if !ask.is_get() {
            return not_allowed("GET");
        }
        let correlation = self.draw.guid();
        let refuse = |status: u16, code: &str, message: &str| {
            let fault = json!({ "correlationId": correlation, "code": code, "message": message });
            reply::json(status, &json!({ "error": fault }))
        };
        let Some(secret) = ask.header("secret") else {
            return refuse(400, "SecretHeaderNotFound", "Secret is not found in the request headers.");
        };
        if !self.config.hosts.identity_header.matches(secret) {
            return refuse(404, "ManagedIdentityNotFound", "Managed identity not found for the given code.");
        }
        if !matches!(ask.query.get("api-version"), Some("2019-07-01-preview" | "2020-05-01")) {
            return refuse(400, "InvalidApiVersion", "The api-version is not supported.");
        }
        let Some(resource) = ask.query.get("resource") else {
            return refuse(
                400,
                "ArgumentNullOrEmpty",
                "The parameter 'resource' should not be null or empty.",
            );
        };
        let first = self.config.identities.first().cloned();
        let Some(identity) = self.identity([None; 3]).or(first) else {
            return refuse(404, "ManagedIdentityNotFound", "The application has no managed identity.");
        };
        let known = self.kept(ask, resource).map(Ok);
        match known.unwrap_or_else(|| self.machine_token(ask, &identity, resource)) {
            Ok((token, life)) => {
                let dies = ask.now.unix.0.saturating_add(life);
                self.store.fabric.insert(resource.to_owned(), (token.clone(), dies));
                reply::json(
                    200,
                    &json!({
                        "token_type": "Bearer", "access_token": token, "resource": resource,
                        "expires_on": self.expires_on(ask, life, Expiry::Number),
                    }),
                )
            }
            Err(_) => refuse(500, "InternalServerError", "The request could not be processed."),
        }
    }

    /// The token that was given before and what is left of its life; nothing where it is due, or was refused
    /// by the resource, as its hash says.
    fn kept(&self, ask: &Ask<'_>, resource: &str) -> Option<(String, i64)> {
        let (token, dies) = self.store.fabric.get(resource)?;
        let left = dies - ask.now.unix.0;
        let hash = hex(&Sha256::digest(token));
        let refused = ask.query.get("token_sha256_to_refresh") == Some(hash.as_str());
        (left > DUE && !refused).then(|| (token.clone(), left))
    }
}
