//! The default chain: whatever a machine offers, in the order of the Azure identity libraries.

use std::time::Duration;

use super::member::{Member, Selection};
use super::slot::{Managed, Slot};
use super::{Chain, EnvironmentCredential, Link, at};
use crate::authority::Authority;
use crate::endpoint::PlainHttp;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::flow::Credential;
use crate::flows::authority_client::EntraClient;
use crate::flows::azure_cli::AzureCliCredential;
use crate::flows::azure_developer_cli::AzureDeveloperCliCredential;
use crate::flows::azure_powershell::AzurePowerShellCredential;
use crate::flows::interactive_browser::InteractiveBrowserCredential;
use crate::flows::managed::ManagedIdentityId;
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
    slots: Vec<(Member, Slot)>,
    selection: Result<Option<Selection>, Error>,
    included: Vec<Member>,
    required: bool,
    retrying: bool,
}

impl DefaultChain {
    /// The chain for this environment, at this authority. A member that cannot be set up does not
    /// keep the chain from being built: it says why when its turn comes, and is passed over or stops the
    /// chain then. One that is not set up, or in part, is passed over. One of the first three that is set up
    /// wrongly stops the chain, so that nobody else's identity takes its place; an `AZURE_CLIENT_ID` that
    /// names no managed identity does only where the environment tells of a host.
    #[must_use]
    pub fn new(environment: &Environment, authority: &Authority) -> DefaultChain {
        DefaultChain::of(environment, &Ok(authority.clone()))
    }

    /// The chain for this environment, at the authority that it names, with plain http as
    /// [`PlainHttp::from_environment`] says. Where `AZURE_AUTHORITY_HOST` cannot be one, the members that are set up
    /// and need it say so when their turn comes.
    #[must_use]
    pub fn from_environment(environment: &Environment) -> DefaultChain {
        let http = PlainHttp::from_environment(environment);
        DefaultChain::of(environment, &Authority::from_environment(environment, http))
    }

    /// The chain for this environment, at this authority, or where this is why there is none: the members that are
    /// set up and need one say it when their turn comes.
    #[must_use]
    pub fn of(environment: &Environment, authority: &Result<Authority, Error>) -> DefaultChain {
        DefaultChain {
            slots: members(environment, authority).collect(),
            selection: Selection::of_environment(environment),
            included: Vec::new(),
            required: false,
            retrying: false,
        }
    }

    /// Whether `AZURE_TOKEN_CREDENTIALS` selects the browser, so that the chain asks a person, who needs time.
    #[must_use]
    pub fn selects_the_browser(environment: &Environment) -> bool {
        Selection::of_environment(environment)
            .is_ok_and(|selection| selection.is_some_and(Selection::is_the_browser))
    }

    /// The same with another credential in the place of this member.
    #[must_use]
    pub fn replacing(self, member: Member, credential: impl Credential + 'static) -> DefaultChain {
        let slot = Slot::fixed(credential);
        self.map(|of, own| if of == member { slot.clone() } else { own })
    }

    /// The same, whose managed identity is this one, whatever `AZURE_CLIENT_ID` says. Since it was chosen, it
    /// stops the chain where the host does not have it. One that was put in the place of the chain's own
    /// stays as it is.
    #[must_use]
    pub fn with_managed_identity(self, identity: ManagedIdentityId) -> DefaultChain {
        self.map(|_, slot| slot.map_managed(|managed| managed.naming(identity.clone())))
    }

    /// The same, which gives each of the developers' tools this long, in place of 13 seconds for the Azure CLI
    /// and the Azure Developer CLI and 20 for Azure PowerShell. One that was put in the place of the chain's
    /// own stays as it is.
    #[must_use]
    pub fn tools_within(self, limit: Duration) -> DefaultChain {
        self.map(|_, slot| slot.within(limit))
    }

    fn map(mut self, change: impl Fn(Member, Slot) -> Slot) -> DefaultChain {
        self.slots = self.slots.into_iter().map(|(member, slot)| (member, change(member, slot))).collect();
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
    /// [`refusing_to_guess`](crate::ManagedIdentityCredential::refusing_to_guess). One that was put in the place
    /// of the chain's own stays as it is.
    #[must_use]
    pub fn refusing_to_guess(self) -> DefaultChain {
        self.map(|_, slot| slot.map_managed(Managed::refusing_to_guess))
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

    /// The chain. A managed identity that is its only member is not looked for first, and gets all the
    /// patience that its host may need; among others, a second shows whether there is a host at all. A developer's
    /// tool that is its only member fails as it does by itself; among others, it is passed over whatever is wrong.
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
        let slots: Vec<_> = self.slots.into_iter().filter(|slot| chosen(slot.0)).collect();
        let several = slots.len() > 1;
        let credential = if several { Slot::among_others } else { Slot::alone };
        let link = |(member, slot): (Member, Slot)| Link {
            credential: credential(slot),
            lenient: several && member.is_tool(),
        };
        let chain = Chain::named("default", slots.into_iter().map(link).collect())?;
        Ok(if self.retrying { chain.retrying_sources() } else { chain })
    }
}

/// Every member as this environment sets it up. One that cannot be set up says why when it is asked.
pub(crate) fn members(
    environment: &Environment,
    authority: &Result<Authority, Error>,
) -> impl Iterator<Item = (Member, Slot)> {
    Member::ALL.into_iter().map(move |member| {
        let slot = made(member, environment, authority);
        (member, slot.unwrap_or_else(|error| Slot::unusable(member, error)))
    })
}

fn made(
    member: Member,
    environment: &Environment,
    authority: &Result<Authority, Error>,
) -> Result<Slot, Error> {
    let tenants = AdditionalTenants::from_environment(environment);
    Ok(match member {
        Member::Environment => Slot::fixed(EnvironmentCredential::of(environment, authority)),
        Member::WorkloadIdentity => Slot::fixed(at(authority, |authority| {
            WorkloadIdentityCredential::from_environment(environment, authority)
        })?),
        Member::ManagedIdentity => Slot::Managed(Box::new(Managed::of_environment(environment, authority))),
        Member::SharedTokenCache => {
            let made = at(authority, |authority| {
                SharedTokenCacheCredential::from_environment(environment, authority)
            });
            // Nothing tells whether anybody is signed in.
            Slot::fixed(made.map_err(|error| error.as_kind(ErrorKind::Unavailable).nearly())?)
        }
        Member::VisualStudioCode => Slot::fixed(VisualStudioCodeCredential::new(environment)),
        Member::AzureCli => {
            Slot::Cli(AzureCliCredential::new().in_zone(environment.zone()).allowing(tenants))
        }
        Member::AzurePowerShell => {
            Slot::PowerShell(AzurePowerShellCredential::new().on(environment.system()).allowing(tenants))
        }
        Member::AzureDeveloperCli => Slot::DeveloperCli(AzureDeveloperCliCredential::new().allowing(tenants)),
        Member::InteractiveBrowser => {
            let shared = EntraClient::developer()?;
            let tenant = environment.get("AZURE_TENANT_ID").unwrap_or(shared.tenant().as_str());
            let app = EntraClient::new(tenant, shared.client_id())?.with_authority(authority.clone()?);
            Slot::fixed(InteractiveBrowserCredential::of(app.allowing(tenants)))
        }
    })
}
