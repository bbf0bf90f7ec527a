//! How far simulations get: a generator whose runs all fail early tests nothing.

use std::collections::BTreeMap;

use entrada_core::Entropy;

use crate::choices::{Choices, Seeded};
use crate::setups::{Kind, Setup};
use crate::sim::simulate;

/// What came of many runs of one flow.
#[derive(Clone, Debug, Default)]
pub struct Count {
    /// How many were run.
    pub runs: usize,
    /// How many ended well.
    pub successes: usize,
    /// How many of those that had at least one fault ended well.
    pub despite_faults: usize,
    /// How many had at least one fault.
    pub faulty: usize,
    /// How the others ended.
    pub errors: BTreeMap<&'static str, usize>,
    /// Effects in all.
    pub steps: usize,
}

/// Runs one flow this many times with bytes from a seed.
///
/// # Panics
/// When a property is broken.
#[must_use]
pub fn count(kind: Kind, runs: usize, seed: u64) -> Count {
    count_of(|choices| Setup::drawn(kind, choices), runs, seed)
}

/// The same of whatever is drawn.
///
/// # Panics
/// When a property is broken.
#[must_use]
pub fn count_of(draw: impl Fn(&mut Choices<'_>) -> Option<Setup>, runs: usize, seed: u64) -> Count {
    let mut entropy = Seeded(seed);
    let mut count = Count::default();
    let mut bytes = [0; 256];
    while count.runs < runs {
        entropy.fill(&mut bytes);
        let mut choices = Choices::new(&bytes);
        let Some(setup) = draw(&mut choices) else { continue };
        let outcome = simulate(setup, &mut choices);
        outcome.assert_clean();
        let faulty = outcome.faults > 0;
        count.runs += 1;
        count.steps += outcome.steps;
        count.faulty += usize::from(faulty);
        match outcome.result {
            Ok(_) => {
                count.successes += 1;
                count.despite_faults += usize::from(faulty);
            }
            Err(error) => *count.errors.entry(error.kind().name()).or_default() += 1,
        }
    }
    count
}

/// One line for a table.
#[must_use]
pub fn line(kind: Kind, count: &Count) -> String {
    let percent = |part: usize, of: usize| (part * 100).checked_div(of).unwrap_or(0);
    let errors: Vec<_> = count.errors.iter().map(|(name, n)| format!("{name} {n}")).collect();
    format!(
        "{:<20} {:>6} runs, {:>3} % succeed, {:>3} % of {} with faults, {:>4.1} effects a run; {}",
        kind.name(),
        count.runs,
        percent(count.successes, count.runs),
        percent(count.despite_faults, count.faulty),
        count.faulty,
        count.steps as f64 / count.runs.max(1) as f64,
        errors.join(", ")
    )
}
