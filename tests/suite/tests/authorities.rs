//! Who is asked before a token is, and at which addresses.

#[path = "authorities/dsts.rs"]
mod dsts;
#[path = "authorities/providers.rs"]
mod providers;
#[path = "authorities/regions.rs"]
mod regions;
#[path = "authorities/tenants.rs"]
mod tenants;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use entrada_core::effect::{Effect, HttpFailure, Reply, SignAction, Signed, SigningCertificate};
use entrada_core::flow::Credential;
use entrada_core::{
    AccessToken, AssertionCallback, Authority, ClientAssertionCredential, ClientSecretCredential, Cloud,
    EntraClient, Error, ErrorKind, PlainHttp, TokenRequest,
};
use entrada_tests::script::{respond, run};

const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#;
const TENANT: &str = "7a433bfc-2514-4697-b467-e0933190487f";

fn request() -> TokenRequest {
    TokenRequest::new(["https://graph.example/.default"]).unwrap()
}

fn client(authority: Authority) -> EntraClient {
    EntraClient::new(TENANT, "client").unwrap().with_authority(authority)
}

/// The addresses that a run asks, each answered by `answer`: status and body, or silence.
fn asked(
    credential: &dyn Credential,
    mut answer: impl FnMut(&str) -> Option<(u16, String)>,
) -> (Result<AccessToken, Error>, Vec<String>) {
    let mut asked = Vec::new();
    let (result, _) = run(credential.begin(&request()), |effect, _| -> Reply {
        match effect {
            Effect::Http(call) => {
                let uri = call.request().uri().to_string();
                asked.push(uri.clone());
                match answer(&uri) {
                    Some((status, body)) => respond(call, status, &[], &body),
                    None => call.split().1.reply(Err(HttpFailure::ConnectTimedOut)),
                }
            }
            Effect::Sign(sign) => {
                let signed = match sign.action() {
                    SignAction::Certificate => {
                        Signed::Certificate(SigningCertificate::new(vec![1], []).with_sha1([7; 20]))
                    }
                    _ => Signed::Signature(vec![9; 256].into()),
                };
                sign.ticket().reply(Ok(signed))
            }
            other => panic!("{other:?}"),
        }
    });
    (result, asked)
}

fn tokens(_: &str) -> Option<(u16, String)> {
    Some((200, TOKEN.to_owned()))
}

fn secret(authority: Authority) -> ClientSecretCredential {
    ClientSecretCredential::of(client(authority), "secret").unwrap()
}

#[test]
fn one_request_for_one_token_and_none_to_another_cloud() {
    let known = |address: &str| Authority::new(address, PlainHttp::OnLoopback).unwrap();
    let clouds = Cloud::ALL.into_iter().filter(|cloud| cloud.closed.is_none() && cloud.trusted);
    let clouds: Vec<_> = clouds.map(|cloud| cloud.authority).collect();
    let others = [
        "https://sts.example/adfs",
        "https://contoso.ciamlogin.com",
        "https://host.example/dstsv2",
        "https://b2c.example/tfp/contoso.example/b2c_1_in",
        "https://b2c.example/contoso.example/b2c_1_in",
        "http://127.0.0.1:8080",
    ];
    for address in clouds.into_iter().chain(others) {
        let app = EntraClient::at(known(address), "client").unwrap_or_else(|_| client(known(address)));
        let app = ClientSecretCredential::of(app, "secret").unwrap();
        let (result, asked) = asked(&app, tokens);
        assert!(result.is_ok(), "{address}");
        assert_eq!(asked.len(), 1, "{asked:?}");
        let host = known(address).host().host().to_owned();
        assert!(asked[0].contains(&host) && asked[0].ends_with("/token"), "{asked:?}");
    }
    let private = known("https://login.private.example").without_discovery();
    assert_eq!(asked(&secret(private), tokens).1.len(), 1);
}

const ISSUER: &str = "https://op.example/realms/ml";

#[test]
fn an_unknown_host_is_asked_about_with_patience_and_trusted_with_nothing() {
    let credential = secret(Authority::new("https://login.private.example", PlainHttp::Refused).unwrap());
    let (result, asked) = asked(&credential, |_| None);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Timeout);
    assert!(
        asked.len() > 1
            && asked.iter().all(|uri| uri.starts_with("https://login.microsoftonline.com/common/"))
    );
}

/// From a private cloud the public one, which is asked about its host, may be out of reach.
#[test]
fn whatever_fails_about_a_host_that_is_not_known_names_it_and_what_to_do() {
    let credential = || secret(Authority::new("https://login.private.example", PlainHttp::Refused).unwrap());
    let invalid = r#"{"error":"invalid_instance"}"#;
    for answer in [None, Some((503, "busy")), Some((403, "<html>")), Some((200, "{}")), Some((400, invalid))]
    {
        let (result, uris) = asked(&credential(), |_| answer.map(|(status, body)| (status, body.to_owned())));
        let error = result.unwrap_err();
        assert!(uris.iter().all(|uri| uri.starts_with("https://login.microsoftonline.com/common/")));
        assert!(
            error.message().contains("login.private.example")
                && error.message().contains("nothing was sent to"),
            "{error}"
        );
        let remedy = error.remedy().unwrap();
        assert!(
            remedy.contains("AZURE_AUTHORITY_HOST") && remedy.contains("disable instance discovery"),
            "{error}"
        );
    }
}

#[test]
fn nobody_is_asked_about_ad_fs_that_the_tenant_names() {
    let app = EntraClient::new("adfs", "client")
        .unwrap()
        .with_authority(Authority::new("https://sts.example", PlainHttp::Refused).unwrap());
    let credential = ClientSecretCredential::of(app, "secret").unwrap();
    let (result, asked) = asked(&credential, |_| Some((200, TOKEN.to_owned())));
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(asked, ["https://sts.example/adfs/oauth2/token"]);
}

#[test]
fn a_callback_is_called_once_for_each_try() {
    for failures in 0..3 {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let callback = AssertionCallback::new(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok("header.claims.signature".into())
        });
        let app = client(Authority::of_cloud(Cloud::PUBLIC).unwrap());
        let credential = ClientAssertionCredential::of(app, callback);
        let mut left = failures;
        let (result, _) = run(credential.begin(&request()), |effect, now| match effect {
            Effect::Http(call) if left > 0 => {
                left -= 1;
                respond(call, 503, &[], "{}")
            }
            Effect::Http(call) => respond(call, 200, &[], TOKEN),
            Effect::Wait(wait) => {
                now.mono = wait.until();
                wait.ticket().done()
            }
            other => panic!("{other:?}"),
        });
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(calls.load(Ordering::Relaxed), failures + 1, "{failures} failures");
    }
}
