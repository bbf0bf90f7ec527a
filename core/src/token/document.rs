//! Reading the reply of a token endpoint.

use super::access::AccessToken;
use super::expiry::life;
use super::refusal::{Party, Refusal};
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Field, Fields};
use crate::secret::Secret;
use crate::tenant::Tenant;

/// What is known of a token before its reply is read.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The credential that asks.
    pub source: &'static str,
    /// The tenant that was asked, where it is one directory.
    pub tenant: Option<Tenant>,
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
    let success =
        if answer.is_success() { answer.fields().filter(|fields| !tell_error(fields)) } else { None };
    let result = match success {
        Some(fields) => token(answer, &fields, issued),
        None => Err(match Refusal::of(answer) {
            Some(refusal) => refusal.into_error(answer, issued.party),
            None => no_token(answer),
        }),
    };
    result.map_err(|error| error.asked_as(answer.request_id()).from_source(issued.source))
}

fn malformed(answer: &Answer, what: String) -> Error {
    Error::new(ErrorKind::Malformed, what).with_status(answer.status())
}

fn no_token(answer: &Answer) -> Error {
    let what = format!("{} answered {} with something that is not a token", answer.host(), answer.label());
    malformed(answer, what)
        .with_remedy("something between may have answered in its place, such as a proxy or a sign-in page of the network")
        .with_detail(answer.excerpt())
}

fn token(answer: &Answer, document: &Fields<'_>, issued: &Issued) -> Result<TokenResponse, Error> {
    let Some(token) = document.text("access_token") else {
        let what = format!("{} answered {} without an access_token", answer.host(), answer.label());
        return Err(malformed(answer, what));
    };
    let kind = document.text("token_type").unwrap_or("Bearer");
    if !kind.eq_ignore_ascii_case("bearer") {
        let what = format!("{} gave a token that is not a bearer token", answer.host());
        return Err(malformed(answer, what));
    }
    let life = life(document, answer.sent())?;
    let access = AccessToken::new(Secret::new(token), life.expires_on, answer.sent(), issued.source)?
        .alive_at(answer.received())?
        .refreshed_on(life.refresh_on)
        .of_tenant(issued.tenant.clone())
        .granting(document.text("scope").map(str::to_owned));
    let secret = |name: &str| document.text(name).map(Secret::new);
    Ok(TokenResponse {
        access,
        refresh_token: secret("refresh_token"),
        id_token: secret("id_token"),
        client_info: secret("client_info"),
        family: document.text("foci").map(str::to_owned),
    })
}

/// Whether a document is an error, as [`Refusal::of`] has it.
fn tell_error(fields: &Fields<'_>) -> bool {
    match fields.get("error") {
        Some(Field::Text(code)) => !code.is_empty(),
        Some(Field::Other(value)) => value.is_object(),
        None => false,
    }
}
