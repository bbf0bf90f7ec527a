//! A request to the token endpoint and what comes of it: most flows end in one.

use std::sync::Arc;

use http::header::HeaderName;

use super::authority_client::EntraClient;
use super::client_auth::{AssertionRequest, ClientAuth, with_assertion};
use crate::authority::{DetectRegion, Region};
use crate::effect::Reply;
use crate::endpoint::PrivateTrust;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Exchange, Form, RequestSpec, RetryPolicy};
use crate::flow::{self, BoxFlow, Cx, Flow};
use crate::run::Step;
use crate::secret::Secret;
use crate::tenant::Tenant;
use crate::token::{self, Party, TokenResponse};

/// The most that is read of a file of certificates, in bytes.
const CERTIFICATES: usize = 1 << 20;

/// What a token is asked for with (RFC 6749 section 1.3).
#[derive(Clone, Debug)]
pub struct Grant {
    /// The app that asks, with what it proves itself with.
    pub client: EntraClient,
    /// The tenant that is asked: see [`EntraClient::tenant_for`].
    pub tenant: Tenant,
    /// The fields of the grant itself; those of the app come before them.
    pub form: Form,
    /// What the request is, to people: "the token of the device code".
    pub label: &'static str,
    /// The name of the credential.
    pub source: &'static str,
    /// For whom.
    pub party: Party,
    /// When the request is repeated.
    pub policy: RetryPolicy,
    /// Whose account it is about (`X-AnchorMailbox`), where that is known before: it leads the request to
    /// where the account is at home.
    pub anchor: Option<String>,
}

impl Grant {
    /// The flow of one token request, with the retries its policy allows. What has to be known of the
    /// authority is known by then: see [`Grant::begin`].
    pub(crate) fn exchange(self) -> TokenExchange {
        TokenExchange { grant: self, id: String::new(), region: None, trust: None, state: State::Fresh }
    }

    /// The flow of one token request, after what has to be known of the authority was found out.
    #[must_use]
    pub fn begin(self) -> BoxFlow<TokenResponse> {
        let (client, source) = (self.client.clone(), self.source);
        client.once_known(source, Box::new(self.exchange()))
    }
}

/// Sends one token request and reads the reply.
///
/// An assertion is made, or fetched, for the request and again for each repetition of it.
#[derive(Debug)]
pub struct TokenExchange {
    grant: Grant,
    id: String,
    /// The region whose endpoint is asked.
    region: Option<String>,
    /// The trust of the proxy that is asked instead.
    trust: Option<Arc<PrivateTrust>>,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Locating(DetectRegion),
    Trusting,
    Proving(BoxFlow<Secret>, Option<Box<Exchange>>),
    Sent(Box<Exchange>),
    Over,
}

impl TokenExchange {
    /// The flow that obtains the next assertion, for an app that proves itself by one.
    fn proof(&self) -> Option<BoxFlow<Secret>> {
        let Grant { client, tenant, .. } = &self.grant;
        match client.auth() {
            ClientAuth::Assertion(source) => Some(source.assertion(&AssertionRequest {
                client_id: client.client_id().to_owned(),
                authority: client.authority().clone(),
                tenant: tenant.clone(),
                audience: client.authority().audience(tenant),
            })),
            _ => None,
        }
    }

    fn spec(&self, assertion: Option<&Secret>) -> Result<RequestSpec, Error> {
        let Grant { client, form, anchor, .. } = &self.grant;
        let app = match (client.auth(), assertion) {
            (ClientAuth::Secret(secret), _) => client.form().secret("client_secret", secret),
            (_, Some(assertion)) => with_assertion(client.form(), assertion)?,
            _ => client.form(),
        };
        let post = client.identified(self.post(app.followed_by(form)), &self.id);
        Ok(match anchor {
            Some(anchor) => post.header(HeaderName::from_static("x-anchormailbox"), anchor),
            None => post,
        })
    }

    fn post(&self, form: Form) -> RequestSpec {
        let Grant { client, tenant, label, .. } = &self.grant;
        if let (Some(proxy), Some(trust)) = (client.proxy(), &self.trust) {
            let target = proxy.target(&client.authority().token(tenant), Arc::clone(trust));
            return RequestSpec::post(target, form, label);
        }
        match &self.region {
            Some(region) => {
                RequestSpec::post(Region::of(region, &client.authority().token(tenant)), form, label)
            }
            None => client.token_post(tenant, form, label),
        }
    }

    /// Only tokens of the app itself are asked of a region, where there are any and no proxy is asked instead.
    fn begin(&mut self, cx: &mut Cx<'_>) -> Step<TokenResponse> {
        self.id = cx.random_guid();
        let Grant { client, party, .. } = &self.grant;
        let regional = *party == Party::App && client.authority().has_regions() && client.proxy().is_none();
        match client.region().filter(|_| regional) {
            Some(region) => {
                let detection = DetectRegion::of(region);
                self.locating(cx, detection, None)
            }
            None => self.located(cx),
        }
    }

    fn locating(
        &mut self,
        cx: &mut Cx<'_>,
        mut detection: DetectRegion,
        reply: Option<Reply>,
    ) -> Step<TokenResponse> {
        match detection.step(cx, reply) {
            Step::Do(effect) => {
                self.state = State::Locating(detection);
                Step::Do(effect)
            }
            Step::Done(found) => {
                crate::check!(found);
                self.region = self.grant.client.region().and_then(Region::known).flatten();
                self.located(cx)
            }
        }
    }

    /// A region may have been set for every program of a machine, and its endpoint be out of reach.
    fn of_region(&self, error: Error) -> Error {
        match &self.region {
            Some(region) if matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout) => error.so_far(
                &format!("it is the endpoint of the region {region}"),
                "check the region; AZURE_REGIONAL_AUTHORITY_NAME or MSAL_FORCE_REGION may have set it",
            ),
            _ => error,
        }
    }

    fn located(&mut self, cx: &mut Cx<'_>) -> Step<TokenResponse> {
        match self.grant.client.proxy() {
            None => self.prove(cx),
            Some(proxy) => match proxy.file() {
                Some(path) => {
                    let step = cx.read_file(path, CERTIFICATES);
                    self.state = State::Trusting;
                    step
                }
                None => {
                    self.trust = Some(crate::check!(proxy.trust(None)));
                    self.prove(cx)
                }
            },
        }
    }

    fn trusting(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        let read = crate::check!(flow::expect(reply)).file();
        if let Some(proxy) = self.grant.client.proxy() {
            self.trust = Some(crate::check!(proxy.trust(Some(read))));
        }
        self.prove(cx)
    }

    fn prove(&mut self, cx: &mut Cx<'_>) -> Step<TokenResponse> {
        match self.proof() {
            Some(proof) => self.proving(cx, proof, None, None),
            None => self.send(cx, None, None),
        }
    }

    fn proving(
        &mut self,
        cx: &mut Cx<'_>,
        mut proof: BoxFlow<Secret>,
        exchange: Option<Box<Exchange>>,
        reply: Option<Reply>,
    ) -> Step<TokenResponse> {
        match proof.step(cx, reply) {
            Step::Do(effect) => {
                self.state = State::Proving(proof, exchange);
                Step::Do(effect)
            }
            Step::Done(assertion) => {
                let assertion = crate::check!(assertion);
                self.send(cx, Some(assertion), exchange)
            }
        }
    }

    fn send(
        &mut self,
        cx: &mut Cx<'_>,
        assertion: Option<Secret>,
        exchange: Option<Box<Exchange>>,
    ) -> Step<TokenResponse> {
        let spec = crate::check!(self.spec(assertion.as_ref()));
        let exchange = match exchange {
            Some(mut exchange) => {
                exchange.renew(spec);
                exchange
            }
            None => {
                let policy = self.grant.client.limited(self.grant.policy.clone());
                Box::new(Exchange::new(spec, policy))
            }
        };
        self.sending(cx, exchange, None)
    }

    fn sending(
        &mut self,
        cx: &mut Cx<'_>,
        mut exchange: Box<Exchange>,
        reply: Option<Reply>,
    ) -> Step<TokenResponse> {
        let proof = if exchange.is_waiting() { self.proof() } else { None };
        let step = match proof {
            Some(proof) => match exchange.waited(reply) {
                None => return self.proving(cx, proof, Some(exchange), None),
                Some(step) => step,
            },
            None => exchange.step(cx, reply),
        };
        match step {
            Step::Do(effect) => {
                self.state = State::Sent(exchange);
                Step::Do(effect)
            }
            Step::Done(answer) => {
                let Grant { client, tenant, source, party, .. } = &self.grant;
                let answer = crate::check!(answer.map_err(|error| self.of_region(error)));
                let token = token::parse(&answer, &client.issued(source, tenant, *party));
                Step::Done(token.map_err(|error| match party {
                    Party::App => token::of_app(error, client.client_id()),
                    _ => error,
                }))
            }
        }
    }
}

impl Flow for TokenExchange {
    type Output = TokenResponse;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        let step = match std::mem::replace(&mut self.state, State::Over) {
            State::Fresh => self.begin(cx),
            State::Locating(detection) => self.locating(cx, detection, reply),
            State::Trusting => self.trusting(cx, reply),
            State::Proving(proof, exchange) => self.proving(cx, proof, exchange, reply),
            State::Sent(exchange) => self.sending(cx, exchange, reply),
            State::Over => Step::Done(Err(flow::out_of_turn())),
        };
        match step {
            Step::Done(result) => Step::Done(result.map_err(|error| error.from_source(self.grant.source))),
            step => step,
        }
    }
}
