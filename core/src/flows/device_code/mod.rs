//! Device code (RFC 8628): a person signs in on another device, by typing a short code there.

mod grant;
mod pending;
mod starting;
mod verdict;

use std::mem;
use std::time::Duration;

use self::grant::DeviceGrant;
pub use self::pending::PendingDeviceCode;
use self::starting::Starting;
use self::verdict::{Verdict, verdict};
use super::authority_client::EntraClient;
use crate::cache::Partition;
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Exchange, RequestSpec, RetryPolicy};
use crate::flow::{self, BoxFlow, Credential, Cx, Flow, expect};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::tenant::Tenant;
use crate::token::{self, AccessToken, Issued, Party, Refusal, TokenResponse};

const NAME: &str = "device-code";

/// A person who signs in on another device.
///
/// Many tenants block this flow by Conditional Access; the interactive browser is the safer choice
/// where there is one.
///
/// ```no_run
/// use entrada_core::{DeviceCodeCredential, EntraClient};
///
/// let person = DeviceCodeCredential::of(EntraClient::developer()?);
/// // Hand it to a driver and ask for a token: the driver shows page and code, and the token comes when
/// // the person has signed in.
/// # Ok::<(), entrada_core::Error>(())
/// ```
///
/// A server without a memory of its own begins the sign-in in one process and finishes it in another: see
/// [`PendingDeviceCode`].
#[derive(Clone, Debug)]
pub struct DeviceCodeCredential {
    client: EntraClient,
    limit: Option<Duration>,
}

impl DeviceCodeCredential {
    /// Sign-in to this app, which must be a public client.
    #[must_use]
    pub fn of(client: EntraClient) -> DeviceCodeCredential {
        DeviceCodeCredential { client, limit: None }
    }

    /// The same, waiting for the person no longer than this, though the code may live longer. A code that was begun
    /// elsewhere is waited for no longer than this from [`DeviceCodeCredential::resume`] on.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> DeviceCodeCredential {
        self.limit = Some(limit);
        self
    }

    /// The app that is signed in to.
    #[must_use]
    pub fn app(&self) -> &EntraClient {
        &self.client
    }

    /// The flow, with all that the authority gives at its end.
    #[must_use]
    pub fn sign_in(&self, request: &TokenRequest) -> BoxFlow<TokenResponse> {
        match self.client.tenant_for_person(request) {
            Ok(tenant) => {
                let flow = self.flow(tenant, request, State::Fresh);
                self.client.once_known(NAME, Box::new(flow))
            }
            Err(error) => flow::ready(Err(error.from_source(NAME))),
        }
    }

    /// The flow that gets a code and ends there: for a server that shows it, and goes on in another
    /// request, or in another process, with [`DeviceCodeCredential::resume`].
    #[must_use]
    pub fn start(&self, request: &TokenRequest) -> BoxFlow<PendingDeviceCode> {
        match self.client.tenant_for_person(request) {
            Ok(tenant) => {
                let flow = Starting(self.flow(tenant, request, State::Fresh));
                self.client.once_known(NAME, Box::new(flow))
            }
            Err(error) => flow::ready(Err(error.from_source(NAME))),
        }
    }

    /// The flow that waits for the person and gets the token, for a code that [`DeviceCodeCredential::start`]
    /// got. Nobody is shown the code; the first question comes after an interval. Where its time, or that of the
    /// run, is over before the code dies, the error is `Expired`, and the same code can be resumed again. A code that another app
    /// got, or another authority gave, is `Configuration`, and nothing is sent.
    #[must_use]
    pub fn resume(&self, pending: &PendingDeviceCode) -> BoxFlow<TokenResponse> {
        let PendingDeviceCode { begun_by, tenant, request, .. } = pending;
        if let Err(error) = begun_by.check(&self.client) {
            return flow::ready(Err(error.from_source(NAME)));
        }
        let flow = self.flow(tenant.clone(), request, State::Resuming(Box::new(pending.clone())));
        self.client.once_known(NAME, Box::new(flow))
    }

    fn flow(&self, tenant: Tenant, request: &TokenRequest, state: State) -> DeviceCodeFlow {
        DeviceCodeFlow {
            issued: self.client.issued(NAME, &tenant, Party::User),
            client: self.client.clone(),
            request: request.clone(),
            limit: self.limit,
            tenant,
            state,
        }
    }
}

impl Credential for DeviceCodeCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        flow::map(self.sign_in(request), |response| Ok(response.access))
    }

    fn partition(&self) -> Partition {
        Partition::private().never_ahead()
    }
}

#[derive(Debug)]
struct DeviceCodeFlow {
    client: EntraClient,
    request: TokenRequest,
    limit: Option<Duration>,
    tenant: Tenant,
    issued: Issued,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Resuming(Box<PendingDeviceCode>),
    Asking(Box<Exchange>),
    Showing(DeviceGrant),
    Waiting(DeviceGrant),
    Polling(DeviceGrant, Box<Exchange>),
    Over,
}

impl DeviceCodeFlow {
    fn ask(&self) -> Result<RequestSpec, Error> {
        let place = self.client.authority().device_code(&self.tenant)?;
        let form = self
            .client
            .form()
            .field("scope", &self.request.scopes().for_sign_in())
            // Here is where a demand takes effect: the sign-in page works from this request.
            .optional("claims", self.request.claims_parameter().as_deref());
        Ok(RequestSpec::post(place, form, "a device code"))
    }

    fn poll(&self, grant: &DeviceGrant) -> RequestSpec {
        let form = self
            .client
            .form()
            .field("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
            .secret("device_code", grant.device_code())
            .field("client_info", "1")
            .optional("claims", self.request.claims_parameter().as_deref());
        self.client.token_post(&self.tenant, form, "the token of the device code")
    }

    fn exchange(&self, spec: RequestSpec, policy: RetryPolicy) -> Box<Exchange> {
        Box::new(Exchange::new(spec, self.client.limited(policy)))
    }

    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        match mem::replace(&mut self.state, State::Over) {
            State::Fresh => {
                let ask = self.client.identify(crate::check!(self.ask()), cx);
                let ask = self.exchange(ask, RetryPolicy::AUTHORITY);
                self.asking(cx, ask, None)
            }
            State::Resuming(pending) => {
                let PendingDeviceCode { device_code, prompt, interval, .. } = *pending;
                let grant = DeviceGrant::resumed(device_code, prompt, interval, cx.now());
                self.wait(cx, grant.within(self.limit, cx.now()))
            }
            State::Asking(exchange) => self.asking(cx, exchange, reply),
            State::Showing(grant) => {
                if let Err(failure) = crate::check!(expect(reply)).prompted() {
                    return Step::Done(Err(Error::new(
                        ErrorKind::Unavailable,
                        format!("the sign-in needs a person: {failure}"),
                    )));
                }
                self.wait(cx, grant)
            }
            State::Waiting(grant) => {
                crate::check!(crate::check!(expect(reply)).waited());
                let poll = self.client.identify(self.poll(&grant), cx);
                let poll = self.exchange(poll, RetryPolicy::NEVER);
                self.polling(cx, grant, poll, None)
            }
            State::Polling(grant, exchange) => self.polling(cx, grant, exchange, reply),
            State::Over => Step::Done(Err(flow::out_of_turn())),
        }
    }

    fn asking(
        &mut self,
        cx: &mut Cx<'_>,
        mut exchange: Box<Exchange>,
        reply: Option<Reply>,
    ) -> Step<TokenResponse> {
        match exchange.step(cx, reply) {
            Step::Do(effect) => {
                self.state = State::Asking(exchange);
                Step::Do(effect)
            }
            Step::Done(answer) => {
                let answer = crate::check!(answer);
                if let Some(refusal) = Refusal::of(&answer) {
                    return Step::Done(Err(refusal.into_error(&answer, Party::User)));
                }
                let grant = DeviceGrant::parse(&answer, self.limit);
                let grant = crate::check!(grant.map_err(|error| error.asked_as(answer.request_id())));
                let prompt = grant.prompt();
                self.state = State::Showing(grant);
                cx.prompt(prompt)
            }
        }
    }

    fn wait(&mut self, cx: &mut Cx<'_>, mut grant: DeviceGrant) -> Step<TokenResponse> {
        let pause = grant.pause();
        let next = cx.now().mono.after(pause);
        if next >= grant.ends() || cx.outlasts(pause) {
            return Step::Done(Err(grant.ended(next)));
        }
        self.state = State::Waiting(grant);
        cx.wait(pause, "for the person to sign in")
    }

    fn polling(
        &mut self,
        cx: &mut Cx<'_>,
        mut grant: DeviceGrant,
        mut exchange: Box<Exchange>,
        reply: Option<Reply>,
    ) -> Step<TokenResponse> {
        match exchange.step(cx, reply) {
            Step::Do(effect) => {
                self.state = State::Polling(grant, exchange);
                Step::Do(effect)
            }
            // The network may come back before the code dies (RFC 8628 section 3.5).
            Step::Done(Err(error)) if matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout) => {
                grant.back_off(error);
                self.wait(cx, grant)
            }
            Step::Done(Err(error)) => Step::Done(Err(error)),
            Step::Done(Ok(answer)) => match verdict(&answer) {
                Verdict::Pending => {
                    grant.pending();
                    self.wait(cx, grant)
                }
                Verdict::SlowDown => {
                    grant.slow_down();
                    self.wait(cx, grant)
                }
                Verdict::Busy => {
                    let demanded = answer.retry_after(cx.now().unix);
                    grant.heed(demanded, token::parse(&answer, &self.issued).err());
                    self.wait(cx, grant)
                }
                Verdict::Final => Step::Done(token::parse(&answer, &self.issued)),
            },
        }
    }
}

impl Flow for DeviceCodeFlow {
    type Output = TokenResponse;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        match self.advance(cx, reply) {
            Step::Done(result) => Step::Done(result.map_err(|error| error.from_source(NAME))),
            step => step,
        }
    }
}

/// How much the interval grows on `slow_down` (RFC 8628 section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
