//! The grant `client_credentials` (RFC 6749 section 4.4).

use serde_json::{Value, json};

use super::fault::Fault;
use super::issue::Principal;
use super::scope::Wanted;
use super::token::Request;
use crate::Emulator;
use crate::ask::Ask;

impl Emulator {
    pub(crate) fn client_credentials(&mut self, ask: &Ask<'_>, request: &Request) -> Result<Value, Fault> {
        let scope = request.need("scope")?;
        let audience = Wanted::of_app(&self.config, &ask.origin, scope)?;
        self.not_blocked(&request.app.object_id, &audience)?;
        let policy = &self.config.policy;
        let capable = request.demands.capable;
        let life = if capable { policy.revocable_access_token } else { policy.access_token };
        let app = &request.app;
        let who = Principal {
            tenant: request.place.form(),
            client_id: &app.client_id,
            object_id: &app.object_id,
            roles: &app.roles,
            proof: request.proof,
            resource_id: None,
        };
        let token = self.app_token(ask, &audience, &who, &request.demands.acrs, capable, life);
        Ok(
            json!({ "token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": token }),
        )
    }
}
