//! The online endpoints of a workspace, listed and read.

use super::{AccessEndpoint, OnlineEndpoint};
use crate::arm::ResourceManager;
use crate::call::{Call, Operation, Pages, described};
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{Cx, Flow};
use crate::ml::resource::{check_name, steps};
use crate::ml::{API_VERSION, WorkspaceConfig};
use crate::run::Step;
use crate::scope::Scopes;

/// Lists the online endpoints of a workspace, page by page.
#[derive(Debug)]
pub struct ListOnlineEndpoints(Pages);

impl ListOnlineEndpoints {
    /// Those of this workspace.
    #[must_use]
    pub fn new(manager: &ResourceManager, config: &WorkspaceConfig) -> ListOnlineEndpoints {
        let operation = Operation::get(steps(config, &["onlineEndpoints"]), "the online endpoints");
        ListOnlineEndpoints(Pages::new(manager.call(operation, API_VERSION)))
    }
}

impl Flow for ListOnlineEndpoints {
    type Output = Vec<OnlineEndpoint>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Vec<OnlineEndpoint>> {
        let values = crate::pump!(self.0.step(cx, reply));
        let found: Option<Vec<_>> = values.into_iter().map(OnlineEndpoint::of_document).collect();
        Step::Done(found.ok_or_else(|| {
            Error::new(ErrorKind::Malformed, "the list of online endpoints has what is not an endpoint")
        }))
    }
}

/// Reads an online endpoint, and with [`OpenEndpoint::accessed`] gets what it is called with.
#[derive(Debug)]
pub struct OpenEndpoint {
    manager: ResourceManager,
    steps: Vec<String>,
    call: Call,
}

impl OpenEndpoint {
    /// The endpoint of this name in a workspace.
    ///
    /// # Errors
    /// `Configuration` when no endpoint can have the name.
    pub fn new(
        manager: &ResourceManager,
        config: &WorkspaceConfig,
        name: &str,
    ) -> Result<OpenEndpoint, Error> {
        check_name(name, "name of the endpoint")?;
        let steps = steps(config, &["onlineEndpoints", name]);
        let call = manager.get(steps.clone(), API_VERSION, "the online endpoint");
        Ok(OpenEndpoint { manager: manager.clone(), steps, call })
    }

    /// What the endpoint is called with, by its own mode; `scopes` are those of the data plane
    /// ([`data_plane_scopes`](super::data_plane_scopes)), for an endpoint that takes Entra's tokens.
    #[must_use]
    pub fn accessed(self, scopes: Scopes) -> AccessEndpoint {
        AccessEndpoint::new(self, scopes)
    }

    pub(super) fn operation(&self, last: &str, label: &'static str) -> Call {
        let steps = self.steps.iter().map(String::as_str).chain([last]);
        self.manager.call(Operation::post(steps, label).repeatable(), API_VERSION).after(&self.call)
    }
}

impl Flow for OpenEndpoint {
    type Output = OnlineEndpoint;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<OnlineEndpoint> {
        let answer = crate::pump!(self.call.step(cx, reply));
        Step::Done(described(&answer, OnlineEndpoint::of_document, "is not an endpoint"))
    }
}
