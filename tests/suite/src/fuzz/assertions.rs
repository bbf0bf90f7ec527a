//! Assertions that an app signs.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use entrada_core::effect::{Effect, SignAction, SignatureAlgorithm, Signed, SigningCertificate, SigningKey};
use entrada_core::flow::Credential;
use entrada_core::jwt::Jwt;
use entrada_core::{
    Authority, ClientCertificate, ClientCertificateCredential, EntraClient, PlainHttp, TokenRequest,
};

use super::checks::{check_error, check_hidden};
use crate::script;
use crate::sim::START;

/// An app, its certificates and its signatures: how, by the first byte; then the client id, the tenant, the
/// certificate, its issuer and the signature, each to the end of its line.
pub fn client_assertion(bytes: &[u8]) {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let mut lines = rest.splitn(5, |b| *b == b'\n');
    let mut line = || lines.next().unwrap_or_default().to_vec();
    let (client_id, tenant, leaf, issuer, signature) = (line(), line(), line(), line(), line());
    let (chain, sha1, authority) = (first & 1 != 0, first & 2 != 0, first >> 2);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let client_id = text(client_id);
    let Ok(client) = EntraClient::new(text(tenant), client_id.clone()) else { return };
    let addresses = ["public", "https://sts.example/adfs", "https://host.example/dstsv2", "usgov"];
    let address = addresses[usize::from(authority) % addresses.len()];
    let authority = Authority::new(address, PlainHttp::Refused).expect("an authority");
    let rs256 = authority.wants_rs256(client.tenant());
    let audience = authority.audience(client.tenant());
    let certificate = ClientCertificate::new(SigningKey::Named("k".into()));
    let certificate = if chain { certificate.sending_chain() } else { certificate };
    let credential = ClientCertificateCredential::of(client.with_authority(authority), certificate);
    let told = SigningCertificate::new(leaf.clone(), [issuer.clone()]);
    let told = if sha1 { told.with_sha1([7; 20]) } else { told };
    let fingerprint = told.sha256();
    let request = TokenRequest::new(["https://vault.azure.net/.default"]).expect("a scope");
    let (mut message, mut sent) = (Vec::new(), None);
    let (result, _) = script::run(credential.begin(&request), |effect, _| match effect {
        Effect::Sign(sign) => {
            let signed = match sign.action() {
                SignAction::Certificate => Signed::Certificate(told.clone()),
                SignAction::Sign { algorithm, message: input, certificate } => {
                    assert_eq!(*algorithm == SignatureAlgorithm::Rs256, rs256);
                    assert_eq!(*certificate, fingerprint);
                    message = input.expose().to_vec();
                    Signed::Signature(signature.clone().into())
                }
                other => panic!("{other:?}"),
            };
            sign.ticket().reply(Ok(signed))
        }
        Effect::Http(call) => {
            let body = call.request().body().expose();
            let mut fields = url::form_urlencoded::parse(body);
            sent = fields.find(|(name, _)| name == "client_assertion").map(|(_, value)| value.into_owned());
            let said = format!(r#"{{"error":"invalid_client","error_description":"you sent {sent:?}"}}"#);
            script::respond(call, 401, &[], &said)
        }
        other => panic!("{other:?}"),
    });
    let error = result.expect_err("it was refused");
    check_error(&error, b"");
    let Some(sent) = sent else {
        assert!(rs256 && !sha1, "nothing was sent: {error}");
        return;
    };
    let (input, last) = sent.rsplit_once('.').expect("three parts");
    assert_eq!(input.as_bytes(), message, "what was signed is what was sent");
    assert_eq!(URL_SAFE_NO_PAD.decode(last).ok(), Some(signature));
    check_hidden(&error, sent.split('.'));
    let jwt = Jwt::decode(&sent).expect("a JWT");
    let alg = if rs256 { "RS256" } else { "PS256" };
    assert_eq!((&jwt.header["typ"], &jwt.header["alg"]), (&"JWT".into(), &alg.into()));
    let (name, print) = match rs256 {
        true => ("x5t", URL_SAFE_NO_PAD.encode([7; 20])),
        false => ("x5t#S256", URL_SAFE_NO_PAD.encode(fingerprint)),
    };
    assert_eq!(jwt.header[name], print);
    let expected = chain.then(|| serde_json::json!([STANDARD.encode(leaf), STANDARD.encode(issuer)]));
    assert_eq!(jwt.header.get("x5c"), expected.as_ref());
    assert_eq!(jwt.header.len(), 3 + usize::from(chain));
    for name in ["iss", "sub"] {
        assert_eq!(jwt.text(name), Some(client_id.trim()), "{name}");
    }
    assert_eq!(jwt.text("aud"), Some(audience.as_str()));
    assert!(jwt.text("jti").is_some_and(entrada_core::tenant::is_guid));
    let time = |name: &str| jwt.claims[name].as_i64().expect("whole seconds");
    assert_eq!((time("nbf"), time("iat"), time("exp")), (START.unix.0, START.unix.0, START.unix.0 + 600));
    assert_eq!(jwt.claims.len(), 7);
}
