//! The default chain on machines where each member is absent, broken or working, in every combination,
//! against the rule: what is absent is passed over, what is broken stops, and a developer's tool that
//! fails is passed over too where others are left.

#[path = "chain_outcomes/environments.rs"]
mod environments;
#[path = "chain_outcomes/hosts.rs"]
mod hosts;
#[path = "chain_outcomes/machine.rs"]
mod machine;
#[path = "chain_outcomes/misspelt.rs"]
mod misspelt;
#[path = "chain_outcomes/selections.rs"]
mod selections;

use entrada_core::chain::Member;
use entrada_core::{AccessToken, Error, ErrorKind};

use machine::{MEMBERS, Machine, State};

/// What has to come of a chain of these members.
pub(crate) struct Expected {
    winner: Option<Member>,
    /// Those that fail before, in order.
    failed: Vec<Member>,
    broken: bool,
}

pub(crate) fn expected(machine: &Machine, members: &[Member]) -> Expected {
    let mut failed = Vec::new();
    for member in members {
        match machine.state(*member) {
            // Only a broker could give its tokens, whoever is signed in there.
            _ if *member == Member::VisualStudioCode => failed.push(*member),
            State::Working => return Expected { winner: Some(*member), failed, broken: false },
            // Beside others a tool is passed over; there is nobody to hide where it is the only one.
            State::Broken if !member.is_tool() || members.len() == 1 => {
                failed.push(*member);
                return Expected { winner: None, failed, broken: true };
            }
            _ => failed.push(*member),
        }
    }
    Expected { winner: None, failed, broken: false }
}

pub(crate) fn compare(machine: &Machine, expected: &Expected, result: &Result<AccessToken, Error>) {
    match (result, expected.winner) {
        (Ok(token), Some(winner)) => assert_eq!(token.source(), winner.name(), "{machine:?}"),
        (Err(error), None) => {
            assert_eq!(error.is_unavailable(), !expected.broken, "{machine:?}: {error}");
            let tried: Vec<_> = error.attempts().iter().map(|attempt| attempt.source).collect();
            let names: Vec<_> = expected.failed.iter().map(|member| member.name()).collect();
            assert_eq!(tried, names, "{machine:?}");
            for attempt in error.attempts() {
                assert!(!attempt.message.is_empty() && attempt.remedy.is_some(), "{attempt:?}");
            }
            // Only the last may be something else than absent, and it is what the error is of.
            let (last, others) = error.attempts().split_last().expect("somebody was tried");
            assert!(others.iter().all(|attempt| attempt.outcome == ErrorKind::Unavailable), "{machine:?}");
            assert_eq!(last.outcome, error.kind(), "{machine:?}");
        }
        (result, winner) => panic!("{machine:?}: {winner:?} was to answer, and there is {result:?}"),
    }
}

#[test]
fn every_member_in_every_state_beside_all_others() {
    let mut machines = 0;
    for number in 0..State::ALL.len().pow(8) {
        let machine = Machine::numbered(number);
        if !machine.is_possible() {
            continue;
        }
        machines += 1;
        let (result, asked) = machine.run(&[]);
        let expected = expected(&machine, &MEMBERS);
        compare(&machine, &expected, &result);
        // Nobody behind the one that decided was asked anything.
        let decided = expected.failed.len() - usize::from(expected.broken);
        let last = MEMBERS.iter().take(decided + 1).filter(|member| machine.is_there(**member)).count();
        assert_eq!(asked.len(), last, "{machine:?}: {asked:?}");
    }
    assert_eq!(machines, 27 * 4 * 3 * 64);
}

#[test]
fn who_won_stays_though_another_comes() {
    for winner in MEMBERS.into_iter().filter(|member| *member != Member::VisualStudioCode) {
        let alone = Machine::where_only(winner, State::Working);
        let chain = alone.chain(&[]).unwrap();
        assert!(alone.run_chain(&chain).0.is_ok());
        let all = Machine::where_all(State::Working);
        assert_eq!(all.run_chain(&chain).0.unwrap().source(), winner.name());
        // It is not replaced when it breaks, either.
        let broken = Machine::where_only(winner, State::Broken);
        let error = broken.run_chain(&chain).0.unwrap_err();
        assert!(error.attempts().is_empty(), "{winner:?}: {error:?}");
    }
}
