//! An app as the authority knows it: what every flow that talks to Entra has in common.

mod asking;
mod discovering;

use std::sync::Arc;
use std::time::Duration;

use super::client_auth::{AssertionSource, ClientAuth};
use super::workload_identity::TokenProxy;
use crate::authority::{Authority, Region};
use crate::cache::accounts::AuthenticationRecord;
use crate::cloud::Cloud;
use crate::endpoint::PlainHttp;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;
use crate::tenant::{AdditionalTenants, Tenant};

/// The app that Microsoft's developer tools share; a sign-in without an app of one's own uses it.
pub const DEVELOPER_CLIENT_ID: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// An app registration: its authority, tenant and client id. Clones share what they know.
#[derive(Clone, Debug)]
pub struct EntraClient(Arc<Known>);

/// What is known of an app.
#[derive(Clone, Debug)]
struct Known {
    authority: Authority,
    tenant: Tenant,
    client_id: String,
    additional: AdditionalTenants,
    auth: ClientAuth,
    region: Option<Region>,
    proxy: Option<TokenProxy>,
    limit: Option<Duration>,
}

impl EntraClient {
    /// The app `client_id` of `tenant` in the public cloud.
    ///
    /// # Errors
    /// `Configuration` when either cannot be what it is meant to be.
    pub fn new(tenant: impl Into<String>, client_id: impl Into<String>) -> Result<EntraClient, Error> {
        let client_id = client_id.into().trim().to_owned();
        if client_id.is_empty() || !client_id.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::new(
                ErrorKind::Configuration,
                "the client id is missing or has characters that none has",
            )
            .with_remedy("use the Application (client) ID of the app registration"));
        }
        Ok(EntraClient(Arc::new(Known {
            authority: Authority::of_cloud(Cloud::PUBLIC)?,
            tenant: Tenant::new(tenant)?,
            client_id,
            additional: AdditionalTenants::none(),
            auth: ClientAuth::None,
            region: None,
            proxy: None,
            limit: None,
        })))
    }

    fn change(&mut self) -> &mut Known {
        Arc::make_mut(&mut self.0)
    }

    /// The app that Microsoft's developer tools share, for accounts of any organization.
    ///
    /// # Errors
    /// None that is known; as for [`EntraClient::new`].
    pub fn developer() -> Result<EntraClient, Error> {
        EntraClient::new(Tenant::organizations().as_str(), DEVELOPER_CLIENT_ID)
    }

    /// The app that somebody signed in to when this record was made, at the authority and for the tenant of that
    /// sign-in; whose account it was, [`Memory::of_record`](crate::Memory::of_record) takes from it.
    ///
    /// ```
    /// use entrada_core::cache::accounts::AuthenticationRecord;
    /// use entrada_core::{EntraClient, Memory, SharedTokenCacheCredential};
    ///
    /// let kept = r#"{"authority": "login.microsoftonline.com", "clientId": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    ///     "homeAccountId": "oid.tid", "tenantId": "contoso.com", "username": "ada@contoso.com"}"#;
    /// let record = AuthenticationRecord::from_json(kept)?;
    /// let memory = Memory::shared().of_record(&record);
    /// let ada = SharedTokenCacheCredential::of(EntraClient::of_record(&record)?, memory);
    /// # Ok::<(), entrada_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Configuration` when the record's authority, tenant or client id cannot be one.
    pub fn of_record(record: &AuthenticationRecord) -> Result<EntraClient, Error> {
        let authority = Authority::new(&format!("https://{}", record.authority), PlainHttp::Refused)?;
        Ok(EntraClient::new(record.tenant_id.as_str(), record.client_id.as_str())?.with_authority(authority))
    }

    /// The app of the tenant that the authority's address stands for ([`Authority::own_tenant`]).
    ///
    /// # Errors
    /// `Configuration` when it stands for none, or the client id cannot be one.
    pub fn at(authority: Authority, client_id: impl Into<String>) -> Result<EntraClient, Error> {
        let Some(tenant) = authority.own_tenant() else {
            let what = format!("{} serves many tenants, and none was named", authority.host().host());
            return Err(Error::new(ErrorKind::Configuration, what).with_remedy("name the tenant"));
        };
        Ok(EntraClient::new(tenant.as_str(), client_id)?.with_authority(authority))
    }

    /// The same at another authority. An app of no tenant in particular, `organizations` for instance, is
    /// one of the tenant that the authority's address stands for, where it stands for one.
    #[must_use]
    pub fn with_authority(mut self, authority: Authority) -> EntraClient {
        if let Some(own) = authority.own_tenant().filter(|_| self.0.tenant.is_special()) {
            self.change().tenant = own;
        }
        self.change().authority = authority;
        self
    }

    /// The same, allowed to get tokens of other tenants too.
    #[must_use]
    pub fn allowing(mut self, tenants: AdditionalTenants) -> EntraClient {
        self.change().additional = tenants;
        self
    }

    /// The same, asking the endpoint of this region for tokens of the app itself.
    #[must_use]
    pub fn in_region(mut self, region: Region) -> EntraClient {
        self.change().region = Some(region);
        self
    }

    /// The same, asking the global endpoint, whatever variables said of a region: `MSAL_FORCE_REGION` is
    /// meant for every program of a machine.
    #[must_use]
    pub fn in_no_region(mut self) -> EntraClient {
        self.change().region = None;
        self
    }

    /// The same, with what variables say of tenants and of the region:
    /// `AZURE_ADDITIONALLY_ALLOWED_TENANTS`, `AZURE_IDENTITY_DISABLE_MULTITENANTAUTH`,
    /// `AZURE_REGIONAL_AUTHORITY_NAME`.
    #[must_use]
    pub fn as_environment_says(mut self, environment: &Environment) -> EntraClient {
        self.change().region = Region::from_environment(environment);
        self.allowing(AdditionalTenants::from_environment(environment))
    }

    /// The same, proving itself with a client secret.
    ///
    /// # Errors
    /// `Configuration` when it is empty.
    pub fn with_secret(mut self, secret: impl Into<Secret>) -> Result<EntraClient, Error> {
        let secret = secret.into();
        if secret.is_empty() {
            return Err(Error::new(ErrorKind::Configuration, "the client secret is empty")
                .with_remedy("use the Value of a client secret of the app registration"));
        }
        self.change().auth = ClientAuth::Secret(secret);
        Ok(self)
    }

    /// The same, proving itself with assertions of this source: a certificate, a file, another
    /// credential.
    #[must_use]
    pub fn with_assertion(mut self, source: impl AssertionSource + 'static) -> EntraClient {
        self.change().auth = ClientAuth::Assertion(Arc::new(source));
        self
    }

    /// The same, giving every request to its authority this long, with all its tries and the waits between them,
    /// instead of the 90 seconds of [`RetryPolicy::AUTHORITY`](crate::exchange::RetryPolicy::AUTHORITY). It holds for the discovery of an authority and for
    /// what a user name and password take besides the token request, each on its own. A single try has 30 seconds
    /// at most, however long this is, and the number of tries stays what it is; a shorter deadline of a driver, or
    /// of a run, goes before it. When it is over, the error is `Timeout`, or what came of the last try.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use entrada_core::EntraClient;
    ///
    /// // A service that has to answer its own callers within seconds.
    /// let app = EntraClient::new("contoso.onmicrosoft.com", "client-id")?.within(Duration::from_secs(10));
    /// # Ok::<(), entrada_core::Error>(())
    /// ```
    #[must_use]
    pub fn within(mut self, limit: Duration) -> EntraClient {
        self.change().limit = Some(limit);
        self
    }

    /// The same, sending its token requests to this proxy instead of the authority.
    #[must_use]
    pub(crate) fn through(mut self, proxy: Option<TokenProxy>) -> EntraClient {
        self.change().proxy = proxy;
        self
    }

    pub(crate) fn proxy(&self) -> Option<&TokenProxy> {
        self.0.proxy.as_ref()
    }

    /// What it proves itself with.
    #[must_use]
    pub fn auth(&self) -> &ClientAuth {
        &self.0.auth
    }

    /// The client id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// The authority.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.0.authority
    }

    /// The configured tenant.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.0.tenant
    }

    /// The other tenants it may act in.
    #[must_use]
    pub fn additional(&self) -> &AdditionalTenants {
        &self.0.additional
    }

    /// The region whose endpoint is asked for tokens of the app itself, if any.
    #[must_use]
    pub fn region(&self) -> Option<&Region> {
        self.0.region.as_ref()
    }
}
