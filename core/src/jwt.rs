//! Reading JSON Web Tokens (RFC 7519) without checking their signature.
//!
//! What is read here informs people and picks defaults; nothing is trusted because of it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The header and claims of a token.
#[derive(Clone, PartialEq)]
pub struct Jwt {
    /// The JOSE header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
}

impl Jwt {
    /// Reads a token of the compact form `header.payload.signature`, where the signature may be
    /// empty.
    #[must_use]
    pub fn decode(token: &str) -> Option<Jwt> {
        let mut parts = token.trim().split('.');
        let (header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        Some(Jwt { header: object(header)?, claims: object(claims)? })
    }

    /// A claim that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str().filter(|value| !value.is_empty())
    }
}

/// One part: base64url of a JSON object. Padding is tolerated.
pub(crate) fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    match serde_json::from_slice(&bytes).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

impl fmt::Debug for Jwt {
    /// Names of claims only; they say who somebody is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwt")?;
        f.debug_set().entries(self.claims.keys()).finish()
    }
}

/// Whom a token speaks for, as far as it tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The application (client) id.
    pub client_id: Option<String>,
    /// The object id of the user or service principal.
    pub object_id: Option<String>,
    /// The sign-in name of a user.
    pub username: Option<String>,
    /// The directory.
    pub tenant: Option<String>,
    /// Whether the holder is an app (a service principal, a managed identity) rather than a user, where
    /// that can be told: by `idtyp`, else by `scp`, which only what a user allowed has.
    pub is_app: Option<bool>,
}

impl Identity {
    /// Reads what an access token or an id token tells. Nothing, if it is not a JWT.
    #[must_use]
    pub fn of_token(token: &str) -> Identity {
        let Some(jwt) = Jwt::decode(token) else {
            return Identity::default();
        };
        let first = |names: &[&str]| names.iter().find_map(|name| jwt.text(name)).map(str::to_owned);
        let user =
            jwt.text("scp").is_some() || first(&["upn", "unique_name", "preferred_username"]).is_some();
        let is_app = match jwt.text("idtyp") {
            Some(kind) => Some(kind == "app"),
            None if user => Some(false),
            None => first(&["appid", "azp"]).map(|_| true),
        };
        Identity {
            client_id: first(&["appid", "azp"]),
            object_id: first(&["oid"]),
            username: first(&["upn", "preferred_username", "unique_name"]),
            tenant: first(&["tid"]),
            is_app,
        }
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Identity::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("{}.{}.", URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}"), URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn identities() {
        let app = Identity::of_token(&token(r#"{"appid":"c","oid":"o","tid":"t","idtyp":"app"}"#));
        assert_eq!(app.client_id.as_deref(), Some("c"));
        assert_eq!(app.is_app, Some(true));
        let user = Identity::of_token(&token(r#"{"azp":"c","upn":"u@x","scp":"a"}"#));
        assert_eq!((user.username.as_deref(), user.is_app), (Some("u@x"), Some(false)));
        for (claims, app) in [
            (r#"{"appid":"c","oid":"o"}"#, Some(true)),
            (r#"{"azp":"c","roles":["r"]}"#, Some(true)),
            (r#"{"appid":"c","scp":"a"}"#, Some(false)),
            (r#"{"appid":"c","scp":"a","idtyp":"user"}"#, Some(false)),
            (r#"{"oid":"o"}"#, None),
        ] {
            assert_eq!(Identity::of_token(&token(claims)).is_app, app, "{claims}");
        }
    }

    #[test]
    fn other_texts_tell_nothing() {
        for text in ["", "opaque", "a.b.c", "a.b", "....", &token("[]"), &format!("{}x.", token("{}"))] {
            assert!(Identity::of_token(text).is_unknown(), "{text}");
        }
    }
}
