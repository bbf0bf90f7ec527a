//! App Service and its kin, version `2019-08-01`.

use entrada_core::effect::HttpResponse;
use serde_json::json;

use super::not_allowed;
use crate::ask::Ask;
use crate::config::Expiry;
use crate::{Emulator, reply};

impl Emulator {
    pub(super) fn app_service(&mut self, ask: &Ask<'_>) -> HttpResponse {
        if !ask.is_get() {
            return not_allowed("GET");
        }
        let correlation = self.draw.guid();
        let refuse = |status: u16, message: &str| {
            let document = json!({ "statusCode": status, "message": message, "correlationId": correlation });
            reply::json(status, &document)
        };
        if !ask
            .header("x-identity-header")
            .is_some_and(|given| self.config.hosts.identity_header.matches(given))
        {
            return refuse(401, "The X-IDENTITY-HEADER header is missing or wrong.");
        }
        if ask.query.get("api-version") != Some("2019-08-01") {
            return refuse(400, "The api-version is missing or not supported.");
        }
        let Some(resource) = ask.query.get("resource") else {
            return refuse(400, "The resource parameter is missing.");
        };
        // A parameter of another name is ignored, like any that is not known.
        let object = ask.query.get("principal_id").or(ask.query.get("object_id"));
        let named = [ask.query.get("client_id"), object, ask.query.get("mi_res_id")];
        if named.iter().flatten().count() > 1 {
            return refuse(400, "Only one of client_id, principal_id and mi_res_id can be given.");
        }
        let Some(identity) = self.identity(named) else {
            return refuse(
                400,
                "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
            );
        };
        match self.machine_token(ask, &identity, resource) {
            Ok((token, life)) => reply::json(
                200,
                &json!({
                    "access_token": token, "expires_on": self.expires_on(ask, life, Expiry::Text),
                    "resource": resource, "token_type": "Bearer", "client_id": identity.client_id,
                }),
            ),
            // A resource that is not known is the host's own failure to its callers.
            Err(message) => refuse(500, &format!("AADSTS500011: {message}")),
        }
    }
}
