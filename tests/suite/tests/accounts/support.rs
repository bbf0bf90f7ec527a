//! What they are tried with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_core::cache::accounts::{AccountCache, AccountSource, Arrival, Change, WantedToken};
use entrada_core::token::TokenResponse;
use entrada_core::{
    AccessToken, Authority, EntraClient, Mono, Now, PlainHttp, Scopes, Secret, Tenant, TokenRequest, Unix,
};
use serde_json::{Value, json};

pub(crate) const NOW: Unix = Unix(1_700_000_000);
pub(crate) const HOSTS: [&str; 4] =
    ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"];

pub(crate) fn now() -> Now {
    Now { mono: Mono(5000), unix: NOW }
}

pub(crate) fn client(host: &str, tenant: &str, id: &str) -> EntraClient {
    let authority = Authority::new(host, PlainHttp::Refused).unwrap();
    EntraClient::new(tenant, id).unwrap().with_authority(authority)
}

pub(crate) fn request(scopes: &[&str]) -> TokenRequest {
    TokenRequest::new(scopes).unwrap()
}

pub(crate) fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// What an authority answers to the sign-in of the person `uid`, who is at home in `home`.
pub(crate) fn response(uid: &str, life: i64, refresh: Option<&str>, family: Option<&str>) -> TokenResponse {
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

pub(crate) fn signed_in(client: &EntraClient, scopes: &[&str], response: &TokenResponse) -> Change {
    let source = AccountSource::DeviceCode;
    Change::Keep(Arrival::of_sign_in(client, &request(scopes), source, response).unwrap())
}

pub(crate) fn value(cache: &AccountCache) -> Value {
    serde_json::from_slice(cache.to_bytes().expose()).unwrap()
}

pub(crate) fn changed(cache: &AccountCache, change: &Change) -> AccountCache {
    let mut changed = cache.clone();
    change.apply(&mut changed, NOW);
    changed
}

pub(crate) fn find(
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
pub(crate) fn others() -> Value {
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

pub(crate) fn parsed(value: &Value) -> AccountCache {
    AccountCache::parse(value.to_string().as_bytes()).unwrap()
}
