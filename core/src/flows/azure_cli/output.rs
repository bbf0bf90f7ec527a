//! What `az account get-access-token` prints when all is well, in the versions since 2.0.

use serde_json::{Map, Value};

use super::TOOL;
use crate::calendar::{self, Stamp};
use crate::error::Error;
use crate::flows::tool::{documents, text};
use crate::jwt::Jwt;
use crate::secret::Secret;
use crate::time::{LocalZone, Unix};

/// A token as the Azure CLI prints it.
#[derive(Clone, Debug)]
pub struct CliToken {
    /// The token.
    pub secret: Secret,
    /// When it dies.
    pub expires_on: Unix,
    /// The tenant that issued it, if the tool says so.
    pub tenant: Option<String>,
    /// The subscription it was chosen by, if the tool says so.
    pub subscription: Option<String>,
}

/// Reads the tool's output. `expires_on` (since 2.54.0) counts seconds; the older `expiresOn` is a
/// wall-clock reading in the local zone. What is printed around the document, such as a notice, is passed over. Old
/// versions told neither for managed identities and in Cloud Shell: then the token itself is read, where it can be.
///
/// # Errors
/// `Malformed` when it is not that; the text shown is cleaned of tokens.
pub fn parse_output(stdout: &[u8], zone: LocalZone) -> Result<CliToken, Error> {
    let text = text(stdout);
    let malformed = |what: &str| TOOL.malformed(what, &text);
    let documents = documents(&text);
    let is_token = |document: &&Map<String, Value>| document.contains_key("accessToken");
    let Some(document) = documents.iter().find(is_token).or(documents.first()) else {
        return Err(malformed("something that is not a token"));
    };
    let field = |name: &str| document.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
    let secret = field("accessToken").ok_or_else(|| malformed("no access token"))?;
    let seconds = document.get("expires_on").and_then(|value| match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    });
    let local = || {
        Some(match calendar::parse(field("expiresOn")?)? {
            Stamp::Instant(at) => at,
            Stamp::Naive(reading) => zone.instant(reading),
        })
    };
    let expires_on = seconds
        .map(Unix)
        .or_else(local)
        .or_else(|| Jwt::decode(secret)?.claims.get("exp")?.as_i64().map(Unix))
        .ok_or_else(|| malformed("a token without the time when it expires"))?;
    // Tenants and subscriptions are shown to people and compared; anything else in their place is not kept.
    let identifier = |name: &str| {
        field(name)
            .filter(|text| {
                text.len() <= 256 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
            })
            .map(str::to_owned)
    };
    Ok(CliToken {
        secret: Secret::new(secret),
        expires_on,
        tenant: identifier("tenant"),
        subscription: identifier("subscription"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn read(text: &str) -> Result<(i64, Option<String>), Error> {
        let zone = LocalZone { offset: -5 * 3600, next: None };
        parse_output(text.as_bytes(), zone).map(|token| (token.expires_on.0, token.tenant))
    }

    #[test]
    fn every_version() {
        for (text, at) in [
            (
                r#"{"accessToken":"t","expiresOn":"2026-11-24 05:17:06.000000","expires_on":1795497426}"#,
                1_795_497_426,
            ),
            (r#"{"accessToken":"t","expires_on":"1795497426"}"#, 1_795_497_426),
            (r#"{"accessToken":"t","expiresOn":"2026-11-24 00:17:06.000000"}"#, 1_795_497_426),
            (r#"{"accessToken":"t","expiresOn":"2026-11-24T05:17:06Z"}"#, 1_795_497_426),
            ("{\"accessToken\":\"t\",\"expires_on\":5}\nYou have 2 update(s) available.\n", 5),
            ("\u{feff}{\"accessToken\":\"t\",\r\n\"expires_on\":5}\r\n", 5),
        ] {
            assert_eq!(read(text).unwrap().0, at, "{text}");
        }
        // {"alg":"none"}.{"aud":"x","exp":1790000000}.
        let token = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4IiwiZXhwIjoxNzkwMDAwMDAwfQ.";
        for (rest, at) in [
            (r#","expiresOn":null"#, 1_790_000_000),
            ("", 1_790_000_000),
            (r#","expiresOn":null,"expires_on":5"#, 5),
            (r#","expiresOn":"2026-11-24T05:17:06Z""#, 1_795_497_426),
        ] {
            assert_eq!(read(&format!(r#"{{"accessToken":"{token}"{rest}}}"#)).unwrap().0, at, "{rest}");
        }
        let tenant =
            read(r#"{"accessToken":"t","expires_on":5,"tenant":"22222222-2222-2222-2222-222222222222"}"#);
        assert_eq!(tenant.unwrap().1.as_deref(), Some("22222222-2222-2222-2222-222222222222"));
    }

    #[test]
    fn nonsense_shows_no_token() {
        for text in [
            "",
            "null",
            "[]",
            "\"canary\"",
            "{}",
            r#"{"accessToken":null,"expires_on":1}"#,
            r#"{"accessToken":"canary-token","expiresOn":null}"#,
            r#"{"accessToken":"canary-token","expires_on":"soon"}"#,
            r#"{"accessToken" : "canary-token""#,
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed);
            assert!(!format!("{error:?} {error}").contains("canary-token"), "{text}");
        }
    }
}
