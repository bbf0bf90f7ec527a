//! Tokens of apps that are kept: a loop in a shell makes one request.

use std::sync::Arc;

use super::Memory;
use super::due::{self, Due, Pace};
use crate::cache::Partition;
use crate::cache::accounts::{AccountCache, Arrival, Change, WantedToken};
use crate::effect::{Reply, StoreAction, StoreName};
use crate::error::Error;
use crate::flow::{self, BoxFlow, Credential, Cx, Flow, expect};
use crate::flows::authority_client::EntraClient;
use crate::request::TokenRequest;
use crate::run::Step;
use crate::token::AccessToken;

/// A credential for an app that acts as itself, around one that proves it, which keeps the app's access tokens.
///
/// They are kept in the driver's store, and a token that is there serves later runs until it is due, without a request. No
/// person is part of it: for people see [`Remembered`](super::Remembered).
///
/// A kept token is given to whoever names the app and can read the store, whatever they prove: what the app
/// proves itself with is looked at by the authority alone, when a token is asked for.
///
/// ```
/// use entrada_core::{ClientSecretCredential, EntraClient, Memory, RememberedApp};
///
/// let app = EntraClient::new("contoso.onmicrosoft.com", "client-id")?;
/// let credential = ClientSecretCredential::of(app.clone(), "secret")?;
/// let remembered = RememberedApp::of(app, credential, Memory::shared());
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RememberedApp {
    client: EntraClient,
    credential: Arc<dyn Credential>,
    memory: Memory,
}

impl RememberedApp {
    /// This credential of this app, its tokens kept in the document that [`Memory`] names.
    #[must_use]
    pub fn of(client: EntraClient, credential: impl Credential + 'static, memory: Memory) -> RememberedApp {
        RememberedApp { client, credential: Arc::new(credential), memory }
    }

    pub(crate) fn flow(&self, request: &TokenRequest, pace: Pace) -> BoxFlow<AccessToken> {
        let due = Due::at(pace);
        Box::new(AppFlow { app: self.clone(), request: request.clone(), due, state: State::Fresh })
    }
}

impl Credential for RememberedApp {
    fn name(&self) -> &'static str {
        self.credential.name()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        self.flow(request, Pace::Brisk)
    }

    fn renew(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        self.flow(request, Pace::Patient)
    }

    fn partition(&self) -> Partition {
        self.credential.partition()
    }
}

#[derive(Debug)]
struct AppFlow {
    app: RememberedApp,
    request: TokenRequest,
    due: Due,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Looking,
    Asking(BoxFlow<AccessToken>),
    Keeping(AccessToken),
    Over,
}

impl AppFlow {
    fn document(&self) -> StoreName {
        self.app.memory.name(self.request.cae())
    }

    /// A token that is kept; nothing where it is not to be had, for whatever reason.
    fn kept(&self, cx: &Cx<'_>, reply: Reply) -> Result<Option<AccessToken>, Error> {
        let kept = reply.stored().unwrap_or_default();
        let cache = AccountCache::parse(kept.expose()).unwrap_or_default();
        let client = &self.app.client;
        let wanted = WantedToken {
            environment: &client.authority().kept_environment(),
            client_id: client.client_id(),
            home_account_id: None,
            tenant: &client.tenant_for(&self.request)?,
            scopes: self.request.scopes(),
        };
        let token = cache.access_token(&wanted, cx.now(), self.app.name());
        Ok(token.map(|token| token.kept_in(self.document())))
    }

    fn asking(
        &mut self,
        cx: &mut Cx<'_>,
        mut flow: BoxFlow<AccessToken>,
        reply: Option<Reply>,
    ) -> Step<AccessToken> {
        match self.due.step(cx, &mut flow, reply) {
            Step::Do(effect) => {
                self.state = State::Asking(flow);
                Step::Do(effect)
            }
            Step::Done(Ok(token)) => {
                let arrival = crate::check!(Arrival::of_app(&self.app.client, &self.request, &token));
                self.state = State::Keeping(token.kept_in(self.document()));
                self.due.store(cx, self.document(), Change::Keep(arrival))
            }
            Step::Done(Err(error)) => {
                let token = crate::check!(self.due.or(error, cx.now()));
                match due::noting(cx, self.document(), &token) {
                    Some(step) => {
                        self.state = State::Keeping(token);
                        step
                    }
                    None => Step::Done(Ok(token)),
                }
            }
        }
    }

    fn ask(&mut self, cx: &mut Cx<'_>) -> Step<AccessToken> {
        let flow = match self.due.pace() {
            Pace::Brisk => self.app.credential.begin(&self.request),
            Pace::Patient => self.app.credential.renew(&self.request),
        };
        self.asking(cx, flow, None)
    }
}

impl Flow for AppFlow {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Fresh if self.request.claims().is_none() => {
                self.state = State::Looking;
                cx.store(self.document(), StoreAction::Read)
            }
            State::Fresh => self.ask(cx),
            State::Looking => {
                match crate::check!(self.kept(cx, crate::check!(expect(reply)))) {
                    Some(token) if cx.now().unix < token.refresh_due() => return Step::Done(Ok(token)),
                    due => self.due.set(due, cx.now()),
                }
                self.ask(cx)
            }
            State::Asking(flow) => self.asking(cx, flow, reply),
            State::Keeping(token) => Step::Done(token.alive_at(cx.now())),
            State::Over => Step::Done(Err(flow::out_of_turn())),
        }
    }
}
