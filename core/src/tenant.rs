//! Tenants: what may name one, and which one a request is for.

#[cfg(test)]
pub(crate) mod kinds;

use std::fmt;
use std::sync::Arc;

use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::flows::authority_client::DEVELOPER_CLIENT_ID;

/// The directory of all personal Microsoft accounts.
pub(crate) const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// A tenant: a directory GUID, a domain, or one of Entra's special names.
///
/// Letters, digits, hyphens and dots only; it becomes a path segment of the authority's address. Clones share
/// the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(Arc<str>);

impl Tenant {
    /// The tenant of this name.
    ///
    /// # Errors
    /// `Configuration` when it is empty or has characters that no tenant has.
    pub fn new(name: impl Into<String>) -> Result<Tenant, Error> {
        let name = name.into();
        let name = name.trim();
        let legal = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
        // A name of dots alone would be a path step, one with a hyphen before it an option of a tool.
        if legal && name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Ok(Tenant(name.into()));
        }
        Err(Error::new(ErrorKind::Configuration, "the tenant id is not valid: it takes letters, digits, '-' and '.' only")
            .with_remedy("use the directory (tenant) GUID or a verified domain; https://learn.microsoft.com/partner-center/find-ids-and-domain-names tells where to find them"))
    }

    /// Work and school accounts of any tenant.
    #[must_use]
    pub fn organizations() -> Tenant {
        Tenant("organizations".into())
    }

    /// The name, as it stands in addresses.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both names are the same, without regard to case.
    #[must_use]
    pub fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }

    /// Whether this names a kind of account rather than one directory.
    #[must_use]
    pub fn is_special(&self) -> bool {
        ["common", "organizations", "consumers"].iter().any(|name| self.is(name))
    }

    /// Whether accounts whose home is this directory, by its GUID, sign in to an app through this name: `consumers`
    /// is for personal accounts, `organizations` for all others, and any other name for both. Microsoft's developer
    /// tools let personal accounts in through `organizations` too.
    #[must_use]
    pub fn takes_accounts_of(&self, home: Option<&str>, client_id: &str) -> bool {
        let personal = home.is_some_and(|home| home.eq_ignore_ascii_case(PERSONAL));
        match personal {
            true => !self.is("organizations") || client_id.eq_ignore_ascii_case(DEVELOPER_CLIENT_ID),
            false => !self.is("consumers"),
        }
    }

    /// Whether this is the path of an AD FS server rather than a tenant.
    #[must_use]
    pub fn is_adfs(&self) -> bool {
        self.is("adfs")
    }

    /// Whether this has the form of a directory GUID.
    #[must_use]
    pub fn is_guid(&self) -> bool {
        is_guid(&self.0)
    }
}

impl From<Tenant> for Arc<str> {
    fn from(tenant: Tenant) -> Arc<str> {
        tenant.0
    }
}

/// Whether a text has the form 8-4-4-4-12 of hexadecimal digits.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The other tenants a credential may be asked for tokens of.
///
/// A resource's challenge can name any tenant, so a credential only follows it where it was told to
/// (the confused-deputy guard of every Azure identity library).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdditionalTenants {
    allowed: Vec<String>,
    disabled: bool,
}

impl AdditionalTenants {
    /// No other tenant.
    #[must_use]
    pub fn none() -> AdditionalTenants {
        AdditionalTenants::default()
    }

    /// The same with `tenant` allowed too; `*` allows any.
    #[must_use]
    pub fn allow(mut self, tenant: impl Into<String>) -> AdditionalTenants {
        self.allowed.push(tenant.into().trim().to_owned());
        self
    }

    /// What `AZURE_ADDITIONALLY_ALLOWED_TENANTS` (separated by `;`) lists, pinned to the configured
    /// tenant when `AZURE_IDENTITY_DISABLE_MULTITENANTAUTH` is set.
    #[must_use]
    pub fn from_environment(environment: &Environment) -> AdditionalTenants {
        let list = environment.get("AZURE_ADDITIONALLY_ALLOWED_TENANTS").unwrap_or_default();
        AdditionalTenants {
            allowed: list.split(';').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect(),
            disabled: environment.get("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH").is_some(),
        }
    }

    /// The tenant a request goes to, if any, where the credential may have none of its own: then it is the
    /// requested one, unless the environment forbids others than the configured one.
    ///
    /// # Errors
    /// As for [`AdditionalTenants::resolve`].
    pub fn resolve_any(
        &self,
        configured: Option<&Tenant>,
        requested: Option<&Tenant>,
    ) -> Result<Option<Tenant>, Error> {
        match configured {
            Some(configured) => self.resolve(configured, requested).map(Some),
            None => Ok(requested.filter(|_| !self.disabled).cloned()),
        }
    }

    /// Whether a requested tenant counts at all: the environment may forbid others than the configured one.
    pub(crate) fn follow_requests(&self) -> bool {
        !self.disabled
    }

    /// The tenant a request goes to: the configured one, or the requested one where that is allowed.
    ///
    /// # Errors
    /// `Configuration` when the credential may not act in the requested tenant; the message names
    /// what to add.
    pub fn resolve(&self, configured: &Tenant, requested: Option<&Tenant>) -> Result<Tenant, Error> {
        let Some(requested) = requested.filter(|requested| !configured.is(requested.as_str())) else {
            return Ok(configured.clone());
        };
        if self.disabled {
            return Ok(configured.clone());
        }
        let listed = self.allowed.iter().any(|tenant| tenant == "*" || requested.is(tenant));
        if listed || (self.allowed.is_empty() && configured.is("organizations")) {
            return Ok(requested.clone());
        }
        Err(Error::new(
            ErrorKind::Configuration,
            format!("a token of tenant {requested} was asked for, but this credential is for tenant {configured} alone"),
        )
        .with_remedy(format!(
            "add {requested}, or \"*\" for any tenant, to the additionally allowed tenants of the credential"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::kinds::{LETS_IN, WORK};
    use super::*;

    fn tenant(name: &str) -> Tenant {
        Tenant::new(name).unwrap()
    }

    #[test]
    fn names() {
        for good in [
            "72f988bf-86f1-41af-91ab-2d7cd011db47",
            "contoso.onmicrosoft.com",
            "organizations",
            "common",
            " a ",
        ] {
            assert!(Tenant::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            " ",
            "my tenant",
            "my_tenant",
            "/",
            "\\",
            "\"a\"",
            ".",
            "..",
            "-",
            "-x",
            ".x",
            "a/b",
            "ａ",
            "é",
            "a\n",
        ] {
            let valid = Tenant::new(bad).is_ok();
            assert!(!valid || bad == "a\n", "{bad:?}");
        }
    }

    #[test]
    fn kinds_of_accounts() {
        // Guests come in by the name of the directory.
        for (home, name, lets_in) in LETS_IN.into_iter().chain([(WORK, WORK, true), (PERSONAL, WORK, true)]) {
            for tenant in [tenant(name), tenant(&name.to_uppercase())] {
                for home in [home, &home.to_uppercase()] {
                    assert_eq!(tenant.takes_accounts_of(Some(home), "app"), lets_in, "{home} {name}");
                }
                let tool = lets_in || home == PERSONAL;
                assert_eq!(tenant.takes_accounts_of(Some(home), DEVELOPER_CLIENT_ID), tool, "{home} {name}");
                for app in ["app", DEVELOPER_CLIENT_ID] {
                    let nobody_knows = tenant.takes_accounts_of(None, app);
                    assert_eq!(nobody_knows, tenant.takes_accounts_of(Some(WORK), app), "{name}");
                }
            }
        }
    }

    #[test]
    fn guids() {
        assert!(is_guid("72f988bf-86f1-41af-91ab-2d7cd011db47"));
        for bad in [
            "",
            "72f988bf86f141af91ab2d7cd011db47",
            "0736f41a-0425-bdb5-1563eff02385",
            "72f988bf-86f1-41af-91ab-2d7cd011db4g",
        ] {
            assert!(!is_guid(bad), "{bad}");
        }
    }

    #[test]
    fn other_tenants_need_leave() {
        let (home, other) = (tenant("home"), tenant("Other"));
        let rule = AdditionalTenants::none();
        assert_eq!(rule.resolve(&home, None).unwrap(), home);
        assert_eq!(rule.resolve(&home, Some(&tenant("HOME"))).unwrap(), home);
        let refused = rule.resolve(&home, Some(&other)).unwrap_err();
        assert!(refused.to_string().contains("Other") && refused.to_string().contains("\"*\""));
        assert_eq!(rule.resolve(&Tenant::organizations(), Some(&other)).unwrap(), other);
        for allowed in ["*", "other", " OTHER "] {
            assert_eq!(AdditionalTenants::none().allow(allowed).resolve(&home, Some(&other)).unwrap(), other);
        }
        assert!(
            AdditionalTenants::none().allow("third").resolve(&Tenant::organizations(), Some(&other)).is_err()
        );
        let pinned = AdditionalTenants::from_environment(
            &Environment::new()
                .with("AZURE_ADDITIONALLY_ALLOWED_TENANTS", "a; Other ;")
                .with("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH", "1"),
        );
        assert_eq!(pinned.resolve(&home, Some(&other)).unwrap(), home);
        assert_eq!(pinned.resolve_any(None, Some(&other)).unwrap(), None);
        assert_eq!(AdditionalTenants::none().resolve_any(None, Some(&other)).unwrap(), Some(other));
    }
}
