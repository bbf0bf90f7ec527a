//! Interactive browser: authorization code with PKCE (RFC 6749 section 4.1, RFC 7636), the code
//! coming back to a listener on this machine (RFC 8252).

mod options;
mod page;
pub mod redirect;

use std::mem;
use std::time::Duration;

pub use self::options::BrowserOptions;
use self::redirect::{Incoming, Outcome, RedirectUri};
use super::authority_client::EntraClient;
use super::authorization_code::{Attempt, Code, Redemption, same_issuer};
use crate::cache::Partition;
use crate::effect::{LoopbackAction, LoopbackEvent, Reply};
use crate::error::{Error, ErrorKind};
use crate::flow::{self, BoxFlow, Credential, Cx, Flow, expect};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::secret::Secret;
use crate::tenant::Tenant;
use crate::time::Mono;
use crate::token::{AccessToken, TokenResponse};

const NAME: &str = "interactive-browser";

/// How long a listener has to begin listening, or to send a page.
const PROMPTLY: Duration = Duration::from_secs(10);

/// A person who signs in in the browser of this machine.
///
/// ```
/// use std::time::Duration;
///
/// use entrada_core::{BrowserOptions, EntraClient, InteractiveBrowserCredential};
///
/// // The app that developer tools share; `EntraClient::new` is an app of one's own.
/// let anybody = InteractiveBrowserCredential::of(EntraClient::developer()?);
///
/// let options = BrowserOptions::default()
///     .redirect_uri("http://localhost:8400/signin")?
///     .login_hint("ada@contoso.com")
///     .domain_hint("contoso.com")
///     .prompt(Some("login"))
///     .done_text("You are signed in to Contoso. Close this window.")
///     .within(Duration::from_secs(120));
/// let own = EntraClient::new("contoso.onmicrosoft.com", "client-id")?;
/// let ada = InteractiveBrowserCredential::of(own).with(options);
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct InteractiveBrowserCredential {
    client: EntraClient,
    options: BrowserOptions,
}

impl InteractiveBrowserCredential {
    /// Sign-in to this app, which must be a public client with a loopback redirect.
    #[must_use]
    pub fn of(client: EntraClient) -> InteractiveBrowserCredential {
        InteractiveBrowserCredential { client, options: BrowserOptions::default() }
    }

    /// The same with these options.
    #[must_use]
    pub fn with(mut self, options: BrowserOptions) -> InteractiveBrowserCredential {
        self.options = options;
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
            Ok(tenant) => self.client.once_known(
                NAME,
                Box::new(BrowserFlow {
                    client: self.client.clone(),
                    options: self.options.clone(),
                    request: request.clone(),
                    tenant,
                    strangers: 0,
                    state: State::Fresh,
                }),
            ),
            Err(error) => flow::ready(Err(error.from_source(NAME))),
        }
    }
}

impl Credential for InteractiveBrowserCredential {
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
struct BrowserFlow {
    client: EntraClient,
    options: BrowserOptions,
    request: TokenRequest,
    tenant: Tenant,
    strangers: u32,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Binding,
    Opening(Box<Attempt>, Mono),
    Listening(Box<Attempt>, Mono),
    TurningAway(Box<Attempt>, Mono),
    Pausing(Box<Attempt>, Mono),
    Greeting(Box<Attempt>, Result<Secret, Error>),
    Redeeming(Box<Redemption>),
    Over,
}

impl BrowserFlow {
    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        match mem::replace(&mut self.state, State::Over) {
            State::Fresh => {
                self.state = State::Binding;
                let RedirectUri { port, hosts, .. } = self.options.redirect;
                cx.loopback(LoopbackAction::Listen { port, hosts }, PROMPTLY)
            }
            State::Binding => self.open(cx, crate::check!(expect(reply))),
            State::Opening(attempt, end) => {
                if let Err(failure) = crate::check!(expect(reply)).opened() {
                    return Step::Done(Err(Error::new(
                        ErrorKind::Unavailable,
                        format!("the sign-in needs a browser: {failure}"),
                    )
                    .with_remedy("use a device code where there is no browser, or name one in BROWSER")));
                }
                self.listen(cx, attempt, end)
            }
            State::Listening(attempt, end) => self.heard(cx, attempt, end, crate::check!(expect(reply))),
            State::TurningAway(attempt, end) => {
                // Strangers may not use up the steps of the run; after a few, each costs some time.
                self.strangers += 1;
                let pause =
                    Duration::from_millis(20).saturating_mul(self.strangers.saturating_sub(8).min(100));
                if pause.is_zero() {
                    return self.listen(cx, attempt, end);
                }
                self.state = State::Pausing(attempt, end);
                cx.wait(pause, "after requests that are not the sign-in's")
            }
            State::Pausing(attempt, end) => {
                crate::check!(crate::check!(expect(reply)).waited());
                self.listen(cx, attempt, end)
            }
            // Whether the page arrived does not matter any more.
            State::Greeting(attempt, code) => self.redeem(cx, *attempt, crate::check!(code)),
            State::Redeeming(redemption) => self.redeeming(cx, redemption, reply),
            State::Over => Step::Done(Err(flow::out_of_turn())),
        }
    }

    fn open(&mut self, cx: &mut Cx<'_>, reply: Reply) -> Step<TokenResponse> {
        let port = match reply.loopback() {
            Ok(LoopbackEvent::Listening { port }) => port,
            Ok(_) => return Step::Done(Err(flow::out_of_turn())),
            Err(failure) => {
                let wanted = self.options.redirect.uri(self.options.redirect.port.unwrap_or(0));
                return Step::Done(Err(Error::new(
                    ErrorKind::Unavailable,
                    format!("nobody can listen for the browser's return at {wanted}: {failure}"),
                )
                .with_remedy("free the port, or choose another redirect URI that the app allows")));
            }
        };
        let attempt = Attempt::new(cx.entropy(), self.options.redirect.uri(port));
        let url = attempt.url(&self.client, &self.tenant, &self.options.hints, &self.request);
        self.state = State::Opening(Box::new(attempt), cx.now().mono.after(self.options.limit));
        cx.open_browser(&url)
    }

    fn listen(&mut self, cx: &mut Cx<'_>, attempt: Box<Attempt>, end: Mono) -> Step<TokenResponse> {
        let left = cx.now().mono.until(end);
        if left.is_zero() || cx.outlasts(Duration::ZERO) {
            return Step::Done(Err(self.nobody_came()));
        }
        self.state = State::Listening(attempt, end);
        cx.loopback(LoopbackAction::Accept, left)
    }

    fn heard(
        &mut self,
        cx: &mut Cx<'_>,
        attempt: Box<Attempt>,
        end: Mono,
        reply: Reply,
    ) -> Step<TokenResponse> {
        use crate::effect::LoopbackFailure;
        let bytes = match reply.loopback() {
            Ok(LoopbackEvent::Request(bytes)) => bytes,
            Ok(_) => return Step::Done(Err(flow::out_of_turn())),
            Err(LoopbackFailure::TimedOut) => return Step::Done(Err(self.nobody_came())),
            Err(failure) => {
                return Step::Done(Err(Error::new(
                    ErrorKind::Network,
                    format!("waiting for the browser's return failed: {failure}"),
                )));
            }
        };
        match redirect::parse(bytes.expose(), self.options.redirect.asked_path(), &attempt.state) {
            Incoming::Stranger(status) => {
                self.state = State::TurningAway(attempt, end);
                cx.loopback(LoopbackAction::Answer(page::turned_away(status)), PROMPTLY)
            }
            Incoming::Ours(outcome) => {
                let (page, code) = match outcome {
                    Outcome::Code(code, issuer) => {
                        match same_issuer(&self.client, &self.tenant, issuer.as_deref()) {
                            Ok(()) => (page::signed_in(&self.options.done), Ok(code)),
                            Err(error) => (page::not_signed_in(), Err(error)),
                        }
                    }
                    Outcome::Refused(refusal) => {
                        let known = [attempt.state.clone()];
                        let detail = crate::redact::clean(refusal.description().unwrap_or_default(), &known);
                        let host = self.client.authority().host().host().to_owned();
                        (page::not_signed_in(), Err(refusal.into_redirect_error(&host, detail)))
                    }
                };
                self.state = State::Greeting(attempt, code);
                cx.loopback(LoopbackAction::Answer(page), PROMPTLY)
            }
        }
    }

    fn redeem(&mut self, cx: &mut Cx<'_>, attempt: Attempt, code: Secret) -> Step<TokenResponse> {
        let code =
            Code { code: &code, redirect_uri: &attempt.redirect_uri, verifier: Some(&attempt.verifier) };
        let grant = code.grant(NAME, &self.client, &self.tenant, &self.request);
        self.redeeming(cx, Box::new(Redemption::new(grant, attempt.nonce)), None)
    }

    fn redeeming(
        &mut self,
        cx: &mut Cx<'_>,
        mut redemption: Box<Redemption>,
        reply: Option<Reply>,
    ) -> Step<TokenResponse> {
        let step = redemption.step(cx, reply);
        if matches!(step, Step::Do(_)) {
            self.state = State::Redeeming(redemption);
        }
        step
    }

    fn nobody_came(&self) -> Error {
        let seconds = self.options.limit.as_secs_f64();
        Error::new(
            ErrorKind::Expired,
            format!("nobody finished the sign-in in the browser in time (at most {seconds:.0} s)"),
        )
        .with_remedy(match self.client.authority().is_adfs(&self.tenant) {
            // It compares ports too, and what it refuses stays in the browser.
            true => {
                "start again and finish the sign-in in the browser window that opens; if an AD FS refused it there, give the redirect URI as it is registered, with its port"
            }
            false => "start again and finish the sign-in in the browser window that opens",
        })
    }
}

impl Flow for BrowserFlow {
    type Output = TokenResponse;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<TokenResponse> {
        match self.advance(cx, reply) {
            Step::Done(result) => Step::Done(result.map_err(|error| error.from_source(NAME))),
            step => step,
        }
    }
}
