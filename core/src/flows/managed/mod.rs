//! Managed identity: a token from the machine or the host that a program runs on.
//!
//! | host | told by | identities |
//! |---|---|---|
//! | Service Fabric | `IDENTITY_ENDPOINT`, `IDENTITY_HEADER`, `IDENTITY_SERVER_THUMBPRINT` | the application's; none can be named |
//! | App Service, Functions, Container Apps, Automation | `IDENTITY_ENDPOINT`, `IDENTITY_HEADER` | by client, object or resource id |
//! | Azure Arc | `IDENTITY_ENDPOINT`, `IMDS_ENDPOINT`; or the agent's program on the disk | by client, object or resource id, which the agent has to confirm |
//! | Azure Machine Learning | `MSI_ENDPOINT`, `MSI_SECRET` | by client id |
//! | Cloud Shell | `MSI_ENDPOINT` | the person's |
//! | Kubernetes with workload identity (AKS) | `AZURE_AUTHORITY_HOST`, `AZURE_TENANT_ID`, `AZURE_FEDERATED_TOKEN_FILE` | by client id, else that of `AZURE_CLIENT_ID` |
//! | virtual machines and what is built of them | nothing, or `AZURE_POD_IDENTITY_AUTHORITY_HOST` | by client, object or resource id |
//!
//! The hosts are looked for in this order, once, when the credential is made. A variable that is empty
//! counts as not set. Workload identity on Kubernetes is a credential of its own too:
//! [`crate::WorkloadIdentityCredential`].

mod app_service;
mod arc;
mod asking;
mod cloud_shell;
mod detect;
mod environment;
mod identity;
mod imds;
mod machine_learning;
mod person;
mod pod;
mod reply;
mod revoked;
mod service_fabric;
mod source;
mod wanted;

use std::path::PathBuf;

use crate::authority::Authority;
use crate::endpoint::Endpoint;
use crate::environment::Environment;
use crate::error::Error;
use crate::flow::{self, BoxFlow, Credential};
use crate::memo::Memo;
use crate::request::TokenRequest;
use crate::token::AccessToken;

pub use arc::KeyFolder;
pub use identity::ManagedIdentityId;
pub use pod::Pod;
pub use source::Source;

use self::arc::Arc;
use self::detect::Detect;
use self::imds::Imds;
use self::revoked::{Given, Noting};
use self::service_fabric::Fabric;
use self::wanted::{NamedBy, Wanted};

const NAME: &str = "managed-identity";

/// The identity that Azure gave to this machine, or to the host a program runs on.
///
/// On a compute instance of Azure Machine Learning and in Cloud Shell it may be a person's token that
/// comes where no identity was named: [`AccessToken::identity`] tells whose it is, and
/// [`ManagedIdentityCredential::refusing_to_guess`] takes none of a person.
///
/// By itself it is patient, and not without end: an exchange with a host goes on for two minutes at the most, however
/// long the host hangs or asks to be left alone. Azure Arc takes two such exchanges; in a pod the authority is asked,
/// with its own retries. A [deadline](crate::Run::with_deadline) of the run may be shorter, and a chain
/// [looks first](ManagedIdentityCredential::probing).
///
/// ```
/// use entrada_core::{Environment, ManagedIdentityCredential, ManagedIdentityId};
///
/// let environment = Environment::new(); // a driver reads that of the process
/// let machine = ManagedIdentityCredential::new(&environment, ManagedIdentityId::SystemAssigned);
/// let named = ManagedIdentityId::client_id("9e5f2a61-3c73-4ea4-8fb5-6a3b4c5d7e07")?;
/// let assigned = ManagedIdentityCredential::new(&environment, named).refusing_to_guess();
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ManagedIdentityCredential {
    identity: ManagedIdentityId,
    from_environment: bool,
    probing: bool,
    guessing: bool,
    source: Result<Source, Error>,
    agent: Option<Agent>,
    /// What is missing beside a variable of a host.
    missing: Option<&'static str>,
    /// Whether a metadata service answered before.
    found: Memo<()>,
    given: Given,
}

/// The Azure Arc agent, should it be installed.
#[derive(Clone, Debug)]
struct Agent {
    marker: PathBuf,
    /// Its address and its keys, or why it could not be asked.
    access: Result<(Endpoint, KeyFolder), Error>,
    installed: Memo<bool>,
}

impl ManagedIdentityCredential {
    /// This identity, of the host that the environment tells of.
    #[must_use]
    pub fn new(environment: &Environment, identity: ManagedIdentityId) -> ManagedIdentityCredential {
        let source = Source::of_environment(environment);
        let agent = match (&source, detect::marker(environment)) {
            (Ok(Source::Imds { assured: false, .. }), Some(marker)) => {
                let access = Source::installed_arc(environment);
                Some(Agent { marker, access, installed: Memo::default() })
            }
            _ => None,
        };
        ManagedIdentityCredential {
            identity,
            from_environment: false,
            probing: false,
            guessing: true,
            source,
            agent,
            missing: Source::missing(environment),
            found: Memo::default(),
            given: Given::default(),
        }
    }

    /// This identity, of this host.
    #[must_use]
    pub fn of(source: Source, identity: ManagedIdentityId) -> ManagedIdentityCredential {
        ManagedIdentityCredential {
            identity,
            from_environment: false,
            probing: false,
            guessing: true,
            source: Ok(source),
            agent: None,
            missing: None,
            found: Memo::default(),
            given: Given::default(),
        }
    }

    /// The host that is asked, as far as the environment tells.
    ///
    /// # Errors
    /// As for [`Source::of_environment`].
    pub fn source(&self) -> Result<&Source, Error> {
        self.source.as_ref().map_err(Clone::clone)
    }

    /// The same, where it runs in a pod with workload identity: asking this authority. Without it that is the
    /// one of `AZURE_AUTHORITY_HOST`.
    #[must_use]
    pub fn at(mut self, authority: &Authority) -> ManagedIdentityCredential {
        self.source = self.source.map(|source| source.at(authority));
        self
    }

    /// The same for another identity, which the caller names.
    #[must_use]
    pub(crate) fn naming(mut self, identity: ManagedIdentityId) -> ManagedIdentityCredential {
        self.identity = identity;
        self.from_environment = false;
        self
    }

    /// The same as a member of a chain: it first looks for a second at the most whether there is a
    /// metadata service at all, until there was one.
    #[must_use]
    pub fn probing(mut self) -> ManagedIdentityCredential {
        self.probing = true;
        self
    }

    /// The same where the identity was not chosen for this purpose but comes from a variable that
    /// several credentials read (`AZURE_CLIENT_ID`): that it is not assigned here means "not
    /// available", not "refused", where nothing but a metadata service's answer tells of a host, and a host that knows
    /// no ids gives the identity it has.
    #[must_use]
    pub fn named_by_environment(mut self) -> ManagedIdentityCredential {
        self.from_environment = true;
        self
    }

    /// The same, but never for a person, as two hosts are ready to answer:
    ///
    /// - Azure Machine Learning compute is not asked where neither the caller nor
    ///   `DEFAULT_IDENTITY_CLIENT_ID` names an identity: a compute instance with single sign-on gives its
    ///   *user's* token then.
    /// - Cloud Shell is not asked, since all it has is the token of the person who sits there.
    ///
    /// Both fail with `Configuration`. A token that says it is a user's is `Refused` from any host, as it always is
    /// where an identity was named to the host: by the caller, `AZURE_CLIENT_ID` or `DEFAULT_IDENTITY_CLIENT_ID`.
    #[must_use]
    pub fn refusing_to_guess(mut self) -> ManagedIdentityCredential {
        self.guessing = false;
        self
    }

    /// Whether a managed identity was asked, and this is the token of a person.
    #[must_use]
    pub fn gave_that_of_a_person(token: &AccessToken) -> bool {
        token.source() == NAME && token.identity().is_app == Some(false)
    }

    /// The check that no person's token comes, where none is taken: of an identity that was named to the host, and
    /// where that is asked.
    fn check(&self) -> Option<fn(AccessToken) -> Result<AccessToken, Error>> {
        let named = self.identity != ManagedIdentityId::SystemAssigned;
        match &self.source {
            // None was asked for by its name.
            Ok(source) if !source.can_select_identity() => {}
            Ok(_) if named && self.from_environment => return Some(person::instead_of_azure_client_id),
            Ok(_) if named => return Some(person::instead_of_named),
            Ok(Source::MachineLearning { default_identity: Some(_), .. }) => {
                return Some(person::instead_of_default);
            }
            _ => {}
        }
        (!self.guessing).then_some(person::where_none_is_taken)
    }

    fn plan(&self, request: &TokenRequest) -> Result<BoxFlow<AccessToken>, Error> {
        let resource = request.scopes().resource()?;
        let named_by = if self.from_environment { NamedBy::AzureClientId } else { NamedBy::Caller };
        let wanted = || Wanted { identity: self.identity.clone(), named_by, sure: true };
        Ok(match self.source.clone()? {
            Source::Imds { endpoint, assured } => {
                let imds = Imds::new(endpoint, resource, Wanted { sure: assured, ..wanted() });
                let imds = imds.remembering(&self.found).missing(self.missing);
                let imds = match (assured, self.probing) {
                    (true, _) => imds.assured(),
                    (false, true) => imds.probing(),
                    (false, false) => imds,
                };
                match self.agent.clone() {
                    Some(Agent { marker, access, installed }) => {
                        let arc = access
                            .map(|(endpoint, keys)| Arc::new(endpoint, keys, resource, wanted()).found());
                        Box::new(Detect::new(marker, installed, arc, imds))
                    }
                    None => Box::new(imds),
                }
            }
            Source::ServiceFabric { endpoint, secret } => {
                let evaluation = self.given.evaluation(request, resource);
                let fabric = Fabric { endpoint: &endpoint, secret: &secret };
                let asking = service_fabric::ask(&fabric, resource, wanted(), &evaluation)?;
                Box::new(Noting::new(asking, &self.given, resource))
            }
            Source::AppService { endpoint, secret } => {
                Box::new(app_service::ask(&endpoint, &secret, resource, wanted()))
            }
            Source::Arc { endpoint, keys } => Box::new(Arc::new(endpoint, keys, resource, wanted())),
            Source::MachineLearning { endpoint, secret, default_identity } => {
                Box::new(machine_learning::ask(
                    &endpoint,
                    &secret,
                    default_identity.as_deref(),
                    resource,
                    wanted(),
                    self.guessing,
                )?)
            }
            Source::WorkloadIdentity { pod } => pod.ask(&self.identity, request)?,
            Source::CloudShell { endpoint } => {
                Box::new(cloud_shell::ask(&endpoint, resource, wanted(), self.guessing)?)
            }
        })
    }
}

impl Credential for ManagedIdentityCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        match self.plan(request) {
            Ok(planned) => match self.check() {
                Some(check) => flow::map(planned, check),
                None => planned,
            },
            Err(error) => flow::ready(Err(error.from_source(NAME))),
        }
    }
}
