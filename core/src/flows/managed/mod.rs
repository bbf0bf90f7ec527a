//! Managed identity: a token from the machine or the host that a program runs on.

mod identity;
mod imds;
mod source;

use crate::environment::Environment;
use crate::error::Error;
use crate::flow::{self, BoxFlow, Credential};
use crate::request::TokenRequest;
use crate::token::AccessToken;

pub use identity::ManagedIdentityId;
pub use source::Source;

use self::imds::Imds;

const NAME: &str = "managed-identity";

/// The identity that Azure gave to this machine, or to the host a program runs on.
///
/// Today the Instance Metadata Service (virtual machines and what is built of them) is served; the
/// other hosts are recognised and said to be missing.
#[derive(Clone, Debug)]
pub struct ManagedIdentityCredential {
    identity: ManagedIdentityId,
    from_environment: bool,
    probing: bool,
    source: Result<Source, Error>,
}

impl ManagedIdentityCredential {
    /// This identity, of the host that the environment tells of.
    #[must_use]
    pub fn new(environment: &Environment, identity: ManagedIdentityId) -> ManagedIdentityCredential {
        ManagedIdentityCredential {
            identity,
            from_environment: false,
            probing: false,
            source: Source::of_environment(environment),
        }
    }

    /// The same as a member of a chain: it first looks for a second at the most whether there is a
    /// metadata service at all.
    #[must_use]
    pub fn probing(mut self) -> ManagedIdentityCredential {
        self.probing = true;
        self
    }

    /// The same where the identity was not chosen for this purpose but comes from a variable that
    /// several credentials read (`AZURE_CLIENT_ID`): that it is not assigned here means "not
    /// available", not "refused".
    #[must_use]
    pub fn named_by_environment(mut self) -> ManagedIdentityCredential {
        self.from_environment = true;
        self
    }

    fn plan(&self, request: &TokenRequest) -> Result<Imds, Error> {
        let resource = request.scopes().resource()?;
        match self.source.clone()? {
            Source::Imds { endpoint, assured } => {
                let probe = self.probing && !assured;
                Ok(Imds::new(endpoint, resource, self.identity.clone(), self.from_environment, probe))
            }
            other => Err(other.not_served()),
        }
    }
}

impl Credential for ManagedIdentityCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        match self.plan(request) {
            Ok(flow) => Box::new(flow),
            Err(error) => flow::ready(Err(error.from_source(NAME))),
        }
    }
}
