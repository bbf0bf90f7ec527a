//! Running a flow in a world on a virtual clock, and looking at every step.
//!
//! Time moves by waits, by the time that answers take, by deadlines that pass, and by clocks that are
//! tampered with; never otherwise. After each step everything printable is searched for secrets.

use std::fmt::Debug;
use std::time::Duration;

use entrada_core::effect::{Effect, Reply};
use entrada_core::flow::Credential;
use entrada_core::{Error, ErrorKind, Mono, Now, Run, Step, Unix};

use crate::choices::{Choices, Seeded};
use crate::rules::Watch;
use crate::setups::{Output, Setup};
use crate::transcript;
use crate::world::{Answer, World};

/// More steps than any run has budget for; reaching it means that the budget does not work.
const CEILING: usize = 3 * 4096;

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
    entropy: Seeded,
    mono: u64,
    unix_ms: i64,
    clocks_moved: bool,
    late: Option<Reply>,
    trace: Vec<String>,
    transcript: Vec<String>,
    told: Vec<String>,
    steps: usize,
}

/// Runs a set-up to its end.
#[must_use]
pub fn simulate(setup: Setup, choices: &mut Choices<'_>) -> Outcome {
    let Setup { flow, credential, rules, world, limit, seed, .. } = setup;
    let mut sim = Sim {
        world,
        watch: Watch::new(rules),
        choices,
        credential,
        entropy: Seeded(seed),
        mono: START.mono.0,
        unix_ms: START.unix.0 * 1000,
        clocks_moved: false,
        late: None,
        trace: Vec::new(),
        transcript: Vec::new(),
        told: Vec::new(),
        steps: 0,
    };
    let limit = limit.map(|limit| START.mono.after(limit));
    let run = Run::new(flow);
    let run = match limit {
        Some(limit) => run.with_deadline(limit),
        None => run,
    };
    let result = sim.drive(run, limit);
    sim.judge(&result);
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

/// When every simulation begins.
pub const START: Now = Now { mono: Mono(5_000_000), unix: Unix(1_790_000_000) };

/// What the client hears: a body, when, and for how long it is to leave the service alone.
type Heard<'a> = (Option<&'a [u8]>, Now, Option<Duration>);

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
            Effect::Token(need) => {
                let limit = deadline;
                let (request, ticket) = need.split();
                let result = match self.credential.clone() {
                    None => Err(Error::new(ErrorKind::Unavailable, "there is no credential")),
                    Some(credential) => {
                        let nested = Run::new(credential.begin(&request));
                        let nested = match limit {
                            Some(limit) => nested.with_deadline(limit),
                            None => nested,
                        };
                        self.drive(nested, limit)
                    }
                };
                ticket.reply(result)
            }
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
                            let heard =
                                in_time.then_some((exchange.body.as_deref(), arrives, exchange.demanded));
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
            Some((body @ Some(_), now, demanded)) => self.watch.answered(request, body, now, demanded),
            _ => self.watch.unanswered(request),
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

    /// Steps the wall clock, or lets the machine sleep.
    fn tamper(&mut self) {
        let share = self.world.faults.clock_share;
        if share == 0 || !self.choices.chance(share) {
            return;
        }
        self.clocks_moved = true;
        let span = self.choices.pick(&[1, 30, 600, 3600, 86_400, 400 * 86_400]);
        match self.choices.below(3) {
            0 => self.unix_ms += span * 1000,
            1 => self.unix_ms -= span * 1000,
            _ => self.pass(Duration::from_secs(span.unsigned_abs().min(7200))),
        }
        self.line("  (the clocks were moved)");
    }

    /// Gives the run a reply that is too late, or that of another run. Nothing may change by it.
    fn inject<T: Debug>(&mut self, run: &mut Run<T>, entropy: &mut Seeded) {
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

    fn done<T: Debug>(&mut self, result: &Result<T, Error>) {
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
                if error.message().trim().is_empty() {
                    self.watch.broken("an error without a message");
                }
                if error.detail().is_some_and(|detail| detail.chars().any(char::is_control)) {
                    self.watch.broken("an error's detail has control characters");
                }
            }
        }
    }

    fn judge(&mut self, result: &Result<Output, Error>) {
        let codes: Vec<_> = self.world.emulator.codes().map(str::to_owned).collect();
        for code in codes {
            let times = self.world.emulator.code_redemptions(&code);
            if times > 1 {
                self.watch.broken(format!("an authorization code was redeemed {times} times"));
            }
        }
        if let Ok(Output::Token(token)) = result {
            let text = token.secret().expose();
            if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
                self.watch.broken("a token that cannot be sent");
            }
            if !token.authorization().is_sensitive() {
                self.watch.broken("an Authorization header that is not marked as sensitive");
            }
            let now = self.now();
            if !self.clocks_moved && !token.is_alive(now) {
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
