//! A refresh token that is redeemed or refused.

use entrada_core::cache::accounts::{AccountCache, Arrival, Change};
use entrada_core::token::TokenResponse;
use entrada_core::{EntraClient, Unix};
use serde_json::json;

use super::support::{NOW, changed, client, find, others, parsed, request, response, signed_in, value};

/// Redeems the refresh token that is to be tried first.
fn refreshed(cache: &AccountCache, app: &EntraClient, home: &str, answer: &TokenResponse) -> Change {
    let host = app.authority().host().host();
    let with = cache.refresh_tokens(host, home, app.client_id()).remove(0);
    Change::Keep(Arrival::of_refresh(app, &request(&["s2"]), &with, answer).unwrap())
}

#[test]
fn a_refresh_renews_the_token_where_it_stands() {
    let cache = parsed(&others());
    let app = client("login.microsoftonline.com", "home", "app");
    let change = refreshed(&cache, &app, "u.home", &response("u", 3600, Some("rt-newest"), None));
    let after = changed(&cache, &change);
    let tokens = after.refresh_tokens("login.microsoftonline.com", "u.home", "app");
    let secrets: Vec<_> = tokens.iter().map(|token| token.secret.expose()).collect();
    assert_eq!(secrets, ["rt-newest"], "both entries of the app; and its reply told of no family");
    let written = value(&after);
    let entry = &written["RefreshToken"]["u.home-login.microsoftonline.com-refreshtoken-app--s1 s2"];
    assert_eq!(entry["target"], "s1 s2", "which MSAL for Python makes its key of");
    assert_eq!(written["RefreshToken"].as_object().unwrap().len(), 3);
    assert_eq!(written["Account"], others()["Account"], "a refresh makes no account");
}

#[test]
fn a_relative_that_is_no_longer_of_the_family_gets_a_token_of_its_own() {
    let cache = parsed(&others());
    let app = client("login.microsoftonline.com", "home", "newcomer");
    for (family, left) in [(Some("1"), "rt-next"), (None, "rt-family")] {
        let change = refreshed(&cache, &app, "u.home", &response("u", 3600, Some("rt-next"), family));
        let written = value(&changed(&cache, &change));
        assert_eq!(written["RefreshToken"]["u.home-login.windows.net-refreshtoken-1--"]["secret"], left);
        let own = &written["RefreshToken"]["u.home-login.microsoftonline.com-refreshtoken-newcomer--"];
        assert_eq!(own.is_object(), family.is_none());
    }
}

#[test]
fn who_signed_out_stays_signed_out() {
    let cache = parsed(&others());
    let app = client("login.microsoftonline.com", "home", "app");
    let refresh = refreshed(&cache, &app, "u.home", &response("u", 3600, Some("rt-late"), None));
    let logout =
        Change::RemoveAccount { environment: "sts.windows.net".into(), home_account_id: "U.HOME".into() };
    let out = changed(&cache, &logout);
    assert_eq!(value(&changed(&out, &refresh)), value(&out));
    let written = value(&out);
    for section in ["RefreshToken", "IdToken", "Account"] {
        assert_eq!(written[section], json!({}), "{section}");
    }
    let left: Vec<_> = written["AccessToken"].as_object().unwrap().keys().collect();
    assert_eq!(left.len(), 3, "those of no account stay: {left:?}");
}

#[test]
fn tokens_of_somebody_else_are_not_filed_under_an_account() {
    let cache = parsed(&others());
    let app = client("login.microsoftonline.com", "home", "app");
    let change = refreshed(&cache, &app, "u.home", &response("mallory", 3600, Some("rt"), None));
    assert_eq!(value(&changed(&cache, &change)), value(&cache));
}

#[test]
fn a_refused_refresh_token_is_removed_and_its_successor_is_not() {
    let cache = parsed(&others());
    let refused = cache.refresh_tokens("login.windows.net", "u.home", "app").remove(0);
    let after = changed(&cache, &Change::RemoveRefreshToken(refused.clone()));
    assert_eq!(after.refresh_tokens("login.windows.net", "u.home", "app").len(), 2);
    let app = client("login.microsoftonline.com", "home", "app");
    let renewed =
        changed(&cache, &refreshed(&cache, &app, "u.home", &response("u", 60, Some("rt-next"), None)));
    assert_eq!(value(&changed(&renewed, &Change::RemoveRefreshToken(refused))), value(&renewed));
}

#[test]
fn the_fresh_token_is_found_and_not_the_one_that_lives_longer() {
    let app = client("login.microsoftonline.com", "home", "app");
    let mut cache =
        changed(&AccountCache::new(), &signed_in(&app, &["s1", "s2"], &response("u", 80_000, None, None)));
    let later = Unix(NOW.0 + 10);
    signed_in(&app, &["s1"], &response("u", 3600, None, None)).apply(&mut cache, later);
    assert_eq!(
        find(&cache, "login.windows.net", "app", Some("u.home"), "home", &["s1"]).unwrap(),
        "at-u-3600"
    );
}
