//! The token proxy of an AKS cluster (identity bindings): it takes the token requests of pods in Entra's
//! place, and nothing else.

use entrada_core::effect::HttpResponse;
use http::StatusCode;

use crate::ask::Ask;
use crate::{Emulator, reply};

/// Where it is at a host that is not its own.
pub(crate) const PREFIX: &str = "aks-token-proxy";

impl Emulator {
    pub(crate) fn token_proxy(&mut self, ask: &Ask<'_>, own_host: bool) -> HttpResponse {
        let pieces = ask.pieces();
        let [.., tenant, "oauth2", "v2.0", "token"] = pieces.as_slice() else {
            return reply::text(StatusCode::NOT_FOUND.as_u16(), "only token requests are taken here");
        };
        let form = ask.form();
        // Whatever else an app could prove itself with is none of the cluster's business.
        let by_assertion = form.get("client_assertion").is_some() && form.get("client_secret").is_none();
        if form.get("grant_type") != Some("client_credentials") || !by_assertion {
            let said = "only client_credentials with a client_assertion are taken here";
            return reply::text(StatusCode::BAD_REQUEST.as_u16(), said);
        }
        let passed_on = ask.passed_on(own_host);
        self.token(&passed_on, tenant)
    }
}
