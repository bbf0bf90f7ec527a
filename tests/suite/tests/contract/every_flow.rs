//! What holds for a run of any flow: its time, the clocks, and how much it reads.

use std::time::Duration;

use entrada_core::{ErrorKind, Mono, Now, Run, Step, Unix};
use entrada_tests::choices::{Choices, Seeded};
use entrada_tests::faults::{Faults, HttpFault, Patience};
use entrada_tests::setups::{Kind, Output, Setup};
use entrada_tests::sim::{START, simulate};
use entrada_tests::world::{Answer, Tool};

#[test]
fn no_flow_outlasts_its_deadline() {
    for kind in Kind::ALL {
        for millis in [0, 1, 900, 5000, 40_000] {
            let mut setup = Setup::fair(kind);
            setup.limit = Some(Duration::from_millis(millis));
            setup.world.faults = Faults::always(HttpFault::Status(503, Patience::Seconds(20)));
            let world = &mut setup.world;
            (world.az, world.azd, world.pwsh) = (Tool::Hangs, Tool::Hangs, Tool::Hangs);
            setup.world.sitter.takes = Duration::from_secs(10_000);
            let outcome = simulate(setup, &mut Choices::new(&[1]));
            outcome.assert_clean();
            assert!(outcome.elapsed <= Duration::from_millis(millis + 1), "{} {millis}", kind.name());
            assert!(kind == Kind::FindConfig || outcome.result.is_err());
        }
    }
}

#[test]
fn a_driver_that_can_do_nothing_is_told_apart_from_a_broken_one() {
    for kind in Kind::ALL {
        let setup = Setup::fair(kind);
        let (mut run, mut entropy) = (Run::new(setup.flow), Seeded(1));
        let mut step = run.start(START, &mut entropy);
        let result = loop {
            match step {
                Step::Do(effect) => step = run.resume(START, &mut entropy, effect.unsupported()),
                Step::Done(result) => break result,
            }
        };
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Unavailable, "{}", kind.name());
    }
}

#[test]
fn the_clocks_may_begin_and_end_anywhere() {
    for (mono, unix) in [(0, 0), (u64::MAX, i64::MAX), (0, i64::MIN), (u64::MAX - 5, -1)] {
        let now = Now { mono: Mono(mono), unix: Unix(unix) };
        for kind in Kind::ALL {
            let mut setup = Setup::fair(kind);
            let (mut run, mut entropy) = (Run::new(setup.flow), Seeded(1));
            let mut step = run.start(now, &mut entropy);
            let mut choices = Choices::new(&[1]);
            for _ in 0..200 {
                let Step::Do(effect) = step else { break };
                step = match setup.world.answer(effect, now, &mut choices) {
                    Answer::Reply { reply, .. } => run.resume(now, &mut entropy, reply),
                    Answer::Silence { .. } => run.expire(now, &mut entropy),
                };
            }
        }
    }
}

#[test]
fn a_body_has_its_limit() {
    let mut setup = Setup::fair(Kind::ClientSecret);
    setup.world.faults = Faults::always(HttpFault::Huge);
    let outcome = simulate(setup, &mut Choices::new(&[1]));
    assert!(outcome.result.unwrap_err().to_string().contains("too large"));
}

#[test]
fn a_token_lives_from_the_moment_it_was_asked_for() {
    let mut setup = Setup::fair(Kind::ClientSecret);
    setup.world.faults = Faults::always(HttpFault::Slow(20_000));
    let outcome = simulate(setup, &mut Choices::new(&[1]));
    assert!(outcome.elapsed >= Duration::from_secs(20));
    let Ok(Output::Token(token)) = outcome.result else { panic!("{:?}", outcome.result) };
    // The answer says 3599 seconds; how long it was under way is not known, so all of it is taken off.
    assert_eq!(token.expires_on(), Unix(START.unix.0 + 3599));
    assert!(!token.is_alive(Now { mono: START.mono.after(Duration::from_secs(3599)), unix: START.unix }));
}
