//! One effect, carried out and answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use entrada_core::effect::{Effect, FileFailure, NeedToken, ReadFile, Reply, StoreFailure, UseStore};
use entrada_core::time::Mono;
use entrada_host::files;
use entrada_host::store::{Patience, TokenStore as _};

use super::{Driver, RunOptions};
use crate::loopback::Desk;
use crate::plugs::Limits;
use crate::plugs::boxed::Boxed;

/// The longest time slept at once: the machine may have been asleep in between.
const NAP: Duration = Duration::from_secs(30);

impl Driver {
    pub(super) async fn perform(
        &self,
        effect: Effect,
        limit: Duration,
        options: &RunOptions<'_>,
        desk: &mut Desk,
    ) -> Reply {
        let parts = &self.0;
        match effect {
            Effect::Http(call) => {
                let (route, connect) = (call.route().clone(), call.connect_limit().min(limit));
                let (request, ticket) = call.split();
                ticket.reply(parts.http.send_boxed(request, route, Limits { connect, whole: limit }).await)
            }
            Effect::Wait(wait) => {
                self.wait(wait.until()).await;
                wait.ticket().done()
            }
            Effect::ReadFile(read) => self.read(read, limit).await,
            Effect::RunCommand(command) => {
                let result = parts.commands.run_boxed(&command, limit).await;
                command.ticket().reply(result)
            }
            Effect::Sign(sign) => {
                let result = parts.signer.sign_boxed(sign.key(), sign.action()).await;
                sign.ticket().reply(result)
            }
            Effect::Prompt(show) => {
                let (prompt, ticket) = show.split();
                ticket.reply(parts.ui.prompt_boxed(&prompt).await)
            }
            Effect::OpenBrowser(open) => {
                let (url, ticket) = open.split();
                ticket.reply(parts.ui.open_boxed(&url).await)
            }
            Effect::Loopback(step) => {
                let (action, ticket) = step.split();
                ticket.reply(desk.perform(action, limit).await)
            }
            Effect::Token(need) => self.token(*need, limit, options).await,
            Effect::Forget(forget) => {
                let (token, ticket) = forget.split();
                options.credential.iter().for_each(|credential| credential.uncache(&token));
                ticket.done()
            }
            Effect::Store(using) => self.keep(*using, limit).await,
            other => other.unsupported(),
        }
    }

    async fn wait(&self, until: Mono) {
        loop {
            let left = self.now().mono.until(until);
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(NAP)).await;
        }
    }

    async fn read(&self, read: ReadFile, limit: Duration) -> Reply {
        let most = read.limit();
        let (path, ticket) = read.split();
        let reading = tokio::task::spawn_blocking(move || files::read(&path, most, limit));
        ticket.reply(reading.await.unwrap_or(Err(FileFailure::Broken)))
    }

    async fn keep(&self, using: UseStore, limit: Duration) -> Reply {
        let Some(store) = self.0.store.clone() else {
            return Effect::Store(Box::new(using)).unsupported();
        };
        let (name, action, ticket) = using.split();
        let now = self.now().unix;
        let waiting = Waiting::default();
        let left = Arc::clone(&waiting.0);
        let patience = Patience::within(limit).unless(move || left.load(Ordering::Relaxed));
        let keeping = tokio::task::spawn_blocking(move || store.perform(&name, &action, now, &patience));
        ticket.reply(keeping.await.unwrap_or_else(|_| Err(StoreFailure::Broken("the store gave up".into()))))
    }

    fn token<'a>(
        &'a self,
        need: NeedToken,
        limit: Duration,
        options: &'a RunOptions<'_>,
    ) -> Boxed<'a, Reply> {
        Box::pin(async move {
            let Some(credential) = options.credential else {
                return Effect::Token(Box::new(need)).unsupported();
            };
            if let Some(rejected) = need.rejected() {
                credential.uncache(rejected);
            }
            let (request, ticket) = need.split();
            let inner = RunOptions { deadline: Some(limit), credential: None, ..*options };
            ticket.reply(credential.obtain(&request, &inner).await)
        })
    }
}

/// Somebody who waits for the store; when this is dropped, nobody does any more.
#[derive(Default)]
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
