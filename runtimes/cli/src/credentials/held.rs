//! A token that is at hand already.

use entrada_core::{AccessToken, BoxFlow, Credential, Error, ErrorKind, TokenRequest};

/// A credential that has its token already, so that a call is made with the very token that is told of,
/// and nobody is asked twice.
#[derive(Debug)]
pub(crate) struct Held(pub(crate) AccessToken);

impl Credential for Held {
    fn name(&self) -> &'static str {
        self.0.source()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        entrada_core::flow::ready(match request.claims() {
            None => Ok(self.0.clone()),
            Some(claims) => Err(Error::new(
                ErrorKind::InteractionRequired,
                "the service demands more than the token at hand has",
            )
            .with_claims(Some(claims.clone()))),
        })
    }
}
