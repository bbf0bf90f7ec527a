//! `WWW-Authenticate` (RFC 9110 section 11.6.1), as services send it.
//!
//! Lenient: several challenges in one header, with or without a comma between them; values quoted
//! or bare; blanks anywhere. Nothing here panics, and nothing is believed but the claims.

use std::fmt;

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

use crate::claims::Claims;
use crate::tenant::Tenant;

/// One challenge: a scheme and its parameters, the first of each name.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme, as written.
    pub scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The value of a parameter, without regard to the case of its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Whether this is of the scheme, without regard to case.
    #[must_use]
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The claims that a new token has to satisfy.
    #[must_use]
    pub fn claims(&self) -> Option<Claims> {
        Claims::from_challenge(self.get("claims")?)
    }

    /// The tenant that the challenge names, from the first path step of its authority's address; nothing
    /// where that is none in particular, or cannot be one. Nobody has vouched for it: a token of it is only
    /// given where the credential may act in it ([`crate::TokenRequest::in_tenant`]).
    #[must_use]
    pub fn tenant(&self) -> Option<Tenant> {
        let address =
            ["authorization_uri", "authorization", "authority"].iter().find_map(|name| self.get(name))?;
        let url = crate::endpoint::read(address)?;
        let tenant = Tenant::new(url.path_segments()?.next()?).ok()?;
        Some(tenant).filter(|tenant| !tenant.is_special() && !tenant.is_adfs())
    }
}

impl fmt::Debug for Challenge {
    /// Names of parameters only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenge {} ", self.scheme)?;
        f.debug_set().entries(self.parameters.iter().map(|(name, _)| name)).finish()
    }
}

/// Every challenge of every `WWW-Authenticate` header.
#[must_use]
pub fn of_headers(headers: &HeaderMap) -> Vec<Challenge> {
    headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .flat_map(|value| parse(&String::from_utf8_lossy(value.as_bytes())))
        .collect()
}

/// The claims demanded by a Bearer challenge, whatever its `error` says: Azure Resource Manager does
/// not always call it `insufficient_claims`.
#[must_use]
pub fn claims(headers: &HeaderMap) -> Option<Claims> {
    of_headers(headers).iter().filter(|challenge| challenge.is("Bearer")).find_map(Challenge::claims)
}

/// The challenges in one header value.
#[must_use]
pub fn parse(header: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if rest.is_empty() {
            return challenges;
        }
        let (word, after) = split_at_token_end(rest);
        if word.is_empty() {
            // Not a character that can begin anything: skip it.
            rest = skip_one(rest);
            continue;
        }
        // A word and an equals sign is a parameter; a word before another word is a scheme.
        match (parameter_value(after), challenges.last_mut()) {
            (Some((value, after)), Some(challenge)) => {
                if challenge.get(word).is_none() {
                    challenge.parameters.push((word.to_owned(), value));
                }
                rest = after;
            }
            (Some((_, after)), None) => rest = after,
            (None, _) => {
                challenges.push(Challenge { scheme: word.to_owned(), parameters: Vec::new() });
                rest = after;
            }
        }
    }
}

fn skip_one(text: &str) -> &str {
    let mut characters = text.chars();
    characters.next();
    characters.as_str()
}

/// Whether a character may be part of a token (RFC 9110 section 5.6.2).
fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

fn split_at_token_end(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c| !is_token(c)).unwrap_or(text.len()))
}

/// After a name: `= value`, quoted or bare. A scheme's name has none; nor has the padding of a
/// `token68`.
fn parameter_value(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start().strip_prefix('=')?.trim_start();
    if let Some(quoted) = text.strip_prefix('"') {
        return Some(unquote(quoted));
    }
    let end = text.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(text.len());
    let (value, rest) = text.split_at(end);
    Some((value.to_owned(), rest))
}

/// A quoted-string without its opening mark: its text, and what follows the closing mark.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAIMS: &str = "eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlcyI6WyJwMSJdfX19";

    fn bearer_claims(header: &str) -> Option<String> {
        let claims = parse(header).into_iter().filter(|c| c.is("bearer")).find_map(|c| c.claims());
        claims.map(|c| c.to_json())
    }

    #[test]
    fn every_form_in_the_facts() {
        let forms = [
            format!(
                r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="{CLAIMS}""#
            ),
            format!(
                r#"Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="User session has been revoked", claims="{CLAIMS}""#
            ),
            format!(
                r#"PoP realm="", authorization_uri="x", client_id="00000003-0000-0000-c000-000000000000", nonce="n", Bearer realm="", error="insufficient_claims", claims="{CLAIMS}""#
            ),
            format!(
                r#"Digest realm="foo@test.com", qop="auth,auth-int", nonce="123456abcdefg", opaque="123456", Bearer realm="", error="insufficient_claims", claims="{CLAIMS}""#
            ),
            format!(r#"Bearer authorization_uri="a", resource="b" Bearer claims="{CLAIMS}""#),
            format!("bearer claims={CLAIMS}"),
            format!(r#"Negotiate,Bearer  claims = "{CLAIMS}""#),
            r#"Bearer claims="{\"access_token\":{\"acrs\":{\"essential\":true,\"values\":[\"p1\"]}}}""#
                .to_owned(),
        ];
        for form in forms {
            let wanted = r#"{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}"#;
            assert_eq!(bearer_claims(&form).as_deref(), Some(wanted), "{form}");
        }
    }

    #[test]
    fn parameters_and_tenants() {
        let found = parse(
            r#"Bearer authorization="https://login.microsoftonline.com/tid", resource="https://vault.azure.net""#,
        );
        assert_eq!(found[0].tenant().as_ref().map(Tenant::as_str), Some("tid"));
        for nobody in
            ["", "/common/oauth2/authorize", "/Organizations", "/consumers", "/adfs", "/a_b", "/..%2f"]
        {
            let header = format!(r#"Bearer authorization_uri="https://login.windows.net{nobody}""#);
            assert_eq!(parse(&header)[0].tenant(), None, "{nobody}");
        }
        assert_eq!(found[0].get("RESOURCE"), Some("https://vault.azure.net"));
        let arc = parse("Basic realm=/var/opt/azcmagent/tokens/a=b.key");
        assert_eq!(arc[0].get("realm"), Some("/var/opt/azcmagent/tokens/a=b.key"));
        assert_eq!(parse("Bearer a=1, A=2")[0].get("a"), Some("1"));
    }

    #[test]
    fn nonsense_is_survived() {
        for text in [
            "",
            ",",
            "=",
            "=\"",
            "\"",
            "Bearer",
            "Bearer ,=,=\"\\",
            "é=è",
            "Bearer claims=\"",
            "Negotiate abc==",
            "\u{0}",
        ] {
            let _ = format!("{:?}", parse(text));
        }
        assert_eq!(bearer_claims("Bearer claims=\"not base64!\""), None);
    }
}
