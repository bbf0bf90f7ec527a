//! Which tenant a request goes to, where the authority's address may have said so already.

use super::{Authority, AuthorityKind};
use crate::error::{Error, ErrorKind};
use crate::tenant::{AdditionalTenants, Tenant};

impl Authority {
    /// The tenant that a request goes to. Where there is only one, it is that: a name of no tenant in
    /// particular stands for it, and so does the configured name at an AD FS or a provider, which know
    /// none.
    ///
    /// # Errors
    /// `Configuration` when another is configured or requested than the only one, or the credential may
    /// not act in the requested one; it says what to change.
    pub(crate) fn tenant_for(
        &self,
        configured: &Tenant,
        requested: Option<&Tenant>,
        additional: &AdditionalTenants,
    ) -> Result<Tenant, Error> {
        let Some(only) = self.only_tenant(configured) else {
            return additional.resolve(configured, requested);
        };
        let stands_for_it = |name: &Tenant| name.is_special() || only.is(name.as_str());
        let knows_tenants = matches!(self.kind, AuthorityKind::External | AuthorityKind::Dsts);
        if knows_tenants && !stands_for_it(configured) {
            return Err(self.refused(&only, configured, "is configured").with_remedy(format!(
                "leave the tenant out, or write it as {only}, if it is the same one under another name; for another, change the authority's address"
            )));
        }
        let other = |name: &&Tenant| !stands_for_it(name) && !configured.is(name.as_str());
        match requested.filter(other).filter(|_| additional.follow_requests()) {
            Some(other) => Err(self.refused(&only, other, "was asked for").with_remedy(
                "ask for no tenant in particular, or use a credential whose authority is that tenant's",
            )),
            None => Ok(only),
        }
    }

    /// The only tenant there is: where the address itself names it, and where there are none, under the name
    /// that such authorities have for it.
    fn only_tenant(&self, configured: &Tenant) -> Option<Tenant> {
        match () {
            () if self.is_adfs(configured) => Tenant::new("adfs").ok(),
            () if self.names_tenant() => self.own_tenant().or_else(|| Some(configured.clone())),
            () => None,
        }
    }

    fn refused(&self, only: &Tenant, other: &Tenant, how: &str) -> Error {
        let host = self.host.host();
        let what = match self.kind {
            AuthorityKind::External | AuthorityKind::Dsts => {
                format!(
                    "tenant {other} {how}, but the authority's address at {host} is that of tenant {only}"
                )
            }
            _ => format!("tenant {other} {how}, but {host} knows no tenants"),
        };
        Error::new(ErrorKind::Configuration, what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::PlainHttp;

    fn tenant(name: &str) -> Tenant {
        Tenant::new(name).unwrap()
    }

    fn resolved(authority: &Authority, configured: &str, requested: Option<&str>) -> Result<String, Error> {
        let requested = requested.map(tenant);
        // A list is about the tenants of one authority; it makes no others of it.
        let any = AdditionalTenants::none().allow("*");
        let result = authority.tenant_for(&tenant(configured), requested.as_ref(), &any);
        result.map(|tenant| tenant.to_string())
    }

    #[test]
    fn an_address_that_names_a_tenant_has_no_other() {
        for (address, only) in [
            ("https://contoso.ciamlogin.com/A", "A"),
            ("https://contoso.ciamlogin.com/adfs", "adfs"),
            ("https://contoso.b2clogin.com/tfp/A/b2c_1_in", "A"),
            ("https://host.example/A/B2C_1_in", "A"),
            ("https://host.example/dstsv2/A", "A"),
        ] {
            let authority = Authority::new(address, PlainHttp::Refused).unwrap();
            let of = |configured: &str, requested: Option<&str>| resolved(&authority, configured, requested);
            for configured in ["organizations", "common", "CONSUMERS", only, &only.to_lowercase()] {
                for requested in [None, Some("organizations"), Some(configured), Some(only)] {
                    assert_eq!(of(configured, requested).unwrap(), only, "{address} {configured}");
                }
                let error = of(configured, Some("B")).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Configuration);
                assert!(error.message().contains("tenant B was asked for"), "{error}");
                assert!(error.message().ends_with(&format!("is that of tenant {only}")), "{error}");
                assert!(!error.to_string().contains("additionally"), "{error}");
            }
            for requested in [None, Some(only), Some("B")] {
                let error = of("B", requested).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Configuration);
                assert!(error.message().contains("tenant B is configured"), "{error}");
                assert!(error.remedy().is_some_and(|remedy| remedy.contains(only)), "{error}");
            }
        }
    }

    #[test]
    fn where_there_are_no_tenants_a_configured_name_is_borne_and_no_other_is_had() {
        let at = |address: &str| Authority::new(address, PlainHttp::Refused).unwrap();
        let provider = Authority::provider("https://id.example/realms/ml", PlainHttp::Refused).unwrap();
        for (authority, only) in [(at("https://sts.example/adfs"), "adfs"), (provider, "organizations")] {
            for configured in ["organizations", "contoso.example", only] {
                for requested in [None, Some("common"), Some(only), Some(configured)] {
                    assert_eq!(resolved(&authority, configured, requested).unwrap(), only, "{configured}");
                }
                let error = resolved(&authority, configured, Some("fabrikam.example")).unwrap_err();
                assert!(error.message().ends_with("knows no tenants"), "{error}");
                assert!(error.remedy().is_some());
            }
        }
        // The tenant may say it, too.
        assert_eq!(resolved(&at("https://sts.example"), "ADFS", None).unwrap(), "adfs");
        assert!(resolved(&at("https://sts.example"), "adfs", Some("fabrikam.example")).is_err());
    }

    #[test]
    fn anywhere_else_the_list_decides() {
        for address in ["public", "https://contoso.ciamlogin.com", "https://host.example/dstsv2"] {
            let authority = Authority::new(address, PlainHttp::Refused).unwrap();
            assert_eq!(resolved(&authority, "A", Some("B")).unwrap(), "B");
            let listed = authority.tenant_for(&tenant("A"), Some(&tenant("B")), &AdditionalTenants::none());
            assert!(listed.unwrap_err().to_string().contains("additionally allowed"));
        }
    }

    #[test]
    fn requests_that_are_not_followed_are_not_refused_either() {
        let pinned = crate::Environment::new().with("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH", "1");
        let pinned = AdditionalTenants::from_environment(&pinned);
        let authority = Authority::new("https://contoso.ciamlogin.com/A", PlainHttp::Refused).unwrap();
        let of = |configured: &str| authority.tenant_for(&tenant(configured), Some(&tenant("B")), &pinned);
        assert_eq!(of("organizations").unwrap(), tenant("A"));
        assert!(of("B").is_err());
    }
}
