//! What other writers wrote, read.

use entrada_core::cache::accounts::{AccountCache, WantedToken};
use entrada_core::{Scopes, Tenant};
use serde_json::{Value, json};

use super::support::{NOW, client, find, now, others, parsed, response, signed_in};

#[test]
fn what_other_libraries_wrote_is_found_by_its_fields() {
    let cache = parsed(&others());
    let accounts = cache.accounts("sts.windows.net");
    assert_eq!(accounts.len(), 1);
    assert_eq!(accounts[0].username, "jo@contoso.com", "the name at home");
    assert!(cache.accounts("login.microsoftonline.us").is_empty());

    let at = |host, client, home, tenant, scopes: &[&str]| find(&cache, host, client, home, tenant, scopes);
    let python = Some("at-python".to_owned());
    assert_eq!(at("login.microsoftonline.com", "app", Some("u.home"), "home", &["user.read"]), python);
    assert_eq!(
        at("login.microsoftonline.com", "app", Some("u.home"), "organizations", &["s2", "User.Read"]),
        python
    );
    assert_eq!(at("login.microsoftonline.com", "app", Some("u.home"), "guest", &["s2"]), None);
    assert_eq!(at("login.microsoftonline.com", "app", Some("u.home"), "home", &["s2", "s3"]), None);
    assert_eq!(at("login.microsoftonline.com", "other", Some("u.home"), "home", &["s2"]), None);
    assert_eq!(at("login.microsoftonline.us", "app", Some("u.home"), "home", &["s2"]), None);
    let vault = ["https://vault.azure.net/.default"];
    assert_eq!(at("login.windows.net", "app", None, "home", &vault), Some("at-app".to_owned()));
    assert_eq!(at("login.windows.net", "app", None, "organizations", &vault), None, "an app has no home");

    let tokens = |client| -> Vec<String> {
        let tokens = cache.refresh_tokens("login.microsoft.com", "u.home", client);
        tokens.iter().map(|token| token.secret.expose().to_owned()).collect()
    };
    assert_eq!(tokens("app"), ["rt-new", "rt-old", "rt-family"]);
    assert_eq!(tokens("unheard-of"), ["rt-family"]);
}

#[test]
fn an_app_that_is_of_no_family_does_not_use_its_tokens() {
    let mut document = others();
    let metadata = |family: Value| {
        let mut app = json!({"client_id": "app", "environment": "login.windows.net"});
        if !family.is_null() {
            app["family_id"] = family;
        }
        json!({ "appmetadata-login.windows.net-app": app })
    };
    for (family, count) in [(json!("1"), 3), (json!("2"), 2), (json!(""), 2), (Value::Null, 2)] {
        document["AppMetadata"] = metadata(family.clone());
        let found = parsed(&document).refresh_tokens("login.windows.net", "u.home", "app").len();
        assert_eq!(found, count, "{family}");
    }
}

#[test]
fn tokens_that_are_tied_or_dead_or_of_another_clock_are_not_found() {
    let found = |name: &str, field: Value| {
        let mut document = others();
        document["AccessToken"]["u.home-login.windows.net-accesstoken-app-home-User.Read s2"][name] = field;
        find(&parsed(&document), "login.windows.net", "app", Some("u.home"), "home", &["s2"]).is_some()
    };
    assert!(found("not_known", json!(1)));
    assert!(found("token_type", json!("bearer")));
    assert!(found("expires_on", json!(NOW.0 + 1)), "numbers are read too");
    for (name, field) in [
        ("token_type", json!("pop")),
        ("key_id", json!("k")),
        ("kid", json!("k")),
        ("ext_cache_key", json!("x")),
        ("user_assertion_hash", json!("h")),
        ("expires_on", json!(NOW.0.to_string())),
        ("expires_on", json!("soon")),
        ("expires_on", json!((NOW.0 + 11 * 365 * 86_400).to_string())),
        ("cached_at", json!((NOW.0 + 301).to_string())),
        ("secret", json!("")),
        ("secret", json!("a b")),
        ("secret", json!(7)),
    ] {
        assert!(!found(name, field.clone()), "{name}: {field}");
    }
}

#[test]
fn a_long_token_without_a_hint_is_due_half_way() {
    let due = |cached: i64, ends: i64, hint: Option<i64>| {
        let mut entry =
            others()["AccessToken"]["u.home-login.windows.net-accesstoken-app-home-User.Read s2"].clone();
        entry["cached_at"] = (NOW.0 + cached).to_string().into();
        entry["expires_on"] = (NOW.0 + ends).to_string().into();
        entry["refresh_on"] = hint.map(|hint| (NOW.0 + hint).to_string()).into();
        let cache = parsed(&json!({"AccessToken": {"k": entry}}));
        let (tenant, scopes) = (Tenant::new("home").unwrap(), Scopes::new(["s2"]).unwrap());
        let wanted = WantedToken {
            environment: "login.windows.net",
            client_id: "app",
            home_account_id: Some("u.home"),
            tenant: &tenant,
            scopes: &scopes,
        };
        cache.access_token(&wanted, now(), "test").unwrap().refresh_due().0 - NOW.0
    };
    assert_eq!(due(-600, 3000, Some(1500)), 1500);
    assert_eq!(due(-600, 3000, None), 2700);
    assert_eq!(due(-3600, 3600, None), 0);
}

#[test]
fn what_is_no_document_is_refused_and_nothing_is_empty() {
    for empty in ["", " \n", "\u{feff}", "{}", "{\"Account\":null}"] {
        assert!(AccountCache::parse(empty.as_bytes()).unwrap().accounts("login.windows.net").is_empty());
    }
    for broken in ["[]", "{", "null", "{\"Account\":[]}", "{\"AccessToken\":\"\"}", "\u{0}"] {
        let error = AccountCache::parse(broken.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), entrada_core::ErrorKind::Malformed, "{broken}");
    }
}

#[test]
fn nothing_secret_is_shown() {
    let cache = parsed(&others());
    let app = client("login.microsoftonline.com", "home", "app");
    let change = signed_in(&app, &["s"], &response("u", 60, Some("canary"), None));
    let tokens = cache.refresh_tokens("login.windows.net", "u.home", "app");
    for shown in [format!("{cache:?}"), format!("{change:?}"), format!("{tokens:?}")] {
        for secret in ["at-", "rt-", "canary"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
