//! The first sign-in with what was just made.

use std::sync::Arc;

use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{BoxFlow, Credential, Cx, Flow};
use crate::patience::Patience;
use crate::request::TokenRequest;
use crate::run::Step;
use crate::token::AccessToken;

/// What the token endpoint says of an app, a service principal, a secret or a certificate that it has not heard of
/// yet: as of one that there never was. No app (700016), no principal of it (7000229), a wrong secret (7000215), a
/// wrong signature (700027).
const UNHEARD_OF: [u64; 4] = [700_016, 7_000_229, 7_000_215, 700_027];

/// Signs in with a secret or a certificate that was just made, as soon as the authority knows it. Ends in the token.
///
/// The token endpoint learns of what is made in the directory after seconds, at times a minute, and refuses it
/// until then like a wrong one. So those refusals, and answers that say nothing, are followed by another try: 36
/// of them, five seconds apart, three minutes in all. Any other refusal is that of an authority that knows who
/// asks, and is final.
///
/// This is for what was just made and for nothing else: a secret that is simply wrong is not found out before the
/// three minutes are over. Several servers stand behind the token endpoint, and others than the one that was asked
/// may know a little later.
///
/// ```
/// use entrada_core::graph::{Graph, setup::FirstSignIn};
/// use entrada_core::{ClientSecretCredential, Cloud};
///
/// let graph = Graph::of_cloud(Cloud::PUBLIC)?;
/// let app = ClientSecretCredential::new("contoso.onmicrosoft.com", "client-id", "its-new-secret")?;
/// let flow = FirstSignIn::new(app, graph.request());
/// # let _ = flow;
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Debug)]
pub struct FirstSignIn {
    credential: Arc<dyn Credential>,
    request: TokenRequest,
    patience: Patience,
    state: State,
}

#[derive(Debug)]
enum State {
    Begin,
    Asking(BoxFlow<AccessToken>),
    Waiting,
}

impl FirstSignIn {
    /// With this credential, for a token that every app gets: that of Microsoft Graph is one.
    #[must_use]
    pub fn new(credential: impl Credential + 'static, request: &TokenRequest) -> FirstSignIn {
        FirstSignIn {
            credential: Arc::new(credential),
            request: request.clone(),
            patience: Patience::for_replication(),
            state: State::Begin,
        }
    }

    fn ask(&mut self, cx: &mut Cx<'_>) -> Step<AccessToken> {
        self.state = State::Asking(self.credential.begin(&self.request));
        self.step(cx, None)
    }

    fn failed(&mut self, cx: &mut Cx<'_>, error: Error) -> Step<AccessToken> {
        let unheard_of = is_unheard_of(&error);
        if !unheard_of && !error.leaves_open() {
            return Step::Done(Err(error));
        }
        if let Some(step) = self.patience.wait(cx, "for the authority to know what is new") {
            self.state = State::Waiting;
            return step;
        }
        Step::Done(Err(match unheard_of {
            true => error
                .as_kind(ErrorKind::Timeout)
                .saying("the authority does not know yet what is new, and refuses to let it sign in")
                .with_remedy(
                    "what was made is there and need not be made again: sign in with it in some minutes",
                ),
            false => error,
        }))
    }
}

fn is_unheard_of(error: &Error) -> bool {
    error.aadsts().iter().any(|number| UNHEARD_OF.contains(number))
}

impl Flow for FirstSignIn {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match &mut self.state {
            State::Begin => self.ask(cx),
            State::Asking(flow) => match flow.step(cx, reply) {
                Step::Done(Err(error)) => self.failed(cx, error),
                other => other,
            },
            State::Waiting => {
                crate::check!(Patience::waited(reply));
                self.ask(cx)
            }
        }
    }
}
