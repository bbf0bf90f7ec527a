//! Client assertions (RFC 7523 section 2.2): JSON Web Tokens by which an app proves who it is.

mod certificate;
mod federated;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use entrada_core::calendar;
use entrada_core::jwt::Jwt;
use entrada_core::time::Unix;
use serde_json::Value;

use super::client::Proof;
use super::fault::Fault;
use super::tenant::Place;
use crate::Emulator;
use crate::ask::{Ask, Params};
use crate::config::App;
use crate::x509::Algorithm;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const DOCUMENTATION: &str = "Review the documentation at \
    https://learn.microsoft.com/entra/identity-platform/certificate-credentials .";
/// How far clocks may differ, in seconds.
const SKEW: i64 = 300;

/// An assertion taken apart; nothing of it is checked.
pub(super) struct Assertion<'a> {
    jwt: Jwt,
    token: &'a str,
    signed: &'a str,
    signature: Vec<u8>,
    algorithm: Algorithm,
}

impl<'a> Assertion<'a> {
    pub(super) fn read(token: &'a str) -> Result<Assertion<'a>, Fault> {
        let invalid = || Fault::bad_token("JWT token is invalid or malformed.");
        if token.contains(char::is_whitespace) {
            return Err(invalid());
        }
        let (signed, signature) = token.rsplit_once('.').ok_or_else(invalid)?;
        let jwt = Jwt::decode(token).ok_or_else(invalid)?;
        let algorithm = match jwt.header.get("alg").and_then(Value::as_str) {
            Some("RS256") => Algorithm::Rs256,
            Some("PS256") => Algorithm::Ps256,
            _ => {
                let message =
                    "JWT token is invalid or malformed. The algorithm of its signature is not accepted.";
                return Err(Fault::bad_token(message));
            }
        };
        let signature = URL_SAFE_NO_PAD.decode(signature.trim_end_matches('=')).map_err(|_| invalid())?;
        Ok(Assertion { jwt, token, signed, signature, algorithm })
    }

    fn text(&self, claim: &str) -> &str {
        self.jwt.text(claim).unwrap_or_default()
    }

    /// The `aud` claim: one text or several.
    fn audiences(&self) -> Vec<&str> {
        match self.jwt.claims.get("aud") {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one],
            _ => Vec::new(),
        }
    }

    /// Seconds since 1970: a number, or a text of digits as some clients send it.
    fn time(&self, claim: &str) -> Option<i64> {
        match self.jwt.claims.get(claim)? {
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|at| at as i64)),
            Value::String(text) => text.parse::<f64>().ok().filter(|at| at.is_finite()).map(|at| at as i64),
            _ => None,
        }
    }

    fn in_time(&self, now: Unix) -> Result<(), Fault> {
        let until = self.time("exp").ok_or_else(|| Fault::bad_token("The JWT token has no valid 'exp'."))?;
        let from = match self.jwt.claims.get("nbf") {
            None => None,
            Some(_) => {
                Some(self.time("nbf").ok_or_else(|| Fault::bad_token("The JWT token's 'nbf' is no time."))?)
            }
        };
        let early = from.is_some_and(|from| from > now.0.saturating_add(SKEW));
        if !early && until > now.0.saturating_sub(SKEW) {
            return Ok(());
        }
        let show = |at: i64| calendar::rfc3339(Unix(at));
        let message = format!(
            "Client assertion is not within its valid time range. Current time: {}, assertion valid from {}, expiry \
             time of assertion {}. {DOCUMENTATION}",
            show(now.0),
            from.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), show),
            show(until)
        );
        Err(Fault::new("invalid_client", 700_024, message))
    }
}

impl Emulator {
    /// Checks the assertion in the form against the app's registration. `audiences` are the addresses
    /// that an assertion of the app's own may be made for.
    pub(super) fn client_assertion(
        &mut self,
        ask: &Ask<'_>,
        place: &Place,
        app: &App,
        form: &Params,
        audiences: &[String],
    ) -> Result<Proof, Fault> {
        if form.get("client_assertion_type") != Some(JWT_BEARER) {
            return Err(Fault::missing("client_assertion_type"));
        }
        let assertion = Assertion::read(form.text("client_assertion"))?;
        let names = |name: &str| assertion.jwt.header.contains_key(name);
        let old = assertion.algorithm == Algorithm::Rs256 && names("x5t") && !names("x5t#S256");
        if matches!(place, Place::Apart(_)) && !old {
            return Err(certificate::unknown(app, "Only RS256 and SHA-1 thumbprints are understood."));
        }
        // The issuer of somebody else's token is an address; an app names itself.
        if assertion.text("iss").contains("://") {
            self.federated(ask, app, &assertion)?;
            return Ok(Proof::Federated);
        }
        let proof = certificate::check(app, &assertion, audiences, ask.now.unix)?;
        let name = (app.client_id.to_ascii_lowercase(), assertion.text("jti").to_owned());
        if !self.store.assertions.insert(name) && self.config.policy.assertions_once {
            let message = "Assertion is invalid: an assertion of the same 'jti' was presented before.";
            return Err(Fault::new("invalid_client", 50_013, message));
        }
        Ok(proof)
    }
}

/// Base64 of either alphabet, padded or not.
pub(in crate::entra) fn decode(text: &str) -> Option<Vec<u8>> {
    let bare = text.trim_end_matches('=');
    URL_SAFE_NO_PAD.decode(bare).or_else(|_| STANDARD_NO_PAD.decode(bare)).ok()
}
