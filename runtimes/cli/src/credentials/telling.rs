//! Whose token a managed identity gave, where that is not what its name says.

use std::sync::Once;

use entrada_core::cache::Partition;
use entrada_core::{AccessToken, BoxFlow, Credential, Error, ManagedIdentityCredential, TokenRequest, flow};

use crate::output;
use crate::ui::say;

/// The same credential; that a managed identity gave the token of a person is said, once.
#[derive(Debug)]
pub(super) struct Telling<C>(pub(super) C);

impl<C: Credential> Credential for Telling<C> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        flow::map(self.0.begin(request), told)
    }

    fn renew(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        flow::map(self.0.renew(request), told)
    }

    fn partition(&self) -> Partition {
        self.0.partition()
    }
}

fn told(token: AccessToken) -> Result<AccessToken, Error> {
    static ONCE: Once = Once::new();
    if ManagedIdentityCredential::gave_that_of_a_person(&token) {
        ONCE.call_once(|| {
            let who = output::who(token.identity()).unwrap_or_else(|| "a person".to_owned());
            say(&format!(
                "note: this host's managed identity gave the token of a person: {who}. Name an identity with --identity client-id:X, or pass --refuse-to-guess to have none of a person"
            ));
        });
    }
    Ok(token)
}
