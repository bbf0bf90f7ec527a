//! One effect, carried out and answered.

use std::time::Duration;

use entrada_core::effect::{
    BrowserFailure, Effect, HttpCall, HttpFailure, NeedToken, PromptFailure, Reply, SignFailure,
};
use entrada_core::time::Mono;
use entrada_host::files;
use entrada_host::store::{Patience, TokenStore as _};

use super::{Cancelled, Driver, RunOptions};
use crate::cancel::{Cancel, Raced, race};
use crate::loopback::Desk;
use crate::plugs::Limits;

/// The longest time slept at once: the machine may have been asleep in between.
const NAP: Duration = Duration::from_secs(30);

impl Driver {
    pub(super) fn perform(
        &self,
        effect: Effect,
        limit: Duration,
        options: &RunOptions<'_>,
        desk: &mut Desk,
    ) -> Result<Reply, Cancelled> {
        let parts = &self.0;
        let never = Cancel::new();
        let cancel = options.cancel.unwrap_or(&never);
        let reply = match effect {
            // An answer that has come is heard, though the next request is not made: it may say what was made.
            Effect::Http(call) => return self.exchange(*call, limit, options.cancel),
            Effect::Wait(wait) => {
                self.wait(wait.until(), cancel)?;
                wait.ticket().done()
            }
            Effect::ReadFile(read) => {
                let most = read.limit();
                let (path, ticket) = read.split();
                ticket.reply(files::read(&path, most, limit))
            }
            Effect::RunCommand(command) => {
                let result = parts.commands.run(&command, limit, cancel);
                command.ticket().reply(result)
            }
            Effect::Sign(sign) => {
                let (key, action) = (sign.key().clone(), sign.action().clone());
                let signer = parts.signer.clone();
                let work = move || signer.sign(&key, &action);
                let result = within(limit, cancel, work)?.unwrap_or(Err(SignFailure::TimedOut));
                sign.ticket().reply(result)
            }
            Effect::Prompt(show) => {
                let (prompt, ticket) = show.split();
                let ui = parts.ui.clone();
                let shown = within(limit, cancel, move || ui.prompt(&prompt))?;
                ticket.reply(shown.unwrap_or(Err(PromptFailure::TimedOut)))
            }
            Effect::OpenBrowser(open) => {
                let (url, ticket) = open.split();
                let ui = parts.ui.clone();
                let opened = within(limit, cancel, move || ui.open(&url))?;
                ticket.reply(opened.unwrap_or(Err(BrowserFailure::TimedOut)))
            }
            Effect::Loopback(step) => {
                let (action, ticket) = step.split();
                ticket.reply(desk.perform(action, limit, cancel))
            }
            Effect::Token(need) => self.token(*need, limit, options),
            Effect::Forget(forget) => {
                let (token, ticket) = forget.split();
                options.credential.iter().for_each(|credential| credential.uncache(&token));
                ticket.done()
            }
            Effect::Store(using) => match parts.store.clone() {
                None => Effect::Store(using).unsupported(),
                Some(store) => {
                    let (name, action, ticket) = using.split();
                    let given = cancel.clone();
                    let patience = Patience::within(limit).unless(move || given.is_cancelled());
                    ticket.reply(store.perform(&name, &action, self.now().unix, &patience))
                }
            },
            other => other.unsupported(),
        };
        if cancel.is_cancelled() { Err(Cancelled) } else { Ok(reply) }
    }

    fn exchange(&self, call: HttpCall, limit: Duration, cancel: Option<&Cancel>) -> Result<Reply, Cancelled> {
        let (route, connect) = (call.route().clone(), call.connect_limit().min(limit));
        let (request, ticket) = call.split();
        let http = self.0.http.clone();
        let work = move || http.send(request, route, Limits { connect, whole: limit });
        // Transports keep to the limit themselves, so without a cancel no thread is needed.
        let result = match cancel {
            None => work(),
            Some(cancel) => within(limit, cancel, work)?.unwrap_or(Err(HttpFailure::TimedOut)),
        };
        Ok(ticket.reply(result))
    }

    fn wait(&self, until: Mono, cancel: &Cancel) -> Result<(), Cancelled> {
        loop {
            let left = self.now().mono.until(until);
            if left.is_zero() {
                return Ok(());
            }
            if !cancel.sleep(left.min(NAP)) {
                return Err(Cancelled);
            }
        }
    }

    fn token(&self, need: NeedToken, limit: Duration, options: &RunOptions<'_>) -> Reply {
        let Some(credential) = options.credential else {
            return Effect::Token(Box::new(need)).unsupported();
        };
        if let Some(rejected) = need.rejected() {
            credential.uncache(rejected);
        }
        let (request, ticket) = need.split();
        let inner = RunOptions { deadline: Some(limit), credential: None, ..*options };
        ticket.reply(credential.obtain(&request, &inner))
    }
}

/// Work that blocks, on a thread that can be left behind: nothing when the limit passed.
fn within<T: Send + 'static>(
    limit: Duration,
    cancel: &Cancel,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<Option<T>, Cancelled> {
    match race(cancel, limit, work) {
        Raced::Done(done) => Ok(Some(done)),
        Raced::Late => Ok(None),
        Raced::Cancelled => Err(Cancelled),
    }
}
