//! What is asked of a credential.

use crate::claims::Claims;
use crate::error::Error;
use crate::scope::Scopes;
use crate::tenant::Tenant;

/// A request for one access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    scopes: Scopes,
    tenant: Option<Tenant>,
    claims: Option<Claims>,
    cae: bool,
}

impl TokenRequest {
    /// A token for these scopes.
    ///
    /// # Errors
    /// As for [`Scopes::new`].
    pub fn new<S: AsRef<str>>(scopes: impl IntoIterator<Item = S>) -> Result<TokenRequest, Error> {
        Ok(TokenRequest::for_scopes(Scopes::new(scopes)?))
    }

    /// A token for these scopes.
    #[must_use]
    pub fn for_scopes(scopes: Scopes) -> TokenRequest {
        TokenRequest { scopes, tenant: None, claims: None, cae: false }
    }

    /// The same in another tenant than the credential's, which has to allow it.
    #[must_use]
    pub fn in_tenant(mut self, tenant: Tenant) -> TokenRequest {
        self.tenant = Some(tenant);
        self
    }

    /// The same with claims that the token must satisfy; no cached token will do.
    #[must_use]
    pub fn with_claims(mut self, claims: Claims) -> TokenRequest {
        self.claims = Some(claims);
        self
    }

    /// The same for a client that can answer claims challenges (Continuous Access Evaluation): the
    /// token lives longer, and may be revoked at any time.
    #[must_use]
    pub fn with_cae(mut self) -> TokenRequest {
        self.cae = true;
        self
    }

    /// What the token is for.
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The tenant of this one request, where it differs from the credential's.
    #[must_use]
    pub fn tenant(&self) -> Option<&Tenant> {
        self.tenant.as_ref()
    }

    /// The claims that were demanded.
    #[must_use]
    pub fn claims(&self) -> Option<&Claims> {
        self.claims.as_ref()
    }

    /// Whether the client can answer claims challenges.
    #[must_use]
    pub fn cae(&self) -> bool {
        self.cae
    }

    /// The `claims` parameter of the wire: the demands together with the client's capability.
    #[must_use]
    pub fn claims_parameter(&self) -> Option<String> {
        let demanded = self.claims.clone();
        let claims = match (demanded, self.cae) {
            (Some(demanded), true) => demanded.merge(Claims::capability()),
            (Some(demanded), false) => demanded,
            (None, true) => Claims::capability(),
            (None, false) => return None,
        };
        Some(claims.to_json())
    }
}
