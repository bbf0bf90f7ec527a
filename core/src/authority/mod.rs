//! The authority: who issues tokens, and at which addresses.

mod discovery;
mod kind;
mod region;
mod tenancy;
#[cfg(test)]
mod tests;

use url::Url;

use crate::cloud::Cloud;
use crate::endpoint::{self, Endpoint, PlainHttp};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
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
    /// Where the tenant that was asked last is asked for tokens.
    last: Memo<(Tenant, Endpoint)>,
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
    /// `Configuration` when the address breaks a rule of [`Endpoint::authority`], the cloud is closed, or a known
    /// cloud's address has a path, a tenant for instance.
    pub fn new(address: &str, http: PlainHttp) -> Result<Authority, Error> {
        let authority = Authority::at(address, http)?;
        // Known clouds have their tenants in the path; a secret would go to an address put together of two.
        let Authority { host, kind, cloud, .. } = &authority;
        if cloud.is_some() && *kind == AuthorityKind::Entra && !kind::steps(host).is_empty() {
            return Err(Error::new(
                ErrorKind::Configuration,
                format!("the address of the authority {} has a path", host.host()),
            )
            .with_remedy("give its host alone, and the tenant as the tenant"));
        }
        Ok(authority)
    }

    fn at(address: &str, http: PlainHttp) -> Result<Authority, Error> {
        let address = match Cloud::named(address.trim())? {
            Some(cloud) => cloud.authority,
            None => address,
        };
        let host = Endpoint::authority(address, http)?;
        let cloud = Cloud::of_authority(host.host())?;
        let kind = AuthorityKind::of(&host);
        Ok(Authority { host, kind, cloud, vouched: false, found: Memo::default(), last: Memo::default() })
    }

    /// A provider of OpenID Connect other than Entra, by its issuer's address. Its own addresses are read
    /// from its metadata once, and have to be at the same host.
    ///
    /// # Errors
    /// As for [`Authority::new`].
    pub fn provider(issuer: &str, http: PlainHttp) -> Result<Authority, Error> {
        Ok(Authority { kind: AuthorityKind::Provider, ..Authority::at(issuer, http)? })
    }

    /// `AZURE_AUTHORITY_HOST`, else the public cloud.
    ///
    /// # Errors
    /// As for [`Authority::new`], naming the variable.
    pub fn from_environment(environment: &Environment, http: PlainHttp) -> Result<Authority, Error> {
        let variable = "AZURE_AUTHORITY_HOST";
        let address = environment.get(variable).unwrap_or(Cloud::PUBLIC.authority);
        Authority::new(address, http).map_err(|error| error.of_variable(variable))
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

    /// The cloud, whose addresses may be told and whose tokens may be asked for: its own, or the public one for an
    /// authority on this machine, which is an emulator's that plays it. Nothing for any other that is not known.
    #[must_use]
    pub fn cloud_or_played(&self) -> Option<&'static Cloud> {
        self.cloud().or(Some(Cloud::PUBLIC).filter(|_| self.host().is_loopback()))
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

    /// Whether this is a provider's own name: the address that it was configured by, bar a slash at the end
    /// (OpenID Connect Discovery 1.0 section 4.3). Others may have theirs on the same host.
    pub(crate) fn is_named(&self, issuer: &str) -> bool {
        let address = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        endpoint::read(issuer).is_some_and(|url| address(&url) == address(self.host.url()))
    }

    /// The tenant that its address stands for, for an app that names none: the one in the path of an
    /// external tenant, of a policy of B2C or of dSTS; `contoso.onmicrosoft.com` for
    /// `contoso.ciamlogin.com` alone; `adfs` for an AD FS. A provider knows no tenants, and
    /// `organizations`, which is none in particular, stands for them. Nothing for Entra, which has many.
    #[must_use]
    pub fn own_tenant(&self) -> Option<Tenant> {
        kind::own_tenant(self.kind, &self.host)
    }

    /// What its tokens are kept under: the host, the preferred one of its cloud where that has several
    /// names (the `environment` of the unified cache schema); with port and path where they are its own.
    #[must_use]
    pub fn environment(&self) -> String {
        match self.cloud {
            Some(cloud) if self.kind == AuthorityKind::Entra => {
                cloud.authority.trim_start_matches("https://").trim_end_matches('/').to_owned()
            }
            _ => kind::address(self.kind, &self.host),
        }
    }

    /// The `environment` that a document of the unified cache schema has for its tokens. Entra's is the host
    /// as it was configured, of which MSAL makes its keys; on this machine, where emulators are, without the
    /// port, as MSAL has it. Any other is [`Authority::environment`]: what one issuer gave is never another's
    /// at the same host.
    #[must_use]
    pub fn kept_environment(&self) -> String {
        let plain = self.host.url().port().is_none() || self.host.is_loopback();
        if self.kind == AuthorityKind::Entra && plain && kind::steps(&self.host).is_empty() {
            return self.host.host().to_ascii_lowercase();
        }
        kind::address(self.kind, &self.host)
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

    /// Whether it is an AD FS, by its address or by the tenant. An external tenant of that name is none.
    pub(crate) fn is_adfs(&self, tenant: &Tenant) -> bool {
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
        let steps = kind::steps(&self.host).len();
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
        if let Some(found) = self.found(|found| Some(found.token)) {
            return found;
        }
        match self.last.get() {
            Some((asked, endpoint)) if asked == *tenant => endpoint,
            _ => {
                let endpoint = self.oauth2(tenant, "token");
                self.last.set((tenant.clone(), endpoint.clone()));
                endpoint
            }
        }
    }

    /// Where a person signs in. That of a [`AuthorityKind::Provider`] is known after its discovery.
    #[must_use]
    pub fn authorize(&self, tenant: &Tenant) -> Endpoint {
        self.found(|found| Some(found.authorize)).unwrap_or_else(|| self.oauth2(tenant, "authorize"))
    }

    /// Where a device asks for a code to show. That of a [`AuthorityKind::Provider`] is known after its
    /// discovery, if it has one.
    ///
    /// # Errors
    /// `Configuration` where the provider's metadata has no `device_authorization_endpoint` (RFC 8628 section 4).
    pub fn device_code(&self, tenant: &Tenant) -> Result<Endpoint, Error> {
        match self.found.get() {
            Some(Found::Addresses(addresses)) => addresses.device_code.ok_or_else(|| {
                let what = format!(
                    "{} has no device codes: its metadata names no device_authorization_endpoint at its own host",
                    self.host.host()
                );
                Error::new(ErrorKind::Configuration, what).with_remedy("sign in with a browser")
            }),
            _ => Ok(self.oauth2(tenant, "devicecode")),
        }
    }
}
