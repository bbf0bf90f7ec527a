//! Documents, drawn.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

/// An entry: some fields of the schema, some with values of other types, some of nobody's.
fn entry() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        prop::sample::select(vec![
            "secret",
            "home_account_id",
            "environment",
            "client_id",
            "realm",
            "target",
            "family_id",
            "expires_on",
            "cached_at",
            "token_type",
            "username",
            "last_modification_time",
            "credential_type",
        ])
        .prop_map(str::to_owned),
        "[a-z_]{1,8}",
    ];
    let field = prop_oneof![
        3 => prop::sample::select(vec!["u.home", "v.home", "login.windows.net", "app", "home", "s1 s2", "1", "99999999999"])
            .prop_map(Value::from),
        1 => json_value(),
    ];
    prop::collection::btree_map(name, field, 0..10).prop_map(|map| json!(map))
}

pub(crate) fn document() -> impl Strategy<Value = Value> {
    let item = prop_oneof![5 => entry(), 1 => json_value()];
    let section = prop::collection::btree_map("[a-zA-Z. -]{0,12}", item, 0..5).prop_map(|map| json!(map));
    let sections = prop::collection::btree_map(
        prop::sample::select(vec!["AccessToken", "RefreshToken", "IdToken", "Account", "AppMetadata"])
            .prop_map(str::to_owned),
        section,
        0..=5,
    );
    let rest = prop::collection::btree_map("[a-z]{1,8}", json_value(), 0..3);
    (sections, rest)
        .prop_map(|(sections, rest)| Value::Object(sections.into_iter().chain(rest).collect::<Map<_, _>>()))
}

pub(crate) fn scopes() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set("[a-zA-Z]{1,5}(/\\.default)?", 1..5).prop_map(|set| set.into_iter().collect())
}

pub(crate) fn refs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}
