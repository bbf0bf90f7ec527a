//! The plugs as objects: the same traits, with boxed futures.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use entrada_core::effect::{
    BrowserFailure, CommandFailure, CommandOutput, DevicePrompt, HttpFailure, HttpRequest, HttpResponse,
    PromptFailure, RunCommand, SignAction, SignFailure, Signed, SigningKey,
};
use entrada_core::endpoint::Route;

use super::{Commands, Http, Limits, Signer, Ui};

/// A future that lives as long as what it borrows.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub(crate) trait AnyHttp: Send + Sync {
    fn send_boxed(
        &self,
        request: HttpRequest,
        route: Route,
        limits: Limits,
    ) -> Boxed<'_, Result<HttpResponse, HttpFailure>>;
}

impl<H: Http> AnyHttp for H {
    fn send_boxed(
        &self,
        request: HttpRequest,
        route: Route,
        limits: Limits,
    ) -> Boxed<'_, Result<HttpResponse, HttpFailure>> {
        Box::pin(self.send(request, route, limits))
    }
}

pub(crate) trait AnyCommands: Send + Sync {
    fn run_boxed<'a>(
        &'a self,
        command: &'a RunCommand,
        limit: Duration,
    ) -> Boxed<'a, Result<CommandOutput, CommandFailure>>;
}

impl<C: Commands> AnyCommands for C {
    fn run_boxed<'a>(
        &'a self,
        command: &'a RunCommand,
        limit: Duration,
    ) -> Boxed<'a, Result<CommandOutput, CommandFailure>> {
        Box::pin(self.run(command, limit))
    }
}

pub(crate) trait AnySigner: Send + Sync {
    fn sign_boxed<'a>(
        &'a self,
        key: &'a SigningKey,
        action: &'a SignAction,
    ) -> Boxed<'a, Result<Signed, SignFailure>>;
}

impl<S: Signer> AnySigner for S {
    fn sign_boxed<'a>(
        &'a self,
        key: &'a SigningKey,
        action: &'a SignAction,
    ) -> Boxed<'a, Result<Signed, SignFailure>> {
        Box::pin(self.sign(key, action))
    }
}

pub(crate) trait AnyUi: Send + Sync {
    fn prompt_boxed<'a>(&'a self, prompt: &'a DevicePrompt) -> Boxed<'a, Result<(), PromptFailure>>;
    fn open_boxed<'a>(&'a self, url: &'a str) -> Boxed<'a, Result<(), BrowserFailure>>;
}

impl<U: Ui> AnyUi for U {
    fn prompt_boxed<'a>(&'a self, prompt: &'a DevicePrompt) -> Boxed<'a, Result<(), PromptFailure>> {
        Box::pin(self.prompt(prompt))
    }

    fn open_boxed<'a>(&'a self, url: &'a str) -> Boxed<'a, Result<(), BrowserFailure>> {
        Box::pin(self.open(url))
    }
}
