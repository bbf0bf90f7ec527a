//! An app as the authority knows it: what every flow that talks to Entra has in common.

use std::sync::Arc;

use http::header::HeaderName;

use super::client_auth::{AssertionSource, ClientAuth};
use crate::authority::Authority;
use crate::cloud::Cloud;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Form, RequestSpec};
use crate::flow::Cx;
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::tenant::{AdditionalTenants, Tenant};
use crate::token::{Issued, Party};

/// The app that Microsoft's developer tools share; a sign-in without an app of one's own uses it.
pub const DEVELOPER_CLIENT_ID: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// An app registration: its authority, tenant and client id.
#[derive(Clone, Debug)]
pub struct EntraClient {
    authority: Authority,
    tenant: Tenant,
    client_id: String,
    additional: AdditionalTenants,
    auth: ClientAuth,
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
        Ok(EntraClient {
            authority: Authority::of_cloud(Cloud::PUBLIC)?,
            tenant: Tenant::new(tenant)?,
            client_id,
            additional: AdditionalTenants::none(),
            auth: ClientAuth::None,
        })
    }

    /// The app that Microsoft's developer tools share, for accounts of any organization.
    ///
    /// # Errors
    /// None that is known; as for [`EntraClient::new`].
    pub fn developer() -> Result<EntraClient, Error> {
        EntraClient::new(Tenant::organizations().as_str(), DEVELOPER_CLIENT_ID)
    }

    /// The same at another authority.
    #[must_use]
    pub fn with_authority(mut self, authority: Authority) -> EntraClient {
        self.authority = authority;
        self
    }

    /// The same, allowed to get tokens of other tenants too.
    #[must_use]
    pub fn allowing(mut self, tenants: AdditionalTenants) -> EntraClient {
        self.additional = tenants;
        self
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
        self.auth = ClientAuth::Secret(secret);
        Ok(self)
    }

    /// The same, proving itself with assertions of this source: a certificate, a file, another
    /// credential.
    #[must_use]
    pub fn with_assertion(mut self, source: impl AssertionSource + 'static) -> EntraClient {
        self.auth = ClientAuth::Assertion(Arc::new(source));
        self
    }

    /// What it proves itself with.
    #[must_use]
    pub fn auth(&self) -> &ClientAuth {
        &self.auth
    }

    /// The client id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The authority.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The configured tenant.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The tenant that a request goes to, once the authority's host is known to be one.
    ///
    /// # Errors
    /// `Configuration` when the host is not trusted, or the tenant not allowed.
    pub fn tenant_for(&self, request: &TokenRequest) -> Result<Tenant, Error> {
        self.authority.trusted()?;
        self.additional.resolve(&self.tenant, request.tenant())
    }

    /// A form that begins with this app: where a grant of one's own begins.
    #[must_use]
    pub fn form(&self) -> Form {
        Form::new().field("client_id", &self.client_id)
    }

    /// A `POST` to the token endpoint. `label` names it to people.
    #[must_use]
    pub fn token_post(&self, tenant: &Tenant, form: Form, label: &'static str) -> RequestSpec {
        RequestSpec::post(self.authority.token(tenant), form, label)
    }

    /// What is known of a token of `tenant` before it comes, for the credential of this name.
    #[must_use]
    pub fn issued(&self, source: &'static str, tenant: &Tenant, party: Party) -> Issued {
        let known = !(tenant.is_special() || tenant.is_adfs());
        Issued { source, tenant: known.then(|| tenant.to_string()), party }
    }
}

/// The same request with an id that finds it in the authority's logs.
#[must_use]
pub fn with_request_id(spec: RequestSpec, cx: &mut Cx<'_>) -> RequestSpec {
    identified(spec, &cx.random_guid())
}

/// The same request with this id; every try of it has the same.
pub(crate) fn identified(spec: RequestSpec, id: &str) -> RequestSpec {
    spec.header(HeaderName::from_static("client-request-id"), id)
        .header(HeaderName::from_static("return-client-request-id"), "true")
}
