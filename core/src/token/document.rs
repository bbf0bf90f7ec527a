//! Reading the reply of a token endpoint.

use serde_json::{Map, Value};

use super::access::AccessToken;
use super::expiry::expiry;
use super::refusal::{Party, Refusal};
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::secret::Secret;

/// What is known of a token before its reply is read.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The credential that asks.
    pub source: &'static str,
    /// The tenant that was asked, where it is one directory.
    pub tenant: Option<String>,
    /// For whom.
    pub party: Party,
}

/// A successful reply (RFC 6749 section 5.1), with what Entra adds to it.
#[derive(Clone, Debug)]
pub struct TokenResponse {
    /// The access token.
    pub access: AccessToken,
    /// For getting further tokens without the person.
    pub refresh_token: Option<Secret>,
    /// Who signed in (OpenID Connect). Informs; proves nothing to others.
    pub id_token: Option<Secret>,
    /// Entra's ids of the account, as base64url of JSON.
    pub client_info: Option<Secret>,
    /// The family of apps that may use the refresh token.
    pub family: Option<String>,
}

/// Reads a reply of a token endpoint: a token, or the error that it is.
///
/// # Errors
/// What the authority refused, as [`Refusal`] reads it; `Malformed` for a reply that is no token.
pub fn parse(answer: &Answer, issued: &Issued) -> Result<TokenResponse, Error> {
    let result = match Refusal::of(answer) {
        Some(refusal) => Err(refusal.into_error(answer, issued.party)),
        None => success(answer, issued),
    };
    result.map_err(|error| error.from_source(issued.source))
}

fn success(answer: &Answer, issued: &Issued) -> Result<TokenResponse, Error> {
    let malformed = |what: String| Error::new(ErrorKind::Malformed, what).with_status(answer.status());
    let Some(document) = answer.object() else {
        return Err(malformed(format!("{} answered {} with something that is not a token", answer.host(), answer.label()))
            .with_remedy("something between may have answered in its place, such as a proxy or a sign-in page of the network")
            .with_detail(answer.excerpt()));
    };
    let Some(token) = text(document, "access_token") else {
        return Err(malformed(format!(
            "{} answered {} without an access_token",
            answer.host(),
            answer.label()
        )));
    };
    let kind = text(document, "token_type").unwrap_or("Bearer");
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(malformed(format!("{} gave a token that is not a bearer token", answer.host())));
    }
    let life = expiry(document, answer.sent())?;
    let access = AccessToken::new(Secret::new(token), life.expires_on, answer.sent(), issued.source)?
        .alive_at(answer.received())?
        .refreshed_on(life.refresh_on)
        .of_tenant(issued.tenant.as_deref())
        .granting(text(document, "scope").map(str::to_owned));
    let secret = |name: &str| text(document, name).map(Secret::new);
    Ok(TokenResponse {
        access,
        refresh_token: secret("refresh_token"),
        id_token: secret("id_token"),
        client_info: secret("client_info"),
        family: text(document, "foci").map(str::to_owned),
    })
}

fn text<'a>(document: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    document.get(name)?.as_str().filter(|value| !value.is_empty())
}
