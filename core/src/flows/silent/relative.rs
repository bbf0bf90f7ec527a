//! Refresh tokens of other apps: those of one family may use each other's, and who is of it is found out by trying.

use crate::cache::accounts::KeptRefreshToken;
use crate::error::{Error, ErrorKind, Suberror};
use crate::flows::authority_client::EntraClient;

/// The app did not prove itself. No app of a family has to.
const NOT_PROVED: u64 = 7_000_218;

const REMEDY: &str = "the sign-in that is kept is to another app, of which this one is no relative: name no client id \
     (AZURE_CLIENT_ID) if a service principal's was not meant here, or sign in to this app";

/// Whether a refresh token was given to another app than this.
pub(super) fn is_of_another(token: &KeptRefreshToken, client: &EntraClient) -> bool {
    !token.client_id.eq_ignore_ascii_case(client.client_id())
}

/// What a refusal means where it says that this app may not use the refresh token, which is another's: so are those
/// of its relatives, and a sign-in to this app is what helps.
///
/// # Errors
/// The refusal itself, where it says something else.
pub(super) fn stranger(error: Error, with: &KeptRefreshToken, client: &EntraClient) -> Result<Error, Error> {
    match error.suberror() {
        Some(Suberror::ClientMismatch) => Ok(error.as_kind(ErrorKind::InteractionRequired)),
        _ if is_of_another(with, client) && error.aadsts().contains(&NOT_PROVED) => {
            Ok(error.as_kind(ErrorKind::InteractionRequired).with_remedy(REMEDY))
        }
        _ => Err(error),
    }
}
