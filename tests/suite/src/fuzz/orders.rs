//! Whole flows, and replies in an order that no honest driver gives.

use std::time::Duration;

use entrada_core::effect::{Effect, Reply};
use entrada_core::{ErrorKind, Run, Step};

use crate::choices::{Choices, Seeded};
use crate::setups::{Kind, Setup};
use crate::sim::{START, simulate};

/// Any flow in any world: the first byte chooses the flow, the rest is the world.
pub fn flow(bytes: &[u8]) {
    let (kind, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let kind = Kind::ALL[usize::from(*kind) % Kind::ALL.len()];
    let mut choices = Choices::new(rest);
    if let Some(setup) = Setup::drawn(kind, &mut choices) {
        simulate(setup, &mut choices).assert_clean();
    }
}

/// Two runs whose replies are mixed up: whatever is given to whom, an answer that does not belong is
/// `Misuse` and changes nothing, a finished run stays finished, and nothing goes on for ever.
pub fn reply_order(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let kind = |choices: &mut Choices<'_>| Kind::ALL[choices.below(Kind::ALL.len())];
    let setups = [Setup::fair(kind(&mut choices)), Setup::fair(kind(&mut choices))];
    let mut entropies = [Seeded(1), Seeded(2)];
    let [one, two] = setups;
    let mut worlds = [one.world, two.world];
    let mut runs = [Run::new(one.flow), Run::new(two.flow)];
    let mut effects: [Option<Effect>; 2] = [None, None];
    let mut finished = [false, false];
    let mut stale: Vec<(usize, Reply)> = Vec::new();
    let mut now = START;
    for number in 0..600 {
        choices.step(number);
        let who = choices.below(2);
        now = now.after(Duration::from_millis(u64::from(choices.word())));
        let before = format!("{:?}", runs[who]);
        let outstanding = effects[who].is_some();
        let (step, honest) = match choices.below(8) {
            0 => (runs[who].start(now, &mut entropies[who]), before.contains("stage: Fresh")),
            1 => {
                // The effect is kept, so its reply comes too late.
                stale.extend(effects[who].take().map(|effect| (who, effect.unsupported())));
                (runs[who].expire(now, &mut entropies[who]), outstanding)
            }
            2 | 3 if !stale.is_empty() => {
                let (_, reply) = stale.remove(choices.below(stale.len()));
                (runs[who].resume(now, &mut entropies[who], reply), false)
            }
            4 if effects[1 - who].is_some() => {
                // The other run's reply. The other run has lost it for good.
                let reply = effects[1 - who].take().map(Effect::unsupported);
                let Some(reply) = reply else { continue };
                let step = runs[who].resume(now, &mut entropies[who], reply);
                assert!(is_misuse(&step), "a foreign reply was taken");
                let _ = runs[1 - who].expire(now, &mut entropies[1 - who]);
                finished[1 - who] = true;
                continue;
            }
            _ => {
                let Some(effect) = effects[who].take() else { continue };
                let reply = match effect {
                    Effect::Wait(wait) => {
                        now = now.after(now.mono.until(wait.until()));
                        wait.ticket().done()
                    }
                    other => match worlds[who].answer(other, now, &mut choices) {
                        crate::world::Answer::Reply { reply, took, .. } => {
                            now = now.after(took);
                            reply
                        }
                        crate::world::Answer::Silence { effect, .. } => effect.unsupported(),
                    },
                };
                (runs[who].resume(now, &mut entropies[who], reply), true)
            }
        };
        if finished[who] {
            continue;
        }
        if !honest {
            assert!(is_misuse(&step), "step {number}: out of order, and not misuse: {step:?}");
            assert_eq!(format!("{:?}", runs[who]), before, "misuse changed the run");
            continue;
        }
        assert!(!is_misuse(&step), "step {number}: an honest step is misuse: {step:?}");
        match step {
            Step::Do(effect) => effects[who] = Some(effect),
            Step::Done(_) => finished[who] = true,
        }
    }
}

fn is_misuse<T>(step: &Step<T>) -> bool {
    matches!(step, Step::Done(Err(error)) if error.kind() == ErrorKind::Misuse)
}
