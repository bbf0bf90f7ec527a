//! Reading workspaces: one, or all of a group or a subscription.

use super::resource::{PROVIDER, steps};
use super::{Workspace, WorkspaceConfig};
use crate::arm::{ResourceManager, check_segment};
use crate::call::{Call, Pages, described};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, Flow};
use crate::run::Step;
use crate::tenant::is_guid;

/// The version of the workspace API that is spoken: stable, with every field of [`Workspace`].
pub const API_VERSION: &str = "2024-10-01";

/// Opens a workspace: that the call succeeds proves the names, the network and the role.
#[derive(Debug)]
pub struct GetWorkspace(Call);

impl GetWorkspace {
    /// The workspace of this configuration.
    #[must_use]
    pub fn new(manager: &ResourceManager, config: &WorkspaceConfig) -> GetWorkspace {
        GetWorkspace(manager.get(steps(config, &[]), API_VERSION, "the workspace"))
    }
}

impl Flow for GetWorkspace {
    type Output = Workspace;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Workspace> {
        let answer = crate::pump!(self.0.step(cx, reply));
        Step::Done(described(&answer, Workspace::of_document, "is not a workspace"))
    }
}

/// Whose workspaces.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkspaceScope {
    /// All of a subscription that the identity may see.
    Subscription(String),
    /// Those of one resource group.
    Group {
        /// The subscription.
        subscription: String,
        /// The resource group.
        group: String,
    },
}

/// Lists workspaces, page by page.
#[derive(Debug)]
pub struct ListWorkspaces(Pages);

impl ListWorkspaces {
    /// The workspaces of this scope.
    ///
    /// # Errors
    /// `Configuration` when a name is impossible.
    pub fn new(manager: &ResourceManager, scope: &WorkspaceScope) -> Result<ListWorkspaces, Error> {
        let path = match scope {
            WorkspaceScope::Subscription(subscription) => {
                check_subscription(subscription)?;
                vec!["subscriptions", subscription, "providers", PROVIDER, "workspaces"]
            }
            WorkspaceScope::Group { subscription, group } => {
                check_subscription(subscription)?;
                check_segment(group, "resource group")?;
                vec![
                    "subscriptions",
                    subscription,
                    "resourceGroups",
                    group,
                    "providers",
                    PROVIDER,
                    "workspaces",
                ]
            }
        };
        Ok(ListWorkspaces(Pages::new(manager.get(path, API_VERSION, "the list of workspaces"))))
    }
}

fn check_subscription(subscription: &str) -> Result<(), Error> {
    match is_guid(subscription) {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Configuration, "the subscription id is not a GUID")
            .with_remedy("use the subscription's ID, not its name")),
    }
}

impl Flow for ListWorkspaces {
    type Output = Vec<Workspace>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Vec<Workspace>> {
        let values = crate::pump!(self.0.step(cx, reply));
        let workspaces: Option<Vec<_>> = values.into_iter().map(Workspace::of_document).collect();
        Step::Done(workspaces.ok_or_else(|| {
            Error::new(ErrorKind::Malformed, "the list of workspaces has what is not a workspace in it")
        }))
    }
}
