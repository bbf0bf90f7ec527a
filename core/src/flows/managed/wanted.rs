//! Which identity is asked for, and what becomes of it.

use super::ManagedIdentityId;
use super::reply::said;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;

/// What hosts say of an identity that they do not have. Apart from the metadata service's and the Arc
/// agent's these are not documented.
const UNKNOWN: [&str; 6] = [
    "identity not found",
    "identity was not found",
    "no managed identity",
    "managed identity found for",
    "unable to load the proper managed identity",
    "managedidentitynotfound",
];

/// Who named the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamedBy {
    /// Whoever made the credential.
    Caller,
    /// `AZURE_CLIENT_ID`, which several credentials read.
    AzureClientId,
    /// The compute itself, with `DEFAULT_IDENTITY_CLIENT_ID`.
    Compute,
}

/// Where an identity is looked for, and how it gets there.
pub(super) struct Place {
    /// What it is called.
    pub(super) name: &'static str,
    /// What to do where it has no identity of its own.
    pub(super) own: &'static str,
    /// How another is assigned to it.
    pub(super) assign: &'static str,
    /// What has to be said of the names that it takes.
    pub(super) names: &'static str,
}

impl Place {
    /// One whose identities are in its settings.
    pub(super) const fn with_settings(name: &'static str) -> Place {
        Place {
            name,
            own: "turn its system-assigned identity on, or name a user-assigned one that is assigned to it",
            assign: "assign it in the Identity settings there",
            names: "",
        }
    }
}

/// The identity that is asked for.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) identity: ManagedIdentityId,
    pub(super) named_by: NamedBy,
    /// Whether something else than its answer tells that the host is there.
    pub(super) sure: bool,
}

impl Wanted {
    /// Whether nobody named an identity.
    pub(super) fn is_system(&self) -> bool {
        self.identity == ManagedIdentityId::SystemAssigned
    }

    /// The parameter that names the identity, where a host calls client, object and resource ids so.
    pub(super) fn selector<'a>(&'a self, names: [&'a str; 3]) -> Option<(&'a str, &'a str)> {
        match &self.identity {
            ManagedIdentityId::SystemAssigned => None,
            ManagedIdentityId::ClientId(id) => Some((names[0], id)),
            ManagedIdentityId::ObjectId(id) => Some((names[1], id)),
            ManagedIdentityId::ResourceId(id) => Some((names[2], id)),
        }
    }

    /// For a host that has one identity and no parameter to name it: a name is refused, but for that in
    /// `AZURE_CLIENT_ID`, which may be meant for another credential.
    pub(super) fn only_what_there_is(&self, why: &'static str, remedy: &'static str) -> Result<(), Error> {
        if self.is_system() || self.named_by == NamedBy::AzureClientId {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Configuration, format!("{} cannot be asked for: {why}", self.identity))
            .with_remedy(remedy))
    }

    /// Whoever names an identity must not end up with another: that stops a chain. `AZURE_CLIENT_ID` may be meant for
    /// another credential on a machine that nothing is known of. Otherwise the host has no identity.
    fn kind(&self) -> ErrorKind {
        match self.named_by {
            _ if self.is_system() => ErrorKind::Unavailable,
            NamedBy::AzureClientId if !self.sure => ErrorKind::Unavailable,
            _ => ErrorKind::Refused,
        }
    }

    /// Whether an answer says that there is no such identity.
    pub(super) fn is_unknown(answer: &Answer) -> bool {
        let text = String::from_utf8_lossy(answer.body()).to_ascii_lowercase();
        UNKNOWN.iter().any(|phrase| text.contains(phrase))
    }

    /// The error where the identity does not exist at `place`.
    pub(super) fn unassigned(&self, answer: &Answer, place: &Place) -> Error {
        let Place { name, own, assign, names } = place;
        let remedy = match self.named_by {
            _ if self.is_system() => (*own).to_owned(),
            NamedBy::Caller => format!("{assign}, or name one that is assigned{names}"),
            NamedBy::AzureClientId => format!(
                "AZURE_CLIENT_ID names it{names}; {assign}, or unset the variable if it is meant for something else"
            ),
            NamedBy::Compute => {
                format!("DEFAULT_IDENTITY_CLIENT_ID names it{names}; {assign}, or name another")
            }
        };
        let error = Error::new(self.kind(), format!("{} is not assigned to {name}", self.identity));
        error.with_remedy(remedy).with_status(answer.status()).with_detail(said(answer)).nearly()
    }

    /// Compares the identity that a reply names with the one that was asked for. A reply that names
    /// none will do, unless it `must`.
    pub(super) fn confirm(&self, answer: &Answer, place: &Place, must: bool) -> Result<(), Error> {
        let told = |names: [&str; 2]| {
            let found = names.into_iter().find_map(|name| answer.object()?.get(name)?.as_str());
            found.filter(|value| !value.is_empty())
        };
        let (asked, told) = match &self.identity {
            ManagedIdentityId::SystemAssigned => return Ok(()),
            ManagedIdentityId::ClientId(id) => (id, told(["client_id", "clientId"])),
            ManagedIdentityId::ObjectId(id) => (id, told(["object_id", "principal_id"])),
            ManagedIdentityId::ResourceId(id) => (id, told(["msi_res_id", "mi_res_id"])),
        };
        match told {
            Some(told) if told.eq_ignore_ascii_case(asked) => Ok(()),
            None if !must => Ok(()),
            _ => Err(Error::new(
                self.kind(),
                format!("{} gave a token, but not one that it says is of {}", place.name, self.identity),
            )
            .with_remedy("hosts that cannot choose answer for the identity they have: update the host, or name no identity")
            .with_status(answer.status())),
        }
    }
}
