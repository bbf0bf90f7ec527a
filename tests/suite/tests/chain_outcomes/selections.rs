//! `AZURE_TOKEN_CREDENTIALS`, in every spelling, on machines in every state.

use entrada_core::ErrorKind;
use entrada_core::chain::Member;

use super::machine::{MEMBERS, Machine, State};
use super::{compare, expected};

const NAMES: [(&str, Member); 7] = [
    ("EnvironmentCredential", Member::Environment),
    ("WorkloadIdentityCredential", Member::WorkloadIdentity),
    ("ManagedIdentityCredential", Member::ManagedIdentity),
    ("VisualStudioCodeCredential", Member::VisualStudioCode),
    ("AzureCliCredential", Member::AzureCli),
    ("AzurePowerShellCredential", Member::AzurePowerShell),
    ("AzureDeveloperCliCredential", Member::AzureDeveloperCli),
];

/// What a value selects.
fn selections() -> Vec<(&'static str, Vec<Member>)> {
    let groups = [("", MEMBERS.to_vec()), ("prod", MEMBERS[..3].to_vec()), ("dev", MEMBERS[3..].to_vec())];
    groups.into_iter().chain(NAMES.map(|(name, member)| (name, vec![member]))).collect()
}

/// A value as people write it.
fn spellings(value: &str) -> [String; 6] {
    let swapped = |c: char| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    let every_other = value.chars().enumerate().map(|(at, c)| match at % 2 {
        0 => c.to_ascii_uppercase(),
        _ => c.to_ascii_lowercase(),
    });
    [
        value.to_owned(),
        value.to_lowercase(),
        value.to_uppercase(),
        value.chars().map(swapped).collect(),
        every_other.collect(),
        format!(" \t{value}  "),
    ]
}

/// All in one state, and each member in each state beside others in one state.
fn machines() -> Vec<Machine> {
    let states = [State::Absent, State::Broken, State::Working];
    let all = states.map(Machine::where_all);
    let each = MEMBERS.into_iter().flat_map(|member| states.map(|state| Machine::where_only(member, state)));
    all.into_iter().chain(each).collect()
}

#[test]
fn every_value_in_every_spelling() {
    for (value, members) in selections() {
        for spelling in spellings(value) {
            for machine in machines() {
                let (result, asked) = machine.run(&[("AZURE_TOKEN_CREDENTIALS", &spelling)]);
                compare(&machine, &expected(&machine, &members), &result);
                let of_it = |name: &&str| members.iter().any(|member| member.name() == *name);
                assert!(asked.iter().all(of_it), "{spelling:?} {machine:?}: {asked:?}");
            }
        }
    }
}

#[test]
fn other_values_are_an_error_that_lists_the_good_ones() {
    let machine = Machine::where_all(State::Working);
    for value in [
        "foo",
        "SharedTokenCacheCredential",
        "sharedcachecredential",
        "azurecli",
        "production",
        "dev,prod",
        "de v",
        "AzureCliCredential2",
        "prod\0",
        "None",
    ] {
        let (result, asked) = machine.run(&[("AZURE_TOKEN_CREDENTIALS", value)]);
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{value}");
        let text = error.to_string().to_lowercase();
        let good = ["azure_token_credentials", "prod", "dev", "interactivebrowsercredential"];
        for good in good.into_iter().map(str::to_owned).chain(NAMES.map(|(name, _)| name.to_lowercase())) {
            assert!(text.contains(&good), "{good}: {text}");
        }
        assert!(!text.contains("foo") && asked.is_empty());
    }
}
