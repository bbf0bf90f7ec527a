//! Reading workspaces: one, or all of a group or a subscription.

use serde_json::Value;

use super::{Workspace, WorkspaceConfig};
use crate::arm::{ArmCall, ResourceManager, check_segment};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::flow::{Cx, Flow};
use crate::run::Step;
use crate::tenant::is_guid;

/// The version of the workspace API that is spoken: stable, with every field of [`Workspace`].
pub const API_VERSION: &str = "2024-10-01";

const PROVIDER: &str = "Microsoft.MachineLearningServices";

/// More pages than this are a service going round in circles.
const MOST_PAGES: usize = 1000;

/// Opens a workspace: that the call succeeds proves the names, the network and the role.
#[derive(Debug)]
pub struct GetWorkspace(ArmCall);

impl GetWorkspace {
    /// The workspace of this configuration.
    #[must_use]
    pub fn new(manager: &ResourceManager, config: &WorkspaceConfig) -> GetWorkspace {
        let path = [
            "subscriptions",
            &config.subscription_id,
            "resourceGroups",
            &config.resource_group,
            "providers",
            PROVIDER,
            "workspaces",
            &config.workspace_name,
        ];
        GetWorkspace(manager.get(path, API_VERSION, "the workspace"))
    }
}

impl Flow for GetWorkspace {
    type Output = Workspace;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Workspace> {
        let answer = crate::pump!(self.0.step(cx, reply));
        let workspace =
            answer.object().and_then(|document| Workspace::of_document(Value::Object(document.clone())));
        Step::Done(workspace.ok_or_else(|| malformed(&answer, "is not a workspace")))
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
pub struct ListWorkspaces {
    call: ArmCall,
    pages: usize,
    found: Vec<Workspace>,
}

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
        Ok(ListWorkspaces { call: manager.get(path, API_VERSION, LIST), pages: 0, found: Vec::new() })
    }

    /// Takes the workspaces of a page, and tells the link to the next.
    fn take(&mut self, answer: &Answer) -> Result<Option<String>, Error> {
        let document = answer.object().ok_or_else(|| malformed(answer, "is not a list"))?;
        let Some(Value::Array(values)) = document.get("value") else {
            return Err(malformed(answer, "has no list in it"));
        };
        for value in values {
            self.found.push(
                Workspace::of_document(value.clone())
                    .ok_or_else(|| malformed(answer, "lists what is not a workspace"))?,
            );
        }
        match document.get("nextLink") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(link)) => Ok(Some(link.clone()).filter(|link| !link.is_empty())),
            Some(_) => Err(malformed(answer, "has a nextLink that is not a link")),
        }
    }
}

fn check_subscription(subscription: &str) -> Result<(), Error> {
    match is_guid(subscription) {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Configuration, "the subscription id is not a GUID")
            .with_remedy("use the subscription's ID, not its name")),
    }
}

const LIST: &str = "the list of workspaces";

impl Flow for ListWorkspaces {
    type Output = Vec<Workspace>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Vec<Workspace>> {
        let mut reply = reply;
        loop {
            let answer = crate::pump!(self.call.step(cx, reply.take()));
            self.pages += 1;
            let Some(link) = crate::check!(self.take(&answer)) else {
                return Step::Done(Ok(std::mem::take(&mut self.found)));
            };
            if self.pages >= MOST_PAGES {
                return Step::Done(Err(malformed(&answer, "goes on without end")));
            }
            self.call = crate::check!(self.call.follow(&link));
        }
    }
}

fn malformed(answer: &Answer, what: &str) -> Error {
    Error::new(
        ErrorKind::Malformed,
        format!("{} gave an answer to {} that {what}", answer.host(), answer.label()),
    )
    .with_status(answer.status())
    .with_detail(answer.excerpt())
}
