//! The directories of a caller: the one of the token. Nobody is a guest in another here.

use serde_json::{Value, json};

use super::access::Caller;
use super::list;
use crate::Emulator;
use crate::ask::Ask;
use crate::fault::Fault;

impl Emulator {
    pub(super) fn tenants(&self, ask: &Ask<'_>, caller: &Caller, version: &str) -> Result<Value, Fault> {
        let own = self.config.tenants.iter().filter(|tenant| tenant.id.eq_ignore_ascii_case(caller.tenant()));
        let items = own.map(|tenant| {
            json!({
                "id": format!("/tenants/{}", tenant.id), "tenantId": tenant.id, "displayName": tenant.name,
                "domains": tenant.domains, "defaultDomain": tenant.domains.first(),
                "tenantCategory": "Home", "tenantType": "AAD", "countryCode": "NL",
            })
        });
        list::page(ask, items.collect(), self.config.policy.page_size, version)
    }
}
