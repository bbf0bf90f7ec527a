//! The client credentials grant (RFC 6749 section 4.4): an app signs in as itself.

use super::authority_client::EntraClient;
use super::token_exchange::Grant;
use crate::error::Error;
use crate::exchange::{Form, RetryPolicy};
use crate::flow::{self, BoxFlow};
use crate::request::TokenRequest;
use crate::token::{AccessToken, Party};

/// The flow of a token for the app itself, for the credential of this name.
///
/// A refresh token that comes with it is of no use to an app that can prove itself, and is dropped.
#[must_use]
pub fn client_credentials(
    source: &'static str,
    client: &EntraClient,
    request: &TokenRequest,
) -> BoxFlow<AccessToken> {
    match grant(source, client, request) {
        Ok(grant) => client.once_known(source, flow::map(grant.exchange(), |response| Ok(response.access))),
        Err(error) => flow::ready(Err(error.from_source(source))),
    }
}

fn grant(source: &'static str, client: &EntraClient, request: &TokenRequest) -> Result<Grant, Error> {
    Ok(Grant {
        tenant: client.tenant_for(request)?,
        client: client.clone(),
        form: Form::new()
            .field("grant_type", "client_credentials")
            .field("scope", request.scopes().joined())
            .optional("claims", request.claims_parameter().as_deref()),
        label: "a token for the app (client_credentials)",
        source,
        party: Party::App,
        policy: RetryPolicy::AUTHORITY,
        anchor: None,
    })
}
