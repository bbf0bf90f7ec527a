//! A new key of an online endpoint.

use serde_json::json;

use super::resource::{check_name, steps};
use super::{API_VERSION, WorkspaceConfig};
use crate::arm::ResourceManager;
use crate::call::{LongRunning, Operation};
use crate::effect::Reply;
use crate::error::Error;
use crate::flow::{Cx, Flow};
use crate::run::Step;

/// One of the two keys of an online endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointKey {
    /// The first.
    Primary,
    /// The second.
    Secondary,
}

impl EndpointKey {
    /// The service's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            EndpointKey::Primary => "Primary",
            EndpointKey::Secondary => "Secondary",
        }
    }
}

/// Has one key of an online endpoint made anew, and waits for it. Whoever calls the endpoint with the key that it had
/// is refused from then on; the other key stays. [`OpenEndpoint::accessed`](super::OpenEndpoint::accessed) reads the
/// new one, which is not in the answer.
///
/// The request is not sent twice where the first may have been received. An error says so where it is not known
/// whether there is a new key.
#[derive(Debug)]
pub struct RegenerateKey {
    name: String,
    operation: LongRunning,
    begun: bool,
}

impl RegenerateKey {
    /// This key of the endpoint of this name in a workspace.
    ///
    /// # Errors
    /// `Configuration` when no endpoint can have the name.
    pub fn new(
        manager: &ResourceManager,
        config: &WorkspaceConfig,
        name: &str,
        key: EndpointKey,
    ) -> Result<RegenerateKey, Error> {
        check_name(name, "name of the endpoint")?;
        let path = steps(config, &["onlineEndpoints", name, "regenerateKeys"]);
        let operation = Operation::post(path, "a new key of the endpoint")
            .document(&json!({ "keyType": key.name(), "keyValue": null }));
        let operation = LongRunning::new(manager.call(operation, API_VERSION));
        Ok(RegenerateKey { name: name.to_owned(), operation, begun: false })
    }

    fn unknown(&self, error: Error) -> Error {
        let what = "whether the endpoint has a new key is not known";
        error.so_far(what, &format!("see its keys with: entrada endpoint auth {}", self.name))
    }
}

impl Flow for RegenerateKey {
    type Output = ();

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<()> {
        match self.operation.step(cx, reply) {
            Step::Do(effect) => {
                self.begun |= !matches!(effect, crate::effect::Effect::Token(_));
                Step::Do(effect)
            }
            Step::Done(Ok(_)) => Step::Done(Ok(())),
            Step::Done(Err(error)) if self.begun && error.leaves_open() => {
                Step::Done(Err(self.unknown(error)))
            }
            Step::Done(Err(error)) => Step::Done(Err(error)),
        }
    }

    fn interrupted(&self, error: Error) -> Error {
        if self.begun { self.unknown(error) } else { error }
    }
}
