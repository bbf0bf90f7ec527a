//! The authority: who issues tokens, and at which addresses.

mod discovery;
mod kind;
mod region;

use crate::cloud::Cloud;
use crate::endpoint::{Endpoint, PlainHttp};
use crate::environment::Environment;
use crate::error::Error;
use crate::memo::Memo;
use crate::tenant::Tenant;

pub(crate) use discovery::Discovery;
pub use kind::AuthorityKind;
pub(crate) use region::DetectRegion;
pub use region::Region;

/// An authority, and how far it is known.
#[derive(Clone, Debug)]
pub struct Authority {
    host: Endpoint,
    kind: AuthorityKind,
    cloud: Option<&'static Cloud>,
    vouched: bool,
    found: Memo<Found>,
}

/// What was found out about an authority.
#[derive(Clone, Debug)]
enum Found {
    /// Entra knows its host.
    Known,
    /// The addresses that it names itself.
    Addresses(Box<Addresses>),
}

/// The addresses of a provider of OpenID Connect, all at its own host.
#[derive(Clone, Debug)]
struct Addresses {
    token: Endpoint,
    authorize: Endpoint,
    device_code: Option<Endpoint>,
}

impl Authority {
    /// The authority of a known cloud.
    ///
    /// # Errors
    /// `Configuration` when the cloud is closed.
    pub fn of_cloud(cloud: &'static Cloud) -> Result<Authority, Error> {
        Authority::new(cloud.authority, PlainHttp::Refused)
    }

    /// The authority at this address, or of the cloud with this short name. What it is, is told by the
    /// address: see [`AuthorityKind`].
    ///
    /// # Errors
    /// `Configuration` when the address breaks a rule of [`Endpoint::authority`], or the cloud is
    /// closed.
    pub fn new(address: &str, http: PlainHttp) -> Result<Authority, Error> {
        let address = match Cloud::named(address.trim())? {
            Some(cloud) => cloud.authority,
            None => address,
        };
        let host = Endpoint::authority(address, http)?;
        let cloud = Cloud::of_authority(host.host())?;
        let kind = AuthorityKind::of(&host);
        Ok(Authority { host, kind, cloud, vouched: false, found: Memo::default() })
    }

    /// A provider of OpenID Connect other than Entra, by its issuer's address. Its own addresses are read
    /// from its metadata once, and have to be at the same host.
    ///
    /// # Errors
    /// As for [`Authority::new`].
    pub fn provider(issuer: &str, http: PlainHttp) -> Result<Authority, Error> {
        Ok(Authority { kind: AuthorityKind::Provider, ..Authority::new(issuer, http)? })
    }

    /// `AZURE_AUTHORITY_HOST`, else the public cloud.
    ///
    /// # Errors
    /// As for [`Authority::new`].
    pub fn from_environment(environment: &Environment, http: PlainHttp) -> Result<Authority, Error> {
        let address = environment.get("AZURE_AUTHORITY_HOST").unwrap_or(Cloud::PUBLIC.authority);
        Authority::new(address, http)
    }

    /// The same, where the caller vouches for a host that is not a known one, so that nobody is asked
    /// about it.
    #[must_use]
    pub fn without_discovery(mut self) -> Authority {
        self.vouched = true;
        self
    }

    /// The cloud it belongs to, if known.
    #[must_use]
    pub fn cloud(&self) -> Option<&'static Cloud> {
        self.cloud
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> AuthorityKind {
        self.kind
    }

    /// The address of its host.
    #[must_use]
    pub fn host(&self) -> &Endpoint {
        &self.host
    }

    /// What its tokens are kept under: the host, the preferred one of its cloud where that has several
    /// names (the `environment` of the unified cache schema); with port and path where they are its own.
    #[must_use]
    pub fn environment(&self) -> String {
        let url = match self.cloud {
            Some(cloud) => cloud.authority,
            None => self.host.url().as_str(),
        };
        url.trim_start_matches("https://").trim_end_matches('/').to_ascii_lowercase()
    }

    /// Whether it has endpoints of its own in the regions of Azure. Those of the known clouds have; anywhere
    /// else a region before the host would name one that nobody configured.
    #[must_use]
    pub fn has_regions(&self) -> bool {
        self.kind == AuthorityKind::Entra && self.cloud.is_some()
    }

    /// Whether something has to be asked before anything of this tenant may be sent to it: of Entra, whether
    /// a host that is not known is one of its own; of a provider, where its addresses are. Both are asked
    /// once. Of AD FS nobody is asked.
    #[must_use]
    pub fn needs_discovery(&self, tenant: &Tenant) -> bool {
        let known = self.cloud.is_some_and(|cloud| cloud.trusted);
        let open = match self.kind {
            AuthorityKind::Entra => !known && !self.vouched && !self.host.is_loopback() && !tenant.is_adfs(),
            AuthorityKind::Provider => true,
            _ => false,
        };
        open && self.found.get().is_none()
    }

    fn is_adfs(&self, tenant: &Tenant) -> bool {
        self.kind == AuthorityKind::Adfs || (self.kind == AuthorityKind::Entra && tenant.is_adfs())
    }

    fn oauth2(&self, tenant: &Tenant, last: &str) -> Endpoint {
        match self.kind {
            // AD FS has the first version of the addresses and no tenants.
            AuthorityKind::Adfs => self.host.join(["oauth2", last]),
            AuthorityKind::Entra if tenant.is_adfs() => self.host.join(["adfs", "oauth2", last]),
            _ if self.names_tenant() => self.host.join(["oauth2", "v2.0", last]),
            _ => self.host.join([tenant.as_str(), "oauth2", "v2.0", last]),
        }
    }

    /// Whether the address itself names the tenant, as those of external tenants and of dSTS may.
    fn names_tenant(&self) -> bool {
        let steps = self.host.url().path().split('/').filter(|step| !step.is_empty()).count();
        match self.kind {
            AuthorityKind::External => steps > 0,
            AuthorityKind::Dsts => steps > 1,
            AuthorityKind::Provider => true,
            _ => false,
        }
    }

    fn found(&self, pick: impl FnOnce(Addresses) -> Option<Endpoint>) -> Option<Endpoint> {
        match self.found.get() {
            Some(Found::Addresses(addresses)) => pick(*addresses),
            _ => None,
        }
    }

    /// Where the authority tells whether an account's password is its own to check; nothing where there
    /// is no such place: anywhere but in Entra itself.
    #[must_use]
    pub fn user_realm(&self, tenant: &Tenant, username: &str) -> Option<Endpoint> {
        if self.kind != AuthorityKind::Entra || tenant.is_adfs() {
            return None;
        }
        let below = self.host.join(["common", "userrealm", username]);
        Some(below.with_query([("api-version", "1.0")]))
    }

    /// What an assertion for its token endpoint names as its audience: the endpoint's address, also where
    /// a regional one is asked.
    #[must_use]
    pub fn audience(&self, tenant: &Tenant) -> String {
        self.token(tenant).url().to_string()
    }

    /// Whether assertions are signed in the older way, which AD FS and dSTS want.
    #[must_use]
    pub fn wants_rs256(&self, tenant: &Tenant) -> bool {
        self.is_adfs(tenant) || self.kind == AuthorityKind::Dsts
    }

    /// Where tokens are asked for. That of a [`AuthorityKind::Provider`] is known after its discovery.
    #[must_use]
    pub fn token(&self, tenant: &Tenant) -> Endpoint {
        self.found(|found| Some(found.token)).unwrap_or_else(|| self.oauth2(tenant, "token"))
    }

    /// Where a person signs in. That of a [`AuthorityKind::Provider`] is known after its discovery.
    #[must_use]
    pub fn authorize(&self, tenant: &Tenant) -> Endpoint {
        self.found(|found| Some(found.authorize)).unwrap_or_else(|| self.oauth2(tenant, "authorize"))
    }

    /// Where a device asks for a code to show. That of a [`AuthorityKind::Provider`] is known after its
    /// discovery, if it has one.
    #[must_use]
    pub fn device_code(&self, tenant: &Tenant) -> Endpoint {
        self.found(|found| found.device_code).unwrap_or_else(|| self.oauth2(tenant, "devicecode"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority(address: &str) -> Authority {
        Authority::new(address, PlainHttp::OnLoopback).unwrap()
    }

    #[test]
    fn addresses_are_built() {
        let tenant = Tenant::new("contoso.onmicrosoft.com").unwrap();
        for (host, token) in [
            ("public", "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token"),
            (
                "login.chinacloudapi.cn",
                "https://login.chinacloudapi.cn/contoso.onmicrosoft.com/oauth2/v2.0/token",
            ),
            ("https://host/base/", "https://host/base/contoso.onmicrosoft.com/oauth2/v2.0/token"),
            ("https://sts.example/adfs", "https://sts.example/adfs/oauth2/token"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/contoso.onmicrosoft.com/oauth2/v2.0/token"),
        ] {
            assert_eq!(authority(host).token(&tenant).url().as_str(), token);
        }
        let adfs = Tenant::new("adfs").unwrap();
        assert_eq!(
            authority("sts.example").token(&adfs).url().as_str(),
            "https://sts.example/adfs/oauth2/token"
        );
        assert_eq!(
            authority("https://sts.example/ADFS/").token(&adfs).url().as_str(),
            "https://sts.example/ADFS/oauth2/token"
        );
    }

    #[test]
    fn realms_are_asked_for_where_there_are_any() {
        let of = |host: &str, tenant: &str| {
            let realm = authority(host).user_realm(&Tenant::new(tenant).unwrap(), "a/b\\c d@x.y?#");
            realm.map(|endpoint| endpoint.url().to_string())
        };
        assert_eq!(
            of("public", "organizations").as_deref(),
            Some(
                "https://login.microsoftonline.com/common/userrealm/a%2Fb%5Cc%20d@x.y%3F%23?api-version=1.0"
            )
        );
        for (host, tenant) in [
            ("https://sts.example/adfs", "x"),
            ("https://sts.example", "adfs"),
            ("https://contoso.ciamlogin.com", "x"),
            ("https://contoso.b2clogin.com", "x"),
            ("https://sts.example/dstsv2", "x"),
        ] {
            assert_eq!(of(host, tenant), None, "{host} {tenant}");
        }
    }

    #[test]
    fn every_kind_has_its_addresses() {
        use AuthorityKind::{Adfs, Dsts, Entra, External};
        for (address, tenant, kind, token) in [
            (
                "contoso.ciamlogin.com",
                "contoso.onmicrosoft.com",
                External,
                "https://contoso.ciamlogin.com/contoso.onmicrosoft.com/oauth2/v2.0/token",
            ),
            (
                "https://contoso.ciamlogin.com/adfs",
                "x",
                External,
                "https://contoso.ciamlogin.com/adfs/oauth2/v2.0/token",
            ),
            (
                "https://host/dstsv2",
                "7a433bfc-2514-4697-b467-e0933190487f",
                Dsts,
                "https://host/dstsv2/7a433bfc-2514-4697-b467-e0933190487f/oauth2/v2.0/token",
            ),
            (
                "https://host/dstsv2/7a433bfc-2514-4697-b467-e0933190487f",
                "x",
                Dsts,
                "https://host/dstsv2/7a433bfc-2514-4697-b467-e0933190487f/oauth2/v2.0/token",
            ),
            ("https://sts.example/ADFS", "x", Adfs, "https://sts.example/ADFS/oauth2/token"),
            (
                "https://ciamlogin.com.example",
                "x",
                Entra,
                "https://ciamlogin.com.example/x/oauth2/v2.0/token",
            ),
            ("https://xciamlogin.com", "x", Entra, "https://xciamlogin.com/x/oauth2/v2.0/token"),
        ] {
            let of = authority(address);
            assert_eq!(of.kind(), kind, "{address}");
            assert_eq!(of.token(&Tenant::new(tenant).unwrap()).url().as_str(), token);
        }
    }

    #[test]
    fn who_has_to_be_asked_about() {
        for known in [
            "login.microsoft.com",
            "usgov",
            "http://localhost:1",
            "https://sts.example/adfs",
            "https://contoso.ciamlogin.com",
            "https://host/dstsv2/x",
        ] {
            assert!(!authority(known).needs_discovery(&Tenant::organizations()), "{known}");
        }
        for unknown in ["login.microsoftonline.com.example", "login.windows-ppe.net", "https://host/base"] {
            assert!(authority(unknown).needs_discovery(&Tenant::organizations()), "{unknown}");
            assert!(
                !authority(unknown).without_discovery().needs_discovery(&Tenant::organizations()),
                "{unknown}"
            );
        }
        let provider = Authority::provider("http://localhost:1/op", PlainHttp::OnLoopback).unwrap();
        assert!(provider.without_discovery().needs_discovery(&Tenant::organizations()));
    }

    #[test]
    fn the_environment_names_it() {
        let of = |value: &str| {
            let environment = Environment::new().with("AZURE_AUTHORITY_HOST", value);
            Authority::from_environment(&environment, PlainHttp::Refused)
        };
        assert_eq!(of(" ").unwrap().cloud(), Some(Cloud::PUBLIC));
        assert_eq!(of("https://login.microsoftonline.us/").unwrap().cloud(), Some(Cloud::US_GOVERNMENT));
        assert!(of("http://login.microsoftonline.us/").is_err());
    }
}
