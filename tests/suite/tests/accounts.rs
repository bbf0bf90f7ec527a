//! What is kept of accounts and tokens: the document of other writers, read, changed and written back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_core::cache::accounts::{AccountCache, AccountSource, Arrival, Change, WantedToken};
use entrada_core::token::TokenResponse;
use entrada_core::{
    AccessToken, Authority, EntraClient, Mono, Now, PlainHttp, Scopes, Secret, Tenant, TokenRequest, Unix,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const NOW: Unix = Unix(1_700_000_000);
const HOSTS: [&str; 4] =
    ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"];

fn now() -> Now {
    Now { mono: Mono(5000), unix: NOW }
}

fn client(host: &str, tenant: &str, id: &str) -> EntraClient {
    let authority = Authority::new(host, PlainHttp::Refused).unwrap();
    EntraClient::new(tenant, id).unwrap().with_authority(authority)
}

fn request(scopes: &[&str]) -> TokenRequest {
    TokenRequest::new(scopes).unwrap()
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// What an authority answers to the sign-in of the person `uid`, who is at home in `home`.
fn response(uid: &str, life: i64, refresh: Option<&str>, family: Option<&str>) -> TokenResponse {
    let claims = json!({"iss": "https://login.microsoftonline.com/home/v2.0", "aud": "app", "oid": uid, "sub": "s",
        "tid": "home", "preferred_username": format!("{uid}@contoso.com"), "name": "Jo"});
    let id_token = format!("{}.{}.", encoded(&json!({"alg": "none"})), encoded(&claims));
    let access =
        AccessToken::new(format!("at-{uid}-{life}").into(), Unix(NOW.0 + life), now(), "test").unwrap();
    TokenResponse {
        access,
        refresh_token: refresh.map(Secret::new),
        id_token: Some(id_token.into()),
        client_info: Some(encoded(&json!({"uid": uid, "utid": "home"})).into()),
        family: family.map(str::to_owned),
    }
}

fn signed_in(client: &EntraClient, scopes: &[&str], response: &TokenResponse) -> Change {
    let source = AccountSource::DeviceCode;
    Change::Keep(Arrival::of_sign_in(client, &request(scopes), source, response).unwrap())
}

fn value(cache: &AccountCache) -> Value {
    serde_json::from_slice(cache.to_bytes().expose()).unwrap()
}

fn changed(cache: &AccountCache, change: &Change) -> AccountCache {
    let mut changed = cache.clone();
    change.apply(&mut changed, NOW);
    changed
}

fn find(
    cache: &AccountCache,
    host: &str,
    client: &str,
    home: Option<&str>,
    tenant: &str,
    scopes: &[&str],
) -> Option<String> {
    let (tenant, scopes) = (Tenant::new(tenant).unwrap(), Scopes::new(scopes).unwrap());
    let wanted = WantedToken {
        environment: host,
        client_id: client,
        home_account_id: home,
        tenant: &tenant,
        scopes: &scopes,
    };
    cache.access_token(&wanted, now(), "test").map(|token| token.secret().expose().to_owned())
}

/// The example of the schema as MSAL for Python and .NET write it, with what neither knows.
fn others() -> Value {
    json!({
        "AccessToken": {
            "u.home-login.windows.net-accesstoken-app-home-User.Read s2": {
                "credential_type": "AccessToken", "secret": "at-python", "home_account_id": "u.home",
                "environment": "login.windows.net", "client_id": "app", "realm": "home",
                "target": "User.Read s2", "token_type": "Bearer", "cached_at": (NOW.0 - 600).to_string(),
                "expires_on": (NOW.0 + 3000).to_string(), "extended_expires_on": (NOW.0 + 3000).to_string(),
                "refresh_on": (NOW.0 + 1500).to_string(), "not_known": {"kept": [1, "x", null]}
            },
            "-login.microsoftonline.com-accesstoken-app-home-https://vault.azure.net/.default": {
                "credential_type": "AccessToken", "secret": "at-app", "home_account_id": null,
                "environment": "login.microsoftonline.com", "client_id": "app", "realm": "home",
                "target": "https://vault.azure.net/.default", "token_type": "Bearer",
                "cached_at": (NOW.0 - 600), "expires_on": (NOW.0 + 3000)
            },
            "foreign": {"foo": "bar"},
            "no entry": "at all"
        },
        "RefreshToken": {
            "u.home-login.windows.net-refreshtoken-1--": {
                "credential_type": "RefreshToken", "secret": "rt-family", "home_account_id": "u.home",
                "environment": "login.windows.net", "client_id": "relative", "family_id": "1",
                "last_modification_time": "900"
            },
            "u.home-login.microsoftonline.com-refreshtoken-app--s1 s2": {
                "credential_type": "RefreshToken", "secret": "rt-old", "home_account_id": "u.home",
                "environment": "login.microsoftonline.com", "client_id": "app", "target": "s1 s2",
                "last_modification_time": "1000"
            },
            "U.HOME-LOGIN.MICROSOFTONLINE.COM-refreshtoken-APP": {
                "credential_type": "RefreshToken", "secret": "rt-new", "home_account_id": "U.home",
                "environment": "login.microsoftonline.com", "client_id": "APP", "last_modification_time": "2000"
            }
        },
        "IdToken": {},
        "Account": {
            "u.home-login.microsoftonline.com-guest": {
                "home_account_id": "u.home", "environment": "login.microsoftonline.com", "realm": "guest",
                "local_account_id": "g", "username": "jo_contoso.com#EXT#@guest", "authority_type": "MSSTS"
            },
            "u.home-login.windows.net-home": {
                "home_account_id": "u.home", "environment": "login.windows.net", "realm": "home",
                "local_account_id": "u", "username": "jo@contoso.com", "authority_type": "MSSTS",
                "account_source": "broker", "wam_account_ids": {"app": "1"}
            }
        },
        "AppMetadata": null,
        "unknownEntity": {"a": {"secret": "canary"}}
    })
}

fn parsed(value: &Value) -> AccountCache {
    AccountCache::parse(value.to_string().as_bytes()).unwrap()
}

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
fn a_sign_in_is_written_as_msal_writes_it() {
    let app = client("login.microsoftonline.com", "organizations", "app");
    let mut answer = response("u", 3600, Some("rt"), Some("1"));
    answer.access = answer.access.granting(Some("profile User.Read".into()));
    let written =
        value(&changed(&AccountCache::new(), &signed_in(&app, &["User.Read", "Mail.Read"], &answer)));
    assert_eq!(
        written["AccessToken"]["u.home-login.microsoftonline.com-accesstoken-app-organizations-mail.read user.read profile"],
        json!({
            "credential_type": "AccessToken", "secret": "at-u-3600", "home_account_id": "u.home",
            "environment": "login.microsoftonline.com", "client_id": "app", "realm": "organizations",
            "target": "Mail.Read User.Read profile", "token_type": "Bearer", "cached_at": NOW.0.to_string(),
            "expires_on": (NOW.0 + 3600).to_string(), "extended_expires_on": (NOW.0 + 3600).to_string()
        })
    );
    assert_eq!(
        written["RefreshToken"]["u.home-login.microsoftonline.com-refreshtoken-app--"],
        json!({
            "credential_type": "RefreshToken", "secret": "rt", "home_account_id": "u.home", "family_id": "1",
            "environment": "login.microsoftonline.com", "client_id": "app",
            "last_modification_time": NOW.0.to_string()
        })
    );
    let id_token = &written["IdToken"]["u.home-login.microsoftonline.com-idtoken-app-organizations-"];
    assert_eq!(id_token["secret"], answer.id_token.as_ref().unwrap().expose());
    assert_eq!(
        written["Account"]["u.home-login.microsoftonline.com-organizations"],
        json!({
            "home_account_id": "u.home", "environment": "login.microsoftonline.com", "realm": "organizations",
            "local_account_id": "u", "username": "u@contoso.com", "authority_type": "MSSTS", "name": "Jo",
            "account_source": "urn:ietf:params:oauth:grant-type:device_code"
        })
    );
    assert_eq!(
        written["AppMetadata"]["appmetadata-login.microsoftonline.com-app"],
        json!({"client_id": "app", "environment": "login.microsoftonline.com", "family_id": "1"})
    );
    let record =
        Arrival::of_sign_in(&app, &request(&["s"]), AccountSource::DeviceCode, &answer).unwrap().record();
    let record = record.unwrap();
    assert_eq!((record.home_account_id.as_str(), record.tenant_id.as_str()), ("u.home", "home"));
    assert_eq!(
        (record.authority.as_str(), record.username.as_str()),
        ("login.microsoftonline.com", "u@contoso.com")
    );
}

#[test]
fn an_entry_is_replaced_wherever_its_writer_put_it() {
    let mut document = others();
    // The key as Go spells it, and one that nobody spells.
    document["RefreshToken"] = json!({"u.home-login.microsoftonline.com-refreshtoken-app": {
        "secret": "rt-go", "home_account_id": "u.home", "environment": "login.microsoftonline.com",
        "client_id": "app", "realm": "home"
    }});
    document["Account"] = json!({"odd": {
        "home_account_id": "u.home", "environment": "login.microsoftonline.com", "realm": "home", "username": "old",
        "alternative_account_id": "kept"
    }});
    let app = client("login.microsoftonline.com", "home", "app");
    let written =
        value(&changed(&parsed(&document), &signed_in(&app, &["s"], &response("u", 60, Some("rt"), None))));
    let tokens = written["RefreshToken"].as_object().unwrap();
    assert_eq!(tokens.len(), 1);
    let token = &tokens["u.home-login.microsoftonline.com-refreshtoken-app"];
    assert_eq!((&token["secret"], &token["realm"]), (&json!("rt"), &json!("home")));
    let accounts = written["Account"].as_object().unwrap();
    assert_eq!(accounts.len(), 1);
    assert_eq!(accounts["odd"]["username"], "u@contoso.com");
    assert_eq!(accounts["odd"]["alternative_account_id"], "kept");
}

#[test]
fn an_entry_of_another_kind_under_the_same_key_stays() {
    let key = "u.home-login.microsoftonline.com-accesstoken-app-home-s";
    let bound = json!({
        "credential_type": "AccessToken", "secret": "ssh", "home_account_id": "u.home",
        "environment": "login.microsoftonline.com", "client_id": "app", "realm": "home", "target": "s",
        "token_type": "ssh-cert", "key_id": "k", "expires_on": (NOW.0 + 600).to_string()
    });
    let app = client("login.microsoftonline.com", "home", "app");
    let cache = parsed(&json!({"AccessToken": {key: bound}}));
    let after = changed(&cache, &signed_in(&app, &["s"], &response("u", 60, None, None)));
    assert_eq!(value(&after)["AccessToken"][key], bound);
    assert_eq!(find(&after, "login.windows.net", "app", Some("u.home"), "home", &["s"]).unwrap(), "at-u-60");
}

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

fn document() -> impl Strategy<Value = Value> {
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

fn scopes() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set("[a-zA-Z]{1,5}(/\\.default)?", 1..5).prop_map(|set| set.into_iter().collect())
}

fn refs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

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
