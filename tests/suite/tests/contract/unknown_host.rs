//! Nobody's secret goes to a host that only looks like the authority.

use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::{
    AccessToken, Authority, ClientSecretCredential, DeviceCodeCredential, EntraClient, ErrorKind,
    InteractiveBrowserCredential, PlainHttp, Run, Step,
};
use entrada_tests::choices::Seeded;
use entrada_tests::script::respond;
use entrada_tests::sim::START;

use super::{effect, error, request};

/// What comes of a run whose first request, about a host, is answered like this.
fn asked_about(credential: &dyn Credential, status: u16, body: &str) -> Step<AccessToken> {
    let (mut run, mut entropy) = (Run::new(credential.begin(&request())), Seeded(1));
    let Effect::Http(call) = effect(run.start(START, &mut entropy)) else { panic!("it asks about the host") };
    let uri = call.request().uri().to_string();
    assert!(uri.starts_with("https://login.microsoftonline.com/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Flogin.microsoftonline.com.example%2Fcontoso%2Foauth2%2Fv2.0%2Fauthorize"), "{uri}");
    assert!(call.request().body().is_empty());
    run.resume(START, &mut entropy, respond(call, status, &[], body))
}

#[test]
fn nothing_is_sent_to_a_host_that_nobody_vouched_for() {
    let authority =
        || Authority::new("https://login.microsoftonline.com.example", PlainHttp::Refused).unwrap();
    let client = || EntraClient::new("contoso", "client").unwrap().with_authority(authority());
    let credentials: [Box<dyn Credential>; 3] = [
        Box::new(ClientSecretCredential::of(client(), "secret").unwrap()),
        Box::new(DeviceCodeCredential::of(client())),
        Box::new(InteractiveBrowserCredential::of(client())),
    ];
    for credential in credentials {
        let no =
            r#"{"error":"invalid_instance","error_description":"AADSTS50049: Unknown or invalid instance."}"#;
        let refused = error(asked_about(&credential, 400, no));
        assert_eq!(refused.kind(), ErrorKind::Configuration, "{}", credential.name());
        assert!(refused.message().contains("login.microsoftonline.com.example"), "{refused}");
        for (status, body) in [(200, "{}"), (200, "<html>"), (404, ""), (302, ""), (400, r#"{"error":"x"}"#)]
        {
            let unclear = error(asked_about(&credential, status, body));
            assert_eq!(unclear.kind(), ErrorKind::Malformed, "{status} {body}");
        }
    }
    let known = r#"{"tenant_discovery_endpoint":"https://x","metadata":[]}"#;
    let secret = ClientSecretCredential::of(client(), "secret").unwrap();
    let Effect::Http(call) = effect(asked_about(&secret, 200, known)) else { panic!("it asks for a token") };
    assert_eq!(call.request().uri().host(), Some("login.microsoftonline.com.example"));
    // It is asked about once.
    let Effect::Http(call) = effect(Run::new(secret.begin(&request())).start(START, &mut Seeded(2))) else {
        panic!("it asks for a token")
    };
    assert_eq!(call.request().uri().path(), "/contoso/oauth2/v2.0/token");
    let vouched = client().with_authority(authority().without_discovery());
    let credential = ClientSecretCredential::of(vouched, "secret").unwrap();
    let _ = effect(Run::new(credential.begin(&request())).start(START, &mut Seeded(1)));
}
