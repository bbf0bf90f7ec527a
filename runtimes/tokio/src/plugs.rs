//! The replaceable parts of a driver.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use entrada_core::effect::{
    BrowserFailure, CommandFailure, CommandOutput, DevicePrompt, HttpFailure, HttpRequest, HttpResponse,
    PromptFailure, RunCommand, SignAction, SignFailure, Signed, SigningKey,
};
use entrada_core::endpoint::Route;
use entrada_host::Terminal;
use entrada_host::keys::Keyring;

pub(crate) mod boxed;

/// How long an HTTP exchange may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection stands, TLS included.
    pub connect: Duration,
    /// Until the last byte of the answer.
    pub whole: Duration,
}

/// Exchanges one HTTP request for one response.
///
/// It follows no redirect, keeps no cookie, retries nothing, returns every status with all headers,
/// reads no more than [`entrada_core::effect::MAX_BODY`] bytes, and gives what the route demands.
pub trait Http: Send + Sync {
    /// Sends the request. Fails, told apart as [`HttpFailure`] says, when there is no response.
    fn send(
        &self,
        request: HttpRequest,
        route: Route,
        limits: Limits,
    ) -> impl Future<Output = Result<HttpResponse, HttpFailure>> + Send;
}

impl<F, A> Http for F
where
    F: Fn(HttpRequest, Route, Limits) -> A + Send + Sync,
    A: Future<Output = Result<HttpResponse, HttpFailure>> + Send,
{
    fn send(
        &self,
        request: HttpRequest,
        route: Route,
        limits: Limits,
    ) -> impl Future<Output = Result<HttpResponse, HttpFailure>> + Send {
        self(request, route, limits)
    }
}

/// Runs programs to their end.
pub trait Commands: Send + Sync {
    /// Runs the program, and ends it with all its children when `limit` has passed or the future is
    /// dropped.
    fn run(
        &self,
        command: &RunCommand,
        limit: Duration,
    ) -> impl Future<Output = Result<CommandOutput, CommandFailure>> + Send;
}

impl<F, A> Commands for F
where
    F: Fn(&RunCommand, Duration) -> A + Send + Sync,
    A: Future<Output = Result<CommandOutput, CommandFailure>> + Send,
{
    fn run(
        &self,
        command: &RunCommand,
        limit: Duration,
    ) -> impl Future<Output = Result<CommandOutput, CommandFailure>> + Send {
        self(command, limit)
    }
}

/// Signs with keys that nobody else sees, and tells their certificates.
pub trait Signer: Send + Sync {
    /// Does this with that key.
    fn sign(
        &self,
        key: &SigningKey,
        action: &SignAction,
    ) -> impl Future<Output = Result<Signed, SignFailure>> + Send;
}

impl<F, A> Signer for F
where
    F: Fn(&SigningKey, &SignAction) -> A + Send + Sync,
    A: Future<Output = Result<Signed, SignFailure>> + Send,
{
    fn sign(
        &self,
        key: &SigningKey,
        action: &SignAction,
    ) -> impl Future<Output = Result<Signed, SignFailure>> + Send {
        self(key, action)
    }
}

/// The person, if there is one.
pub trait Ui: Send + Sync {
    /// Shows how to sign in on another device. Does not wait for it.
    fn prompt(&self, prompt: &DevicePrompt) -> impl Future<Output = Result<(), PromptFailure>> + Send;

    /// Opens an address in the person's browser. Does not wait for it.
    fn open(&self, url: &str) -> impl Future<Output = Result<(), BrowserFailure>> + Send;
}

/// What a driver has instead of a signer and of a person: nothing. A server never opens anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Ui for Nobody {
    async fn prompt(&self, _: &DevicePrompt) -> Result<(), PromptFailure> {
        Err(PromptFailure::Unsupported)
    }

    async fn open(&self, _: &str) -> Result<(), BrowserFailure> {
        Err(BrowserFailure::Unsupported)
    }
}

impl Signer for Nobody {
    async fn sign(&self, _: &SigningKey, _: &SignAction) -> Result<Signed, SignFailure> {
        Err(SignFailure::Unsupported)
    }
}

/// The signer of a driver that has no other: certificates in files and in memory. It works on the
/// runtime's threads for blocking work.
#[derive(Clone, Debug, Default)]
pub struct Certificates(Arc<Keyring>);

impl Signer for Certificates {
    async fn sign(&self, key: &SigningKey, action: &SignAction) -> Result<Signed, SignFailure> {
        let (keys, key, action) = (self.0.clone(), key.clone(), action.clone());
        let work = tokio::task::spawn_blocking(move || keys.sign(&key, &action));
        work.await.unwrap_or(Err(SignFailure::Unsupported))
    }
}

impl Ui for Terminal {
    async fn prompt(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure> {
        self.show(prompt)
    }

    async fn open(&self, url: &str) -> Result<(), BrowserFailure> {
        let (terminal, url) = (self.clone(), url.to_owned());
        let opened = tokio::task::spawn_blocking(move || Terminal::open(&terminal, &url));
        opened.await.unwrap_or(Err(BrowserFailure::NotFound))
    }
}
