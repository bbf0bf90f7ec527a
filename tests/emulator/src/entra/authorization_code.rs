//! The grant `authorization_code` (RFC 6749 section 4.1.3) with PKCE (RFC 7636).

use entrada_core::{pkce, secret::Secret};
use serde_json::Value;

use super::fault::Fault;
use super::issue::UserGrant;
use super::scope::Wanted;
use super::token::Request;
use crate::Emulator;
use crate::ask::Ask;
use crate::store::Code;

impl Emulator {
    pub(crate) fn authorization_code(&mut self, ask: &Ask<'_>, request: &Request) -> Result<Value, Fault> {
        let code = request.need("code")?;
        let redirect_uri = request.need("redirect_uri")?;
        let Some(found) = self.store.codes.get_mut(code) else {
            let message = "The provided authorization code or refresh token is malformed or invalid.";
            return Err(Fault::new("invalid_grant", 9_002_313, message).suberror("bad_token"));
        };
        if found.redeemed > 0 {
            found.redeemed += 1;
            let message = "OAuth2 Authorization code was already redeemed, please retry with a new valid code or \
                           use an existing refresh token.";
            return Err(Fault::new("invalid_grant", 54_005, message));
        }
        check(found, ask, request, redirect_uri)?;
        let scope = found.scope.clone();
        let asked = match request.form.get("scope") {
            Some(asked) => format!("{asked}{}", kept(&scope, asked)),
            None => scope.clone(),
        };
        let wanted = Wanted::of_user(&self.config, &ask.origin, &asked)?;
        // A code that was refused above can be tried again; from here on it is spent.
        found.redeemed += 1;
        let (session, nonce) = (found.session.clone(), found.nonce.clone());
        let granted = request.granted(&session, &wanted, &scope);
        let grant = UserGrant { nonce: nonce.as_deref(), ..granted };
        self.user_document(ask, &grant)
    }
}

/// The scopes of sign-in that were agreed to and are not repeated in the token request.
fn kept(agreed: &str, asked: &str) -> String {
    let missing = ["openid", "profile", "offline_access"].into_iter().filter(|name| {
        let has = |scope: &str| scope.split_whitespace().any(|item| item == *name);
        has(agreed) && !has(asked)
    });
    missing.map(|name| format!(" {name}")).collect()
}

fn check(code: &Code, ask: &Ask<'_>, request: &Request, redirect_uri: &str) -> Result<(), Fault> {
    let refuse = |number, message: &str| Err(Fault::new("invalid_grant", number, message));
    if ask.now.unix >= code.expires {
        return refuse(
            70_008,
            "The provided authorization code or refresh token has expired due to inactivity.",
        );
    }
    if !code.client.eq_ignore_ascii_case(&request.app.client_id) {
        return refuse(
            70_000,
            "Provided grant is invalid or malformed: the code was issued to another application.",
        );
    }
    if code.tenant_form != request.place.form() {
        return refuse(
            700_005,
            "Provided Authorization Code is intended to use against other tenant, thus rejected.",
        );
    }
    if code.redirect_uri != redirect_uri {
        return Err(Fault::new(
            "invalid_client",
            500_112,
            "The reply address does not match the reply address provided when requesting Authorization code.",
        ));
    }
    match (&code.challenge, request.form.get("code_verifier")) {
        (None, None) => Ok(()),
        (Some(_), None) => refuse(
            50_148,
            "The code_verifier does not match the code_challenge supplied in the authorization request for PKCE.",
        ),
        (challenge, Some(verifier)) => {
            let legal = (43..=128).contains(&verifier.len())
                && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
            let right = challenge.as_deref() == Some(&pkce::challenge(&Secret::new(verifier)));
            if legal && right {
                return Ok(());
            }
            refuse(
                501_481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            )
        }
    }
}
