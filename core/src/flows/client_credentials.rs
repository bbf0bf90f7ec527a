//! The client credentials grant (RFC 6749 section 4.4): an app signs in as itself.

use super::authority_client::EntraClient;
use super::token_exchange::Grant;
use crate::error::Error;
use crate::exchange::{Form, RetryPolicy};
use crate::flow::{self, BoxFlow};
use crate::request::TokenRequest;
use crate::token::{AccessToken, Party};

/// Makes a credential of a type with a `client`, by this name: an app that acts as itself, however it proves that
/// it is the one. The same app gives the same tokens, so what has its name and its client shares them.
macro_rules! acts_as_itself {
    ($credential:ty, $name:expr) => {
        impl $crate::flow::Credential for $credential {
            fn name(&self) -> &'static str {
                $name
            }

            fn begin(
                &self,
                request: &$crate::request::TokenRequest,
            ) -> $crate::flow::BoxFlow<$crate::token::AccessToken> {
                $crate::flows::client_credentials::client_credentials($name, &self.client, request)
            }

            fn partition(&self) -> $crate::cache::Partition {
                $crate::cache::Partition::of_app($name, &self.client)
            }
        }
    };
}

pub(in crate::flows) use acts_as_itself;

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
