//! Providers of OpenID Connect, which tell their addresses themselves.

use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::{Authority, DeviceCodeCredential, EntraClient, ErrorKind, PlainHttp, TokenRequest};
use entrada_tests::script::{respond, run};

use super::{ISSUER, asked, client, secret, tokens};

/// Metadata of a provider, with this for its token endpoint.
pub(super) fn metadata(issuer: &str, token: &str) -> String {
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
