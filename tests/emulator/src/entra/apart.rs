//! Authorities that are not Entra: AD FS, and dSTS, which Microsoft uses within.

use entrada_core::effect::HttpResponse;
use serde_json::json;

use super::discovery::Addresses;
use super::fault::Fault;
use super::tenant::{ADFS, DSTS, Place};
use crate::ask::Ask;
use crate::{Emulator, adfs, html, jwt, reply};

impl Emulator {
    /// What is below `/adfs`.
    pub(super) fn adfs(&mut self, ask: &Ask<'_>, below: &[&str]) -> HttpResponse {
        let base = format!("{}/{ADFS}", ask.origin);
        match below {
            [".well-known", "openid-configuration"] => self.document(ask, |_| {
                let addresses = Addresses {
                    issuer: base.clone(),
                    authorize: format!("{base}/oauth2/authorize"),
                    token: format!("{base}/oauth2/token"),
                    device: format!("{base}/oauth2/devicecode"),
                    keys: format!("{base}/discovery/keys"),
                };
                Ok(addresses.document())
            }),
            ["discovery", "keys"] => self.document(ask, |_| Ok(jwt::key_set(&base))),
            ["oauth2", "token"] | ["oauth2", "token", ""] => match self.grant(ask, Ok(Place::Apart(ADFS))) {
                Ok(document) => reply::json(200, &document),
                Err(fault) => refusal(&fault),
            },
            ["services", "trust", "mex"] => adfs::metadata(ask),
            ["services", "trust", version @ ("13" | "2005"), "usernamemixed"] => self.ws_trust(ask, version),
            _ => html::page(404, "Not found", "<p>There is nothing at this address.</p>"),
        }
    }

    /// What is below `/dstsv2/{tenant}`.
    pub(super) fn dsts(&mut self, ask: &Ask<'_>, tenant: &str, below: &[&str]) -> HttpResponse {
        let base = format!("{}/dstsv2/{DSTS}", ask.origin);
        let known = tenant.eq_ignore_ascii_case(DSTS);
        match below {
            [".well-known", "openid-configuration"] | ["v2.0", ".well-known", "openid-configuration"]
                if known =>
            {
                self.document(ask, |_| {
                    let addresses = Addresses {
                        issuer: base.clone(),
                        authorize: format!("{base}/oauth2/v2.0/authorize"),
                        token: format!("{base}/oauth2/v2.0/token"),
                        device: format!("{base}/oauth2/v2.0/devicecode"),
                        keys: format!("{base}/discovery/v2.0/keys"),
                    };
                    Ok(addresses.document())
                })
            }
            ["discovery", "v2.0", "keys"] if known => self.document(ask, |_| Ok(jwt::key_set(&base))),
            ["oauth2", "v2.0", "token"] if known => match self.grant(ask, Ok(Place::Apart(DSTS))) {
                Ok(document) => self.accept(ask, &document),
                Err(fault) => self.refuse(ask, &fault),
            },
            _ => html::page(404, "Not found", "<p>There is nothing at this address.</p>"),
        }
    }
}

/// The error document of an AD FS: numbers of its own, and no lists of them.
fn refusal(fault: &Fault) -> HttpResponse {
    let description = match fault.error {
        "invalid_client" => {
            "MSIS9622: Client authentication failed. Please verify the credential provided for \
                             client authentication is valid."
                .to_owned()
        }
        _ => format!(
            "MSIS9604: The authorization server was not able to fulfill the request. {}",
            fault.message
        ),
    };
    // It knows no status but 400 for what a client did wrong.
    let status = if fault.status == 401 { 400 } else { fault.status };
    reply::json(status, &json!({ "error": fault.error, "error_description": description }))
}
