//! Microsoft Entra ID: its endpoints, as strict as the service.

mod assertion;
mod authorization_code;
mod authorize;
mod client;
mod client_credentials;
mod demands;
mod device_code;
mod device_page;
mod discovery;
mod fault;
mod issue;
mod on_behalf_of;
mod refresh_token;
mod scope;
mod sign_in;
mod tenant;
mod token;

use entrada_core::effect::HttpResponse;

pub(crate) use client::Proof;
pub(crate) use issue::Principal;
pub(crate) use scope::find as find_resource;

use crate::Emulator;
use crate::ask::Ask;
use crate::html;

impl Emulator {
    pub(crate) fn entra(&mut self, ask: &Ask<'_>) -> HttpResponse {
        match ask.pieces().as_slice() {
            ["devicelogin"] => self.device_page(ask),
            ["common", "discovery", "instance"] => self.instance(ask),
            [tenant, "oauth2", "v2.0", "token"] => self.token(ask, tenant),
            [tenant, "oauth2", "v2.0", "devicecode"] => self.device_authorization(ask, tenant),
            [tenant, "oauth2", "v2.0", "authorize"] => self.authorize(ask, tenant),
            [tenant, "oauth2", "v2.0", "authorize", "login"] => self.sign_in(ask, tenant),
            [tenant, "v2.0", ".well-known", "openid-configuration"] => self.metadata(ask, tenant),
            [tenant, "discovery", "v2.0", "keys"] => self.keys(ask, tenant),
            _ => html::page(404, "Not found", "<p>There is nothing at this address.</p>"),
        }
    }
}
