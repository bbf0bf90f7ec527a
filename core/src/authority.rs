//! The authority: who issues tokens, and at which addresses.

use crate::cloud::Cloud;
use crate::endpoint::{Endpoint, PlainHttp};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::tenant::Tenant;

/// The host of an authority, and how far it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    host: Endpoint,
    cloud: Option<&'static Cloud>,
    vouched: bool,
}

impl Authority {
    /// The authority of a known cloud.
    ///
    /// # Errors
    /// `Configuration` when the cloud is closed.
    pub fn of_cloud(cloud: &'static Cloud) -> Result<Authority, Error> {
        Authority::new(cloud.authority, PlainHttp::Refused)
    }

    /// The authority at this address, or of the cloud with this short name.
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
        Ok(Authority { host, cloud, vouched: false })
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

    /// The address of its host.
    #[must_use]
    pub fn host(&self) -> &Endpoint {
        &self.host
    }

    /// Fails for a host that nobody has vouched for: a secret must not go to a look-alike.
    ///
    /// # Errors
    /// `Configuration`, naming the host.
    pub fn trusted(&self) -> Result<&Authority, Error> {
        let known = self.cloud.is_some_and(|cloud| cloud.trusted);
        if known || self.vouched || self.host.is_loopback() {
            return Ok(self);
        }
        Err(Error::new(
            ErrorKind::Configuration,
            format!("{} is not the host of a known Microsoft Entra authority", self.host.host()),
        )
        .with_remedy("check the authority (AZURE_AUTHORITY_HOST); for a private cloud, say that you trust its host: without discovery"))
    }

    fn oauth2(&self, tenant: &Tenant, last: &str) -> Endpoint {
        // AD FS has the first version of the addresses and no tenants.
        match (self.names_adfs(), tenant.is_adfs()) {
            (true, _) => self.host.join(["oauth2", last]),
            (false, true) => self.host.join(["adfs", "oauth2", last]),
            (false, false) => self.host.join([tenant.as_str(), "oauth2", "v2.0", last]),
        }
    }

    /// Where the authority tells whether an account's password is its own to check; nothing where there
    /// is no such place: AD FS, external tenants (CIAM), B2C and dSTS.
    #[must_use]
    pub fn user_realm(&self, tenant: &Tenant, username: &str) -> Option<Endpoint> {
        let host = self.host.host();
        let external = [".ciamlogin.com", ".b2clogin.com"].iter().any(|suffix| host.ends_with(suffix));
        if self.names_adfs() || tenant.is_adfs() || external || self.first_step_is("dstsv2") {
            return None;
        }
        let below = self.host.join(["common", "userrealm", username]);
        Some(below.with_query([("api-version", "1.0")]))
    }

    fn first_step_is(&self, name: &str) -> bool {
        let mut steps = self.host.url().path().split('/').filter(|step| !step.is_empty());
        steps.next().is_some_and(|step| step.eq_ignore_ascii_case(name))
    }

    /// Whether the address itself is that of an AD FS server: `https://host/adfs`.
    fn names_adfs(&self) -> bool {
        self.first_step_is("adfs")
    }

    /// What an assertion for its token endpoint names as its audience.
    #[must_use]
    pub fn audience(&self, tenant: &Tenant) -> String {
        self.token(tenant).url().to_string()
    }

    /// Whether assertions are signed in the older way, which AD FS wants.
    #[must_use]
    pub fn wants_rs256(&self, tenant: &Tenant) -> bool {
        tenant.is_adfs() || self.names_adfs()
    }

    /// Where tokens are asked for.
    #[must_use]
    pub fn token(&self, tenant: &Tenant) -> Endpoint {
        self.oauth2(tenant, "token")
    }

    /// Where a person signs in.
    #[must_use]
    pub fn authorize(&self, tenant: &Tenant) -> Endpoint {
        self.oauth2(tenant, "authorize")
    }

    /// Where a device asks for a code to show.
    #[must_use]
    pub fn device_code(&self, tenant: &Tenant) -> Endpoint {
        self.oauth2(tenant, "devicecode")
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
    fn an_unknown_host_needs_a_voucher() {
        assert!(authority("login.microsoft.com").trusted().is_ok());
        assert!(authority("http://localhost:1").trusted().is_ok());
        assert!(authority("login.windows-ppe.net").trusted().is_err());
        let unknown = authority("login.microsoftonline.com.example");
        assert!(unknown.trusted().unwrap_err().to_string().contains("login.microsoftonline.com.example"));
        assert!(unknown.without_discovery().trusted().is_ok());
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
