//! Exchanges looked at closely: what is waited for, what is sent again, and with what.

use std::time::Duration;

use entrada_core::effect::{CommandOutput, Effect, FileFailure, HttpFailure};
use entrada_core::flow::{BoxFlow, Credential};
use entrada_core::ml::{ListWorkspaces, WorkspaceScope};
use entrada_core::{
    AccessToken, AzureCliCredential, ClientSecretCredential, Cloud, DeviceCodeCredential, EntraClient,
    Environment, ErrorKind, ManagedIdentityCredential, ManagedIdentityId, Tenant, TokenRequest, arm,
};
use entrada_tests::script::{pass, respond, run, token};

const GUID: &str = "6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10";
const OTHER: &str = "7b9f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d11";
const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#;

fn request() -> TokenRequest {
    TokenRequest::new(["https://management.azure.com/.default"]).unwrap()
}

fn secret() -> BoxFlow<AccessToken> {
    ClientSecretCredential::new("tenant", "client", "canary").unwrap().begin(&request())
}

fn device() -> BoxFlow<AccessToken> {
    DeviceCodeCredential::of(EntraClient::developer().unwrap()).begin(&request())
}

const CODE: &str = r#"{"device_code":"d","user_code":"U","verification_uri":"https://x.example/","expires_in":900,"interval":5}"#;
const PENDING: &str = r#"{"error":"authorization_pending"}"#;

/// What a flow ends in when the driver can send, but cannot wait, and how often it sends.
fn impatient(flow: BoxFlow<AccessToken>, status: u16, body: &str) -> (ErrorKind, usize) {
    use entrada_core::{Run, Step};
    let (mut run, mut entropy, mut sent) = (Run::new(flow), entrada_tests::choices::Seeded(1), 0);
    let now = entrada_tests::sim::START;
    let mut step = run.start(now, &mut entropy);
    loop {
        let reply = match step {
            Step::Done(result) => return (result.unwrap_err().kind(), sent),
            Step::Do(Effect::Http(call)) if call.request().uri().path().ends_with("/devicecode") => {
                respond(call, 200, &[], CODE)
            }
            Step::Do(Effect::Http(call)) => {
                sent += 1;
                respond(call, status, &[], body)
            }
            Step::Do(Effect::Prompt(prompt)) => prompt.split().1.reply(Ok(())),
            Step::Do(other) => other.unsupported(),
        };
        step = run.resume(now, &mut entropy, reply);
    }
}

#[test]
fn who_cannot_wait_does_not_ask_without_pause() {
    assert_eq!(impatient(secret(), 503, ""), (ErrorKind::Service, 1));
    assert_eq!(impatient(device(), 400, PENDING), (ErrorKind::Unavailable, 0));
}

#[test]
fn a_token_that_dies_on_its_way_is_not_handed_out() {
    for (late, fine) in [(9, true), (10, false), (20, false)] {
        let (result, _) = run(secret(), |effect, now| match effect {
            Effect::Http(call) => {
                pass(now, Duration::from_secs(late));
                respond(call, 200, &[], r#"{"access_token":"t","expires_in":10}"#)
            }
            other => panic!("{other:?}"),
        });
        assert_eq!(result.is_ok(), fine, "{late}");
        assert!(fine || result.unwrap_err().kind() == ErrorKind::Timeout);
    }
}

fn machine(answers: &[(u16, &str)], probing: bool) -> (Result<AccessToken, entrada_core::Error>, usize) {
    let credential = ManagedIdentityCredential::new(&Environment::new(), ManagedIdentityId::SystemAssigned);
    let credential = if probing { credential.probing() } else { credential };
    let mut answers = answers.iter().cycle();
    let (result, told) = run(credential.begin(&request()), |effect, _| match effect {
        Effect::Http(call) => match answers.next().unwrap() {
            (0, _) => call.split().1.reply(Err(HttpFailure::TooLarge)),
            (status, body) => respond(call, *status, &[], body),
        },
        // The agent of Azure Arc is not installed.
        Effect::ReadFile(read) => read.split().1.reply(Err(FileFailure::NotFound)),
        other => panic!("{other:?}"),
    });
    (result, told.effects.iter().filter(|effect| effect.contains("http")).count())
}

#[test]
fn the_metadata_service_under_way() {
    // Seven times "being updated" use up no retries for what comes after.
    let mut answers = vec![(410, ""); 7];
    answers.extend([(503, ""), (200, r#"{"access_token":"t","expires_in":"60"}"#)]);
    let (result, sent) = machine(&answers, false);
    assert!(result.is_ok() && sent == 9, "{result:?} {sent}");
    for status in [404, 408, 410] {
        assert_eq!(machine(&[(status, "")], false).0.unwrap_err().kind(), ErrorKind::Service, "{status}");
    }
    // A page of a captive portal, at the probe or after it.
    for answers in [&[(0, "")][..], &[(200, "x"), (0, "")]] {
        assert!(machine(answers, true).0.unwrap_err().is_unavailable());
    }
}

#[test]
fn pages_are_read_with_the_token_that_satisfied_the_challenge() {
    let manager = arm::ResourceManager::of_cloud(Cloud::PUBLIC).unwrap();
    let scope = WorkspaceScope::Subscription(GUID.to_owned());
    let (mut tokens, mut pages, mut sent) = (Vec::new(), 0, Vec::new());
    let flow = Box::new(ListWorkspaces::new(&manager, &scope).unwrap());
    let (result, _) = run(flow, |effect, _| match effect {
        Effect::Token(need) => {
            tokens.push(need.request().claims().is_some());
            let text = if need.request().claims().is_some() { "second" } else { "first" };
            need.split().1.reply(Ok(token(text)))
        }
        Effect::Http(call) => {
            let bearer = call.request().headers()["authorization"].to_str().unwrap().to_owned();
            sent.push(bearer.clone());
            if bearer == "Bearer first" {
                let challenge =
                    r#"Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7fX19""#;
                return respond(call, 401, &[("www-authenticate", challenge)], "");
            }
            pages += 1;
            let next = format!(
                r#"{{"value":[{{"name":"w{pages}"}}],"nextLink":"https://management.azure.com/next?p={pages}"}}"#
            );
            let last = r#"{"value":[]}"#;
            respond(call, 200, &[], if pages < 3 { &next } else { last })
        }
        other => panic!("{other:?}"),
    });
    assert_eq!(result.unwrap().len(), 2);
    assert_eq!(tokens, [false, true]);
    assert_eq!(sent, ["Bearer first", "Bearer second", "Bearer second", "Bearer second"]);
}

#[test]
fn the_next_page_is_read_with_a_token_that_lasts() {
    let manager = arm::ResourceManager::of_cloud(Cloud::PUBLIC).unwrap();
    let scope = WorkspaceScope::Subscription(GUID.to_owned());
    // When a token of an hour is due for renewal, how long a page takes, and whether the next page is
    // read with the same token.
    for (due, taken, serves) in [
        (None, 3299, true),
        (None, 3300, false),
        (Some(60), 59, true),
        (Some(60), 60, false),
        // It may be used to its end, but the pages that are left may take longer.
        (Some(3600), 3299, true),
        (Some(3600), 3300, false),
    ] {
        let (mut tokens, mut bearers) = (0, Vec::new());
        let flow = Box::new(ListWorkspaces::new(&manager, &scope).unwrap());
        let (result, _) = run(flow, |effect, now| match effect {
            Effect::Token(need) => {
                tokens += 1;
                let (asked, ends) = (*now, now.unix.after(Duration::from_secs(3600)));
                let due = due.map(|due| now.unix.after(Duration::from_secs(due)));
                let token = AccessToken::new(format!("t{tokens}").into(), ends, asked, "script").unwrap();
                need.split().1.reply(Ok(token.refreshed_on(due)))
            }
            Effect::Http(call) => {
                bearers.push(call.request().headers()["authorization"].to_str().unwrap().to_owned());
                let next = r#"{"value":[],"nextLink":"https://management.azure.com/next"}"#;
                let last = r#"{"value":[]}"#;
                if bearers.len() == 1 {
                    pass(now, Duration::from_secs(taken));
                    return respond(call, 200, &[], next);
                }
                respond(call, 200, &[], last)
            }
            other => panic!("{other:?}"),
        });
        assert!(result.is_ok());
        let second = if serves { "Bearer t1" } else { "Bearer t2" };
        assert_eq!(bearers, ["Bearer t1", second], "{due:?} {taken}");
    }
}

/// What comes of a token of the Azure CLI that says it is of this tenant.
fn cli(credential: &AzureCliCredential, tenant: Option<&str>) -> Result<AccessToken, entrada_core::Error> {
    run(credential.begin(&request()), |effect, now| match effect {
        Effect::RunCommand(command) => {
            let ends = now.unix.0 + 60;
            let told = tenant.map(|tenant| format!(r#","tenant":"{tenant}""#)).unwrap_or_default();
            let output = CommandOutput {
                code: Some(0),
                stdout: format!(r#"{{"accessToken":"t","expires_on":{ends}{told}}}"#).into_bytes().into(),
                stderr: Vec::new().into(),
            };
            command.ticket().reply(Ok(output))
        }
        other => panic!("{other:?}"),
    })
    .0
}

#[test]
fn the_tenant_of_a_chosen_subscription_is_proved() {
    let of = |tenant: &str| AzureCliCredential::new().in_tenant(Tenant::new(tenant).unwrap());
    let chosen = |tenant: &str| of(tenant).for_subscription("prod").unwrap();
    assert!(cli(&chosen(GUID), Some(GUID)).is_ok());
    let other = cli(&chosen(GUID), Some(OTHER)).unwrap_err();
    assert!(other.message().contains("chosen subscription"), "{other}");
    assert!(cli(&chosen(GUID), None).unwrap_err().message().contains("does not tell"));
    assert!(cli(&chosen("contoso.com"), Some(GUID)).unwrap_err().message().contains("GUID"));
    assert!(cli(&of("contoso.com"), Some(GUID)).is_ok());
    assert!(cli(&of(GUID), None).is_ok());
    let other = cli(&of(GUID), Some(OTHER)).unwrap_err();
    assert!(!other.to_string().contains("subscription"), "{other}");
}

/// What a workload's token request goes to, and through which trust.
#[test]
fn a_clusters_proxy_takes_the_token_requests() {
    use entrada_core::effect::FileContents;
    use entrada_core::{AssertionFile, Route, WorkloadIdentityCredential};
    let environment = Environment::new()
        .with("AZURE_KUBERNETES_TOKEN_PROXY", "https://10.0.0.1:8443/proxy")
        .with("AZURE_KUBERNETES_SNI_NAME", "token-proxy.internal")
        .with("AZURE_KUBERNETES_CA_FILE", "/ca.pem");
    let app = EntraClient::new("contoso.com", "client").unwrap();
    let credential = WorkloadIdentityCredential::of(app, AssertionFile::new("/token"));
    let credential = credential.through_cluster_proxy(&environment).unwrap();
    let (mut cas, mut trusts) =
        (vec!["-----BEGIN CERTIFICATE-----two", "", "-----BEGIN CERTIFICATE-----one"], Vec::new());
    for _ in 0..3 {
        let (result, told) = run(credential.begin(&request()), |effect, _| match effect {
            Effect::ReadFile(read) => {
                let (path, ticket) = read.split();
                let text = if path.ends_with("ca.pem") { cas.pop().unwrap() } else { "assertion\n" };
                ticket.reply(Ok(FileContents { bytes: text.as_bytes().to_vec().into(), resolved: path }))
            }
            Effect::Http(call) => {
                let uri = call.request().uri().to_string();
                assert_eq!(uri, "https://10.0.0.1:8443/proxy/contoso.com/oauth2/v2.0/token");
                let Route::Private(trust) = call.route() else { panic!("{:?}", call.route()) };
                assert_eq!(trust.server_name.as_deref(), Some("token-proxy.internal"));
                trusts.push(String::from_utf8(trust.roots.clone().unwrap()).unwrap());
                respond(call, 200, &[], TOKEN)
            }
            other => panic!("{other:?}"),
        });
        assert!(result.is_ok() && told.effects.len() == 3, "{result:?}");
    }
    let ends: Vec<_> = trusts.iter().map(|trust| &trust[trust.len() - 3..]).collect();
    assert_eq!(ends, ["one", "one", "two"], "an empty file is one that is being replaced");
}
