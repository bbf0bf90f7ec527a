//! The `claims` request parameter (OpenID Connect Core section 5.5) as Entra uses it: what a
//! Conditional Access challenge demands, and what a client says it can handle.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, STANDARD};
use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind};

/// What services write is taken as it comes: bits left over at the end mean nothing.
const LENIENT: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));

/// A JSON object of claims to ask for. Not shown in `Debug`: a challenge holds addresses and times.
#[derive(Clone, PartialEq, Eq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Reads the JSON text of a claims request.
    ///
    /// # Errors
    /// `Configuration` when the text is not a JSON object.
    pub fn from_json(text: &str) -> Result<Claims, Error> {
        match serde_json::from_str(text) {
            Ok(Value::Object(claims)) => Ok(Claims(claims)),
            _ => Err(Error::new(ErrorKind::Configuration, "the claims are not a JSON object")
                .with_remedy("pass the decoded claims, such as {\"access_token\":{…}}")),
        }
    }

    /// Reads the `claims` of a challenge: base64 in either alphabet, padded or not, with blanks in it
    /// or without, or plain JSON.
    #[must_use]
    pub fn from_challenge(value: &str) -> Option<Claims> {
        let value = value.trim();
        if value.starts_with('{') {
            return Claims::from_json(value).ok();
        }
        let standard: String = value
            .trim_end_matches('=')
            .chars()
            .filter(|c| !c.is_ascii_whitespace())
            .map(|c| match c {
                '-' => '+',
                '_' => '/',
                other => other,
            })
            .collect();
        let bytes = LENIENT.decode(standard).ok()?;
        Claims::from_json(std::str::from_utf8(&bytes).ok()?).ok()
    }

    /// What a client that can answer claims challenges says of itself: capability `CP1`.
    #[must_use]
    pub fn capability() -> Claims {
        let capability = json!({ "access_token": { "xms_cc": { "values": ["CP1"] } } });
        match capability {
            Value::Object(claims) => Claims(claims),
            _ => Claims(Map::new()),
        }
    }

    /// Both sets of demands. Lists of values are united; where two demands cannot both hold, those
    /// of `other` win.
    #[must_use]
    pub fn merge(mut self, other: Claims) -> Claims {
        merge_objects(&mut self.0, other.0);
        self
    }

    /// Compact JSON, for the wire.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// The value of a `WWW-Authenticate` header that demands these of whoever calls a web API (RFC 6750 section 3):
    /// `Bearer error="insufficient_claims", claims="…"`. A service that acts on behalf of its callers answers with
    /// it and status 401, and the caller signs in again with the claims.
    #[must_use]
    pub fn to_challenge(&self) -> String {
        format!("Bearer error=\"insufficient_claims\", claims=\"{}\"", self.to_base64())
    }

    /// Standard base64 with padding, as `az login --claims-challenge` takes it.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.to_json())
    }
}

fn merge_objects(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (name, theirs) in from {
        match (into.get_mut(&name), theirs) {
            (Some(Value::Object(ours)), Value::Object(theirs)) => merge_objects(ours, theirs),
            (Some(Value::Array(ours)), Value::Array(theirs)) => {
                for value in theirs {
                    if !ours.iter().any(|ours| same_value(ours, &value)) {
                        ours.push(value);
                    }
                }
            }
            (_, theirs) => {
                into.insert(name, theirs);
            }
        }
    }
}

/// Entra compares capability names without case: `cp1` and `CP1` are one.
fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
        _ => a == b,
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenge_values_in_every_spelling() {
        let json = r#"{"access_token":{"nbf":{"essential":true,"value":"1726077595"},"xms_caeerror":{"value":"10012"}}}"#;
        let padded = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNzI2MDc3NTk1In0sInhtc19jYWVlcnJvciI6eyJ2YWx1ZSI6IjEwMDEyIn19fQ==";
        for value in [json, padded, padded.trim_end_matches('=')] {
            assert_eq!(Claims::from_challenge(value).map(|c| c.to_json()).as_deref(), Some(json));
        }
        let tricky = Claims::from_json(r#"{"a":{"value":"ÿ>>?ÿ"}}"#).unwrap();
        let standard = tricky.to_base64();
        let url_safe = standard.replace('+', "-").replace('/', "_");
        assert_ne!(standard, url_safe);
        assert_eq!(Claims::from_challenge(&standard), Claims::from_challenge(&url_safe));
        // Bits that are left over, and line ends.
        assert_eq!(Claims::from_challenge("e31=\r\n").map(|c| c.to_json()).as_deref(), Some("{}"));
        assert_eq!(
            Claims::from_challenge(&padded.replace("bmJm", " bm\nJm ")),
            Claims::from_challenge(padded)
        );
        for bad in ["", "x", "W10=", "{", "e30", "\u{e9}"] {
            let claims = Claims::from_challenge(bad);
            assert!(claims.is_none() || bad == "e30", "{bad}");
        }
    }

    #[test]
    fn a_challenge_is_read_as_it_was_made() {
        let claims =
            Claims::from_json(r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#).unwrap();
        let header = claims.to_challenge();
        let found = crate::challenge::parse(&header);
        assert_eq!(found.len(), 1, "{header}");
        assert_eq!(found[0].claims(), Some(claims));
    }

    #[test]
    fn capabilities_are_united() {
        let challenge =
            Claims::from_json(r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#).unwrap();
        let merged = challenge.merge(Claims::capability());
        assert_eq!(
            merged.to_json(),
            r#"{"access_token":{"nbf":{"essential":true,"value":"1"},"xms_cc":{"values":["CP1"]}}}"#
        );
        let lower = Claims::from_json(r#"{"access_token":{"xms_cc":{"values":["cp1","other"]}}}"#).unwrap();
        assert_eq!(
            lower.merge(Claims::capability()).to_json(),
            r#"{"access_token":{"xms_cc":{"values":["cp1","other"]}}}"#
        );
        let null = Claims::from_json(r#"{"access_token":null}"#).unwrap();
        assert_eq!(null.merge(Claims::capability()), Claims::capability());
    }
}
