//! What is asked about a workspace, and changed in it.

use entrada_core::Cloud;
use entrada_core::arm::ResourceManager;
use entrada_core::error::Error;
use entrada_core::flow::{self, BoxFlow};
use entrada_core::ml::{
    EnableIdentity, IdentityOwner, ListOnlineEndpoints, ListWorkspaceKeys, OpenEndpoint, ShowIdentity,
    WantedIdentity, WorkspaceConfig, data_plane_scopes,
};
use entrada_emulator::world as w;

use super::{Kind, Output, Twist};

/// The flow of a kind that is one of these.
pub(super) fn flow_of(kind: Kind, twist: Twist, manager: &ResourceManager) -> Result<BoxFlow<Output>, Error> {
    let config = WorkspaceConfig::new(w::SUBSCRIPTION, w::RESOURCE_GROUP, w::WORKSPACE)?;
    Ok(match kind {
        Kind::WorkspaceKeys => {
            let keys = ListWorkspaceKeys::new(manager, &config);
            flow::map(Box::new(keys), |keys| Ok(Output::Keys(keys)))
        }
        Kind::EndpointAccess => {
            let name = match twist {
                Twist::WithKey => "score-key",
                Twist::WithEntra => "score-entra",
                _ => "score-aml",
            };
            let open = OpenEndpoint::new(manager, &config, name)?;
            let access = open.accessed(data_plane_scopes(Cloud::PUBLIC)?);
            flow::map(Box::new(access), |(_, access)| Ok(Output::Access(access)))
        }
        Kind::ListEndpoints => {
            let list = ListOnlineEndpoints::new(manager, &config);
            flow::map(Box::new(list), |endpoints| Ok(Output::Endpoints(endpoints)))
        }
        Kind::ShowIdentity => {
            let show = ShowIdentity::new(manager, &owner(config, twist))?;
            flow::map(Box::new(show), |identity| Ok(Output::Identity(identity)))
        }
        _ => {
            let wanted = WantedIdentity::assigned_only().and_assigned(w::USER_IDENTITY_RESOURCE)?;
            let enable = EnableIdentity::new(manager, owner(config, twist), wanted)?;
            flow::map(Box::new(enable), |identity| Ok(Output::Identity(identity)))
        }
    })
}

fn owner(config: WorkspaceConfig, twist: Twist) -> IdentityOwner {
    match twist {
        Twist::OfCompute => IdentityOwner::Compute(config, w::CLUSTER.to_owned()),
        _ => IdentityOwner::Workspace(config),
    }
}

/// Whether a kind is one of these.
pub(super) fn is_one(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::WorkspaceKeys
            | Kind::EndpointAccess
            | Kind::EnableIdentity
            | Kind::ListEndpoints
            | Kind::ShowIdentity
    )
}
