//! Running a flow in a world on a virtual clock, and looking at every step.
//!
//! Time moves by waits, by the time that answers take, by deadlines that pass, and by clocks that are
//! tampered with; never otherwise. After each step everything printable is searched for secrets.

mod checks;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use entrada_core::cache::{Partition, SharedCache, Turn};
use entrada_core::effect::{Effect, NeedToken, Reply};
use entrada_core::flow::{BoxFlow, Credential};
use entrada_core::{Error, ErrorKind, Mono, Now, Product, Run, Step, Unix};

use crate::choices::{Choices, Seeded};
use crate::rules::{Heard, PRODUCT, Watch};
use crate::setups::{Output, Setup};
use crate::transcript;
use crate::world::{Answer, World};

/// More steps than a run has budget for, and those within it; reaching it means that the budget does
/// not work.
const CEILING: usize = 6000;

/// What came of a simulation.
#[derive(Debug)]
pub struct Outcome {
    /// What the flow ended in.
    pub result: Result<Output, Error>,
    /// Everything that happened, one line each, without secrets.
    pub trace: Vec<String>,
    /// The effects and replies alone, as a transcript.
    pub transcript: Vec<String>,
    /// The effects and replies as a driver's trace tells them, without sizes and ports.
    pub told: Vec<String>,
    /// The properties that were broken.
    pub violations: Vec<String>,
    /// The virtual time it took.
    pub elapsed: Duration,
    /// How many effects were asked for.
    pub steps: usize,
    /// How many HTTP requests were made.
    pub exchanges: usize,
    /// How many of them went wrong.
    pub faults: usize,
    /// The world afterwards.
    pub world: World,
}

impl Outcome {
    /// Fails if a property was broken, showing all that led to it.
    ///
    /// # Panics
    /// If so.
    pub fn assert_clean(&self) {
        assert!(
            self.violations.is_empty(),
            "broken:\n  {}\nafter:\n  {}",
            self.violations.join("\n  "),
            self.trace.join("\n  ")
        );
    }
}

struct Sim<'c, 'b> {
    world: World,
    watch: Watch,
    choices: &'c mut Choices<'b>,
    credential: Option<std::sync::Arc<dyn Credential>>,
    /// Its tokens, which a driver keeps.
    cache: SharedCache,
    partition: Partition,
    entropy: Seeded,
    mono: u64,
    unix_ms: i64,
    late: Option<Reply>,
    trace: Vec<String>,
    transcript: Vec<String>,
    told: Vec<String>,
    steps: usize,
}

/// Runs a set-up to its end.
#[must_use]
pub fn simulate(setup: Setup, choices: &mut Choices<'_>) -> Outcome {
    let Setup { flow, credential, rules, world, limit, seed, page, after } = setup;
    let mut sim = Sim {
        world,
        watch: Watch::new(rules),
        choices,
        partition: credential.as_ref().map_or_else(Partition::private, |credential| credential.partition()),
        credential,
        cache: SharedCache::new(),
        entropy: Seeded(seed),
        mono: START.mono.0,
        unix_ms: START.unix.0 * 1000,
        late: None,
        trace: Vec::new(),
        transcript: Vec::new(),
        told: Vec::new(),
        steps: 0,
    };
    if let Some(page) = &page {
        sim.watch.browser(page, &sim.world.canaries);
    }
    let limit = limit.map(|limit| START.mono.after(limit));
    let run = named(flow);
    let run = match limit {
        Some(limit) => run.with_deadline(limit),
        None => run,
    };
    let before: BTreeMap<_, _> = redemptions(&sim.world).collect();
    let result = sim.drive(run, limit);
    sim.judge(&result, &before);
    for broken in after.map(|after| after(&sim.world, &result)).unwrap_or_default() {
        sim.watch.broken(broken);
    }
    Outcome {
        result,
        trace: sim.trace,
        transcript: sim.transcript,
        told: sim.told,
        violations: sim.watch.violations,
        elapsed: START.mono.until(Mono(sim.mono)),
        steps: sim.steps,
        exchanges: sim.world.faults.exchanges(),
        faults: sim.world.faults.happened(),
        world: sim.world,
    }
}

/// A run whose requests name the program.
fn named<T>(flow: BoxFlow<T>) -> Run<T> {
    Run::new(flow).on_account_of(Product::new(PRODUCT).expect("a name"))
}

/// How often each code was redeemed.
fn redemptions(world: &World) -> impl Iterator<Item = (String, u32)> {
    world.emulator.codes().map(|code| (code.to_owned(), world.emulator.code_redemptions(code)))
}

/// When every simulation begins.
pub const START: Now = Now { mono: Mono(5_000_000), unix: Unix(1_790_000_000) };

impl Sim<'_, '_> {
    fn now(&self) -> Now {
        Now { mono: Mono(self.mono), unix: Unix(self.unix_ms.div_euclid(1000)) }
    }

    fn pass(&mut self, span: Duration) {
        let ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        self.mono = self.mono.saturating_add(ms);
        self.unix_ms = self.unix_ms.saturating_add(i64::try_from(ms).unwrap_or(i64::MAX));
    }

    fn pass_until(&mut self, at: Mono) {
        self.pass(Mono(self.mono).until(at));
    }

    fn scan(&mut self, what: &str, text: &str) {
        if let Some(kind) = self.world.canaries.leak(text) {
            self.watch.broken(format!("{kind:?} shows in {what}: {text}"));
        }
    }

    fn line(&mut self, text: &str) {
        let seconds = Duration::from_millis(self.mono - START.mono.0).as_secs_f64();
        self.trace.push(format!("{seconds:>9.3} {text}"));
    }

    fn drive<T: Debug>(&mut self, mut run: Run<T>, limit: Option<Mono>) -> Result<T, Error> {
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

    fn tell(
        &mut self,
        request: &entrada_core::effect::HttpRequest,
        delivered: bool,
        heard: Option<Heard<'_>>,
    ) {
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
