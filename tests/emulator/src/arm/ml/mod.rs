//! What is below an Azure Machine Learning workspace: its keys, its identity, computes and online endpoints.

mod compute;
mod endpoint;
pub(super) mod identity;
mod keys;

use entrada_core::effect::HttpResponse;
use http::Method;
use serde_json::Value;

use super::access::authenticate;
use super::{WORKSPACE_VERSIONS, WORKSPACES, unknown_type, version};
use crate::ask::Ask;
use crate::config::{Subscription, Workspace};
use crate::fault::Fault;
use crate::{Emulator, reply};

const PROVIDER: &str = "Microsoft.MachineLearningServices";
const OPERATIONS: &str = "workspaceOperationsStatus";

/// A workspace that a request is about, and what of it.
pub(super) struct Below<'a> {
    pub(super) subscription: Subscription,
    pub(super) workspace: Workspace,
    /// The resource id of the workspace.
    pub(super) id: String,
    pub(super) rest: Vec<&'a str>,
}

impl Below<'_> {
    fn id_of(&self, kind: &str, name: &str) -> String {
        format!("{}/{kind}/{name}", self.id)
    }
}

/// The steps of the path after the workspace, and the names before; nothing for another path.
fn steps<'a>(path: &[&'a str]) -> Option<([&'a str; 3], Vec<&'a str>)> {
    match path {
        [subscriptions, subscription, groups, group, providers, provider, workspaces, name, rest @ ..]
            if subscriptions.eq_ignore_ascii_case("subscriptions")
                && groups.eq_ignore_ascii_case("resourceGroups")
                && providers.eq_ignore_ascii_case("providers")
                && format!("{provider}/{workspaces}").eq_ignore_ascii_case(WORKSPACES) =>
        {
            Some(([subscription, group, name], rest.to_vec()))
        }
        _ => None,
    }
}

impl Emulator {
    /// The answer to what is below a workspace, or changes it; nothing, if the request is about another
    /// thing.
    pub(super) fn below_workspace(&mut self, ask: &Ask<'_>) -> Option<Result<HttpResponse, Fault>> {
        let path = ask.pieces();
        if let [_, subscription, providers, provider, "locations", _, operations, id] = path.as_slice()
            && providers.eq_ignore_ascii_case("providers")
            && provider.eq_ignore_ascii_case(PROVIDER)
            && *operations == OPERATIONS
        {
            return Some(self.operation(ask, subscription, id));
        }
        let (names, rest) = steps(&path)?;
        if rest.is_empty() && *ask.method() != Method::PATCH {
            return None;
        }
        Some(self.in_workspace(ask, names, rest))
    }

    fn in_workspace(
        &mut self,
        ask: &Ask<'_>,
        [subscription, group, name]: [&str; 3],
        rest: Vec<&str>,
    ) -> Result<HttpResponse, Fault> {
        let subscription = self.subscription_of(ask, subscription)?;
        version(ask, "workspaces", &WORKSPACE_VERSIONS)?;
        if !matches!(rest.first(), None | Some(&"listKeys" | &"computes" | &"onlineEndpoints")) {
            return Err(unknown_type(ask));
        }
        let id = format!(
            "/subscriptions/{}/resourceGroups/{group}/providers/{WORKSPACES}/{name}",
            subscription.id
        );
        let caller = authenticate(ask, Some(&subscription.tenant))?;
        self.demanded(ask, &caller, ask.path())?;
        self.authorize_action(ask, &caller, &action(ask, &rest), &id)?;
        let workspace = self.workspace(&subscription, group, name)?.clone();
        let below = Below { subscription, workspace, id, rest };
        match (ask.method().as_str(), below.rest.as_slice()) {
            ("PATCH", []) => self.change_workspace(ask, &below),
            ("POST", ["listKeys"]) => Ok(reply::json(200, &self.workspace_keys(&below))),
            (_, ["computes", ..]) => self.ml_compute(ask, &below),
            (_, ["onlineEndpoints", ..]) => self.online_endpoint(ask, &below),
            ("GET" | "PUT" | "POST" | "PATCH" | "DELETE", _) => Err(unknown_type(ask)),
            _ => Err(not_allowed(ask)),
        }
    }

    /// The subscription, of the caller's directory.
    fn subscription_of(&self, ask: &Ask<'_>, id: &str) -> Result<Subscription, Fault> {
        let known = self.config.subscriptions.iter().find(|known| known.id.eq_ignore_ascii_case(id));
        let caller = authenticate(ask, known.map(|known| known.tenant.as_str()))?;
        self.subscription(ask, &caller, id)
    }

    /// Begins an operation that takes a while: 202, and where to look.
    fn begin_operation(&mut self, ask: &Ask<'_>, below: &Below<'_>) -> HttpResponse {
        let id = self.draw.guid();
        let ready = ask.now.unix.0.saturating_add(self.config.policy.operation);
        self.store.operations.insert(id.clone(), (ready, below.id.clone()));
        let link = format!(
            "{}/subscriptions/{}/providers/{PROVIDER}/locations/{}/{OPERATIONS}/{id}?api-version=2024-10-01&type=location",
            ask.origin, below.subscription.id, below.workspace.location
        );
        let response = reply::with(reply::body(202, "application/json", ""), "location", &link);
        reply::with(response, "retry-after", &self.config.policy.operation.max(1).to_string())
    }

    fn operation(&mut self, ask: &Ask<'_>, subscription: &str, id: &str) -> Result<HttpResponse, Fault> {
        self.subscription_of(ask, subscription)?;
        let Some((ready, _)) = self.store.operations.get(id) else {
            return Err(Fault::new(404, "ResourceNotFound", format!("The operation '{id}' was not found.")));
        };
        if ask.now.unix.0 < *ready {
            let link = format!("{}{}?api-version=2024-10-01&type=location", ask.origin, ask.path());
            let response = reply::with(reply::body(202, "application/json", ""), "location", &link);
            return Ok(reply::with(response, "retry-after", "1"));
        }
        Ok(reply::json(200, &serde_json::json!({})))
    }
}

fn not_allowed(ask: &Ask<'_>) -> Fault {
    let message = format!("The http method '{}' is not supported for this resource.", ask.method());
    Fault::new(405, "MethodNotAllowed", message)
}

/// What a request does, by the name that roles have for it.
fn action(ask: &Ask<'_>, rest: &[&str]) -> String {
    let kinds: Vec<&str> = rest.iter().step_by(2).copied().collect();
    let path = [&[WORKSPACES][..], &kinds].concat().join("/");
    match ask.method().as_str() {
        "GET" => format!("{path}/read"),
        "POST" => format!("{path}/action"),
        "DELETE" => format!("{path}/delete"),
        _ => format!("{path}/write"),
    }
}

/// The document of a request, which has to be an object.
fn document(ask: &Ask<'_>) -> Result<Value, Fault> {
    let kind = ask.header("content-type").unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(Fault::new(
            415,
            "UnsupportedMediaType",
            "The content media type is not supported. Use JSON.",
        ));
    }
    match serde_json::from_slice(ask.body()) {
        Ok(document @ Value::Object(_)) => Ok(document),
        _ => Err(Fault::new(
            400,
            "InvalidRequestContent",
            "The request content was invalid and could not be deserialized.",
        )),
    }
}
