//! The grant `refresh_token` (RFC 6749 section 6), with families of clients.

use serde_json::Value;

use super::fault::Fault;
use super::scope::Wanted;
use super::token::Request;
use crate::Emulator;
use crate::ask::Ask;

impl Emulator {
    pub(crate) fn refresh_token(&mut self, ask: &Ask<'_>, request: &Request) -> Result<Value, Fault> {
        let token = request.need("refresh_token")?;
        let Some(found) = self.store.refresh.get(token) else {
            let message = "The provided authorization code or refresh token is malformed or invalid.";
            return Err(Fault::new("invalid_grant", 9_002_313, message).suberror("bad_token"));
        };
        let app = &request.app;
        if !found.client.eq_ignore_ascii_case(&app.client_id) {
            let relative = found.family.is_some() && found.family == app.family;
            if !relative {
                let message = "Provided grant is invalid or malformed: the refresh token was issued to another \
                               client or family.";
                return Err(Fault::new("invalid_grant", 70_000, message).suberror("client_mismatch"));
            }
        }
        let session = found.session.clone();
        let ended = self.store.revoked.get(&session.user).is_some_and(|at| session.started <= *at);
        if found.revoked || ended {
            return Err(Fault::revoked());
        }
        if found.issued.0.saturating_add(self.config.policy.refresh_token) <= ask.now.unix.0 {
            let message = "The refresh token has expired due to inactivity.";
            return Err(Fault::new("invalid_grant", 700_082, message).suberror("bad_token"));
        }
        if !request.place.holds(&session.tenant) {
            let message = format!(
                "User account from identity provider does not exist in tenant '{}' and cannot access the application \
                 '{}' in that tenant. The account needs to be added as an external user in the tenant first.",
                request.place.name(),
                app.client_id
            );
            return Err(Fault::new("invalid_grant", 50_020, message));
        }
        let scope = found.scope.clone();
        let asked = request.form.get("scope").unwrap_or(&scope);
        // A refresh token begets another whether or not it is asked to.
        let wanted = Wanted::of_user(&self.config, &ask.origin, &format!("{asked} offline_access"))?;
        self.demands_met(&session, &wanted.audience, &request.demands, request.form.text("claims"))?;
        self.user_document(ask, &request.granted(&session, &wanted, &scope))
    }
}
