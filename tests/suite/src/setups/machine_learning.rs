//! What is asked about a workspace, and changed in it.

use entrada_core::Cloud;
use entrada_core::arm::ResourceManager;
use entrada_core::error::Error;
use entrada_core::flow::{self, BoxFlow};
use entrada_core::ml::{
    DisableIdentity, EnableIdentity, EndpointKey, IdentityOwner, ListOnlineEndpoints, ListWorkspaceKeys,
    OpenEndpoint, RegenerateKey, ShowIdentity, UnwantedIdentity, WantedIdentity, WorkspaceConfig,
    data_plane_scopes,
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
        Kind::DisableIdentity => {
            let unwanted = UnwantedIdentity::assigned_only().and_assigned(w::USER_IDENTITY_RESOURCE)?;
            let disable = DisableIdentity::new(manager, owner(config, twist), unwanted)?;
            flow::map(Box::new(disable), |disabled| Ok(Output::Identity(disabled.left)))
        }
        Kind::RegenerateKey => {
            let regenerate = RegenerateKey::new(manager, &config, "score-key", EndpointKey::Secondary)?;
            flow::map(Box::new(regenerate), |_| Ok(Output::Removed))
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
            | Kind::DisableIdentity
            | Kind::RegenerateKey
    )
}
