//! The replaceable parts of a driver.

use std::sync::Arc;
use std::time::Duration;

use entrada_core::effect::{
    BrowserFailure, CommandFailure, CommandOutput, DevicePrompt, HttpFailure, HttpRequest, HttpResponse,
    PromptFailure, RunCommand, SignAction, SignFailure, Signed, SigningKey,
};
use entrada_core::endpoint::Route;
use entrada_host::Terminal;
use entrada_host::keys::Keyring;

use crate::cancel::Cancel;

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
    /// Sends the request.
    ///
    /// # Errors
    /// Why there is no response, told apart as [`HttpFailure`] says.
    fn send(&self, request: HttpRequest, route: Route, limits: Limits) -> Result<HttpResponse, HttpFailure>;
}

impl<F> Http for F
where
    F: Fn(HttpRequest, Route, Limits) -> Result<HttpResponse, HttpFailure> + Send + Sync,
{
    fn send(&self, request: HttpRequest, route: Route, limits: Limits) -> Result<HttpResponse, HttpFailure> {
        self(request, route, limits)
    }
}

/// Runs programs to their end.
pub trait Commands: Send + Sync {
    /// Runs the program, and ends it with all its children when `limit` has passed or the call is
    /// cancelled.
    ///
    /// # Errors
    /// As [`CommandFailure`] says.
    fn run(
        &self,
        command: &RunCommand,
        limit: Duration,
        cancel: &Cancel,
    ) -> Result<CommandOutput, CommandFailure>;
}

impl<F> Commands for F
where
    F: Fn(&RunCommand, Duration, &Cancel) -> Result<CommandOutput, CommandFailure> + Send + Sync,
{
    fn run(
        &self,
        command: &RunCommand,
        limit: Duration,
        cancel: &Cancel,
    ) -> Result<CommandOutput, CommandFailure> {
        self(command, limit, cancel)
    }
}

/// Signs with keys that nobody else sees, and tells their certificates.
pub trait Signer: Send + Sync {
    /// Does this with that key.
    ///
    /// # Errors
    /// As [`SignFailure`] says.
    fn sign(&self, key: &SigningKey, action: &SignAction) -> Result<Signed, SignFailure>;
}

impl<F> Signer for F
where
    F: Fn(&SigningKey, &SignAction) -> Result<Signed, SignFailure> + Send + Sync,
{
    fn sign(&self, key: &SigningKey, action: &SignAction) -> Result<Signed, SignFailure> {
        self(key, action)
    }
}

/// The person, if there is one.
pub trait Ui: Send + Sync {
    /// Shows how to sign in on another device. Does not wait for it.
    ///
    /// # Errors
    /// As [`PromptFailure`] says.
    fn prompt(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure>;

    /// Opens an address in the person's browser. Does not wait for it.
    ///
    /// # Errors
    /// As [`BrowserFailure`] says.
    fn open(&self, url: &str) -> Result<(), BrowserFailure>;
}

/// What a driver has instead of a signer and of a person: nothing. A server never opens anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Ui for Nobody {
    fn prompt(&self, _: &DevicePrompt) -> Result<(), PromptFailure> {
        Err(PromptFailure::Unsupported)
    }

    fn open(&self, _: &str) -> Result<(), BrowserFailure> {
        Err(BrowserFailure::Unsupported)
    }
}

impl Signer for Nobody {
    fn sign(&self, _: &SigningKey, _: &SignAction) -> Result<Signed, SignFailure> {
        Err(SignFailure::Unsupported)
    }
}

/// The signer of a driver that has no other: certificates in files and in memory.
#[derive(Clone, Debug, Default)]
pub struct Certificates(Arc<Keyring>);

impl Signer for Certificates {
    fn sign(&self, key: &SigningKey, action: &SignAction) -> Result<Signed, SignFailure> {
        self.0.sign(key, action)
    }
}

impl Ui for Terminal {
    fn prompt(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure> {
        self.show(prompt)
    }

    fn open(&self, url: &str) -> Result<(), BrowserFailure> {
        Terminal::open(self, url)
    }
}
