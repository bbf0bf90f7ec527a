//! Tokens of a person, where that of a managed identity was asked for.

use super::NAME;
use crate::error::{Error, ErrorKind};
use crate::token::AccessToken;

/// The caller takes no person's.
pub(super) fn where_none_is_taken(token: AccessToken) -> Result<AccessToken, Error> {
    of_none(token, "name a managed identity that this host has by its client id")
}

/// The caller named the identity.
pub(super) fn instead_of_named(token: AccessToken) -> Result<AccessToken, Error> {
    of_none(token, "assign the identity that was named to this host, or name one that it has")
}

/// `AZURE_CLIENT_ID` named it.
pub(super) fn instead_of_azure_client_id(token: AccessToken) -> Result<AccessToken, Error> {
    let remedy = "AZURE_CLIENT_ID names the identity: assign that to this host, or unset the variable if it is meant \
                  for something else";
    of_none(token, remedy)
}

/// The compute named it, with `DEFAULT_IDENTITY_CLIENT_ID`.
pub(super) fn instead_of_default(token: AccessToken) -> Result<AccessToken, Error> {
    of_none(
        token,
        "DEFAULT_IDENTITY_CLIENT_ID names the identity: assign that to this compute, or name another by its client id",
    )
}

/// Fails for a token that says it is a user's.
fn of_none(token: AccessToken, remedy: &'static str) -> Result<AccessToken, Error> {
    if token.identity().is_app != Some(false) {
        return Ok(token);
    }
    let what = "the host gave the token of a person, not of a managed identity";
    Err(Error::new(ErrorKind::Refused, what).with_remedy(remedy).from_source(NAME))
}
