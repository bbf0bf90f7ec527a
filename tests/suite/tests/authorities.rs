//! Who is asked before a token is, and at which addresses.

#[path = "authorities/dsts.rs"]
mod dsts;
#[path = "authorities/tenants.rs"]
mod tenants;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use entrada_core::authority::Region;
use entrada_core::effect::{Effect, HttpFailure, Reply, SignAction, Signed, SigningCertificate, SigningKey};
use entrada_core::flow::Credential;
use entrada_core::{
    AccessToken, AssertionCallback, Authority, ClientAssertionCredential, ClientCertificate,
    ClientCertificateCredential, ClientSecretCredential, Cloud, DeviceCodeCredential, EntraClient,
    Environment, EnvironmentCredential, Error, ErrorKind, PlainHttp, RefreshTokenCredential, TokenRequest,
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

/// Metadata of a provider, with this for its token endpoint.
fn metadata(issuer: &str, token: &str) -> String {
    format!(
        r#"{{"issuer":"{issuer}","token_endpoint":"{token}","authorization_endpoint":"{ISSUER}/auth","device_authorization_endpoint":"{ISSUER}/device"}}"#
    )
}

#[test]
fn a_providers_addresses_are_read_once() {
    let credential = secret(Authority::provider(ISSUER, PlainHttp::Refused).unwrap());
    let discovery = format!("{ISSUER}/.well-known/openid-configuration");
    let answer = |uri: &str| match uri == discovery {
        true => Some((200, metadata(&format!("{ISSUER}/"), &format!("{ISSUER}/protocol/token")))),
        false => tokens(uri),
    };
    let (result, first) = asked(&credential, answer);
    assert!(result.is_ok());
    assert_eq!(first, [discovery.clone(), format!("{ISSUER}/protocol/token")]);
    assert_eq!(asked(&credential.clone(), answer).1, [format!("{ISSUER}/protocol/token")]);
}

/// An address that nobody named is not guessed, and one of another host is not followed.
#[test]
fn a_provider_without_device_codes_is_not_asked_for_one() {
    let request = TokenRequest::new(["https://a/.default"]).unwrap();
    let full = metadata(ISSUER, &format!("{ISSUER}/token"));
    let ending = format!(r#","device_authorization_endpoint":"{ISSUER}/device""#);
    assert!(full.contains(&ending));
    for (ending_now, fits) in [
        (ending.as_str(), true),
        ("", false),
        (r#","device_authorization_endpoint":"https://evil.example/device""#, false),
    ] {
        let provider = Authority::provider(ISSUER, PlainHttp::Refused).unwrap();
        let app = EntraClient::new("organizations", "app").unwrap().with_authority(provider);
        let mut uris = Vec::new();
        let (result, _) = run(DeviceCodeCredential::of(app).begin(&request), |effect, _| match effect {
            Effect::Http(call) => {
                uris.push(call.request().uri().to_string());
                match uris.len() {
                    1 => respond(call, 200, &[], &full.replace(&ending, ending_now)),
                    _ => respond(call, 400, &[], r#"{"error":"unauthorized_client"}"#),
                }
            }
            other => panic!("{other:?}"),
        });
        let error = result.unwrap_err();
        assert_eq!(uris.get(1).map(String::as_str), fits.then_some("https://op.example/realms/ml/device"));
        assert_eq!(error.kind() == ErrorKind::Configuration, !fits, "{error}");
        assert!(fits || error.message().contains("op.example has no device codes"), "{error}");
    }
}

#[test]
fn a_provider_leads_nowhere_else() {
    for (issuer, token) in [
        (ISSUER, "https://evil.example/token"),
        (ISSUER, "http://op.example/token"),
        (ISSUER, "https://op.example:444/token"),
        (ISSUER, ""),
        ("https://evil.example", "https://op.example/token"),
        ("https://op.example/realms/other", "https://op.example/token"),
        ("", "https://op.example/token"),
    ] {
        let credential = secret(Authority::provider(ISSUER, PlainHttp::Refused).unwrap());
        let (result, asked) = asked(&credential, |_| Some((200, metadata(issuer, token))));
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Malformed, "{issuer} {token}");
        assert_eq!(asked.len(), 1, "no secret was sent");
    }
    for (status, body) in [(404, "<html>"), (302, ""), (200, "[]")] {
        let credential = secret(Authority::provider(ISSUER, PlainHttp::Refused).unwrap());
        let (result, _) = asked(&credential, |_| Some((status, body.to_owned())));
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Malformed, "{status} {body}");
    }
}

#[test]
fn a_device_code_of_a_provider() {
    let app = client(Authority::provider(ISSUER, PlainHttp::Refused).unwrap());
    let (result, asked) = asked(&DeviceCodeCredential::of(app), |uri| match uri.ends_with("configuration") {
        true => Some((200, metadata(ISSUER, &format!("{ISSUER}/token")))),
        false => Some((400, r#"{"error":"unauthorized_client"}"#.to_owned())),
    });
    assert_eq!(result.unwrap_err().source_name(), Some("device-code"));
    assert_eq!(asked[1], format!("{ISSUER}/device"));
}

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

#[test]
fn an_app_asks_the_endpoint_of_its_region() {
    let app =
        client(Authority::of_cloud(Cloud::PUBLIC).unwrap()).in_region(Region::named("westeurope").unwrap());
    let app_token = ClientSecretCredential::of(app.clone(), "secret").unwrap();
    let central = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
    let regional = format!("https://westeurope.login.microsoft.com/{TENANT}/oauth2/v2.0/token");
    assert_eq!(asked(&app_token, tokens).1, std::slice::from_ref(&regional));
    // People are not asked for there.
    let person = RefreshTokenCredential::of(app.clone(), "refresh").unwrap();
    assert_eq!(asked(&person, tokens).1, std::slice::from_ref(&central));
    // The audience of an assertion stays the central endpoint.
    let certificate = ClientCertificate::new(SigningKey::Named("key".into()));
    let certificate = ClientCertificateCredential::of(app, certificate);
    let mut audience = None;
    let (result, _) = run(certificate.begin(&request()), |effect, _| match effect {
        Effect::Sign(sign) => {
            let signed = match sign.action() {
                SignAction::Sign { message, .. } => {
                    let claims = String::from_utf8(message.expose().to_vec()).unwrap();
                    audience = entrada_core::jwt::Jwt::decode(&format!("{claims}.x"))
                        .and_then(|jwt| jwt.text("aud").map(str::to_owned));
                    Signed::Signature(vec![9; 256].into())
                }
                _ => Signed::Certificate(SigningCertificate::new(vec![1], [])),
            };
            sign.ticket().reply(Ok(signed))
        }
        Effect::Http(call) => {
            assert_eq!(call.request().uri().to_string(), regional);
            respond(call, 200, &[], TOKEN)
        }
        other => panic!("{other:?}"),
    });
    assert!(result.is_ok());
    assert_eq!(audience, Some(central));
}

#[test]
fn a_machine_is_asked_for_its_region_once() {
    let of = || {
        let region = Region::detected(&Environment::new());
        let app = client(Authority::of_cloud(Cloud::US_GOVERNMENT).unwrap()).in_region(region);
        ClientSecretCredential::of(app, "secret").unwrap()
    };
    let metadata = "http://169.254.169.254/metadata/instance/compute?api-version=2021-02-01";
    for (answer, host) in [
        (Some((200, r#"{"location":"usgovvirginia"}"#.to_owned())), "usgovvirginia.login.microsoftonline.us"),
        (Some((200, r#"{"location":"a.b"}"#.to_owned())), "login.microsoftonline.us"),
        (Some((404, String::new())), "login.microsoftonline.us"),
        (None, "login.microsoftonline.us"),
    ] {
        let credential = of();
        let play = |uri: &str| if uri == metadata { answer.clone() } else { tokens(uri) };
        let token = format!("https://{host}/{TENANT}/oauth2/v2.0/token");
        assert_eq!(asked(&credential, play).1, [metadata.to_owned(), token.clone()]);
        assert_eq!(asked(&credential, play).1, [token]);
    }
}

#[test]
fn a_region_that_is_forced_upon_every_program_can_be_refused() {
    let forced = Environment::new()
        .with("AZURE_TENANT_ID", TENANT)
        .with("AZURE_CLIENT_ID", "client")
        .with("AZURE_CLIENT_SECRET", "secret")
        .with("MSAL_FORCE_REGION", "westeurope");
    let central = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
    let regional = format!("https://westeurope.login.microsoft.com/{TENANT}/oauth2/v2.0/token");
    let public = || Authority::of_cloud(Cloud::PUBLIC).unwrap();
    let of = |environment: &Environment| asked(&EnvironmentCredential::new(environment, &public()), tokens).1;
    assert_eq!(of(&forced), std::slice::from_ref(&regional));
    let refused = forced.clone().with("AZURE_REGIONAL_AUTHORITY_NAME", "DisableMsalForceRegion");
    assert_eq!(of(&refused), std::slice::from_ref(&central));
    let app = client(public()).as_environment_says(&forced);
    let told = |app: EntraClient| asked(&ClientSecretCredential::of(app, "secret").unwrap(), tokens).1;
    assert_eq!(told(app.clone()), [regional]);
    assert_eq!(told(app.in_no_region()), [central]);
}

#[test]
fn a_region_that_is_out_of_reach_is_named() {
    let variables = Environment::new().with("AZURE_REGIONAL_AUTHORITY_NAME", "westeurope");
    let public = || client(Authority::of_cloud(Cloud::PUBLIC).unwrap());
    for (app, named) in [(public().as_environment_says(&variables), true), (public(), false)] {
        let (result, _) = asked(&ClientSecretCredential::of(app, "secret").unwrap(), |_| None);
        let error = result.unwrap_err();
        assert_eq!(error.message().contains("the region westeurope"), named, "{error}");
        let remedy = error.remedy().unwrap_or_default();
        assert_eq!(remedy.contains("AZURE_REGIONAL_AUTHORITY_NAME"), named, "{error}");
    }
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
fn a_region_stands_before_the_hosts_of_known_clouds_alone() {
    for address in [
        "https://sts.example/adfs",
        "https://contoso.ciamlogin.com",
        "https://host.example/dstsv2/x",
        "https://login.private.example",
        "https://localhost:1",
    ] {
        let authority = Authority::new(address, PlainHttp::Refused).unwrap().without_discovery();
        let home = authority.host().host().to_owned();
        let app = EntraClient::at(authority.clone(), "client").unwrap_or_else(|_| client(authority));
        let app = app.in_region(Region::named("westeurope").unwrap());
        let credential = ClientSecretCredential::of(app, "secret").unwrap();
        let (result, asked) = asked(&credential, |_| Some((200, TOKEN.to_owned())));
        assert!(result.is_ok(), "{address}: {result:?}");
        for uri in asked {
            let uri: http::Uri = uri.parse().unwrap();
            assert_eq!(uri.host(), Some(home.as_str()), "{address}");
        }
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
