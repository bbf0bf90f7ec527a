//! What an app asks of its authority, in which tenant, and with which headers.

use http::header::HeaderName;

use super::EntraClient;
use crate::authority::AuthorityKind;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Form, RequestSpec, RetryPolicy};
use crate::flow::Cx;
use crate::request::TokenRequest;
use crate::tenant::Tenant;
use crate::token::{Issued, Party};

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

impl EntraClient {
    /// A policy for requests to its authority, within the time that it was given.
    pub(crate) fn limited(&self, policy: RetryPolicy) -> RetryPolicy {
        RetryPolicy { within: self.0.limit.or(policy.within), ..policy }
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
