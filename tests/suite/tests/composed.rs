//! An app that proves itself by the token of another credential: a managed identity, or an app of another
//! tenant.

use std::sync::Arc;

use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::{
    AccessToken, Authority, ClientAssertionCredential, ClientSecretCredential, Cloud, CredentialAssertion,
    EntraClient, Error, ErrorKind, TokenRequest,
};
use entrada_tests::script::{respond, run};

/// What was asked for, in order: tenant, scope, and the assertion that came along.
type Asked = Vec<(String, String, Option<String>)>;

/// Tokens of the first tenant are numbered; `status` is what the second answers, in order.
fn asked(credential: &dyn Credential, statuses: &[u16]) -> (Result<AccessToken, Error>, Asked) {
    let request = TokenRequest::new(["https://graph.example/.default"]).unwrap();
    let (mut asked, mut statuses, mut number) = (Asked::new(), statuses.iter(), 0);
    let (result, _) = run(credential.begin(&request), |effect, _| match effect {
        Effect::Http(call) => {
            let tenant = call.request().uri().path().split('/').nth(1).unwrap().to_owned();
            let form: Vec<_> =
                url::form_urlencoded::parse(call.request().body().expose()).into_owned().collect();
            let field =
                |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            asked.push((tenant.clone(), field("scope").unwrap(), field("client_assertion")));
            if tenant == "first" {
                number += 1;
                let token = format!("token-{number}");
                let body = format!(r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"{token}"}}"#);
                return respond(call, 200, &[], &body);
            }
            match statuses.next().copied().unwrap_or(200) {
                200 => {
                    respond(call, 200, &[], r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#)
                }
                status => respond(call, status, &[], r#"{"error":"server_error"}"#),
            }
        }
        other => panic!("{other:?}"),
    });
    (result, asked)
}

/// The app of the second tenant, which trusts that of the first.
fn composed(cloud: &'static Cloud) -> ClientAssertionCredential {
    let client = |tenant: &str, app: &str| {
        EntraClient::new(tenant, app).unwrap().with_authority(Authority::of_cloud(cloud).unwrap())
    };
    let first = ClientSecretCredential::of(client("first", "one"), "secret").unwrap();
    ClientAssertionCredential::of(client("second", "two"), CredentialAssertion::of(Arc::new(first)))
}

fn step(tenant: &str, scope: &str, assertion: Option<&str>) -> (String, String, Option<String>) {
    (tenant.to_owned(), scope.to_owned(), assertion.map(str::to_owned))
}

const WANTED: &str = "https://graph.example/.default";

#[test]
fn the_app_of_another_tenant_stands_for_this_one() {
    for (cloud, audience) in [
        (Cloud::PUBLIC, "api://AzureADTokenExchange/.default"),
        (Cloud::CHINA, "api://AzureADTokenExchangeChina/.default"),
        (Cloud::US_GOVERNMENT, "api://AzureADTokenExchangeUSGov/.default"),
    ] {
        let (result, asked) = asked(&composed(cloud), &[]);
        let token = result.unwrap();
        assert_eq!(token.source(), "client-assertion");
        assert_eq!(asked, [step("first", audience, None), step("second", WANTED, Some("token-1"))]);
    }
}

#[test]
fn every_try_has_a_token_of_its_moment() {
    let exchange = "api://AzureADTokenExchange/.default";
    let (result, asked) = asked(&composed(Cloud::PUBLIC), &[503]);
    assert!(result.is_ok());
    assert_eq!(
        asked,
        [
            step("first", exchange, None),
            step("second", WANTED, Some("token-1")),
            step("first", exchange, None),
            step("second", WANTED, Some("token-2")),
        ]
    );
}

#[test]
fn what_refuses_the_other_ends_this_one_before_anything_is_sent() {
    let request = TokenRequest::new([WANTED]).unwrap();
    let mut tenants = Vec::new();
    let (result, _) = run(composed(Cloud::PUBLIC).begin(&request), |effect, _| match effect {
        Effect::Http(call) => {
            tenants.push(call.request().uri().path().to_owned());
            let body = r#"{"error":"invalid_client","error_codes":[7000222]}"#;
            respond(call, 401, &[], body)
        }
        other => panic!("{other:?}"),
    });
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.aadsts()), (ErrorKind::Refused, &[7_000_222_u64][..]));
    assert_eq!(error.source_name(), Some("client-secret"), "it says which of the two was refused");
    assert_eq!(tenants, ["/first/oauth2/v2.0/token"]);
}
