//! What every request to an authority says of who sends it, and nothing more.

use std::collections::BTreeMap;

use entrada_core::effect::{Effect, HttpCall, StoreAction};
use entrada_core::flow::Credential;
use entrada_core::flows::silent::{Memory, SharedTokenCacheCredential};
use entrada_core::{
    Authority, ClientSecretCredential, DeviceCodeCredential, EntraClient, PlainHttp, RefreshTokenCredential,
    SecretBytes, TokenRequest, UsernamePasswordCredential,
};
use entrada_tests::script::{respond, run};
use serde_json::json;

const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#;
const VERSION: &str = env!("CARGO_PKG_VERSION");
const CODE: &str =
    r#"{"device_code":"d","user_code":"U","verification_uri":"https://x.example/","expires_in":900}"#;

type Headers = BTreeMap<String, String>;

fn headers(call: &HttpCall) -> Headers {
    let all = call.request().headers();
    assert_eq!(all.len(), all.keys_len(), "a header stands twice");
    all.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
}

/// Every request of a run with its path: `failures` of those for tokens are turned away first.
fn sent(credential: &dyn Credential, mut failures: usize) -> Vec<(String, Headers)> {
    let request = TokenRequest::new(["https://graph.example/.default"]).unwrap();
    let mut sent = Vec::new();
    let (result, _) = run(credential.begin(&request), |effect, _| match effect {
        Effect::Http(call) => {
            let path = call.request().uri().path().to_owned();
            sent.push((path.clone(), headers(&call)));
            match path.rsplit('/').next().unwrap() {
                "token" if failures > 0 => {
                    failures -= 1;
                    respond(call, 503, &[], "")
                }
                "token" => respond(call, 200, &[], TOKEN),
                "devicecode" => respond(call, 200, &[], CODE),
                "instance" => respond(call, 200, &[], r#"{"tenant_discovery_endpoint":"x"}"#),
                _ => respond(call, 200, &[], r#"{"account_type":"Managed"}"#),
            }
        }
        Effect::Prompt(show) => show.split().1.reply(Ok(())),
        Effect::Store(using) => {
            let (_, action, ticket) = using.split();
            assert!(matches!(action, StoreAction::Read | StoreAction::Change(_)));
            ticket.reply(Ok(SecretBytes::new(kept())))
        }
        other => panic!("{other:?}"),
    });
    assert!(result.is_ok(), "{result:?}");
    sent
}

/// An account, with a refresh token.
fn kept() -> String {
    let host = "login.microsoftonline.com";
    json!({
        "Account": { "a": {
            "home_account_id": "uid.utid", "environment": host, "realm": "t", "username": "ada@contoso.example",
            "local_account_id": "uid", "authority_type": "MSSTS",
        }},
        "RefreshToken": { "r": {
            "credential_type": "RefreshToken", "secret": "renewal", "client_id": "app", "home_account_id": "uid.utid",
            "environment": host,
        }},
    })
    .to_string()
}

fn app() -> EntraClient {
    EntraClient::new("t", "app").unwrap()
}

/// All that a request for a token says, but for its id.
fn usual() -> Headers {
    [
        ("accept", "application/json"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("return-client-request-id", "true"),
        ("user-agent", &format!("entrada/{VERSION}")),
        ("x-client-os", if cfg!(target_os = "linux") { "linux" } else { std::env::consts::OS }),
        ("x-client-sku", "entrada"),
        ("x-client-ver", VERSION),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// Takes the id off, which has to be a GUID.
fn id(headers: &mut Headers) -> String {
    let id = headers.remove("client-request-id").expect("it has an id");
    assert!(entrada_core::tenant::is_guid(&id), "{id}");
    id
}

#[test]
fn a_request_for_a_token_says_who_sends_it_and_nothing_more() {
    let sent = sent(&ClientSecretCredential::of(app(), "secret").unwrap(), 2);
    assert_eq!(sent.len(), 3);
    let mut ids = Vec::new();
    for (_, mut headers) in sent {
        ids.push(id(&mut headers));
        assert_eq!(headers, usual());
    }
    // Every try is the same request to whoever looks for it in the logs.
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
}

#[test]
fn an_id_is_told_with_a_failure() {
    let credential = ClientSecretCredential::of(app(), "secret").unwrap();
    let request = TokenRequest::new(["https://graph.example/.default"]).unwrap();
    let mut sent = String::new();
    let (result, _) = run(credential.begin(&request), |effect, _| match effect {
        Effect::Http(call) => {
            sent = id(&mut headers(&call));
            let echoed = [("client-request-id", sent.as_str())];
            respond(call, 400, &echoed, r#"{"error":"invalid_scope"}"#)
        }
        other => panic!("{other:?}"),
    });
    assert_eq!(result.unwrap_err().correlation_id(), Some(sent.as_str()));
}

#[test]
fn a_program_puts_its_name_before() {
    let agent = |product: &str| {
        let client = app().on_account_of(product);
        let credential = ClientSecretCredential::of(client, "secret").unwrap();
        sent(&credential, 0)[0].1["user-agent"].clone()
    };
    assert_eq!(agent("contoso-training/1.2"), format!("contoso-training/1.2 entrada/{VERSION}"));
    // What cannot stand in a header changes nothing.
    assert_eq!(agent("a\r\nx-evil: 1"), format!("entrada/{VERSION}"));
    // At every step, and to whoever vouches for a host.
    let private = Authority::new("https://login.private.example", PlainHttp::Refused).unwrap();
    let client = app().on_account_of("contoso/1").with_authority(private);
    let steps = sent(&DeviceCodeCredential::of(client), 0);
    let paths: Vec<_> = steps.iter().map(|(path, _)| path.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(paths, ["instance", "devicecode", "token"]);
    for (path, headers) in &steps {
        assert_eq!(headers["user-agent"], format!("contoso/1 entrada/{VERSION}"), "{path}");
    }
}

#[test]
fn a_device_code_and_each_poll_are_requests_of_their_own() {
    let steps = sent(&DeviceCodeCredential::of(app()), 1);
    let ids: std::collections::BTreeSet<_> = steps
        .into_iter()
        .map(|(_, mut headers)| {
            let id = id(&mut headers);
            assert_eq!(headers, usual());
            id
        })
        .collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn whose_account_it_is_leads_the_request_there_where_it_is_known() {
    let anchor = |credential: &dyn Credential| {
        let mut last = sent(credential, 0).pop().unwrap().1;
        id(&mut last);
        let anchor = last.remove("x-anchormailbox");
        assert_eq!(last, usual());
        anchor
    };
    let silent = SharedTokenCacheCredential::of(app(), Memory::shared());
    assert_eq!(anchor(&silent).as_deref(), Some("Oid:uid@utid"));
    let password = UsernamePasswordCredential::of(app(), "ada@contoso.example", "password").unwrap();
    assert_eq!(anchor(&password).as_deref(), Some("upn:ada@contoso.example"));
    // A token of somebody whom nobody named says no more than it has to.
    assert_eq!(anchor(&RefreshTokenCredential::of(app(), "renewal").unwrap()), None);
    assert_eq!(anchor(&DeviceCodeCredential::of(app())), None);
}
