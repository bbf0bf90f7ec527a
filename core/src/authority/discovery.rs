//! What has to be asked before anything is sent to an authority: of Entra, whether a host is one of its
//! own (instance discovery); of a provider, where its addresses are (OpenID Connect Discovery section 4).

use serde_json::{Map, Value};

use super::{Addresses, Authority, AuthorityKind, Found};
use crate::cloud::Cloud;
use crate::effect::Reply;
use crate::endpoint::{Endpoint, PlainHttp};
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Exchange, RequestSpec, RetryPolicy};
use crate::flow::{Cx, Flow, out_of_turn};
use crate::run::Step;
use crate::tenant::Tenant;
use crate::token::{Party, Refusal};

/// Finds out what is to be known of an authority. All clones of it know it then.
#[derive(Debug)]
pub(crate) struct Discovery {
    authority: Authority,
    tenant: Tenant,
    policy: RetryPolicy,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Asking(Box<Exchange>),
    Over,
}

impl Discovery {
    pub(crate) fn of(authority: &Authority, tenant: &Tenant, policy: RetryPolicy) -> Discovery {
        Discovery { authority: authority.clone(), tenant: tenant.clone(), policy, state: State::Fresh }
    }

    fn ask(&self) -> Result<RequestSpec, Error> {
        if self.authority.kind() == AuthorityKind::Provider {
            let target = self.authority.host().join([".well-known", "openid-configuration"]);
            return Ok(RequestSpec::get(target, "the provider's metadata"));
        }
        let whom = Endpoint::authority(Cloud::PUBLIC.authority, PlainHttp::Refused)?;
        let authorize = self.authority.authorize(&self.tenant);
        let target = whom
            .join(["common", "discovery", "instance"])
            .with_query([("api-version", "1.1"), ("authorization_endpoint", authorize.url().as_str())]);
        Ok(RequestSpec::get(target, "whether it knows the authority's host"))
    }

    fn read(&self, answer: &Answer) -> Result<Found, Error> {
        match self.authority.kind() {
            AuthorityKind::Provider => addresses(&self.authority, answer),
            _ => self.known(answer),
        }
    }

    /// Entra's answer about the host. Anything but a plain yes keeps secrets from it.
    fn known(&self, answer: &Answer) -> Result<Found, Error> {
        let host = self.authority.host().host();
        let yes = answer.object().is_some_and(|document| document.contains_key("tenant_discovery_endpoint"));
        if answer.status() == 200 && yes {
            return Ok(Found::Known);
        }
        let refusal = Refusal::of(answer).unwrap_or_default();
        if refusal.code == Some("invalid_instance") {
            return Err(Error::new(
                ErrorKind::Configuration,
                format!("{host} is not the host of a Microsoft Entra authority; nothing was sent to it"),
            )
            .with_code(Some("invalid_instance"))
            .with_status(answer.status())
            .with_remedy(REMEDY));
        }
        let error = refusal.into_error(answer, Party::App);
        Err(match error.kind() {
            ErrorKind::Service => error,
            _ => error.as_kind(ErrorKind::Malformed),
        })
    }

    /// Whoever is asked about a host is another: the error names the host that it is about, and what to do where that
    /// other cannot be reached, as from within a private cloud.
    fn failed(&self, error: Error) -> Error {
        match (self.authority.kind(), error.kind()) {
            (AuthorityKind::Provider, _) | (_, ErrorKind::Misuse) => error,
            _ if error.code() == Some("invalid_instance") => error,
            _ => error.so_far(&format!("nothing was sent to {}", self.authority.host().host()), REMEDY),
        }
    }
}

const REMEDY: &str = "check AZURE_AUTHORITY_HOST; for a private cloud, say that you trust its host: disable instance discovery";

impl Flow for Discovery {
    type Output = ();

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<()> {
        let (mut exchange, reply) = match std::mem::replace(&mut self.state, State::Over) {
            // Somebody else may have asked meanwhile.
            State::Fresh if !self.authority.needs_discovery(&self.tenant) => return Step::Done(Ok(())),
            State::Fresh => {
                let spec = crate::check!(self.ask());
                (Box::new(Exchange::new(spec, self.policy.clone())), None)
            }
            State::Asking(exchange) => (exchange, reply),
            State::Over => return Step::Done(Err(out_of_turn())),
        };
        match exchange.step(cx, reply) {
            Step::Do(effect) => {
                self.state = State::Asking(exchange);
                Step::Do(effect)
            }
            Step::Done(answer) => {
                let found = answer.and_then(|answer| self.read(&answer));
                self.authority.found.set(crate::check!(found.map_err(|error| self.failed(error))));
                Step::Done(Ok(()))
            }
        }
    }
}

/// The addresses that a provider's metadata names. They have to be at the provider's own host: what a
/// server says is not taken for another place to send secrets to.
fn addresses(authority: &Authority, answer: &Answer) -> Result<Found, Error> {
    let malformed = |what: String| {
        Error::new(ErrorKind::Malformed, format!("the metadata of {} {what}", answer.host()))
            .with_status(answer.status())
            .with_remedy("check the authority's address: it is that of the issuer, without .well-known")
    };
    let Some(document) = answer.object().filter(|_| answer.status() == 200) else {
        return Err(
            malformed(format!("could not be had ({})", answer.status())).with_detail(answer.excerpt())
        );
    };
    let at = |name: &str| at_home(authority, document, name);
    let missing = |name: &str| malformed(format!("has no {name} at its own host"));
    let issuer = document.get("issuer").and_then(Value::as_str).unwrap_or_default();
    if !authority.is_named(issuer) {
        return Err(malformed("names another issuer".to_owned()));
    }
    Ok(Found::Addresses(Box::new(Addresses {
        token: at("token_endpoint").ok_or_else(|| missing("token_endpoint"))?,
        authorize: at("authorization_endpoint").ok_or_else(|| missing("authorization_endpoint"))?,
        device_code: at("device_authorization_endpoint"),
    })))
}

fn at_home(authority: &Authority, document: &Map<String, Value>, name: &str) -> Option<Endpoint> {
    authority.host().follow(document.get(name)?.as_str()?).ok()
}
