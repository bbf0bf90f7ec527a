//! Online endpoints: who may call them, and with what.
//!
//! Keys do not expire; a token of the endpoint does, and is to be got anew after a time that comes with it.
//! Where Entra's tokens are taken, the audience is that of Azure Machine Learning in the cloud of the
//! workspace (`https://ml.azure.com`), exactly: with a slash at its end the endpoint refuses the token.

use serde_json::{Map, Value};

use super::resource::{check_name, steps};
use super::{API_VERSION, WorkspaceConfig};
use crate::arm::ResourceManager;
use crate::call::{Call, Operation, Pages, malformed};
use crate::cloud::Cloud;
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::Answer;
use crate::flow::{Cx, Flow, expect};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::time::Unix;
use crate::token::AccessToken;

/// Who may call an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointAuth {
    /// Whoever has one of its keys (`key`).
    Key,
    /// Whoever has a token of the endpoint (`aml_token`).
    AmlToken,
    /// Whoever has a token of Entra and a role that may call it (`aad_token`).
    AadToken,
    /// A mode that is not known here.
    Other(String),
}

impl EndpointAuth {
    /// The mode of this name, as the service or a YAML file writes it.
    #[must_use]
    pub fn of_name(name: &str) -> EndpointAuth {
        match name.replace('_', "").to_ascii_lowercase().as_str() {
            "key" => EndpointAuth::Key,
            "amltoken" => EndpointAuth::AmlToken,
            "aadtoken" => EndpointAuth::AadToken,
            _ => EndpointAuth::Other(name.to_owned()),
        }
    }

    /// Its name in YAML files.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            EndpointAuth::Key => "key",
            EndpointAuth::AmlToken => "aml_token",
            EndpointAuth::AadToken => "aad_token",
            EndpointAuth::Other(name) => name,
        }
    }
}

/// An online endpoint, as Azure Resource Manager describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct OnlineEndpoint {
    document: Map<String, Value>,
}

impl OnlineEndpoint {
    /// Reads one, if the document names a resource.
    #[must_use]
    pub fn of_document(document: Value) -> Option<OnlineEndpoint> {
        match document {
            Value::Object(document) if document.get("name").is_some_and(Value::is_string) => {
                Some(OnlineEndpoint { document })
            }
            _ => None,
        }
    }

    /// Everything the service said.
    #[must_use]
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    fn property(&self, name: &str) -> Option<&str> {
        self.document.get("properties")?.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.document.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// Who may call it.
    #[must_use]
    pub fn auth(&self) -> EndpointAuth {
        EndpointAuth::of_name(self.property("authMode").unwrap_or_default())
    }

    /// Where it is called.
    #[must_use]
    pub fn scoring_uri(&self) -> Option<&str> {
        self.property("scoringUri")
    }

    /// Succeeded, Creating, Failed and so on.
    #[must_use]
    pub fn provisioning_state(&self) -> Option<&str> {
        self.property("provisioningState")
    }
}

/// What an endpoint is called with: `Authorization: Bearer` and this.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EndpointAccess {
    /// Its keys.
    Keys {
        /// The first.
        primary: Secret,
        /// The second, if it has one.
        secondary: Option<Secret>,
    },
    /// A token of the endpoint.
    AmlToken {
        /// The token.
        token: Secret,
        /// When it dies.
        expires_on: Unix,
        /// From when on it should be got anew.
        refresh_on: Option<Unix>,
    },
    /// A token of Entra.
    AadToken(AccessToken),
}

impl EndpointAccess {
    /// The key or the token.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        match self {
            EndpointAccess::Keys { primary, .. } => primary,
            EndpointAccess::AmlToken { token, .. } => token,
            EndpointAccess::AadToken(token) => token.secret(),
        }
    }

    /// When it dies; keys do not.
    #[must_use]
    pub fn expires_on(&self) -> Option<Unix> {
        match self {
            EndpointAccess::Keys { .. } => None,
            EndpointAccess::AmlToken { expires_on, .. } => Some(*expires_on),
            EndpointAccess::AadToken(token) => Some(token.expires_on()),
        }
    }
}

/// The scope of tokens for the data plane of Azure Machine Learning in a cloud.
///
/// # Errors
/// `Configuration` where the service does not exist, as far as is known.
pub fn data_plane_scopes(cloud: &Cloud) -> Result<Scopes, Error> {
    let audience = cloud.machine_learning.ok_or_else(|| cloud.lacks("Azure Machine Learning"))?;
    Scopes::of_resource(audience)
}

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
    /// ([`data_plane_scopes`]), for an endpoint that takes Entra's tokens.
    #[must_use]
    pub fn accessed(self, scopes: Scopes) -> AccessEndpoint {
        AccessEndpoint { open: self, scopes, endpoint: None, state: State::Opening }
    }

    fn operation(&self, last: &str, label: &'static str) -> Call {
        let steps = self.steps.iter().map(String::as_str).chain([last]);
        self.manager.call(Operation::post(steps, label).repeatable(), API_VERSION).after(&self.call)
    }
}

impl Flow for OpenEndpoint {
    type Output = OnlineEndpoint;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<OnlineEndpoint> {
        let answer = crate::pump!(self.call.step(cx, reply));
        let endpoint = answer.object().cloned().and_then(|it| OnlineEndpoint::of_document(Value::Object(it)));
        Step::Done(endpoint.ok_or_else(|| malformed(&answer, "is not an endpoint")))
    }
}

/// An endpoint, and what it is called with: see [`OpenEndpoint::accessed`].
#[derive(Debug)]
pub struct AccessEndpoint {
    open: OpenEndpoint,
    scopes: Scopes,
    endpoint: Option<OnlineEndpoint>,
    state: State,
}

#[derive(Debug)]
enum State {
    Opening,
    Keys(Box<Call>),
    Token(Box<Call>),
    Entra,
}

impl AccessEndpoint {
    fn opened(
        &mut self,
        cx: &mut Cx<'_>,
        endpoint: OnlineEndpoint,
    ) -> Step<(OnlineEndpoint, EndpointAccess)> {
        let auth = endpoint.auth();
        self.endpoint = Some(endpoint);
        match auth {
            EndpointAuth::Key => {
                self.state =
                    State::Keys(Box::new(self.open.operation("listKeys", "the keys of the endpoint")));
                self.step(cx, None)
            }
            EndpointAuth::AmlToken => {
                self.state = State::Token(Box::new(self.open.operation("token", "a token of the endpoint")));
                self.step(cx, None)
            }
            EndpointAuth::AadToken => {
                self.state = State::Entra;
                cx.token(TokenRequest::for_scopes(self.scopes.clone()))
            }
            EndpointAuth::Other(_) => Step::Done(Err(Error::new(
                ErrorKind::Configuration,
                "the endpoint is called in a way that is not known here",
            ))),
        }
    }

    fn done(&mut self, access: Result<EndpointAccess, Error>) -> Step<(OnlineEndpoint, EndpointAccess)> {
        let endpoint = self.endpoint.take().ok_or_else(crate::flow::out_of_turn);
        Step::Done(access.and_then(|access| Ok((endpoint?, access))))
    }
}

impl Flow for AccessEndpoint {
    type Output = (OnlineEndpoint, EndpointAccess);

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Self::Output> {
        match &mut self.state {
            State::Opening => {
                let endpoint = crate::pump!(self.open.step(cx, reply));
                self.opened(cx, endpoint)
            }
            State::Keys(call) => {
                let answer = crate::pump!(call.step(cx, reply));
                self.done(keys(&answer))
            }
            State::Token(call) => {
                let answer = crate::pump!(call.step(cx, reply));
                self.done(token(&answer))
            }
            State::Entra => {
                let token = crate::check!(expect(reply)).token();
                self.done(token.map(EndpointAccess::AadToken))
            }
        }
    }
}

fn keys(answer: &Answer) -> Result<EndpointAccess, Error> {
    let document = answer.object().cloned().unwrap_or_default();
    let secret = |name: &str| {
        document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(Secret::new)
    };
    let primary = secret("primaryKey").ok_or_else(|| malformed(answer, "has no key in it"))?;
    Ok(EndpointAccess::Keys { primary, secondary: secret("secondaryKey") })
}

fn token(answer: &Answer) -> Result<EndpointAccess, Error> {
    let document = answer.object().cloned().unwrap_or_default();
    let seconds = |name: &str| {
        let value = document.get(name)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok()).filter(|at| *at > 0).map(Unix)
    };
    let token = document.get("accessToken").and_then(Value::as_str).filter(|text| !text.is_empty());
    let (Some(token), Some(expires_on)) = (token, seconds("expiryTimeUtc")) else {
        return Err(malformed(answer, "has no token in it that tells its life"));
    };
    if expires_on <= answer.received().unix {
        return Err(malformed(answer, "brings a token that has expired already"));
    }
    Ok(EndpointAccess::AmlToken {
        token: Secret::new(token),
        expires_on,
        refresh_on: seconds("refreshAfterTimeUtc"),
    })
}
