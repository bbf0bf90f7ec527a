//! An app as the authority knows it: what every flow that talks to Entra has in common.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderName;

use super::client_auth::{AssertionSource, ClientAuth};
use super::workload_identity::TokenProxy;
use crate::authority::{Authority, AuthorityKind, Discovery, Region};
use crate::cache::accounts::AuthenticationRecord;
use crate::cloud::Cloud;
use crate::effect::Reply;
use crate::endpoint::PlainHttp;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Form, RequestSpec, RetryPolicy};
use crate::flow::{BoxFlow, Cx, Flow};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::secret::Secret;
use crate::tenant::{AdditionalTenants, Tenant};
use crate::token::{Issued, Party};

/// The app that Microsoft's developer tools share; a sign-in without an app of one's own uses it.
pub const DEVELOPER_CLIENT_ID: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

const REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const RETURN_ID: HeaderName = HeaderName::from_static("return-client-request-id");
const SKU: HeaderName = HeaderName::from_static("x-client-sku");
const VERSION: HeaderName = HeaderName::from_static("x-client-ver");
const SYSTEM: HeaderName = HeaderName::from_static("x-client-os");

/// The system that this was built for.
const OS: &str = match () {
    () if cfg!(target_os = "linux") => "linux",
    () if cfg!(target_os = "macos") => "macos",
    () if cfg!(windows) => "windows",
    () if cfg!(target_family = "wasm") => "wasm",
    () => "other",
};

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
    /// instead of the 90 seconds of [`RetryPolicy::AUTHORITY`]. It holds for the discovery of an authority and for
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

    /// A policy for requests to its authority, within the time that it was given.
    pub(crate) fn limited(&self, policy: RetryPolicy) -> RetryPolicy {
        RetryPolicy { within: self.0.limit.or(policy.within), ..policy }
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

    /// The flow that finds out what has to be known of the authority before anything is sent to it:
    /// nothing is asked where all is known. The other flows do this by themselves; a web app whose
    /// authority is a provider does it before its first sign-in.
    #[must_use]
    pub fn discover(&self) -> BoxFlow<()> {
        let policy = self.limited(RetryPolicy::AUTHORITY);
        Box::new(Discovery::of(&self.0.authority, &self.0.tenant, policy))
    }

    /// The flow of the credential of this name, after what has to be known of the authority was found out.
    #[must_use]
    pub(crate) fn once_known<T: Debug + Send + 'static>(
        &self,
        source: &'static str,
        flow: BoxFlow<T>,
    ) -> BoxFlow<T> {
        match self.0.authority.needs_discovery(&self.0.tenant) {
            true => Box::new(After { source, first: Some(self.discover()), then: flow }),
            false => flow,
        }
    }

    /// The tenant that a request goes to: the only one, where the authority has no others.
    ///
    /// # Errors
    /// `Configuration` when the tenant is not allowed, or is none of the authority's: one whose address
    /// names a tenant has that alone, and AD FS and other providers have none.
    pub fn tenant_for(&self, request: &TokenRequest) -> Result<Tenant, Error> {
        self.0.authority.tenant_for(&self.0.tenant, request.tenant(), &self.0.additional)
    }

    /// The tenant that a request for a person goes to, or for an app that acts for one.
    ///
    /// # Errors
    /// As for [`EntraClient::tenant_for`], and `Configuration` at a dSTS, which is for apps that act as
    /// themselves: see [`AuthorityKind::Dsts`].
    pub fn tenant_for_person(&self, request: &TokenRequest) -> Result<Tenant, Error> {
        if self.0.authority.kind() == AuthorityKind::Dsts {
            let what = format!(
                "{} is a dSTS, which is for apps that act as themselves: nobody signs in there, and no app acts for somebody",
                self.0.authority.host().host()
            );
            return Err(Error::new(ErrorKind::Configuration, what).with_remedy(
                "use a certificate, a secret or an assertion of the app there, or an authority of Microsoft Entra",
            ));
        }
        self.tenant_for(request)
    }

    /// A form that begins with this app: where a grant of one's own begins.
    #[must_use]
    pub fn form(&self) -> Form {
        Form::new().field("client_id", &self.0.client_id)
    }

    /// A `POST` to the token endpoint. `label` names it to people.
    #[must_use]
    pub fn token_post(&self, tenant: &Tenant, form: Form, label: &'static str) -> RequestSpec {
        RequestSpec::post(self.0.authority.token(tenant), form, label)
    }

    /// The same request with an id that finds it in the authority's logs, and with what sends it.
    #[must_use]
    pub fn identify(&self, spec: RequestSpec, cx: &mut Cx<'_>) -> RequestSpec {
        self.identified(spec, &cx.random_guid())
    }

    /// The same request with this id; every try of it has the same.
    pub(crate) fn identified(&self, spec: RequestSpec, id: &str) -> RequestSpec {
        spec.header(REQUEST_ID, id)
            .fixed_header(RETURN_ID, "true")
            .fixed_header(SKU, "entrada")
            .fixed_header(VERSION, env!("CARGO_PKG_VERSION"))
            .fixed_header(SYSTEM, OS)
    }

    /// What is known of a token of `tenant` before it comes, for the credential of this name.
    #[must_use]
    pub fn issued(&self, source: &'static str, tenant: &Tenant, party: Party) -> Issued {
        let known = !(tenant.is_special() || self.0.authority.is_adfs(tenant));
        Issued { source, tenant: known.then(|| tenant.clone()), party }
    }
}

/// A flow that runs before another.
#[derive(Debug)]
struct After<T> {
    source: &'static str,
    first: Option<BoxFlow<()>>,
    then: BoxFlow<T>,
}

impl<T: Debug> Flow for After<T> {
    type Output = T;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<T> {
        let reply = match &mut self.first {
            Some(first) => match first.step(cx, reply) {
                Step::Do(effect) => return Step::Do(effect),
                Step::Done(Err(error)) => return Step::Done(Err(error.from_source(self.source))),
                Step::Done(Ok(())) => {
                    self.first = None;
                    None
                }
            },
            None => reply,
        };
        self.then.step(cx, reply)
    }
}
