//! Authorities that are not Entra: AD FS, and dSTS, which Microsoft uses within.

use entrada_core::effect::HttpResponse;
use serde_json::{Value, json};

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
            ["oauth2", "token"] | ["oauth2", "token", ""] => {
                answer(ask, self.grant(ask, Ok(Place::Apart(ADFS))))
            }
            ["oauth2", "devicecode"] => answer(ask, self.device_begin(ask, Ok(Place::Apart(ADFS)))),
            ["oauth2", "deviceauth"] => self.device_page(ask),
            ["oauth2", "authorize"] | ["oauth2", "authorize", ""] => {
                self.authorize(ask, Ok(Place::Apart(ADFS)))
            }
            ["oauth2", "authorize", "login"] => self.sign_in(ask, &Ok(Place::Apart(ADFS))),
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

/// The document of an AD FS, or its refusal: numbers of its own, and no lists of them.
fn answer(ask: &Ask<'_>, document: Result<Value, Fault>) -> HttpResponse {
    match document {
        Ok(document) => reply::json(200, &document),
        Err(fault) => {
            // It knows no status but 400 for what a client did wrong.
            let status = if fault.status == 401 { 400 } else { fault.status };
            let description = fault.line(ask);
            reply::json(status, &json!({ "error": fault.error, "error_description": description }))
        }
    }
}
