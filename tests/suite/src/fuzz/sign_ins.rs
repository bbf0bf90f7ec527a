//! Sign-ins that are kept between two requests of a server, and what comes back to it.

use entrada_core::effect::Effect;
use entrada_core::flow::BoxFlow;
use entrada_core::token::TokenResponse;
use entrada_core::{
    Authority, DeviceCodeCredential, EntraClient, Error, ErrorKind, PendingDeviceCode, PendingSignIn,
    PlainHttp, Secret, TokenRequest, WebSignIn,
};
use serde_json::Value;

use super::checks::{check_error, check_hidden, is_telling};
use crate::choices::Seeded;
use crate::script;

const APP_SECRET: &str = "canary0secret0of0the0app";
const REDIRECT: &str = "https://app.example/signed-in";

/// The authorities at which the app is registered.
const AUTHORITIES: [&str; 2] = ["login.microsoftonline.com", "login.chinacloudapi.cn"];

fn client(host: &str) -> EntraClient {
    let client = EntraClient::new("contoso.example", "client").and_then(|app| app.with_secret(APP_SECRET));
    let authority = Authority::new(host, PlainHttp::Refused).expect("it is a known one");
    client.expect("the app is described").with_authority(authority)
}

fn sign_in(host: &str) -> WebSignIn {
    WebSignIn::new(client(host), REDIRECT).expect("the redirect URI is one")
}

/// What was kept of a sign-in: read, it is written as it was, shows none of its secrets, and leads to no
/// other authority.
pub fn kept_sign_in(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let kept = Secret::new(text.clone());
    let document: Value = serde_json::from_str(&text).unwrap_or_default();
    let secrets: Vec<&str> = ["state", "nonce", "code_verifier", "device_code", "user_code"]
        .iter()
        .filter_map(|name| document[*name].as_str())
        .filter(|secret| is_telling(secret) && text.matches(*secret).count() == 1)
        .collect();
    let hidden = |shown: String| assert!(!secrets.iter().any(|secret| shown.contains(secret)), "{shown}");
    match PendingSignIn::from_json(&kept) {
        Err(error) => refused(&error, &secrets),
        Ok(pending) => {
            hidden(format!("{pending:?}"));
            let again = PendingSignIn::from_json(&pending.to_json()).expect("it was written by us");
            assert_eq!(again.to_json().expose(), pending.to_json().expose());
            let state = document["state"].as_str().unwrap_or_default();
            let form: String = url::form_urlencoded::Serializer::new("code=c&".to_owned())
                .append_pair("state", state)
                .finish();
            for host in AUTHORITIES {
                let flow = sign_in(host).finish(&pending, form.as_bytes());
                hidden(format!("{flow:?}"));
                goes_home(flow, host, &document, &secrets);
            }
        }
    }
    match PendingDeviceCode::from_json(&kept) {
        Err(error) => refused(&error, &secrets),
        Ok(pending) => {
            hidden(format!("{pending:?}"));
            let again = PendingDeviceCode::from_json(&pending.to_json()).expect("it was written by us");
            assert_eq!(again.to_json().expose(), pending.to_json().expose());
            for host in AUTHORITIES {
                let flow = DeviceCodeCredential::of(client(host)).resume(&pending);
                hidden(format!("{flow:?}"));
                goes_home(flow, host, &document, &secrets);
            }
        }
    }
}

fn refused(error: &Error, secrets: &[&str]) {
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    check_error(error, b"");
    check_hidden(error, secrets.iter().copied());
}

/// Runs a flow whose requests all go to its own authority, whatever was kept, and to none where another app
/// or another authority is named in it.
fn goes_home(flow: BoxFlow<TokenResponse>, host: &str, document: &Value, secrets: &[&str]) {
    let (result, told) = script::run(flow, |effect, _| {
        let Effect::Http(call) = effect else { panic!("{effect:?}") };
        let uri = call.request().uri();
        assert_eq!((uri.scheme_str(), uri.host()), (Some("https"), Some(host)));
        assert!(uri.path().ends_with("/oauth2/v2.0/token") && uri.query().is_none(), "{uri}");
        script::respond(call, 400, &[], r#"{"error":"invalid_grant"}"#)
    });
    let error = result.expect_err("nothing was granted");
    assert!(told.effects.len() <= 1, "{told:?}");
    let begun_by = &document["begun_by"];
    if begun_by["authority"] != host || begun_by["client_id"] != "client" {
        assert!(told.effects.is_empty() && told.waits.is_empty(), "{told:?}");
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    }
    check_hidden(&error, secrets.iter().copied().chain([APP_SECRET]));
}

/// What the browser brings to the redirect URI of a web app: only what has our state is redeemed, and once.
pub fn web_redirect(bytes: &[u8]) {
    let request = TokenRequest::new(["https://graph.microsoft.com/User.Read"]).expect("a scope");
    let (address, pending) = sign_in(AUTHORITIES[0]).start(&request, &mut Seeded(5)).expect("it begins");
    let state = address.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
    let mut sent = Vec::new();
    let (result, told) = script::run(sign_in(AUTHORITIES[0]).finish(&pending, bytes), |effect, _| {
        let Effect::Http(call) = effect else { panic!("{effect:?}") };
        assert_eq!(call.request().uri().host(), Some("login.microsoftonline.com"));
        sent.push(call.request().body().expose().to_vec());
        script::respond(call, 200, &[], r#"{"access_token":"t","expires_in":3600}"#)
    });
    assert!(sent.len() <= 1 && told.waits.is_empty(), "{told:?}");
    // The parameters as a second reader of forms sees them.
    let pairs: Vec<_> = url::form_urlencoded::parse(bytes).collect();
    let all =
        |name: &str| pairs.iter().filter(|pair| pair.0 == name).map(|pair| &pair.1[..]).collect::<Vec<_>>();
    if let Some(body) = sent.first() {
        assert_eq!(all("state"), [state.as_str()], "a code of another sign-in was redeemed");
        assert!(all("error").is_empty() && result.is_ok());
        let field = |wanted: &str| {
            let mut fields = url::form_urlencoded::parse(body);
            fields.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        assert_eq!(all("code"), [field("code")]);
        assert!(field("code_verifier").len() >= 43 && field("redirect_uri") == REDIRECT);
    }
    if let Err(error) = result {
        check_error(&error, bytes);
        check_hidden(&error, all("code").into_iter().chain([APP_SECRET]));
        assert!(!super::checks::shown(&error).contains(&state), "{error}");
    }
}
