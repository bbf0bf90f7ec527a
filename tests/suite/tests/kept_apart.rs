//! What one issuer gave is kept apart from what another gave at the same host, to the same app.

use entrada_core::cache::accounts::{AccountCache, AccountSource, Arrival, Change};
use entrada_core::effect::{Effect, StoreAction};
use entrada_core::flow::{BoxFlow, Credential as _};
use entrada_core::flows::silent::{self, Memory, RememberedApp, SharedTokenCacheCredential};
use entrada_core::token::TokenResponse;
use entrada_core::{
    Authority, ClientSecretCredential, EntraClient, Error, ErrorKind, PlainHttp, SecretBytes, TokenRequest,
};
use entrada_tests::script::{Told, respond, run, token};
use entrada_tests::sim::START;

const VAULT: &str = "https://vault.azure.net/.default";

/// `{"uid":"u","utid":"home"}`.
const PERSON: &str = "eyJ1aWQiOiJ1IiwidXRpZCI6ImhvbWUifQ";

fn entra(address: &str) -> Authority {
    Authority::new(address, PlainHttp::OnLoopback).unwrap().without_discovery()
}

fn provider(issuer: &str) -> Authority {
    Authority::provider(issuer, PlainHttp::OnLoopback).unwrap()
}

/// Two issuers at one host, each time.
fn neighbours() -> Vec<(Authority, Authority)> {
    vec![
        (provider("https://id.example/realms/a"), provider("https://id.example/realms/b")),
        (provider("https://id.example/realms/a"), provider("https://id.example/realms/A")),
        (provider("https://id.example/a/b"), provider("https://id.example/a%2fb")),
        (provider("https://id.example/realms/a"), provider("https://id.example:8443/realms/a")),
        (provider("http://127.0.0.1:8080/"), provider("http://127.0.0.1:9090/")),
        (provider("https://login.microsoftonline.com/x"), entra("https://login.microsoftonline.com")),
        (
            entra("https://contoso.b2clogin.com/contoso.example/b2c_1_in"),
            entra("https://contoso.b2clogin.com/contoso.example/b2c_1_up"),
        ),
        (
            entra("https://login.microsoftonline.com/tfp/contoso.example/b2c_1_in"),
            entra("https://login.microsoftonline.com"),
        ),
        (entra("https://sts.example/adfs"), entra("https://sts.example:8443/adfs")),
        (entra("https://sts.example/adfs"), entra("https://sts.example")),
        (entra("https://login.example"), entra("https://login.example:8443")),
        (entra("https://login.example/one"), entra("https://login.example/two")),
    ]
}

fn app(authority: &Authority) -> EntraClient {
    EntraClient::new("contoso.example", "app").unwrap().with_authority(authority.clone())
}

fn request() -> TokenRequest {
    TokenRequest::new([VAULT]).unwrap()
}

fn changed(kept: &SecretBytes, change: &Change) -> SecretBytes {
    change.apply_to_bytes(kept.expose(), START.unix).unwrap()
}

/// What is kept, with a sign-in of the person to this app and a token of the app's own.
fn with_tokens_of(kept: &SecretBytes, app: &EntraClient, name: &str) -> SecretBytes {
    let response = TokenResponse {
        access: token(&format!("person-{name}")),
        refresh_token: Some(format!("refresh-{name}").as_str().into()),
        id_token: None,
        client_info: Some(PERSON.into()),
        family: None,
    };
    let person = Arrival::of_sign_in(app, &request(), AccountSource::DeviceCode, &response).unwrap();
    let own = Arrival::of_app(app, &request(), &token(&format!("app-{name}"))).unwrap();
    let kept = changed(kept, &Change::Keep(person));
    changed(&kept, &Change::Keep(own))
}

/// Runs a flow on what is kept. Whatever it sends is answered with a refusal.
fn on<T>(kept: &mut SecretBytes, flow: BoxFlow<T>) -> (Result<T, Error>, Told, Vec<String>) {
    let mut sent = Vec::new();
    let (result, told) = run(flow, |effect, now| match effect {
        Effect::Store(using) => {
            let (_, action, ticket) = using.split();
            if let StoreAction::Change(change) = action {
                *kept = change.apply_to_bytes(kept.expose(), now.unix).unwrap();
            }
            ticket.reply(Ok(kept.clone()))
        }
        Effect::Http(call) => {
            sent.push(String::from_utf8_lossy(call.request().body().expose()).into_owned());
            respond(call, 400, &[], r#"{"error":"invalid_grant"}"#)
        }
        other => panic!("{other:?}"),
    });
    (result, told, sent)
}

fn memory() -> Memory {
    Memory::shared()
}

fn silently(app: &EntraClient) -> SharedTokenCacheCredential {
    SharedTokenCacheCredential::of(app.clone(), memory())
}

fn remembered(app: &EntraClient) -> RememberedApp {
    let secret = ClientSecretCredential::of(app.clone(), "s").unwrap();
    RememberedApp::of(app.clone(), secret, memory())
}

#[test]
fn nothing_of_one_issuer_reaches_its_neighbour() {
    for (one, other) in neighbours().into_iter().flat_map(|(a, b)| [(a.clone(), b.clone()), (b, a)]) {
        let what = format!("{} and {}", one.host().url(), other.host().url());
        let (one, other) = (app(&one), app(&other));
        let mut kept = with_tokens_of(&SecretBytes::default(), &one, "one");
        // A sign-in that was meant for the one finds it: so the other could have.
        let (found, _, sent) = on(&mut kept, silently(&one).begin(&request()));
        assert_eq!((found.unwrap().secret().expose(), sent.len()), ("person-one", 0), "{what}");
        let (found, _, sent) = on(&mut kept, remembered(&one).begin(&request()));
        assert_eq!((found.unwrap().secret().expose(), sent.len()), ("app-one", 0), "{what}");

        for scope in [VAULT, "https://elsewhere.example/.default"] {
            let wanted = TokenRequest::new([scope]).unwrap();
            let (nobody, _, sent) = on(&mut kept, silently(&other).begin(&wanted));
            assert_eq!((nobody.unwrap_err().kind(), sent.len()), (ErrorKind::Unavailable, 0), "{what}");
        }
        let (refused, _, sent) = on(&mut kept, remembered(&other).begin(&request()));
        assert!(refused.is_err() && !sent.is_empty(), "{what}");
        assert!(!sent.iter().any(|body| body.contains("one")), "{what}: {sent:?}");

        // Nor is one seen, or signed out, with the other.
        assert!(on(&mut kept, silent::accounts(&other, &memory())).0.unwrap().is_empty(), "{what}");
        assert!(on(&mut kept, silent::forget(&other, &memory())).0.unwrap().is_empty(), "{what}");
        assert_eq!(on(&mut kept, silent::accounts(&one, &memory())).0.unwrap().len(), 1, "{what}");
    }
}

#[test]
fn neighbours_are_kept_side_by_side() {
    for (one, other) in neighbours() {
        let what = format!("{} and {}", one.host().url(), other.host().url());
        let (one, other) = (app(&one), app(&other));
        let kept = with_tokens_of(&SecretBytes::default(), &one, "one");
        let mut kept = with_tokens_of(&kept, &other, "other");
        for (app, name) in [(&one, "one"), (&other, "other")] {
            let (token, ..) = on(&mut kept, silently(app).begin(&request()));
            assert_eq!(token.unwrap().secret().expose(), format!("person-{name}"), "{what}");
            let (token, ..) = on(&mut kept, remembered(app).begin(&request()));
            assert_eq!(token.unwrap().secret().expose(), format!("app-{name}"), "{what}");
            let environment = app.authority().kept_environment();
            let cache = AccountCache::parse(kept.expose()).unwrap();
            let refresh = cache.refresh_tokens(&environment, "u.home", "app");
            let secrets: Vec<_> = refresh.iter().map(|token| token.secret.expose()).collect();
            assert_eq!(secrets, [format!("refresh-{name}")], "{what}");
        }
        assert_eq!(on(&mut kept, silent::forget(&one, &memory())).0.unwrap().len(), 1, "{what}");
        let (token, ..) = on(&mut kept, silently(&other).begin(&request()));
        assert_eq!(token.unwrap().secret().expose(), "person-other", "{what}");
    }
}
