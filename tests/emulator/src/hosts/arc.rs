//! The agent of Azure Arc: who can read its key file may have a token.

use entrada_core::effect::HttpResponse;
use serde_json::json;

use super::not_allowed;
use crate::ask::Ask;
use crate::{Emulator, reply};

const VERSIONS: [&str; 4] = ["2019-08-15", "2019-11-01", "2020-06-01", "2021-02-01"];

impl Emulator {
    pub(super) fn arc(&mut self, ask: &Ask<'_>) -> HttpResponse {
        if !ask.is_get() {
            return not_allowed("GET");
        }
        let refuse = |status: u16, error: &str, description: &str| {
            reply::json(status, &json!({ "error": error, "error_description": description }))
        };
        if ask.header("metadata") != Some("true") {
            return refuse(400, "invalid_request", "Required metadata header not specified");
        }
        if ask.query.get("api-version").is_none_or(|version| !VERSIONS.contains(&version)) {
            return refuse(400, "invalid_request", "The api-version is missing or not supported");
        }
        let Some(resource) = ask.query.get("resource") else {
            return refuse(400, "invalid_request", "The resource parameter is missing");
        };
        let old = self.config.hosts.old_agent;
        let named = match old {
            true => [None; 3],
            false => [ask.query.get("client_id"), ask.query.get("object_id"), ask.query.get("msi_res_id")],
        };
        let Some(identity) = self.identity(named) else {
            return refuse(400, "invalid_request", "The requested identity was not found");
        };
        let Some(proof) = ask.header("authorization") else {
            let path = format!("{}/{}.key", self.config.hosts.key_folder(), self.draw.guid());
            let key = self.draw.opaque();
            let response =
                reply::with(reply::text(401, ""), "www-authenticate", &format!("Basic realm={path}"));
            self.store.arc_keys.insert(path, key.into());
            return response;
        };
        let key = proof.strip_prefix("Basic ").unwrap_or_default();
        let known = self.store.arc_keys.iter().find(|(_, known)| known.matches(key));
        let Some(path) = known.map(|(path, _)| path.clone()) else {
            return refuse(401, "unauthorized_client", "The key is not that of a challenge");
        };
        // Each serves once.
        self.store.arc_keys.remove(&path);
        match self.machine_token(ask, &identity, resource) {
            Err(message) => refuse(400, "invalid_resource", &format!("AADSTS500011: {message}")),
            Ok((token, life)) => {
                let now = ask.now.unix.0;
                let mut document = json!({
                    "access_token": token, "expires_in": life.to_string(), "resource": resource,
                    "expires_on": now.saturating_add(life).to_string(), "not_before": now.to_string(),
                    "token_type": "Bearer",
                });
                if !old {
                    document["client_id"] = identity.client_id.into();
                    document["object_id"] = identity.object_id.into();
                    document["msi_res_id"] = identity.resource_id.into();
                }
                reply::json(200, &document)
            }
        }
    }
}
