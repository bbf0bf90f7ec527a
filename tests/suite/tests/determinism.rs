//! The same bytes give the same run, to the last line: nothing reads a clock, a variable or chance.

use entrada_core::Entropy;
use entrada_tests::choices::{Choices, Seeded};
use entrada_tests::setups::{Kind, Setup};
use entrada_tests::sim::simulate;

fn trace(kind: Kind, bytes: &[u8]) -> Option<(Vec<String>, String)> {
    let mut choices = Choices::new(bytes);
    let outcome = simulate(Setup::drawn(kind, &mut choices)?, &mut choices);
    outcome.assert_clean();
    Some((outcome.trace, format!("{:?}", outcome.result)))
}

#[test]
fn twice_the_same() {
    let mut entropy = Seeded(99);
    for round in 0..25 {
        for kind in Kind::ALL {
            let mut bytes = vec![0; 16 + round * 7];
            entropy.fill(&mut bytes);
            assert_eq!(trace(kind, &bytes), trace(kind, &bytes), "{} {bytes:02x?}", kind.name());
        }
    }
}

#[test]
fn other_randomness_gives_other_secrets() {
    let addresses: Vec<_> = [1, 2]
        .map(|seed| {
            let mut setup = Setup::fair(Kind::InteractiveBrowser);
            setup.seed = seed;
            let outcome = simulate(setup, &mut Choices::new(&[1]));
            outcome.assert_clean();
            (outcome.world.canaries.len(), outcome.transcript)
        })
        .into();
    // What may be written down is the same; that the secrets differ shows in that nothing else does.
    assert_eq!(addresses[0], addresses[1]);
    let verifiers = [3, 4].map(|seed| {
        let mut bytes = [0; 32];
        Seeded(seed).fill(&mut bytes);
        entrada_core::pkce::verifier(bytes).expose().to_owned()
    });
    assert_ne!(verifiers[0], verifiers[1]);
}
