//! What a flow is, and how flows are composed.

mod cx;

use std::fmt::{self, Debug};

use crate::cache::Partition;
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::token::AccessToken;

pub use cx::{Command, Cx};

/// Randomness, handed in with every step. It must be fit for cryptography, except in tests.
pub trait Entropy: Send {
    /// Fills the buffer.
    fn fill(&mut self, buffer: &mut [u8]);
}

/// A protocol exchange as a state machine.
///
/// A flow is first stepped without a reply. It answers with an effect, or with its result; each
/// effect's reply comes with the next step. `Debug` shows the state, never a secret.
pub trait Flow: Debug + Send {
    /// What it ends in.
    type Output;

    /// Goes on as far as possible.
    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Self::Output>;

    /// The error of a run that ends from outside while this goes on: the caller gave it up, or its time was
    /// over. A flow that has made something by then, or may have, says so; others have nothing to add.
    fn interrupted(&self, error: Error) -> Error {
        error
    }
}

/// A flow of any type.
pub type BoxFlow<T> = Box<dyn Flow<Output = T>>;

/// Something that can be asked for access tokens: a factory of flows.
pub trait Credential: Debug + Send + Sync {
    /// The name of the credential, in kebab-case: `client-secret`.
    fn name(&self) -> &'static str;

    /// The flow that obtains one token.
    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken>;

    /// The flow that renews a token while the last one still serves. Nobody waits for it, so nobody may be asked:
    /// a credential that asks a person, and can do without, leaves the person out.
    fn renew(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        self.begin(request)
    }

    /// Whose tokens these are, for a cache. A credential that cannot do without asking a person says that its
    /// tokens are [never renewed ahead](Partition::never_ahead).
    fn partition(&self) -> Partition {
        Partition::private()
    }
}

impl<C: Credential + ?Sized> Credential for Box<C> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        (**self).begin(request)
    }

    fn renew(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        (**self).renew(request)
    }

    fn partition(&self) -> Partition {
        (**self).partition()
    }
}

impl<C: Credential + ?Sized> Credential for std::sync::Arc<C> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        (**self).begin(request)
    }

    fn renew(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        (**self).renew(request)
    }

    fn partition(&self) -> Partition {
        (**self).partition()
    }
}

impl<F: Flow + ?Sized> Flow for Box<F> {
    type Output = F::Output;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<F::Output> {
        (**self).step(cx, reply)
    }

    fn interrupted(&self, error: Error) -> Error {
        (**self).interrupted(error)
    }
}

/// The reply that a flow in mid-exchange must have been given.
///
/// # Errors
/// `Misuse` where there is none: the flow was stepped out of turn.
pub fn expect(reply: Option<Reply>) -> Result<Reply, Error> {
    reply.ok_or_else(out_of_turn)
}

/// What a flow says that was stepped in a state where it cannot be.
pub(crate) fn out_of_turn() -> Error {
    Error::new(ErrorKind::Misuse, "a flow was stepped out of turn")
}

/// A flow that is over at once.
#[must_use]
pub fn ready<T: Debug + Send + 'static>(result: Result<T, Error>) -> BoxFlow<T> {
    Box::new(Ready(Some(result)))
}

#[derive(Debug)]
struct Ready<T>(Option<Result<T, Error>>);

impl<T: Debug + Send> Flow for Ready<T> {
    type Output = T;

    fn step(&mut self, _: &mut Cx<'_>, _: Option<Reply>) -> Step<T> {
        Step::Done(self.0.take().unwrap_or_else(|| Err(out_of_turn())))
    }
}

/// Passes effects and errors of a smaller flow on, and goes on with its value: the `?` of a flow.
#[macro_export]
macro_rules! pump {
    ($step:expr) => {
        match $step {
            $crate::Step::Do(effect) => return $crate::Step::Do(effect),
            $crate::Step::Done(Err(error)) => return $crate::Step::Done(Err(error)),
            $crate::Step::Done(Ok(value)) => value,
        }
    };
}

/// Ends a flow with the error of a plain result, and goes on with its value.
#[macro_export]
macro_rules! check {
    ($result:expr) => {
        match $result {
            Err(error) => return $crate::Step::Done(Err(error.into())),
            Ok(value) => value,
        }
    };
}

/// A flow whose result is that of another, changed: see [`map`].
struct Map<F, C> {
    flow: F,
    change: C,
}

/// The flow, with its value changed at the end.
#[must_use]
pub fn map<F: Flow + 'static, U: 'static>(
    flow: F,
    change: impl Fn(F::Output) -> Result<U, Error> + Send + 'static,
) -> BoxFlow<U> {
    Box::new(Map { flow, change })
}

impl<F: Flow, C> Debug for Map<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.flow.fmt(f)
    }
}

impl<F: Flow, C: Fn(F::Output) -> Result<U, Error> + Send, U> Flow for Map<F, C> {
    type Output = U;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<U> {
        let value = crate::pump!(self.flow.step(cx, reply));
        Step::Done((self.change)(value))
    }

    fn interrupted(&self, error: Error) -> Error {
        self.flow.interrupted(error)
    }
}
