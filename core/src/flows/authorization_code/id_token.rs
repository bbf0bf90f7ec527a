//! Whether the id token that came with a code belongs to the sign-in (OpenID Connect Core section 3.1.3.7).
//!
//! Its signature is not checked: it comes from the token endpoint itself, over TLS, which point 6 of that
//! section lets stand in its place.

use std::time::Duration;

use serde_json::Value;

use super::issuer::may_issue;
use crate::authority::AuthorityKind;
use crate::error::{Error, ErrorKind};
use crate::flows::authority_client::EntraClient;
use crate::jwt::Jwt;
use crate::secret::Secret;
use crate::tenant::Tenant;
use crate::time::Unix;

/// How far the clocks of a machine and of an authority may be apart.
const SKEW: Duration = Duration::from_secs(300);

/// What the id token of one sign-in has to say.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) client: EntraClient,
    pub(super) tenant: Tenant,
    pub(super) nonce: Secret,
}

impl Expected {
    /// Whether this id token says it. What a service leaves out beyond `nonce` and `aud` is no reason to lock
    /// anybody out.
    ///
    /// # Errors
    /// `Malformed` when it does not.
    pub(super) fn check(&self, id_token: &Secret, now: Unix) -> Result<(), Error> {
        let Some(jwt) = Jwt::decode(id_token.expose()) else {
            return Err(another("belongs to another sign-in"));
        };
        let asked = jwt.text("nonce").is_some_and(|got| self.nonce.matches(got))
            && is_for(&jwt, self.client.client_id());
        if !asked {
            return Err(another("belongs to another sign-in"));
        }
        let authority = self.client.authority();
        if jwt.text("iss").is_some_and(|issuer| !may_issue(authority, &self.tenant, issuer)) {
            return Err(another("was issued by another authority than was asked"));
        }
        let fits = |tenant| {
            self.tenant.takes_accounts_of(Some(tenant), self.client.client_id())
                && (!self.tenant.is_guid() || self.tenant.is(tenant))
        };
        if authority.kind() == AuthorityKind::Entra && !jwt.text("tid").is_none_or(fits) {
            return Err(another("is of another tenant than was asked for"));
        }
        let expired = |at: f64| at + SKEW.as_secs_f64() <= now.0 as f64;
        if jwt.claims.get("exp").and_then(Value::as_f64).is_some_and(expired) {
            return Err(Error::new(
                ErrorKind::Malformed,
                "the id token that was received has expired already",
            )
            .with_remedy("check this machine's clock, then sign in again"));
        }
        Ok(())
    }
}

/// Whether an app is among those that a token is for: one, or a list of several.
fn is_for(jwt: &Jwt, client_id: &str) -> bool {
    let one = |value: &Value| value.as_str().is_some_and(|aud| aud.eq_ignore_ascii_case(client_id));
    match jwt.claims.get("aud") {
        Some(Value::Array(several)) => several.iter().any(one),
        aud => aud.is_some_and(one),
    }
}

fn another(what: &str) -> Error {
    Error::new(ErrorKind::Malformed, format!("the id token that was received {what}"))
        .with_remedy("sign in again; if it happens again, somebody may be tampering with the sign-in")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;
    use crate::authority::Authority;
    use crate::endpoint::PlainHttp;
    use crate::tenant::PERSONAL;

    const TENANT: &str = "11111111-1111-4111-8111-111111111111";
    const OTHER: &str = "22222222-2222-4222-8222-222222222222";

    fn check(authority: Authority, tenant: &str, more: &Value) -> Result<(), Error> {
        let client = EntraClient::new(tenant, "app")?.with_authority(authority);
        let expected = Expected { client, tenant: Tenant::new(tenant)?, nonce: Secret::new("n") };
        let mut claims = json!({ "aud": "APP", "nonce": "n", "exp": 4000 });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let part = |value: String| URL_SAFE_NO_PAD.encode(value);
        let token = format!("{}.{}.", part("{}".to_owned()), part(claims.to_string()));
        expected.check(&Secret::new(token), Unix(1000))
    }

    fn at(address: &str) -> Authority {
        Authority::new(address, PlainHttp::Refused).unwrap()
    }

    #[test]
    fn issuers() {
        for (issuer, fits) in [
            ("https://login.microsoftonline.com/x/v2.0", true),
            ("https://login.microsoftonline.us/x/v2.0", false),
        ] {
            let result = check(at("login.microsoftonline.com"), "organizations", &json!({ "iss": issuer }));
            assert_eq!(result.is_ok(), fits, "{issuer}");
        }
    }

    #[test]
    fn tenants_and_times() {
        let public = || at("login.microsoftonline.com");
        for (tenant, claims, fits) in [
            (TENANT, json!({ "tid": TENANT.to_uppercase() }), true),
            (TENANT, json!({ "tid": OTHER }), false),
            ("contoso.onmicrosoft.com", json!({ "tid": OTHER }), true),
            ("organizations", json!({ "tid": OTHER }), true),
            ("consumers", json!({ "tid": OTHER }), false),
            ("consumers", json!({ "tid": PERSONAL }), true),
            ("organizations", json!({ "tid": PERSONAL.to_uppercase() }), false),
            ("common", json!({ "tid": PERSONAL }), true),
            (TENANT, json!({}), true),
            (TENANT, json!({ "exp": 701 }), true),
            (TENANT, json!({ "exp": 700 }), false),
            (TENANT, json!({ "exp": null }), true),
            (TENANT, json!({ "aud": "other" }), false),
            (TENANT, json!({ "aud": ["other", "app"] }), true),
            (TENANT, json!({ "aud": ["other"] }), false),
            (TENANT, json!({ "aud": null }), false),
            (TENANT, json!({ "nonce": "other" }), false),
        ] {
            assert_eq!(check(public(), tenant, &claims).is_ok(), fits, "{tenant} {claims}");
        }
    }
}
