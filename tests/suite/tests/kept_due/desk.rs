//! One machine, on which processes run one after the other, with one document of accounts.

use std::time::Duration;

use entrada_core::cache::accounts::{Arrival, Change};
use entrada_core::effect::{Effect, FileContents, FileFailure, HttpFailure, StoreAction, StoreFailure};
use entrada_core::flow::{BoxFlow, Credential};
use entrada_core::{AccessToken, Error, SecretBytes};
use entrada_tests::script::{Machine, pass, respond};
use serde_json::Value;

use crate::people::request;

/// What comes of a request, by its body.
pub(crate) type Authority<'a> =
    &'a mut dyn FnMut(&str, &mut SecretBytes) -> Result<(u16, String), HttpFailure>;

/// One machine, on which processes run one after the other.
pub(crate) struct Desk {
    pub(crate) machine: Machine,
    pub(crate) kept: SecretBytes,
    pub(crate) profile: String,
    /// Another program keeps the document locked against changes.
    pub(crate) locked: bool,
}

/// What a process got, how many requests it sent, and how long that took.
pub(crate) type Ended = (Result<AccessToken, Error>, usize, Duration);

impl Desk {
    pub(crate) fn new() -> Desk {
        let (kept, profile) = (SecretBytes::default(), String::new());
        Desk { machine: Machine::default(), kept, profile, locked: false }
    }

    pub(crate) fn keep(&mut self, arrival: Arrival) {
        let now = self.machine.now.unix;
        self.kept = Change::Keep(arrival).apply_to_bytes(self.kept.expose(), now).unwrap();
    }

    pub(crate) fn run<T>(
        &mut self,
        flow: BoxFlow<T>,
        authority: Authority<'_>,
    ) -> (Result<T, Error>, usize, Duration) {
        let (began, mut posts) = (self.machine.now, 0);
        let Desk { machine, kept, profile, locked } = self;
        let (result, _) = machine.run(flow, |effect, now| {
            let until = effect.deadline().unwrap_or(now.mono);
            match effect {
                Effect::Http(call) => {
                    posts += 1;
                    let body = String::from_utf8_lossy(call.request().body().expose()).into_owned();
                    match authority(&body, kept) {
                        Ok((status, text)) => respond(call, status, &[], &text),
                        Err(failure) => {
                            if failure == HttpFailure::TimedOut {
                                pass(now, now.mono.until(call.deadline()));
                            }
                            call.split().1.reply(Err(failure))
                        }
                    }
                }
                Effect::Store(using) => {
                    let (_, action, ticket) = using.split();
                    if *locked && matches!(action, StoreAction::Change(_)) {
                        pass(now, now.mono.until(until));
                        return ticket.reply(Err(StoreFailure::Locked));
                    }
                    if let StoreAction::Change(change) = action {
                        *kept = change.apply_to_bytes(kept.expose(), now.unix).unwrap();
                    }
                    ticket.reply(Ok(kept.clone()))
                }
                Effect::ReadFile(read) => {
                    let (resolved, ticket) = read.split();
                    ticket.reply(match resolved.ends_with("azureProfile.json") {
                        true => Ok(FileContents { bytes: SecretBytes::new(profile.clone()), resolved }),
                        false => Err(FileFailure::NotFound),
                    })
                }
                other => other.unsupported(),
            }
        });
        (result, posts, Duration::from_millis(self.machine.now.mono.0 - began.mono.0))
    }

    pub(crate) fn token(&mut self, credential: &dyn Credential, authority: Authority<'_>) -> Ended {
        self.run(credential.begin(&request()), authority)
    }

    pub(crate) fn wait(&mut self, span: Duration) {
        pass(&mut self.machine.now, span);
    }

    /// The access tokens that are kept, as they stand there.
    pub(crate) fn entries(&self) -> Vec<Value> {
        let document: Value = serde_json::from_slice(self.kept.expose()).unwrap();
        document["AccessToken"].as_object().unwrap().values().cloned().collect()
    }
}
