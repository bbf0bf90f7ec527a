//! Variables whose value cannot be what it is meant to be, on machines in every state: whoever is described by
//! them in production is broken, not absent.

use std::collections::BTreeSet;

use entrada_core::chain::Member;

use super::machine::{MEMBERS, Machine, State};
use super::{compare, expected};

/// Each production member in each state, where no developer's tool works, and where all do.
fn machines() -> impl Iterator<Item = Machine> {
    let production = (0..64).map(Machine::numbered).filter(Machine::is_possible);
    production.flat_map(|machine| {
        [State::Absent, State::Working].map(|state| {
            MEMBERS[3..].iter().fold(machine.clone(), |machine, member| machine.with(*member, state))
        })
    })
}

/// Runs the machine with these variables, and compares what comes of it with this one's chain; who was asked.
fn same(machine: &Machine, variables: &[(&str, &str)], as_if: &Machine) -> BTreeSet<&'static str> {
    let (result, asked) = machine.run(variables);
    compare(as_if, &expected(as_if, &MEMBERS), &result);
    asked
}

#[test]
fn a_tenant_that_is_none() {
    let mut compared = 0;
    for machine in machines() {
        let described = [Member::Environment, Member::WorkloadIdentity];
        let wrong = |member: &Member| machine.state(*member) != State::Absent;
        let as_if = described
            .into_iter()
            .filter(wrong)
            .fold(machine.clone(), |machine, member| machine.with(member, State::Broken));
        let asked = same(&machine, &[("AZURE_TENANT_ID", "..")], &as_if);
        assert!(described.iter().all(|member| !asked.contains(member.name())), "{machine:?}: {asked:?}");
        compared += 1;
    }
    assert_eq!(compared, 54);
}

#[test]
fn a_client_id_that_no_managed_identity_has() {
    let typo = ("AZURE_CLIENT_ID", "typo");
    for machine in machines() {
        // It may be meant for somebody else where nothing tells of a host.
        let as_if = machine.with(Member::ManagedIdentity, State::Absent);
        let asked = same(&machine, &[typo], &as_if);
        assert!(!asked.contains("managed-identity"), "{machine:?}");
        let as_if = machine.with(Member::ManagedIdentity, State::Broken);
        for host in [
            &[("MSI_ENDPOINT", "http://127.0.0.1:1/t"), ("MSI_SECRET", "canary-header")][..],
            &[("IDENTITY_ENDPOINT", "http://127.0.0.1:1/t"), ("IDENTITY_HEADER", "canary-header")],
        ] {
            let asked = same(&machine, &[&[typo], host].concat(), &as_if);
            assert!(!asked.contains("managed-identity"), "{machine:?}");
        }
    }
}
