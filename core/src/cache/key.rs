//! What tells one token from another.

use std::fmt;
use std::sync::Arc;

use crate::flows::authority_client::EntraClient;
use crate::mark::Mark;
use crate::request::TokenRequest;
use crate::scope::Scopes;
use crate::tenant::{AdditionalTenants, Tenant};

/// Whose tokens they are: the part of a cache's key that a credential gives.
///
/// Credentials of the same kind, app, tenant and user at the same authority share their tokens in a cache that
/// they were both given, provided that they may act in the same tenants. Sharing a cache is a statement of
/// trust: a secret is checked by the authority when a token is fetched, not when it is found.
#[derive(Clone)]
pub struct Partition(Arc<Parts>);

struct Parts {
    owner: Option<Owner>,
    ahead: bool,
    person: bool,
    mark: u64,
    tenant: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Owner {
    credential: &'static str,
    authority: String,
    tenant: Tenant,
    client: String,
    additional: AdditionalTenants,
    user: Option<String>,
}

impl Partition {
    /// One that no other value equals, clones excepted: a credential that has nothing to be told by.
    #[must_use]
    pub fn private() -> Partition {
        Partition::of(None)
    }

    /// That of an app, for tokens of its own that the credential of this name gets.
    #[must_use]
    pub fn of_app(credential: &'static str, client: &EntraClient) -> Partition {
        Partition::of(Some(Owner {
            credential,
            authority: client.authority().environment(),
            tenant: client.tenant().clone(),
            client: client.client_id().to_ascii_lowercase(),
            additional: client.additional().clone(),
            user: None,
        }))
    }

    /// The same for one user: an account's id, or a digest of what was sent for them. Never a secret.
    #[must_use]
    pub fn for_user(self, user: impl Into<String>) -> Partition {
        match self.0.owner.clone() {
            Some(owner) => Partition::of(Some(Owner { user: Some(user.into()), ..owner })),
            None => self,
        }
    }

    /// The same, with tokens that are not renewed before their end, since a person would have to be asked.
    #[must_use]
    pub fn never_ahead(self) -> Partition {
        Partition(Arc::new(Parts { owner: self.0.owner.clone(), ahead: false, person: true, ..*self.0 }))
    }

    /// The same, where a person may be asked, who can do better at once than the last time: a refusal is not
    /// held against the next request.
    #[must_use]
    pub fn asking_a_person(self) -> Partition {
        Partition(Arc::new(Parts { owner: self.0.owner.clone(), person: true, ..*self.0 }))
    }

    /// Whether a person may be asked.
    #[must_use]
    pub fn asks_a_person(&self) -> bool {
        self.0.person
    }

    /// Whether tokens may be renewed before their end, with nobody knowing.
    #[must_use]
    pub fn ahead(&self) -> bool {
        self.0.ahead
    }

    fn of(owner: Option<Owner>) -> Partition {
        let (mut mark, mut tenant) = (Mark::default(), Mark::of(""));
        if let Some(owner) = &owner {
            for text in [&owner.authority, &owner.client, owner.user.as_deref().unwrap_or_default()] {
                mark.number(Mark::of(text));
            }
            tenant = Mark::of(owner.tenant.as_str());
        }
        Partition(Arc::new(Parts { owner, ahead: true, person: false, mark: mark.value(), tenant }))
    }

    /// Whether it is a clone of that one, and not only equal: that of one credential.
    pub(super) fn is_the_very(&self, other: &Partition) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn tenant(&self) -> Option<&Tenant> {
        self.0.owner.as_ref().map(|owner| &owner.tenant)
    }
}

impl PartialEq for Partition {
    fn eq(&self, other: &Partition) -> bool {
        let same =
            || self.0.owner.is_some() && self.0.owner == other.0.owner && self.0.ahead == other.0.ahead;
        Arc::ptr_eq(&self.0, &other.0) || same()
    }
}

impl Eq for Partition {}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partition").field("owner", &self.0.owner).field("ahead", &self.0.ahead).finish()
    }
}

/// One entry's key: a partition, scopes as a set, the tenant, and whether the token is one of Continuous
/// Access Evaluation. Tokens bound to a key (proof of possession) will add theirs.
#[derive(Clone, Debug)]
pub(super) struct Key {
    partition: Partition,
    scopes: Scopes,
    tenant: Option<Tenant>,
    cae: bool,
}

impl Key {
    pub(super) fn of(partition: &Partition, request: &TokenRequest) -> Key {
        Key {
            partition: partition.clone(),
            scopes: request.scopes().clone(),
            tenant: other_tenant(partition, request).cloned(),
            cae: request.cae(),
        }
    }

    /// Whose it is.
    pub(super) fn partition(&self) -> &Partition {
        &self.partition
    }

    /// Whether this is the key of that request.
    pub(super) fn is_of(&self, partition: &Partition, request: &TokenRequest) -> bool {
        self.cae == request.cae()
            && self.partition == *partition
            && self.scopes.is_same_set(request.scopes())
            && same_tenant(self.tenant.as_ref(), other_tenant(partition, request))
    }

    pub(super) fn is(&self, other: &Key) -> bool {
        self.cae == other.cae
            && same_tenant(self.tenant.as_ref(), other.tenant.as_ref())
            && self.scopes.is_same_set(&other.scopes)
            && self.partition == other.partition
    }
}

/// A number that equal keys share, and others hardly ever: where to look.
pub(super) fn mark(partition: &Partition, request: &TokenRequest) -> u64 {
    let owner = match partition.0.owner {
        Some(_) => partition.0.mark,
        None => Arc::as_ptr(&partition.0) as usize as u64,
    };
    let tenant = request.tenant().map_or(partition.0.tenant, |tenant| Mark::of(tenant.as_str()));
    let mut mark = Mark::default();
    for number in [owner, tenant, request.scopes().mark(), u64::from(request.cae())] {
        mark.number(number);
    }
    mark.value()
}

/// The tenant of the request, where it is another than that of the partition.
fn other_tenant<'a>(partition: &Partition, request: &'a TokenRequest) -> Option<&'a Tenant> {
    request.tenant().filter(|tenant| !partition.tenant().is_some_and(|own| own.is(tenant.as_str())))
}

fn same_tenant(one: Option<&Tenant>, other: Option<&Tenant>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.is(other.as_str()),
        (None, None) => true,
        _ => false,
    }
}
