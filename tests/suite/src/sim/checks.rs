//! What is done to a run between its steps, and what is looked at after them.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use entrada_core::{Error, ErrorKind, Mono, Now, Run, Step, Unix};

use super::Sim;
use crate::choices::Seeded;
use crate::setups::Output;

impl Sim<'_, '_> {
    /// Steps the wall clock, or lets the machine sleep.
    pub(super) fn tamper(&mut self) {
        let share = self.world.faults.clock_share;
        if share == 0 || !self.choices.chance(share) {
            return;
        }
        let span = self.choices.pick(&[1, 30, 600, 3600, 86_400, 400 * 86_400]);
        match self.choices.below(3) {
            0 => self.unix_ms += span * 1000,
            1 => self.unix_ms -= span * 1000,
            _ => self.pass(Duration::from_secs(span.unsigned_abs().min(7200))),
        }
        self.line("  (the clocks were moved)");
    }

    /// Gives the run a reply that is too late, or that of another run. Nothing may change by it.
    pub(super) fn inject<T: Debug>(&mut self, run: &mut Run<T>, entropy: &mut Seeded) {
        let share = self.world.faults.late_share;
        if share == 0 || !self.choices.chance(share) {
            return;
        }
        let Some(reply) = self.late.take() else { return };
        let before = format!("{run:?}");
        let now = self.now();
        match run.resume(now, entropy, reply) {
            Step::Done(Err(error)) if error.kind() == ErrorKind::Misuse => {}
            other => self.watch.broken(format!("an old reply was taken: {other:?}")),
        }
        if format!("{run:?}") != before {
            self.watch.broken("an old reply changed the run");
        }
        self.line("  (an old reply was given)");
    }

    pub(super) fn done<T: Debug>(&mut self, result: &Result<T, Error>) {
        match result {
            Ok(value) => self.scan("the result", &format!("{value:?}")),
            Err(error) => {
                let mut text = format!("{error} {error:?} {}", error.message());
                let more =
                    [error.detail(), error.remedy(), error.code(), error.correlation_id(), error.trace_id()];
                for part in more.into_iter().flatten() {
                    text.push('\n');
                    text.push_str(part);
                }
                for attempt in error.attempts() {
                    text.push_str(&format!("\n{attempt:?}"));
                }
                self.scan("an error", &text);
                self.line(&format!("= {}: {}", error.kind(), error.message()));
                if matches!(error.kind(), ErrorKind::Misuse | ErrorKind::Stuck) {
                    self.watch.broken(format!("the error {error:?}"));
                }
                if error.remedy().is_none_or(|remedy| remedy.trim().is_empty())
                    && error.kind() != ErrorKind::Cancelled
                {
                    self.watch.broken(format!("no next step in {error}"));
                }
                if error.message().trim().is_empty() {
                    self.watch.broken("an error without a message");
                }
                if error.detail().is_some_and(|detail| detail.chars().any(char::is_control)) {
                    self.watch.broken("an error's detail has control characters");
                }
            }
        }
    }

    pub(super) fn judge(&mut self, result: &Result<Output, Error>, before: &BTreeMap<String, u32>) {
        let codes: Vec<_> = super::redemptions(&self.world).collect();
        for (code, times) in codes {
            let times = times - before.get(&code).copied().unwrap_or_default();
            if times > 1 {
                self.watch.broken(format!("an authorization code was redeemed {times} times"));
            }
        }
        if let Ok(Output::Token(token)) = result {
            let text = token.secret().expose();
            if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
                self.watch.broken("a token that cannot be sent");
            }
            self.watch.token(text);
            if !token.authorization().is_sensitive() {
                self.watch.broken("an Authorization header that is not marked as sensitive");
            }
            let now = self.now();
            if !token.is_alive(now) {
                self.watch.broken("a token that is dead when it is handed out");
            }
            if token.refresh_on().is_some_and(|at| at > token.expires_on()) {
                self.watch.broken("a token to be renewed after its end");
            }
            let far = Now { mono: Mono(self.mono), unix: Unix(token.expires_on().0) };
            let asleep = Now { mono: Mono(u64::MAX), unix: Unix(i64::MIN) };
            if token.is_alive(far) || token.is_alive(asleep) {
                self.watch.broken("a token that outlives one of its clocks");
            }
            self.line(&format!("= a token from {}", token.source()));
        }
    }
}
