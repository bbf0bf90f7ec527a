//! Each effect of a run carried out in the world, and its reply given, or withheld until its deadline.

use std::fmt::Debug;

use entrada_core::cache::Turn;
use entrada_core::effect::{Effect, HttpRequest, NeedToken, Reply};
use entrada_core::{Error, ErrorKind, Mono, Run, Step};

use super::{Sim, named};
use crate::choices::Seeded;
use crate::rules::Heard;
use crate::transcript;
use crate::world::Answer;

/// More steps than a run has budget for, and those within it; reaching it means that the budget does
/// not work.
const CEILING: usize = 6000;

impl Sim<'_, '_> {
    pub(super) fn drive<T: Debug>(&mut self, mut run: Run<T>, limit: Option<Mono>) -> Result<T, Error> {
        let mut entropy = self.entropy.clone();
        // A run within a run has other randomness than the one around it.
        self.entropy.0 = self.entropy.0.wrapping_add(0x1234_5678_9abc_def1);
        let mut step = run.start(self.now(), &mut entropy);
        loop {
            self.scan("the run", &format!("{run:?}"));
            self.scan("the step", &format!("{step:?}"));
            let effect = match step {
                Step::Do(effect) => effect,
                Step::Done(result) => {
                    self.done(&result);
                    return result;
                }
            };
            self.steps += 1;
            if self.steps > CEILING {
                self.watch.broken("the run does not end");
                self.trace.truncate(60);
                return Err(Error::new(ErrorKind::Stuck, "the simulation gave up"));
            }
            self.choices.step(self.steps);
            let summary = effect.summary();
            self.scan("a summary", &summary);
            self.line(&summary);
            self.transcript.push(transcript::effect(&effect));
            self.told.push(format!("> {}", transcript::without_sizes(&summary)));
            let now = self.now();
            self.watch.effect(&effect, now, limit, &self.world.canaries);
            self.tamper();
            self.inject(&mut run, &mut entropy);
            step = self.carry_out(&mut run, &mut entropy, effect);
        }
    }

    fn carry_out<T: Debug>(&mut self, run: &mut Run<T>, entropy: &mut Seeded, effect: Effect) -> Step<T> {
        let deadline = effect.deadline();
        let reply = match effect {
            Effect::Wait(wait) => {
                self.pass_until(wait.until());
                wait.ticket().done()
            }
            Effect::Forget(forget) => {
                let (token, ticket) = forget.split();
                self.cache.forget(&token);
                ticket.done()
            }
            Effect::Token(need) => self.token(*need, deadline),
            other => {
                let now = self.now();
                match self.world.answer(other, now, self.choices) {
                    Answer::Silence { effect, request } => {
                        if let Some((request, delivered)) = &request {
                            self.tell(request, *delivered, None);
                        }
                        self.late = Some(effect.unsupported());
                        return self.expire(run, entropy, deadline);
                    }
                    Answer::Reply { reply, took, exchange } => {
                        let in_time = deadline.is_none_or(|deadline| self.now().mono.after(took) < deadline);
                        if let Some(exchange) = exchange {
                            let arrives = self.now().after(took);
                            let heard = exchange.answer.as_ref().filter(|_| in_time).map(|(status, body)| {
                                Heard { status: *status, body, now: arrives, demanded: exchange.demanded }
                            });
                            self.tell(&exchange.request, exchange.delivered, heard);
                        }
                        if !in_time {
                            self.late = Some(reply);
                            return self.expire(run, entropy, deadline);
                        }
                        self.pass(took);
                        reply
                    }
                }
            }
        };
        let summary = reply.summary();
        self.scan("a reply", &format!("{reply:?}"));
        self.scan("a reply's summary", &summary);
        self.line(&format!("  {summary}"));
        self.transcript.push(transcript::reply(&reply));
        self.told.push(format!("< {}", transcript::without_sizes(&summary)));
        let now = self.now();
        run.resume(now, entropy, reply)
    }

    /// A token, as a driver gives it: one that it has, or a new one.
    fn token(&mut self, need: NeedToken, limit: Option<Mono>) -> Reply {
        if let Some(rejected) = need.rejected() {
            self.cache.forget(rejected);
        }
        let (request, ticket) = need.split();
        let Some(credential) = self.credential.clone() else {
            return ticket.reply(Err(Error::new(ErrorKind::Unavailable, "there is no credential")));
        };
        let turn = self.cache.turn(&self.partition, &request, self.now());
        let lead = match turn {
            Turn::Use(token) | Turn::Refresh(token, _) => return ticket.reply(Ok(token)),
            Turn::Lead(lead) => lead,
            Turn::Fail(error) => return ticket.reply(Err(error)),
            Turn::Wait(_) => {
                self.watch.broken("somebody else asks for a token");
                return ticket.reply(Err(Error::new(ErrorKind::Stuck, "there is nobody else")));
            }
        };
        let nested = named(credential.begin(&request));
        let nested = match limit {
            Some(limit) => nested.with_deadline(limit),
            None => nested,
        };
        let result = self.drive(nested, limit);
        let now = self.now();
        ticket.reply(lead.settle(now, &mut self.entropy.clone(), result))
    }

    fn tell(&mut self, request: &HttpRequest, delivered: bool, heard: Option<Heard<'_>>) {
        if delivered {
            self.watch.delivered(request);
        }
        match heard {
            Some(heard) => self.watch.answered(request, &heard),
            None => self.watch.unanswered(request),
        }
    }

    fn expire<T: Debug>(
        &mut self,
        run: &mut Run<T>,
        entropy: &mut Seeded,
        deadline: Option<Mono>,
    ) -> Step<T> {
        self.pass_until(deadline.unwrap_or(Mono(self.mono)));
        self.line("  nothing");
        self.transcript.push(transcript::nothing());
        self.told.push("< expired".to_owned());
        let now = self.now();
        run.expire(now, entropy)
    }
}
