//! Online endpoints of a workspace: who may call them, their keys and tokens.

use entrada_core::effect::HttpResponse;
use serde_json::{Value, json};

use super::{Below, document, not_allowed};
use crate::arm::fault::not_found;
use crate::arm::list;
use crate::ask::Ask;
use crate::config::OnlineEndpoint;
use crate::fault::Fault;
use crate::{Emulator, jwt, reply};

/// How long a token of an endpoint lives, in seconds, and from when on it should be renewed.
const TOKEN: i64 = 8 * 3600;
const REFRESH: i64 = 4 * 3600;

impl Emulator {
    pub(super) fn online_endpoint(
        &mut self,
        ask: &Ask<'_>,
        below: &Below<'_>,
    ) -> Result<HttpResponse, Fault> {
        let own = |one: &&OnlineEndpoint| one.workspace.eq_ignore_ascii_case(&below.workspace.name);
        let [_, rest @ ..] = below.rest.as_slice() else { return Err(not_allowed(ask)) };
        let [name, rest @ ..] = rest else {
            let items = self.config.online_endpoints.iter().filter(own);
            let items = items.map(|endpoint| endpoint_object(ask, below, endpoint)).collect();
            let page = list::page(ask, items, self.config.policy.page_size, "2024-10-01")?;
            return if ask.is_get() { Ok(reply::json(200, &page)) } else { Err(not_allowed(ask)) };
        };
        let found =
            self.config.online_endpoints.iter().filter(own).find(|one| one.name.eq_ignore_ascii_case(name));
        let kind =
            format!("Microsoft.MachineLearningServices/workspaces/{}/onlineEndpoints", below.workspace.name);
        let found = found.cloned().ok_or_else(|| not_found(&kind, name, &below.workspace.resource_group))?;
        let answer = match (ask.method().as_str(), rest) {
            ("GET", []) => endpoint_object(ask, below, &found),
            ("POST", ["listKeys"]) if found.auth_mode == "Key" => json!({
                "primaryKey": found.primary_key.expose(), "secondaryKey": found.secondary_key.expose(),
            }),
            ("POST", ["token"]) if found.auth_mode == "AMLToken" => {
                let now = ask.now.unix.0;
                let token = jwt::sign(&json!({
                    "aud": format!("endpoint:{}", found.name), "iat": now, "exp": now.saturating_add(TOKEN),
                    "jti": self.draw.guid(),
                }));
                json!({
                    "accessToken": token, "tokenType": "Bearer",
                    "expiryTimeUtc": now.saturating_add(TOKEN),
                    "refreshAfterTimeUtc": now.saturating_add(REFRESH),
                })
            }
            ("POST", ["regenerateKeys"]) if found.auth_mode == "Key" => {
                return self.regenerate_key(ask, below, &found.name);
            }
            ("POST", ["listKeys" | "token" | "regenerateKeys"]) => {
                let message = format!("The endpoint '{name}' has the auth mode {}.", found.auth_mode);
                return Err(Fault::new(400, "UserError", message));
            }
            _ => return Err(not_allowed(ask)),
        };
        Ok(reply::json(200, &answer))
    }
}

impl Emulator {
    /// 202, and `Location` tells when it is done. The old key is none at once.
    fn regenerate_key(
        &mut self,
        ask: &Ask<'_>,
        below: &Below<'_>,
        name: &str,
    ) -> Result<HttpResponse, Fault> {
        let wanted = document(ask)?;
        let bad = |message: &str| Fault::new(400, "UserError", message.to_owned());
        let own = match &wanted["keyValue"] {
            Value::Null => self.draw.opaque(),
            Value::String(text) if !text.is_empty() => text.clone(),
            _ => return Err(bad("The keyValue is not a key.")),
        };
        let endpoint = self
            .config
            .online_endpoints
            .iter_mut()
            .find(|one| one.name == name && one.workspace.eq_ignore_ascii_case(&below.workspace.name));
        let Some(endpoint) = endpoint else { return Err(not_allowed(ask)) };
        match wanted["keyType"].as_str() {
            Some("Primary") => endpoint.primary_key = own.into(),
            Some("Secondary") => endpoint.secondary_key = own.into(),
            _ => return Err(bad("The keyType is neither Primary nor Secondary.")),
        }
        Ok(self.begin_operation(ask, below))
    }
}

fn endpoint_object(ask: &Ask<'_>, below: &Below<'_>, endpoint: &OnlineEndpoint) -> Value {
    let (name, location) = (&endpoint.name, &below.workspace.location);
    let scoring = match ask.origin.cloud() {
        Some(_) => format!("https://{name}.{location}.inference.ml.azure.com/score"),
        None => format!("{}/score/{name}", ask.origin),
    };
    json!({
        "id": below.id_of("onlineEndpoints", name), "name": name, "location": location, "kind": "Managed",
        "type": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
        "properties": {
            "authMode": endpoint.auth_mode, "scoringUri": scoring, "provisioningState": "Succeeded",
            "publicNetworkAccess": "Enabled", "traffic": { "blue": 100 },
        },
    })
}
