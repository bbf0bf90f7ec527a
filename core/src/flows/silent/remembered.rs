//! Sign-ins that are kept: the next time nobody is asked.

use std::fmt::Debug;
use std::sync::Arc;

use super::{Memory, Pace, Silent};
use crate::cache::Partition;
use crate::cache::accounts::{AccountSource, Arrival, AuthenticationRecord, Change};
use crate::effect::{Reply, StoreAction};
use crate::error::{Error, ErrorKind};
use crate::flow::{self, BoxFlow, Credential, Cx, Flow, expect};
use crate::flows::authority_client::EntraClient;
use crate::flows::device_code::DeviceCodeCredential;
use crate::flows::interactive_browser::InteractiveBrowserCredential;
use crate::request::TokenRequest;
use crate::run::Step;
use crate::token::{AccessToken, TokenResponse};

/// A credential by which a person signs in.
pub trait SignIn: Credential {
    /// The app that is signed in to.
    fn client(&self) -> &EntraClient;

    /// How the sign-in is noted.
    fn account_source(&self) -> AccountSource;

    /// The flow that asks the person.
    fn ask(&self, request: &TokenRequest) -> BoxFlow<TokenResponse>;
}

impl SignIn for DeviceCodeCredential {
    fn client(&self) -> &EntraClient {
        self.app()
    }

    fn account_source(&self) -> AccountSource {
        AccountSource::DeviceCode
    }

    fn ask(&self, request: &TokenRequest) -> BoxFlow<TokenResponse> {
        self.sign_in(request)
    }
}

impl SignIn for InteractiveBrowserCredential {
    fn client(&self) -> &EntraClient {
        self.app()
    }

    fn account_source(&self) -> AccountSource {
        AccountSource::AuthorizationCode
    }

    fn ask(&self, request: &TokenRequest) -> BoxFlow<TokenResponse> {
        self.sign_in(request)
    }
}

/// A credential for a person, around a sign-in by device code or browser, that asks the person once.
///
/// Who signed in is kept in the driver's store, and served from there from then on, in later runs too. Where that does not
/// do, or it is not clear who is meant, the person is asked again. For the tokens of an app itself see
/// [`RememberedApp`](super::RememberedApp); to use an account that was kept and never ask,
/// [`SharedTokenCacheCredential`](super::SharedTokenCacheCredential).
///
/// ```
/// use entrada_core::{DeviceCodeCredential, EntraClient};
/// use entrada_core::flows::silent::{Memory, Remembered};
///
/// let sign_in = DeviceCodeCredential::of(EntraClient::developer()?);
/// let credential = Remembered::of(sign_in, Memory::shared());
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Remembered {
    sign_in: Arc<dyn SignIn>,
    memory: Memory,
    anew: bool,
}

/// Somebody who has just signed in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SignedIn {
    /// The token that was asked for.
    pub token: AccessToken,
    /// Who it is, to be kept by the program itself; nothing where the authority does not tell.
    pub record: Option<AuthenticationRecord>,
}

impl Remembered {
    /// This sign-in, kept where [`Memory`] says. If that means one account alone, only this one is served from the
    /// store.
    #[must_use]
    pub fn of(sign_in: impl SignIn + 'static, memory: Memory) -> Remembered {
        Remembered { sign_in: Arc::new(sign_in), memory, anew: false }
    }

    /// The same, asking the person for each token, and keeping it for others.
    #[must_use]
    pub fn asking_anew(mut self) -> Remembered {
        self.anew = true;
        self
    }

    /// The flow that asks the person in any case, and keeps who it is.
    ///
    /// It ends in `Unavailable` where the account cannot be kept: nobody is asked where that is known before.
    #[must_use]
    pub fn sign_in(&self, request: &TokenRequest) -> BoxFlow<SignedIn> {
        Box::new(Asking { wanted: Wanted::Account, state: State::Unsure, ..Asking::new(self, request) })
    }
}

impl Credential for Remembered {
    fn name(&self) -> &'static str {
        self.sign_in.name()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        let silent = || Silent::new(self.name(), self.sign_in.client(), &self.memory, request);
        Box::new(RememberedFlow { silent: (!self.anew).then(silent), asking: Asking::new(self, request) })
    }

    fn renew(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        match self.anew {
            true => flow::ready(Err(unattended())),
            false => {
                let silent = Silent::new(self.name(), self.sign_in.client(), &self.memory, request);
                Box::new(Unattended(silent.at(Pace::Patient)))
            }
        }
    }

    fn partition(&self) -> Partition {
        Partition::private().asking_a_person()
    }
}

/// Gets a token where nobody can be asked.
#[derive(Debug)]
struct Unattended(Silent);

impl Flow for Unattended {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match self.0.step(cx, reply) {
            // Somebody is to be asked, which is not the same as having no such credential.
            Step::Done(Err(error)) if error.is_unavailable() => {
                Step::Done(Err(error.as_kind(ErrorKind::InteractionRequired)))
            }
            step => step,
        }
    }
}

fn unattended() -> Error {
    Error::new(ErrorKind::InteractionRequired, "a person would have to be asked, while nobody waits for it")
}

#[derive(Debug)]
struct RememberedFlow {
    silent: Option<Silent>,
    asking: Asking,
}

impl Flow for RememberedFlow {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        let mut reply = reply;
        if let Some(silent) = &mut self.silent {
            let error = match silent.step(cx, reply.take()) {
                Step::Done(Err(error)) => error,
                step => return step,
            };
            if !matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::InteractionRequired) {
                return Step::Done(Err(error));
            }
            self.silent = None;
            if let (None, Some(claims)) = (self.asking.request.claims(), error.claims()) {
                self.asking.request = self.asking.request.clone().with_claims(claims.clone());
            }
        }
        let kept = crate::pump!(self.asking.advance(cx, reply));
        Step::Done(Ok(kept.token))
    }
}

/// Asks the person, and keeps who it is.
#[derive(Debug)]
struct Asking {
    sign_in: Arc<dyn SignIn>,
    memory: Memory,
    request: TokenRequest,
    wanted: Wanted,
    state: State,
}

/// What the person is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// A token, which is there whether or not the account can be kept.
    Token,
    /// The account, so keeping it is worth waiting for.
    Account,
}

#[derive(Debug)]
enum State {
    /// Whether anything can be kept is to be seen first.
    Unsure,
    Trying,
    Fresh,
    Asking(BoxFlow<TokenResponse>),
    Keeping(Box<SignedIn>),
    Over,
}

/// What came of keeping does not matter to whoever wants the token, and all the more to whoever signs in.
struct Kept {
    token: AccessToken,
    record: Option<AuthenticationRecord>,
    failure: Option<crate::effect::StoreFailure>,
}

impl Asking {
    fn new(remembered: &Remembered, request: &TokenRequest) -> Asking {
        Asking {
            sign_in: Arc::clone(&remembered.sign_in),
            memory: remembered.memory.clone(),
            request: request.clone(),
            wanted: Wanted::Token,
            state: State::Fresh,
        }
    }

    fn not_kept(&self, what: String) -> Error {
        Error::new(ErrorKind::Unavailable, what)
            .with_remedy("have accounts kept elsewhere, or ask for a token without signing in to stay")
            .from_source(self.sign_in.name())
    }

    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Kept> {
        let (mut flow, reply) = match std::mem::replace(&mut self.state, State::Over) {
            State::Unsure => {
                self.state = State::Trying;
                return cx.store(self.memory.name(self.request.cae()), StoreAction::Read);
            }
            State::Trying => match crate::check!(expect(reply)).stored() {
                Ok(_) => (self.sign_in.ask(&self.request), None),
                Err(failure) => {
                    let what = format!("nobody was asked to sign in, since it could not be kept: {failure}");
                    return Step::Done(Err(self.not_kept(what)));
                }
            },
            State::Fresh => (self.sign_in.ask(&self.request), None),
            State::Asking(flow) => (flow, reply),
            State::Keeping(who) => {
                let failure = crate::check!(expect(reply)).stored().err();
                let token = crate::check!(who.token.alive_at(cx.now()));
                return Step::Done(Ok(Kept { token, record: who.record, failure }));
            }
            State::Over => return Step::Done(Err(flow::out_of_turn())),
        };
        match flow.step(cx, reply) {
            Step::Do(effect) => {
                self.state = State::Asking(flow);
                Step::Do(effect)
            }
            Step::Done(response) => {
                let response = crate::check!(response);
                let client = self.sign_in.client();
                let source = self.sign_in.account_source();
                let arrival = crate::check!(Arrival::of_sign_in(client, &self.request, source, &response));
                self.state =
                    State::Keeping(Box::new(SignedIn { token: response.access, record: arrival.record() }));
                let (name, change) = (self.memory.name(self.request.cae()), Change::Keep(arrival));
                match self.wanted {
                    Wanted::Token => cx.store_aside(name, change),
                    Wanted::Account => cx.store(name, StoreAction::Change(Box::new(change))),
                }
            }
        }
    }
}

impl Flow for Asking {
    type Output = SignedIn;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<SignedIn> {
        let kept = crate::pump!(self.advance(cx, reply));
        Step::Done(match kept.failure {
            None => Ok(SignedIn { token: kept.token, record: kept.record }),
            Some(failure) => {
                Err(self.not_kept(format!("the sign-in succeeded, but it could not be kept: {failure}")))
            }
        })
    }
}
