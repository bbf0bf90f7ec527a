//! The Azure CLI's session without the Azure CLI: whatever is amiss, the tool has the last word, and nothing of
//! its own is lost.

use entrada_core::cache::accounts::AccountCache;
use entrada_core::effect::StoreName;
use entrada_tests::choices::Choices;
use entrada_tests::model;
use entrada_tests::setups::{Kind, Setup, Twist};
use entrada_tests::sim::{START, simulate};
use entrada_tests::world::files::Node;
use entrada_tests::world::shelf::Order;
use proptest::prelude::*;

const NAMES: [&str; 4] = ["config", "clouds.config", "azureProfile.json", "service_principal_entries.json"];

/// What may stand in one of the files: rubbish, or what is true of the form and says something odd. A certificate's path
/// is not absolute: at that one it would be looked, and the rules of this set-up know no certificate.
fn contents() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        r#"(\[(core|cloud|AzureCloud|DEFAULT)\]\n)?(name|encrypt_token_cache|endpoint_active_directory) ?[=:] ?[a-zA-Z:/.%\[]{0,20}\n?"#
            .prop_map(String::into_bytes),
        r#"\{"subscriptions": ?(null|\[\]|\[\{\}\]|\[\{"id":"1","name":"n","environmentName":"AzureCloud","tenantId":"[a-z./ ]{0,9}","isDefault":(true|false|1),"user":\{"name":"[a-z@.]{0,9}","type":"(user|servicePrincipal|x)"\}\}\])\}"#
            .prop_map(String::into_bytes),
        r#"\[\{"client_id":"3f0c7f66-6c0e-4d6b-8a55-7d1f2f0b9a01","tenant":"[a-z]{0,5}","(client_secret|certificate|client_assertion)":("([a-zA-Z0-9][a-zA-Z0-9/]{0,11})?"|null|7)\}\]"#
            .prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// The tool is signed in and works: there is a token, whatever its files hold, and its account is there
    /// still.
    #[test]
    fn whatever_its_files_hold_there_is_a_token(
        file in 0..4usize,
        bytes in contents(),
        principal in any::<bool>(),
        order in prop::sample::select(vec![Order::Works, Order::Missing, Order::Denied, Order::Locked]),
    ) {
        let twist = if principal { Twist::Principal } else { Twist::None };
        let mut setup = Setup::twisted(Kind::AzureCliNative, twist, START);
        setup.world.shelf.order = order;
        setup.world.files.put(format!("/home/ada/.azure/{}", NAMES[file]), Node::File(bytes));
        let before = accounts(&setup.world.shelf);
        let outcome = simulate(setup, &mut Choices::new(&[3]));
        // Where such a file leads to another host, the rules say so.
        outcome.assert_clean();
        prop_assert!(outcome.result.is_ok(), "{:?}\n{}", outcome.result, outcome.trace.join("\n"));
        prop_assert_eq!(accounts(&outcome.world.shelf), before);
    }
}

fn accounts(shelf: &entrada_tests::world::shelf::Shelf) -> Vec<String> {
    let kept = shelf.kept.get(&StoreName::azure_cli()).cloned().unwrap_or_default();
    let accounts = AccountCache::parse(kept.expose()).unwrap().accounts("login.microsoftonline.com");
    accounts.into_iter().map(|account| account.home_account_id).collect()
}

/// The tool tells its user why; so it has to be refused itself.
#[test]
fn a_refused_refresh_token_stays_with_the_tool() {
    let cases = model::cases();
    let case = cases.iter().find(|case| case.name == "azure-cli-native-revoked-alone").unwrap();
    let outcome = case.run();
    assert!(outcome.result.is_err());
    let kept = &outcome.world.shelf.kept[&StoreName::azure_cli()];
    let cache = AccountCache::parse(kept.expose()).unwrap();
    let signed_in = cache.signed_in("login.microsoftonline.com", entrada_emulator::world::DEVELOPER_CLIENT);
    assert_eq!(signed_in.len(), 1);
}
