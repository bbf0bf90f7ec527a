//! The grant of on-behalf-of: an API that was called with a person's token asks for one of its own for
//! the same person (RFC 7523 section 2.1, with `requested_token_use`).

use entrada_core::jwt::Jwt;
use entrada_core::time::Unix;
use serde_json::Value;

use super::fault::Fault;
use super::scope::Wanted;
use super::tenant::ADFS;
use super::token::Request;
use crate::ask::Ask;
use crate::config::App;
use crate::store::Session;
use crate::{Emulator, jwt};

impl Emulator {
    pub(crate) fn on_behalf_of(&mut self, ask: &Ask<'_>, request: &Request) -> Result<Value, Fault> {
        let assertion = request.need("assertion")?;
        if request.need("requested_token_use")? != "on_behalf_of" {
            let message = "The provided value for the input parameter 'requested_token_use' is not valid. Allowed \
                           values are 'on_behalf_of'.";
            return Err(Fault::new("invalid_request", 90_023, message));
        }
        let scope = request.need("scope")?.to_owned();
        let mut session = speaks_for(assertion, &request.app, ask.now.unix)?;
        if !request.place.holds(&session.tenant) {
            let name = request.place.name();
            let message = format!("Assertion is invalid: it was not issued in the tenant '{name}'.");
            return Err(Fault::new("invalid_grant", 50_013, message));
        }
        if session.tenant == ADFS {
            // Its tokens call people by their names alone.
            let user = self.config.user(&session.user).map(|user| user.object_id.clone());
            session.user = user.unwrap_or_default();
        }
        if self.store.revoked.get(&session.user).is_some_and(|at| session.started <= *at) {
            return Err(Fault::revoked());
        }
        let wanted = Wanted::of_user(&self.config, &ask.origin, &scope)?;
        self.demands_met(&session, &wanted.audience, &request.demands, request.form.text("claims"))?;
        self.user_document(ask, &request.granted(&session, &wanted, &scope))
    }
}

/// The session of the person whose access token this is, if it was issued for the app.
fn speaks_for(assertion: &str, app: &App, now: Unix) -> Result<Session, Fault> {
    let invalid = |why: &str| Fault::new("invalid_grant", 50_013, format!("Assertion failed {why}"));
    if Jwt::decode(assertion).is_none() {
        return Err(Fault::bad_token("JWT token is invalid or malformed."));
    }
    let token = jwt::verify(assertion)
        .ok_or_else(|| invalid("signature validation. [Reason - The key was not found.]"))?;
    let text = |claim: &str| token.text(claim).unwrap_or_default();
    let number = |claim: &str| token.claims.get(claim).and_then(Value::as_i64).unwrap_or_default();
    if text("idtyp").is_empty() {
        let message = "Input id_token cannot be used as 'urn:ietf:params:oauth:grant-type:jwt-bearer' grant.";
        return Err(Fault::new("invalid_grant", 240_002, message));
    }
    if text("idtyp") == "app" {
        let message =
            format!("Application '{}' is not allowed to make application on-behalf-of calls.", app.client_id);
        return Err(Fault::new("invalid_grant", 7_000_114, message));
    }
    let audience = text("aud").trim_end_matches('/');
    let id = audience.strip_prefix("api://").unwrap_or(audience);
    if !id.eq_ignore_ascii_case(&app.client_id) {
        return Err(invalid(&format!(
            "audience validation. The audience '{audience}' of the assertion is not the application \
             '{}' that presents it.",
            app.client_id
        )));
    }
    if number("exp") <= now.0 {
        let message = "Assertion is not within its valid time range. Ensure that the access token is not expired \
                       before using it for user assertion, or request a new token.";
        return Err(Fault::new("invalid_grant", 500_133, message));
    }
    let list = |claim: &str| {
        let values = token.claims.get(claim).and_then(Value::as_array);
        values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let (tenant, user) = if text("tid").is_empty() { (ADFS, "upn") } else { (text("tid"), "oid") };
    Ok(Session {
        id: text("sid").to_owned(),
        tenant: tenant.to_owned(),
        user: text(user).to_owned(),
        mfa: list("amr").iter().any(|method| method == "mfa"),
        acrs: list("acrs"),
        started: Unix(number("iat")),
    })
}
