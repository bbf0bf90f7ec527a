//! What every request to an authority says of who sends it, and nothing more.

use std::collections::BTreeMap;

use entrada_core::authority::Region;
use entrada_core::effect::{Effect, FileContents, HttpCall, HttpFailure, Reply, StoreAction};
use entrada_core::flow::Credential;
use entrada_core::flows::silent::{Memory, SharedTokenCacheCredential};
use entrada_core::{
    Authority, AzurePipelinesCredential, ClientSecretCredential, Cloud, DefaultChain, DeviceCodeCredential,
    EntraClient, Environment, EnvironmentCredential, PlainHttp, Product, RefreshTokenCredential, SecretBytes,
    TokenRequest, UsernamePasswordCredential, WorkloadIdentityCredential,
};
use entrada_tests::script::{Machine, respond, run};
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
fn sent(credential: &dyn Credential, failures: usize) -> Vec<(String, Headers)> {
    sent_by(&mut Machine::default(), credential, failures)
}

fn sent_by(
    machine: &mut Machine,
    credential: &dyn Credential,
    mut failures: usize,
) -> Vec<(String, Headers)> {
    let request = TokenRequest::new(["https://graph.example/.default"]).unwrap();
    let mut sent = Vec::new();
    let (result, _) = machine.run(credential.begin(&request), |effect, _| match effect {
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
                "compute" => respond(call, 200, &[], r#"{"location":"westeurope"}"#),
                "oidctoken" => respond(call, 200, &[], r#"{"oidcToken":"j.w.t"}"#),
                "instance" => respond(call, 200, &[], r#"{"tenant_discovery_endpoint":"x"}"#),
                _ => respond(call, 200, &[], r#"{"account_type":"Managed"}"#),
            }
        }
        Effect::Prompt(show) => show.split().1.reply(Ok(())),
        Effect::ReadFile(read) => {
            let (resolved, ticket) = read.split();
            ticket.reply(Ok(FileContents { resolved, bytes: b"j.w.t".to_vec().into() }))
        }
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

/// What did not come through, or was answered by somebody between, is looked for by the id that was sent.
#[test]
fn an_id_that_nobody_repeats_is_told_too() {
    const PAGE: &str = "<html>Service Unavailable</html>";
    type Answering = fn(Box<HttpCall>) -> Reply;
    let answers: [Answering; 6] = [
        |call| respond(call, 400, &[], r#"{"error":"invalid_scope"}"#),
        |call| respond(call, 400, &[], r#"{"error":"invalid_scope","correlation_id":"no id, <b>"}"#),
        |call| respond(call, 503, &[("content-type", "text/html")], PAGE),
        |call| respond(call, 429, &[("retry-after", "600")], ""),
        |call| respond(call, 200, &[], "[]"),
        |call| call.split().1.reply(Err(HttpFailure::TimedOut)),
    ];
    let app_alone = ClientSecretCredential::of(app(), "secret").unwrap();
    let person = DeviceCodeCredential::of(app());
    let password = UsernamePasswordCredential::of(app(), "ada@contoso.com", "password").unwrap();
    let credentials: [&dyn Credential; 3] = [&app_alone, &person, &password];
    for (at, credential) in credentials.into_iter().enumerate() {
        for (number, answer) in answers.into_iter().enumerate() {
            let request = TokenRequest::new(["https://graph.example/.default"]).unwrap();
            let mut sent = String::new();
            let (result, _) = run(credential.begin(&request), |effect, _| match effect {
                Effect::Http(call) => {
                    sent = id(&mut headers(&call));
                    answer(call)
                }
                other => panic!("{other:?}"),
            });
            let error = result.unwrap_err();
            assert_eq!(error.correlation_id(), Some(sent.as_str()), "{at} {number}: {error}");
            assert!(error.to_string().contains(&sent));
        }
    }
}

#[test]
fn a_program_puts_its_name_before() {
    let product = Product::new("contoso-training/1.2").unwrap();
    let named = |credential: &dyn Credential| {
        let mut machine = Machine::default();
        machine.product = Some(product.clone());
        let steps = sent_by(&mut machine, credential, 0);
        for (path, headers) in &steps {
            let agent = format!("contoso-training/1.2 entrada/{VERSION}");
            assert_eq!(headers["user-agent"], agent, "{path}");
        }
        steps.into_iter().map(|(path, _)| path.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // At every step, and to whoever vouches for a host, tells a region, or knows a job.
    let private = Authority::new("https://login.private.example", PlainHttp::Refused).unwrap();
    let device = DeviceCodeCredential::of(app().with_authority(private));
    assert_eq!(named(&device), ["instance", "devicecode", "token"]);
    let regional = app().in_region(Region::detected(&Environment::new()));
    assert_eq!(named(&ClientSecretCredential::of(regional, "secret").unwrap()), ["compute", "token"]);
    let user = UsernamePasswordCredential::of(app(), "ada@contoso.example", "password").unwrap();
    assert_eq!(named(&user), ["ada@contoso.example", "token"]);
    // What the environment describes has no app to set anything on.
    let environment = Environment::new()
        .with("AZURE_TENANT_ID", "t")
        .with("AZURE_CLIENT_ID", "app")
        .with("AZURE_CLIENT_SECRET", "secret")
        .with("AZURE_FEDERATED_TOKEN_FILE", "/token")
        .with("SYSTEM_OIDCREQUESTURI", "https://dev.azure.com/oidctoken")
        .with("SYSTEM_ACCESSTOKEN", "job")
        .with("AZURESUBSCRIPTION_TENANT_ID", "t")
        .with("AZURESUBSCRIPTION_CLIENT_ID", "app")
        .with("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "connection");
    let public = Authority::of_cloud(Cloud::PUBLIC).unwrap();
    assert_eq!(named(&EnvironmentCredential::new(&environment, &public)), ["token"]);
    assert_eq!(named(&DefaultChain::new(&environment, &public).build().unwrap()), ["token"]);
    let pod = WorkloadIdentityCredential::from_environment(&environment, &public).unwrap();
    assert_eq!(named(&pod), ["token"]);
    let job = AzurePipelinesCredential::from_environment(&environment, &public, PlainHttp::Refused).unwrap();
    assert_eq!(named(&job), ["oidctoken", "token"]);
    let kept = SharedTokenCacheCredential::of(app(), Memory::shared());
    assert_eq!(named(&kept), ["token"]);
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
