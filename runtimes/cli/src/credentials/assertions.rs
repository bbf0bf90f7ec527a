//! Where the assertions of an app come from.

use std::sync::Arc;

use entrada_core::flows::client_auth::AssertionSource;
use entrada_core::{AssertionFile, Credential, CredentialAssertion, Error};

use super::Builder;
use crate::args::{AssertionArgs, AssertionName, CredentialArgs, CredentialName};

impl Builder<'_> {
    /// The source that the options name, if they name one.
    pub(super) fn assertion(&self) -> Result<Option<Arc<dyn AssertionSource>>, Error> {
        let AssertionArgs { assertion_file, assertion_from, .. } = &self.args.assertion;
        Ok(match (assertion_file, assertion_from) {
            (Some(path), _) => Some(Arc::new(AssertionFile::new(path).named_by("--assertion-file"))),
            (None, Some(name)) => Some(Arc::new(self.assertion_of(*name)?)),
            (None, None) => None,
        })
    }

    fn assertion_of(&self, name: AssertionName) -> Result<CredentialAssertion, Error> {
        let source = CredentialAssertion::of(self.asserting(name)?);
        Ok(match &self.args.assertion.assertion_scope {
            Some(scope) => source.for_scope(scope),
            None => source,
        })
    }

    /// The other credential, as `--credential` of its name makes it from the options that are for it.
    fn asserting(&self, name: AssertionName) -> Result<Arc<dyn Credential>, Error> {
        let AssertionArgs { assertion_client_id, assertion_tenant_id, .. } = &self.args.assertion;
        let is_app = name != AssertionName::ManagedIdentity;
        if is_app && assertion_client_id.is_none() {
            return Err(self.missing(CredentialName::ClientAssertion, &[(true, "--assertion-client-id")]));
        }
        // What the variables hold is a proof of the app that they name.
        let named = self.variable("AZURE_CLIENT_ID").unwrap_or_default();
        let own = assertion_client_id.as_deref().is_some_and(|app| app.eq_ignore_ascii_case(named));
        let missing = match name {
            AssertionName::ClientSecret => {
                (self.args.client_secret_file.is_none() && !own, "--client-secret-file")
            }
            AssertionName::ClientCertificate => (self.args.certificate.is_none() && !own, "--certificate"),
            AssertionName::ManagedIdentity => (false, ""),
        };
        if missing.0 {
            return Err(self.missing(CredentialName::ClientAssertion, &[missing]));
        }
        let args = CredentialArgs {
            credential: vec![name.credential()],
            client_id: assertion_client_id.clone(),
            tenant_id: assertion_tenant_id.clone().or_else(|| self.args.tenant_id.clone()),
            ..self.args.clone()
        };
        Builder { args: &args, ..*self }.one(name.credential())
    }
}
