//! What stands in the place of a member until the chain is built.

use std::sync::Arc;
use std::time::Duration;

use super::Unusable;
use super::member::Member;
use crate::authority::Authority;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::flow::Credential;
use crate::flows::azure_cli::AzureCliCredential;
use crate::flows::azure_developer_cli::AzureDeveloperCliCredential;
use crate::flows::azure_powershell::AzurePowerShellCredential;
use crate::flows::managed::{ManagedIdentityCredential, ManagedIdentityId, Source};

/// A member's credential. One of the chain's own can still be changed.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    Fixed(Arc<dyn Credential>),
    Managed(Box<Managed>),
    Cli(AzureCliCredential),
    PowerShell(AzurePowerShellCredential),
    DeveloperCli(AzureDeveloperCliCredential),
}

impl Slot {
    pub(super) fn fixed(credential: impl Credential + 'static) -> Slot {
        Slot::Fixed(Arc::new(credential))
    }

    /// The place of a member that could not be set up, which says why when it is asked. One that is broken
    /// stops the chain there.
    pub(super) fn unusable(member: Member, error: Error) -> Slot {
        Slot::fixed(Unusable::new(member.name(), error))
    }

    /// The same with another limit for the tool, if it is one of the chain's own.
    pub(super) fn within(self, limit: Duration) -> Slot {
        match self {
            Slot::Cli(tool) => Slot::Cli(tool.within(limit)),
            Slot::PowerShell(tool) => Slot::PowerShell(tool.within(limit)),
            Slot::DeveloperCli(tool) => Slot::DeveloperCli(tool.within(limit)),
            other => other,
        }
    }

    /// The same after a change to the chain's own managed identity, if it is that.
    pub(super) fn map_managed(self, change: impl FnOnce(Managed) -> Managed) -> Slot {
        match self {
            Slot::Managed(managed) => Slot::Managed(Box::new(change(*managed))),
            other => other,
        }
    }

    /// The credential, as the only one.
    pub(super) fn alone(self) -> Arc<dyn Credential> {
        match self {
            Slot::Managed(managed) => managed.alone(),
            other => other.among_others(),
        }
    }

    /// The credential, as the only one, but without more patience than among others.
    pub(crate) fn looked_for(self) -> Arc<dyn Credential> {
        match self {
            Slot::Managed(managed) => {
                Managed { credential: managed.credential.probing(), ..*managed }.alone()
            }
            other => other.among_others(),
        }
    }

    /// The credential, where others may be asked in its stead.
    pub(crate) fn among_others(self) -> Arc<dyn Credential> {
        match self {
            Slot::Fixed(credential) => credential,
            Slot::Managed(managed) => managed.among_others(),
            Slot::Cli(tool) => Arc::new(tool),
            Slot::PowerShell(tool) => Arc::new(tool),
            Slot::DeveloperCli(tool) => Arc::new(tool),
        }
    }
}

/// The managed identity of a chain.
#[derive(Clone, Debug)]
pub(crate) struct Managed {
    credential: ManagedIdentityCredential,
    /// `AZURE_CLIENT_ID` cannot be the name of one.
    misnamed: Option<Error>,
}

impl Managed {
    /// That of the host. `AZURE_CLIENT_ID` names it, where it is set.
    pub(super) fn of_environment(environment: &Environment, authority: &Result<Authority, Error>) -> Managed {
        let of_host = ManagedIdentityCredential::new(environment, ManagedIdentityId::SystemAssigned);
        let credential = match authority {
            Ok(authority) => of_host.at(authority),
            Err(_) => of_host,
        };
        let own = Managed { credential, misnamed: None };
        match environment.get("AZURE_CLIENT_ID").map(ManagedIdentityId::client_id) {
            None => own,
            Some(Ok(id)) => Managed { credential: own.credential.naming(id).named_by_environment(), ..own },
            Some(Err(error)) => {
                let remedy = "AZURE_CLIENT_ID names it: set it to the client id of an identity that this host \
                              has, or unset it if it is meant for something else";
                Managed { misnamed: Some(error.with_remedy(remedy)), ..own }
            }
        }
    }

    /// The same for an identity that is chosen for it.
    pub(super) fn naming(self, identity: ManagedIdentityId) -> Managed {
        Managed { credential: self.credential.naming(identity), misnamed: None }
    }

    pub(super) fn refusing_to_guess(self) -> Managed {
        Managed { credential: self.credential.refusing_to_guess(), ..self }
    }

    /// What is wrong with the name, unless the host has one identity and no way to name it: then the variable is meant
    /// for another credential.
    fn misnamed(&self) -> Option<Error> {
        match self.credential.source() {
            Ok(source) if !source.can_select_identity() => None,
            _ => self.misnamed.clone(),
        }
    }

    /// Nobody else is asked: the host gets all the patience it may need, without a look whether it is there.
    fn alone(self) -> Arc<dyn Credential> {
        match self.misnamed() {
            Some(error) => Arc::new(Unusable::new(Member::ManagedIdentity.name(), error)),
            None => Arc::new(self.credential),
        }
    }

    /// A variable of several credentials that names no identity means that there is none for this chain, unless
    /// the environment tells of a host: then it is that host's identity, and its name is wrong.
    fn among_others(self) -> Arc<dyn Credential> {
        let Some(error) = self.misnamed() else { return Arc::new(self.credential.probing()) };
        let error = match self.credential.source() {
            Ok(Source::Imds { assured: false, .. }) => error.as_kind(ErrorKind::Unavailable),
            Ok(_) => error,
            Err(of_host) => of_host,
        };
        Arc::new(Unusable::new(Member::ManagedIdentity.name(), error))
    }
}
