//! The same callers as threads and as tasks, with the driver of either kind.

use std::thread;
use std::time::Duration;

use entrada_core::{Error, SharedCache, TokenRequest};
use tokio::runtime::Runtime;

use super::bench::{Bench, runtime, text};

/// Longer than any test passes time.
const LIMIT: Duration = Duration::from_secs(1_000_000);

/// Callers of one kind.
pub(super) enum Callers {
    Threads(entrada_blocking::Credential),
    Tasks(entrada_tokio::Credential, Runtime),
}

/// A caller that is on its way: it is waited for by calling this.
pub(super) type Call = Box<dyn FnOnce() -> Result<String, Error>>;

impl Callers {
    /// What one caller gets.
    pub(super) fn ask(&self, request: &TokenRequest) -> Result<String, Error> {
        match self {
            Callers::Threads(credential) => credential.get_token(request),
            Callers::Tasks(credential, runtime) => runtime.block_on(credential.get_token(request)),
        }
        .map(|token| text(&token))
    }

    /// Sets one going, on a thread or a task of its own.
    pub(super) fn call(&self, request: &TokenRequest) -> Call {
        let request = request.clone();
        match self {
            Callers::Threads(credential) => {
                let credential = credential.clone();
                let thread = thread::spawn(move || credential.get_token(&request));
                Box::new(move || thread.join().unwrap().map(|token| text(&token)))
            }
            Callers::Tasks(credential, runtime) => {
                let credential = credential.clone();
                let task = runtime.spawn(async move { credential.get_token(&request).await });
                let runtime = runtime.handle().clone();
                Box::new(move || runtime.block_on(task).unwrap().map(|token| text(&token)))
            }
        }
    }
}

/// Does this with threads, and anew with tasks.
pub(super) fn with_both(body: impl Fn(&Bench, &Callers)) {
    on_both(&SharedCache::new, &body);
}

/// The same around a cache that is made so.
pub(super) fn on_both(cache: &dyn Fn() -> SharedCache, body: &dyn Fn(&Bench, &Callers)) {
    at_both(&|| Bench::around(cache()), body);
}

/// The same at a bench that is made so.
pub(super) fn at_both(bench: &dyn Fn() -> Bench, body: &dyn Fn(&Bench, &Callers)) {
    let threads = bench();
    body(&threads, &Callers::Threads(threads.blocking().within(LIMIT)));
    let tasks = bench();
    body(&tasks, &Callers::Tasks(tasks.tokio().within(LIMIT), runtime()));
}
