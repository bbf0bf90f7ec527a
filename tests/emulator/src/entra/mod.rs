//! Microsoft Entra ID: its endpoints, as strict as the service.

mod apart;
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
mod password;
mod refresh_token;
mod scope;
mod sign_in;
mod tenant;
mod token;
mod user_realm;

use entrada_core::effect::HttpResponse;

pub(crate) use client::Proof;
pub(crate) use issue::Principal;
pub(crate) use scope::find as find_resource;

use fault::Fault;
use tenant::{Place, is_adfs};

use crate::Emulator;
use crate::ask::Ask;
use crate::html;

impl Emulator {
    pub(crate) fn entra(&mut self, ask: &Ask<'_>) -> HttpResponse {
        let pieces = ask.pieces();
        if let (Some(name), [tenant, ..]) = (ask.origin.external(), pieces.as_slice())
            && *tenant != "devicelogin"
            && let Err(fault) = self.external(&name, tenant)
        {
            return self.refuse(ask, &fault);
        }
        if let Some((tenant, below)) = policy(&pieces) {
            return self.policy(ask, tenant, below);
        }
        if ask.origin.b2c().is_some() {
            return nothing();
        }
        let elsewhere = ask.origin.cloud().is_none() && ask.origin.external().is_none();
        let federation = self.config.federations.iter().any(|known| known.host == ask.origin.host());
        match pieces.as_slice() {
            [_, below @ ..] if is_adfs(ask) => self.adfs(ask, below),
            [tenant, "oauth2", "v2.0", "token"] if !federation => self.token(ask, tenant),
            _ if ask.origin.region().is_some() => nothing(),
            _ if federation => nothing(),
            ["dstsv2", tenant, below @ ..] if elsewhere => self.dsts(ask, tenant, below),
            ["devicelogin"] => self.device_page(ask),
            ["common", realm, username] if realm.eq_ignore_ascii_case("userrealm") => {
                self.user_realm(ask, username)
            }
            ["common", "discovery", "instance"] => self.instance(ask),
            [tenant, "oauth2", "v2.0", "devicecode"] => {
                let place = Place::find(&self.config, tenant);
                self.device_authorization(ask, place)
            }
            [tenant, "oauth2", "v2.0", "authorize"] => {
                let place = Place::find(&self.config, tenant);
                self.authorize(ask, place)
            }
            [tenant, "oauth2", "v2.0", "authorize", "login"] => {
                let place = Place::find(&self.config, tenant);
                self.sign_in(ask, &place)
            }
            [tenant, "v2.0", ".well-known", "openid-configuration"] => self.metadata(ask, tenant),
            [tenant, ".well-known", "openid-configuration"] if elsewhere => {
                self.provider_metadata(ask, tenant)
            }
            [tenant, "discovery", "v2.0", "keys"] => self.keys(ask, tenant),
            _ => nothing(),
        }
    }

    /// What is below a policy of B2C: it serves people and apps, and no devices.
    fn policy(&mut self, ask: &Ask<'_>, tenant: &str, below: &[&str]) -> HttpResponse {
        if let Some(name) = ask.origin.b2c()
            && let Err(fault) = self.external(&name, tenant)
        {
            return self.refuse(ask, &fault);
        }
        let place = Place::find(&self.config, tenant);
        match below {
            ["oauth2", "v2.0", "token"] => self.token(ask, tenant),
            ["oauth2", "v2.0", "authorize"] => self.authorize(ask, place),
            ["oauth2", "v2.0", "authorize", "login"] => self.sign_in(ask, &place),
            _ => nothing(),
        }
    }

    /// The host of an external tenant serves that tenant alone, by whichever name.
    fn external(&self, name: &str, tenant: &str) -> Result<(), Fault> {
        let domain = format!("{name}.onmicrosoft.com");
        match Place::find(&self.config, tenant)? {
            Place::Tenant(known)
                if known.id.eq_ignore_ascii_case(name)
                    || known.domains.iter().any(|known| known.eq_ignore_ascii_case(&domain)) =>
            {
                Ok(())
            }
            _ => Err(tenant::unknown(tenant)),
        }
    }
}

/// The tenant of a policy of B2C and what is below it: `tfp/{tenant}/{policy}` and `{tenant}/b2c_…`.
fn policy<'a>(pieces: &'a [&'a str]) -> Option<(&'a str, &'a [&'a str])> {
    match pieces {
        [tfp, tenant, _, below @ ..] if tfp.eq_ignore_ascii_case("tfp") => Some((tenant, below)),
        [tenant, policy, below @ ..] if policy.to_ascii_lowercase().starts_with("b2c_") => {
            Some((tenant, below))
        }
        _ => None,
    }
}

fn nothing() -> HttpResponse {
    html::page(404, "Not found", "<p>There is nothing at this address.</p>")
}
