//! What an online endpoint is called with: its keys, a token of its own, or one of Entra.

use serde_json::Value;

use super::{EndpointAuth, OnlineEndpoint, OpenEndpoint};
use crate::call::{Call, malformed};
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
    pub(super) fn new(open: OpenEndpoint, scopes: Scopes) -> AccessEndpoint {
        AccessEndpoint { open, scopes, endpoint: None, state: State::Opening }
    }

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
