//! The steps of a sign-in.

use super::assertion::{self, Assertion};
use super::mex::{self, Place};
use super::realm::{self, Federation, Realm};
use super::ws_trust::{Envelope, Version};
use super::{NAME, UsernamePasswordCredential, refused};
use crate::effect::Reply;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Exchange, Form, RequestSpec, RetryPolicy};
use crate::flow::{Cx, Flow, out_of_turn};
use crate::flows::token_exchange::{Grant, TokenExchange};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::tenant::Tenant;
use crate::token::{Party, TokenResponse};

#[derive(Debug)]
pub(super) struct SignIn {
    user: UsernamePasswordCredential,
    request: TokenRequest,
    tenant: Tenant,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Asking(Question, Box<Exchange>),
    Redeeming(With, Box<TokenExchange>),
    Over,
}

/// What the token is asked for with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum With {
    Password,
    Assertion,
}

/// What the exchange that is under way is for.
#[derive(Debug)]
enum Question {
    Realm,
    Metadata(Federation),
    Assertion,
}

impl SignIn {
    pub(super) fn new(user: &UsernamePasswordCredential, request: &TokenRequest, tenant: Tenant) -> SignIn {
        SignIn { user: user.clone(), request: request.clone(), tenant, state: State::Fresh }
    }

    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        let (question, mut exchange) = match std::mem::replace(&mut self.state, State::Over) {
            State::Fresh => return self.begin(cx),
            State::Asking(question, exchange) => (question, exchange),
            State::Redeeming(with, exchange) => return self.redeeming(cx, with, exchange, reply),
            State::Over => return Step::Done(Err(out_of_turn())),
        };
        let answer = match exchange.step(cx, reply) {
            Step::Do(effect) => {
                self.state = State::Asking(question, exchange);
                return Step::Do(effect);
            }
            Step::Done(answer) => crate::check!(answer),
        };
        match question {
            Question::Realm => {
                let realm = realm::read(&answer).map_err(|error| error.asked_as(answer.request_id()));
                match crate::check!(realm) {
                    Realm::Managed => self.with_password(cx),
                    Realm::Federated(federation) => self.federated(cx, federation),
                }
            }
            Question::Metadata(federation) => self.described(cx, &answer, &federation),
            Question::Assertion => self.with_assertion(cx, &crate::check!(assertion::read(&answer))),
        }
    }

    fn ask(
        &mut self,
        cx: &mut Cx<'_>,
        question: Question,
        spec: RequestSpec,
        policy: RetryPolicy,
    ) -> Step<TokenResponse> {
        let policy = self.user.client.limited(policy);
        self.state = State::Asking(question, Box::new(Exchange::new(spec, policy)));
        self.advance(cx, None)
    }

    fn begin(&mut self, cx: &mut Cx<'_>) -> Step<TokenResponse> {
        match self.user.client.authority().user_realm(&self.tenant, &self.user.account.username) {
            Some(place) => {
                let spec = self.user.client.identify(realm::ask(place), cx);
                self.ask(cx, Question::Realm, spec, RetryPolicy::AUTHORITY)
            }
            None => self.with_password(cx),
        }
    }

    fn federated(&mut self, cx: &mut Cx<'_>, federation: Federation) -> Step<TokenResponse> {
        match &federation.metadata {
            Some(address) => {
                let place = crate::check!(self.trusted(address));
                let spec = mex::ask(place);
                self.ask(cx, Question::Metadata(federation), spec, RetryPolicy::AUTHORITY)
            }
            None => {
                let error = Error::new(
                    ErrorKind::Refused,
                    "the account is federated, and the authority names no place that takes its password",
                );
                self.undescribed(cx, &federation, error.with_remedy("sign in with a browser"))
            }
        }
    }

    /// Reads the metadata. A place that it names at a host that is not trusted ends the flow.
    fn described(
        &mut self,
        cx: &mut Cx<'_>,
        answer: &Answer,
        federation: &Federation,
    ) -> Step<TokenResponse> {
        let chosen = if answer.is_success() { mex::choose(answer.body()) } else { Err("could not be had") };
        match chosen {
            Ok(place) => self.assert(cx, &place, &federation.audience),
            Err(why) => {
                let kind = match answer.status() {
                    429 | 500.. => ErrorKind::Service,
                    _ => ErrorKind::Malformed,
                };
                let what = format!("the metadata of the federation service {} {why}", answer.host());
                let error = Error::new(kind, what)
                    .with_status(answer.status())
                    .with_remedy("an administrator has to enable WS-Trust for user names and passwords there; else sign in with a browser");
                self.undescribed(cx, federation, error)
            }
        }
    }

    /// Goes on with the place that the authority itself names, where the metadata names none.
    fn undescribed(&mut self, cx: &mut Cx<'_>, federation: &Federation, error: Error) -> Step<TokenResponse> {
        match &federation.active {
            Some(address) => {
                let place = Place { address: address.clone(), version: Version::of_address(address) };
                self.assert(cx, &place, &federation.audience)
            }
            None => Step::Done(Err(error)),
        }
    }

    /// Sends the password to the federation service. A try more than needed counts towards locking the
    /// account there, and a wrong password is answered with a 500: so no answer is ever asked for again.
    fn assert(&mut self, cx: &mut Cx<'_>, place: &Place, audience: &str) -> Step<TokenResponse> {
        let target = crate::check!(self.trusted(&place.address));
        let envelope =
            Envelope { version: place.version, audience, message_id: cx.random_guid(), now: cx.now().unix };
        let spec = crate::check!(envelope.post(target, &self.user.account));
        self.ask(cx, Question::Assertion, spec, RetryPolicy::ONCE)
    }

    fn trusted(&self, address: &str) -> Result<Endpoint, Error> {
        Endpoint::trusted(address, &self.user.hosts)
    }

    fn with_password(&mut self, cx: &mut Cx<'_>) -> Step<TokenResponse> {
        let account = &self.user.account;
        let form = Form::new()
            .field("grant_type", "password")
            .field("username", &account.username)
            .secret("password", &account.password);
        let anchor = format!("upn:{}", account.username);
        let label = "a token for the user (password)";
        self.redeem(cx, With::Password, |grant| Grant {
            form,
            label,
            policy: RetryPolicy::PASSWORD,
            anchor: Some(anchor),
            ..grant
        })
    }

    /// The assertion says who signed in; neither name nor password goes to the authority.
    fn with_assertion(&mut self, cx: &mut Cx<'_>, assertion: &Assertion) -> Step<TokenResponse> {
        let form = Form::new().field("grant_type", assertion.grant).secret("assertion", &assertion.encoded);
        self.redeem(cx, With::Assertion, |grant| Grant { form, ..grant })
    }

    /// Redeems what `change` makes of the grant that is common to both ways.
    fn redeem(
        &mut self,
        cx: &mut Cx<'_>,
        with: With,
        change: impl FnOnce(Grant) -> Grant,
    ) -> Step<TokenResponse> {
        let grant = change(Grant {
            client: self.user.client.clone(),
            tenant: self.tenant.clone(),
            form: Form::new(),
            label: "a token for the user (assertion)",
            source: NAME,
            party: Party::User,
            policy: RetryPolicy::AUTHORITY,
            anchor: None,
        });
        let form = grant
            .form
            .field("scope", &self.request.scopes().for_sign_in())
            .field("client_info", "1")
            .optional("claims", self.request.claims_parameter().as_deref());
        self.redeeming(cx, with, Box::new(Grant { form, ..grant }.exchange()), None)
    }

    fn redeeming(
        &mut self,
        cx: &mut Cx<'_>,
        with: With,
        mut exchange: Box<TokenExchange>,
        reply: Option<Reply>,
    ) -> Step<TokenResponse> {
        match exchange.step(cx, reply) {
            Step::Do(effect) => {
                self.state = State::Redeeming(with, exchange);
                Step::Do(effect)
            }
            Step::Done(Err(error)) if with == With::Password => Step::Done(Err(refused::explained(error))),
            done => done,
        }
    }
}

impl Flow for SignIn {
    type Output = TokenResponse;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        match self.advance(cx, reply) {
            Step::Done(result) => Step::Done(result.map_err(|error| error.from_source(NAME))),
            step => step,
        }
    }
}
