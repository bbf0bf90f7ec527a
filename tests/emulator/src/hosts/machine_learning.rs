//! Azure Machine Learning compute, version `2017-09-01`. What it refuses is no JSON.

use entrada_core::effect::HttpResponse;
use serde_json::json;

use super::not_allowed;
use crate::ask::{Ask, is_guid};
use crate::config::Expiry;
use crate::{Emulator, reply};

impl Emulator {
    pub(super) fn machine_learning(&mut self, ask: &Ask<'_>) -> HttpResponse {
        if !ask.is_get() {
            return not_allowed("GET");
        }
        if !ask.header("secret").is_some_and(|given| self.config.hosts.msi_secret.matches(given)) {
            return reply::text(401, "Invalid secret token header: .");
        }
        if ask.query.get("api-version") != Some("2017-09-01") {
            return reply::text(400, "The api-version is missing or not supported.");
        }
        let Some(resource) = ask.query.get("resource") else {
            return reply::text(400, "The resource parameter is missing.");
        };
        // What is no GUID counts as absent; so does a parameter of another name.
        let client = ask.query.get("clientid").filter(|id| is_guid(id));
        let unknown = || reply::text(404, "InternalError - :\nRequest failure status code: 404");
        let life = self.config.policy.managed_identity_token;
        let result = if client.is_none() && self.config.hosts.single_sign_on {
            let Some(person) = self.config.user(&self.config.hosts.person).cloned() else {
                return reply::text(
                    500,
                    "SSO failure: unable to retrieve a token. Error Token service compute. Token not found",
                );
            };
            self.person_token(ask, &person, resource, life).map_err(|fault| fault.message)
        } else {
            let Some(identity) = self.identity([client, None, None]) else {
                return unknown();
            };
            self.machine_token(ask, &identity, resource).map(|(token, _)| token)
        };
        match result {
            Ok(token) => reply::json(
                200,
                &json!({
                    "access_token": token, "expires_on": self.expires_on(ask, life, Expiry::Number),
                    "resource": resource, "token_type": "Bearer",
                }),
            ),
            Err(message) => reply::text(400, &format!("InternalError - :\nAADSTS500011: {message}")),
        }
    }
}
