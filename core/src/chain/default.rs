//! The default chain: whatever a machine offers, in the order of the Azure identity libraries.

use std::sync::Arc;

use super::member::{Member, Selection};
use super::{Chain, EnvironmentCredential, Link, Unusable};
use crate::authority::Authority;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::flow::Credential;
use crate::flows::authority_client::EntraClient;
use crate::flows::azure_cli::AzureCliCredential;
use crate::flows::azure_developer_cli::AzureDeveloperCliCredential;
use crate::flows::azure_powershell::AzurePowerShellCredential;
use crate::flows::interactive_browser::InteractiveBrowserCredential;
use crate::flows::managed::{ManagedIdentityCredential, ManagedIdentityId};
use crate::flows::silent::SharedTokenCacheCredential;
use crate::flows::visual_studio_code::VisualStudioCodeCredential;
use crate::flows::workload_identity::WorkloadIdentityCredential;
use crate::tenant::AdditionalTenants;

/// Builds the default chain: environment, workload identity, managed identity, the shared token cache, Visual
/// Studio Code, Azure CLI, Azure PowerShell, Azure Developer CLI. The interactive browser is a member too, left
/// out unless it is asked for.
///
/// `AZURE_TOKEN_CREDENTIALS` narrows it: `prod` (the first three), `dev` (all after them), or the name of one
/// member, as in `AzureCliCredential`, in any case. The shared token cache has no name there, and is absent
/// with a driver that has no store.
///
/// ```
/// use entrada_core::chain::Member;
/// use entrada_core::{Authority, AzureCliCredential, Cloud, DefaultChain, Environment, Tenant};
///
/// let environment = Environment::new(); // a driver reads that of the process
/// let session = AzureCliCredential::new().in_tenant(Tenant::new("contoso.onmicrosoft.com")?);
/// let chain = DefaultChain::new(&environment, &Authority::of_cloud(Cloud::PUBLIC)?)
///     .replacing(Member::AzureCli, session)
///     .build()?;
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Debug)]
pub struct DefaultChain {
    slots: Vec<(Member, Arc<dyn Credential>)>,
    /// The chain's own member, unless another one took its place.
    managed: Option<ManagedIdentityCredential>,
    selection: Result<Option<Selection>, Error>,
    included: Vec<Member>,
    required: bool,
    retrying: bool,
}

impl DefaultChain {
    /// The chain for this environment, at this authority. A member that cannot be set up does not
    /// keep the chain from being built; it says why when its turn comes.
    #[must_use]
    pub fn new(environment: &Environment, authority: &Authority) -> DefaultChain {
        let selection = Selection::of_environment(environment);
        let alone = matches!(selection, Ok(Some(Selection::One(Member::ManagedIdentity))));
        let slots = members(environment, authority, alone).collect();
        let managed = managed(environment, alone).ok().map(|managed| managed.at(authority));
        DefaultChain { slots, managed, selection, included: Vec::new(), required: false, retrying: false }
    }

    /// The same with another credential in the place of this member.
    #[must_use]
    pub fn replacing(mut self, member: Member, credential: impl Credential + 'static) -> DefaultChain {
        let credential: Arc<dyn Credential> = Arc::new(credential);
        if member == Member::ManagedIdentity {
            self.managed = None;
        }
        for slot in self.slots.iter_mut().filter(|slot| slot.0 == member) {
            slot.1 = Arc::clone(&credential);
        }
        self
    }

    /// The same without this member, whatever `AZURE_TOKEN_CREDENTIALS` says.
    #[must_use]
    pub fn without(mut self, member: Member) -> DefaultChain {
        self.slots.retain(|slot| slot.0 != member);
        self
    }

    /// The same with this member, whatever `AZURE_TOKEN_CREDENTIALS` says: in its place, unless it was left out.
    /// The interactive browser is a member this way without being the only one.
    #[must_use]
    pub fn including(mut self, member: Member) -> DefaultChain {
        self.included.push(member);
        self
    }

    /// The same, whose managed identity is never a person's: see
    /// [`ManagedIdentityCredential::refusing_to_guess`]. One that was put in the place of the chain's own
    /// stays as it is.
    #[must_use]
    pub fn refusing_to_guess(mut self) -> DefaultChain {
        match self.managed.take() {
            Some(managed) => self.replacing(Member::ManagedIdentity, managed.refusing_to_guess()),
            None => self,
        }
    }

    /// The same, which cannot be built where `AZURE_TOKEN_CREDENTIALS` is not set: so that a program does
    /// not depend on what happens to be on a machine.
    #[must_use]
    pub fn requiring_selection(mut self) -> DefaultChain {
        self.required = true;
        self
    }

    /// The same, which asks from the beginning each time: see [`Chain::retrying_sources`].
    #[must_use]
    pub fn retrying_sources(mut self) -> DefaultChain {
        self.retrying = true;
        self
    }

    /// The chain.
    ///
    /// # Errors
    /// `Configuration` when `AZURE_TOKEN_CREDENTIALS` is none of the values it may have, or is required and
    /// not set, or no member is left.
    pub fn build(self) -> Result<Chain, Error> {
        let selection = self.selection?;
        if self.required && selection.is_none() {
            return Err(Error::new(
                ErrorKind::Configuration,
                "AZURE_TOKEN_CREDENTIALS has to be set, and is not",
            )
            .with_remedy("set it to prod, to dev, or to the name of one credential"));
        }
        let chosen = |member: Member| match selection {
            _ if self.included.contains(&member) => true,
            Some(selection) => selection.includes(member),
            None => member != Member::InteractiveBrowser,
        };
        let slots = self.slots.into_iter().filter(|slot| chosen(slot.0));
        let link = |(member, credential): (Member, _)| Link { credential, lenient: member.is_tool() };
        let chain = Chain::named("default", slots.map(link).collect())?;
        Ok(if self.retrying { chain.retrying_sources() } else { chain })
    }
}

/// Every member as this environment sets it up. One that cannot be set up is "not available", and says why
/// when it is asked. `alone` is for a managed identity that is the only member.
pub(crate) fn members(
    environment: &Environment,
    authority: &Authority,
    alone: bool,
) -> impl Iterator<Item = (Member, Arc<dyn Credential>)> {
    Member::ALL.into_iter().map(move |member| {
        let credential = made(member, environment, authority, alone).unwrap_or_else(|error| {
            Arc::new(Unusable::new(member.name(), error.as_kind(ErrorKind::Unavailable)))
        });
        (member, credential)
    })
}

fn made(
    member: Member,
    environment: &Environment,
    authority: &Authority,
    alone: bool,
) -> Result<Arc<dyn Credential>, Error> {
    let tenants = AdditionalTenants::from_environment(environment);
    Ok(match member {
        Member::Environment => Arc::new(EnvironmentCredential::new(environment, authority)),
        Member::WorkloadIdentity => {
            Arc::new(WorkloadIdentityCredential::from_environment(environment, authority)?)
        }
        Member::ManagedIdentity => Arc::new(managed(environment, alone)?.at(authority)),
        Member::SharedTokenCache => {
            Arc::new(SharedTokenCacheCredential::from_environment(environment, authority)?)
        }
        Member::VisualStudioCode => Arc::new(VisualStudioCodeCredential::new(environment)),
        Member::AzureCli => Arc::new(AzureCliCredential::new().in_zone(environment.zone()).allowing(tenants)),
        Member::AzurePowerShell => {
            Arc::new(AzurePowerShellCredential::new().on(environment.system()).allowing(tenants))
        }
        Member::AzureDeveloperCli => Arc::new(AzureDeveloperCliCredential::new().allowing(tenants)),
        Member::InteractiveBrowser => {
            let shared = EntraClient::developer()?;
            let tenant = environment.get("AZURE_TENANT_ID").unwrap_or(shared.tenant().as_str());
            let app = EntraClient::new(tenant, shared.client_id())?.with_authority(authority.clone());
            Arc::new(InteractiveBrowserCredential::of(app.allowing(tenants)))
        }
    })
}

/// The managed identity of the chain: it looks for a second whether there is a host at all, unless it was
/// selected alone. `AZURE_CLIENT_ID` names it, where it is set.
fn managed(environment: &Environment, alone: bool) -> Result<ManagedIdentityCredential, Error> {
    let credential = match environment.get("AZURE_CLIENT_ID") {
        None => ManagedIdentityCredential::new(environment, ManagedIdentityId::SystemAssigned),
        Some(id) => {
            let id = ManagedIdentityId::client_id(id)?;
            ManagedIdentityCredential::new(environment, id).named_by_environment()
        }
    };
    Ok(if alone { credential } else { credential.probing() })
}
