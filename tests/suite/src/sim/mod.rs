//! Running a flow in a world on a virtual clock, and looking at every step.
//!
//! Time moves by waits, by the time that answers take, by deadlines that pass, and by clocks that are
//! tampered with; never otherwise. After each step everything printable is searched for secrets.

mod checks;
mod steps;

use std::collections::BTreeMap;
use std::time::Duration;

use entrada_core::cache::{Partition, SharedCache};
use entrada_core::effect::Reply;
use entrada_core::flow::{BoxFlow, Credential};
use entrada_core::{Error, Mono, Now, Product, Run, Unix};

use crate::choices::{Choices, Seeded};
use crate::rules::{PRODUCT, Watch};
use crate::setups::{Output, Setup};
use crate::world::World;

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
}
