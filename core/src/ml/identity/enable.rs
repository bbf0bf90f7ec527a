//! Giving identities to a workspace or a compute.

use super::change::{Change, ChangeIdentity};
use super::{IdentityOwner, ResourceIdentity, WantedIdentity};
use crate::arm::ResourceManager;
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, Flow};
use crate::run::Step;

/// Gives identities to a workspace (`PATCH`) or a compute (`PUT` of all that it is, with the identity), and
/// waits until it has them. Those that it has stay; where it has all of them already, nothing is written.
///
/// A `PUT` replaces. Where a compute has what the service does not tell again (a cluster with a password for its
/// nodes, an attached compute of another kind than `AmlCompute` and `ComputeInstance`), the flow ends in
/// `Configuration`, and nothing is written.
#[derive(Debug)]
pub struct EnableIdentity(ChangeIdentity);

impl EnableIdentity {
    /// These identities for this resource.
    ///
    /// # Errors
    /// `Configuration` when no compute can have the name, or nothing is wanted.
    pub fn new(
        manager: &ResourceManager,
        owner: IdentityOwner,
        wanted: WantedIdentity,
    ) -> Result<EnableIdentity, Error> {
        if wanted == WantedIdentity::default() {
            return Err(Error::new(ErrorKind::Configuration, "no identity is wanted"));
        }
        ChangeIdentity::new(manager, owner, Change::Enable(wanted)).map(EnableIdentity)
    }
}

impl Flow for EnableIdentity {
    type Output = ResourceIdentity;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<ResourceIdentity> {
        self.0.step(cx, reply)
    }

    fn interrupted(&self, error: Error) -> Error {
        self.0.interrupted(error)
    }
}
