//! A sign-in, written.

use entrada_core::cache::accounts::{AccountCache, AccountSource, Arrival};
use serde_json::json;

use super::support::{NOW, changed, client, find, others, parsed, request, response, signed_in, value};

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
