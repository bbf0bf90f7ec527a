//! One call: a token, a request, and at most one second try with the claims that were demanded.

use std::time::Duration;

use http::Method;
use http::header::AUTHORIZATION;

use super::{Dialect, Service, error, forgetting};
use crate::challenge;
use crate::effect::Reply;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Exchange, RequestSpec, RetryPolicy};
use crate::flow::{BoxFlow, Cx, Flow, expect};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::token::AccessToken;

/// How long a token has to live still to be used for another page, retries included.
const MARGIN: Duration = Duration::from_secs(300);

/// A call to a service. Ends in an answer of success.
///
/// A 401 or a 403 that demands claims is answered once, with a fresh token for them; a second is final.
#[derive(Debug)]
pub struct Call {
    spec: RequestSpec,
    policy: RetryPolicy,
    dialect: Dialect,
    request: TokenRequest,
    challenged: bool,
    /// The token that was used last.
    token: Option<AccessToken>,
    /// The token that the service would not have.
    rejected: Option<AccessToken>,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    NeedingToken,
    Calling(Box<Exchange>),
    /// The token is being forgotten; then the call ends in this.
    Forgetting(Error, BoxFlow<()>),
}

impl Call {
    pub(super) fn new(service: &Service, spec: RequestSpec, policy: RetryPolicy) -> Call {
        let (request, dialect) = (service.request().clone(), service.dialect());
        Call {
            spec,
            policy,
            dialect,
            request,
            challenged: false,
            token: None,
            rejected: None,
            state: State::Fresh,
        }
    }

    /// A call that reads on: `GET` of a link that this one was answered with (`nextLink`), which must
    /// lead back to the same service. The token that this call ended with serves there too.
    ///
    /// # Errors
    /// `Malformed` when it leads elsewhere. No token is sent there.
    pub fn follow(&self, link: &str) -> Result<Call, Error> {
        Ok(self.reading(self.spec.target().follow(link)?))
    }

    /// A call that reads what this one wrote: `GET` of the same address.
    #[must_use]
    pub fn reading_back(&self) -> Call {
        self.reading(self.spec.target().clone())
    }

    /// The same, with the token that an earlier call to the same service ended with.
    #[must_use]
    pub fn after(mut self, earlier: &Call) -> Call {
        let same = self.spec.target().follow(earlier.spec.target().url().as_str()).is_ok();
        if same && self.request.scopes() == earlier.request.scopes() {
            self.token.clone_from(&earlier.token);
        }
        self
    }

    fn reading(&self, target: Endpoint) -> Call {
        Call {
            spec: RequestSpec::get(target, self.spec.label()),
            policy: RetryPolicy::RESOURCE_MANAGER,
            dialect: self.dialect,
            request: self.request.clone(),
            challenged: false,
            token: self.token.clone(),
            rejected: None,
            state: State::Fresh,
        }
    }

    /// What it is, in the words of the protocol.
    #[must_use]
    pub fn label(&self) -> &'static str {
        self.spec.label()
    }

    /// How the service words its errors.
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        self.spec.method()
    }

    /// The host that is asked.
    #[must_use]
    pub fn host(&self) -> &str {
        self.spec.target().host()
    }

    /// Whether the service may have received the request and not said what came of it: a token for it is there.
    pub(crate) fn is_under_way(&self) -> bool {
        matches!(self.state, State::Calling(_))
    }

    fn begin(&mut self, cx: &mut Cx<'_>) -> Step<Answer> {
        match self.token.take() {
            // One that is due for renewal might die before the last page.
            Some(token) if cx.now().unix < token.refresh_due() && token.life_left(cx.now()) > MARGIN => {
                self.call(cx, token)
            }
            _ => self.need_token(cx),
        }
    }

    fn need_token(&mut self, cx: &mut Cx<'_>) -> Step<Answer> {
        self.state = State::NeedingToken;
        cx.token_after(self.rejected.take(), self.request.clone())
    }

    fn call(&mut self, cx: &mut Cx<'_>, token: AccessToken) -> Step<Answer> {
        let spec = self
            .spec
            .clone()
            .secret_header(AUTHORIZATION, "Bearer ", token.secret())
            .header(self.dialect.client_request_id(), &cx.random_guid());
        let mut exchange = Box::new(Exchange::new(spec, self.policy.clone()));
        let step = exchange.step(cx, None);
        self.token = Some(token);
        self.state = State::Calling(exchange);
        step
    }

    fn answered(&mut self, cx: &mut Cx<'_>, answer: Answer) -> Step<Answer> {
        if answer.is_success() {
            return Step::Done(Ok(answer));
        }
        self.rejected = self.token.take_if(|_| answer.status() == 401);
        // Azure Resource Manager's policies demand claims with either.
        let demands = matches!(answer.status(), 401 | 403);
        let claims = demands.then(|| challenge::claims(answer.headers())).flatten();
        match claims {
            Some(claims) if !self.challenged => {
                self.challenged = true;
                self.request = self.request.clone().with_claims(claims).with_cae();
                self.need_token(cx)
            }
            None => self.refused(cx, error::error_of(&answer, self.dialect)),
            claims => self.refused(cx, unmet(error::error_of(&answer, self.dialect)).with_claims(claims)),
        }
    }

    /// Ends in this error, once a token that was rejected is forgotten.
    fn refused(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<Answer> {
        match self.rejected.take() {
            Some(token) => {
                self.state = State::Forgetting(error, forgetting(token));
                self.step(cx, None)
            }
            None => Step::Done(Err(error)),
        }
    }
}

impl Flow for Call {
    type Output = Answer;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Answer> {
        match &mut self.state {
            State::Fresh => self.begin(cx),
            State::NeedingToken => match crate::check!(expect(reply)).token() {
                Ok(token) => self.call(cx, token),
                // Without the demanded claims there is no going on: say what was demanded.
                Err(error) if self.challenged => Step::Done(Err(demanded(error, &self.request))),
                Err(error) => Step::Done(Err(error)),
            },
            State::Calling(exchange) => {
                let answer = crate::pump!(exchange.step(cx, reply));
                self.answered(cx, answer)
            }
            State::Forgetting(error, flow) => match flow.step(cx, reply) {
                Step::Do(effect) => Step::Do(effect),
                // However that went, the service's answer stands.
                Step::Done(_) => Step::Done(Err(error.clone())),
            },
        }
    }
}

/// The credential gave another token, and that one did not satisfy the challenge either.
fn unmet(error: Error) -> Error {
    error.so_far(
        "it demands more than the tokens of this credential have",
        "or use the credential of a person or of an app, which can be asked for what is demanded; the tokens of a \
         managed identity are what they are",
    )
}

/// The credential could not satisfy a challenge.
fn demanded(error: Error, request: &TokenRequest) -> Error {
    let error = match error.claims() {
        Some(_) => error,
        None => error.with_claims(request.claims().cloned()),
    };
    match error.kind() {
        ErrorKind::Unavailable => error.as_kind(ErrorKind::InteractionRequired),
        _ => error,
    }
}
