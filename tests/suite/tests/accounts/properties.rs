//! What holds for every document.

use entrada_core::cache::accounts::{AccountCache, Change};
use proptest::prelude::*;
use serde_json::Value;

use super::drawn::{document, refs, scopes};
use super::support::{HOSTS, changed, client, find, parsed, response, signed_in, value};

proptest! {
    #[test]
    fn whatever_was_read_is_written(document in document()) {
        prop_assert_eq!(value(&parsed(&document)), document);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = AccountCache::parse(&bytes);
    }

    /// Nothing is lost of anybody else: of other accounts, other apps, other writers.
    #[test]
    fn a_change_touches_nothing_else(document in document(), scopes in scopes()) {
        let cache = parsed(&document);
        let app = client("login.microsoftonline.com", "home", "newcomer");
        let change = signed_in(&app, &refs(&scopes), &response("nobody", 3600, Some("rt"), None));
        let after = value(&changed(&cache, &change));
        for (name, before) in document.as_object().unwrap() {
            let expired = |entry: &Value| entry.get("expires_on").is_some() || entry.get("extended_expires_on").is_some();
            match before.as_object() {
                Some(items) => for (key, item) in items {
                    if name != "AccessToken" || !expired(item) {
                        prop_assert_eq!(&after[name][key], item, "{} {}", name, key);
                    }
                },
                None => prop_assert_eq!(&after[name], before),
            }
        }
    }

    #[test]
    fn a_change_that_is_made_twice_is_made_once(document in document(), scopes in scopes()) {
        let app = client("login.microsoftonline.com", "home", "app");
        let change = signed_in(&app, &refs(&scopes), &response("u", 3600, Some("rt"), Some("1")));
        let once = changed(&parsed(&document), &change);
        prop_assert_eq!(value(&changed(&once, &change)), value(&once));
    }

    /// Two programs keep their tokens at the same time: the order does not matter.
    #[test]
    fn changes_of_two_people_commute(document in document(), one in scopes(), other in scopes()) {
        let app = client("login.microsoftonline.com", "home", "app");
        let one = signed_in(&app, &refs(&one), &response("x", 3600, Some("rt-x"), None));
        let other = signed_in(&app, &refs(&other), &response("y", 3600, Some("rt-y"), None));
        let cache = parsed(&document);
        prop_assert_eq!(value(&changed(&changed(&cache, &one), &other)), value(&changed(&changed(&cache, &other), &one)));
    }

    #[test]
    fn what_was_kept_is_found_by_whatever_it_is_good_for(
        document in document(),
        kept in scopes(),
        pick in prop::collection::vec(any::<prop::sample::Index>(), 1..6),
        host in prop::sample::select(HOSTS.to_vec()),
        upper in any::<bool>(),
    ) {
        let app = client("login.microsoftonline.com", "organizations", "newcomer");
        let cache = changed(&parsed(&document), &signed_in(&app, &refs(&kept), &response("w", 3600, Some("rt"), None)));
        let wanted: Vec<String> = pick.iter().map(|at| {
            let scope = at.get(&kept);
            if upper { scope.to_uppercase() } else { scope.clone() }
        }).collect();
        let found = |client, tenant, scopes: &[&str]| find(&cache, host, client, Some("w.home"), tenant, scopes);
        prop_assert_eq!(found("NEWCOMER", "home", &refs(&wanted)), Some("at-w-3600".to_owned()));
        let mut more = refs(&wanted);
        more.push("not-granted");
        prop_assert_eq!(found("newcomer", "home", &more), None);
        prop_assert_eq!(found("stranger", "home", &refs(&wanted)), None);
        prop_assert_eq!(found("newcomer", "elsewhere", &refs(&wanted)), None);
        prop_assert_eq!(cache.signed_in(host, "newcomer").len(), 1);
    }

    #[test]
    fn logout_leaves_nothing_of_the_account(document in document(), host in prop::sample::select(HOSTS.to_vec())) {
        let app = client("login.microsoftonline.com", "home", "app");
        let cache = changed(&parsed(&document), &signed_in(&app, &["s"], &response("u", 3600, Some("rt"), None)));
        let logout = Change::RemoveAccount { environment: host.into(), home_account_id: "u.home".into() };
        let after = value(&changed(&cache, &logout));
        let before = value(&cache);
        for section in ["AccessToken", "RefreshToken", "IdToken", "Account"] {
            for (key, item) in before[section].as_object().into_iter().flatten() {
                let known = item.get("environment").and_then(Value::as_str).is_some_and(|host| HOSTS.contains(&host));
                let theirs = known && item.get("home_account_id").and_then(Value::as_str) == Some("u.home");
                let kept = after[section].get(key);
                if theirs {
                    prop_assert_eq!(kept, None, "{} {}", section, key);
                } else {
                    prop_assert!(kept.is_some() || section == "AccessToken", "{} {}", section, key);
                }
            }
        }
    }
}
