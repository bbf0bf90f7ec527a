//! What an assertion says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_core::effect::{SignatureAlgorithm, SigningCertificate};
use entrada_core::{AdditionalTenants, EntraClient, ErrorKind, Tenant};
use serde_json::json;

use super::support::{Bench, PRINT, app, certificate, named, request, vouched};

#[test]
fn an_assertion_says_what_is_documented() {
    let mut bench = Bench::new();
    let client = app(named()).allowing(AdditionalTenants::none().allow("other.example"));
    let elsewhere = request().in_tenant(Tenant::new("other.example").unwrap());
    bench.get(&client, &request()).unwrap();
    bench.get(&client, &elsewhere).unwrap();
    let from = bench.machine.now.unix.0;
    for (sent, tenant) in bench.sent.iter().zip(["contoso.com", "other.example"]) {
        let endpoint = format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token");
        assert_eq!(sent.address, endpoint);
        let mut form = sent.form.clone();
        form.remove("client_assertion");
        let wanted = [
            ("client_id", "app"),
            ("grant_type", "client_credentials"),
            ("scope", "https://management.azure.com/.default"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ];
        assert_eq!(form, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let [header, claims] = sent.parts();
        assert_eq!(header, json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": PRINT }));
        let jti = sent.jti();
        assert!(entrada_core::tenant::is_guid(&jti), "{jti}");
        let wanted = json!({
            "aud": endpoint, "iss": "app", "sub": "app", "jti": jti,
            "nbf": from, "iat": from, "exp": from + 600,
        });
        assert_eq!(claims, wanted);
        assert!(["nbf", "iat", "exp"].iter().all(|name| claims[name].is_i64()));
    }
    assert_ne!(bench.sent[0].jti(), bench.sent[1].jti());
    // What was signed is what was sent, with the key of the certificate that is named.
    for (sent, (algorithm, message, certificate)) in bench.sent.iter().zip(&bench.signed) {
        assert_eq!(*algorithm, SignatureAlgorithm::Ps256);
        assert_eq!(URL_SAFE_NO_PAD.encode(certificate), PRINT);
        let (input, signature) = sent.assertion().rsplit_once('.').unwrap();
        assert_eq!(input.as_bytes(), message);
        assert_eq!(URL_SAFE_NO_PAD.decode(signature).unwrap(), [9; 256]);
    }
}

#[test]
fn a_client_id_cannot_write_claims() {
    let id = r#"a","aud":"b"#;
    let mut bench = Bench::new();
    let client = EntraClient::new("contoso.com", id).unwrap().with_assertion(named());
    bench.get(&client, &request()).unwrap();
    assert_eq!(bench.sent[0].parts()[1]["iss"], id);
}

#[test]
fn an_older_server_is_told_the_older_fingerprint() {
    for (address, tenant) in [("https://sts.example/adfs", "contoso.com"), ("https://sts.example", "adfs")] {
        let mut bench = Bench::new();
        let client = EntraClient::new(tenant, "app").unwrap().with_authority(vouched(address));
        let client = client.with_assertion(named());
        let error = bench.get(&client, &request()).unwrap_err();
        assert_eq!((error.kind(), bench.signed.len()), (ErrorKind::Configuration, 0));
        assert!(error.message().contains("SHA-1"), "{error}");
        bench.certificate = certificate().with_sha1([7; 20]);
        bench.get(&client, &request()).unwrap();
        let [header, claims] = bench.sent[0].parts();
        assert_eq!(header, json!({ "alg": "RS256", "typ": "JWT", "x5t": "BwcHBwcHBwcHBwcHBwcHBwcHBwc" }));
        assert_eq!(claims["aud"], "https://sts.example/adfs/oauth2/token");
        assert_eq!(bench.signed[0].0, SignatureAlgorithm::Rs256);
    }
}

#[test]
fn the_chain_is_sent_to_those_who_ask_for_it() {
    let mut bench = Bench::new();
    bench.certificate = SigningCertificate::new(vec![1, 2, 3], [vec![0xfb, 0xff], vec![4, 5, 6]]);
    bench.get(&app(named()), &request()).unwrap();
    assert_eq!(bench.sent[0].parts()[0].get("x5c"), None);
    bench.get(&app(named().sending_chain()), &request()).unwrap();
    let [header, _] = bench.sent[1].parts();
    let chain = json!(["AQID", "+/8=", "BAUG"]);
    assert_eq!(header, json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": PRINT, "x5c": chain }));
    // What a clone sent without it does not serve in its place.
    let plain = named();
    bench.get(&app(plain.clone()), &request()).unwrap();
    bench.get(&app(plain.sending_chain()), &request()).unwrap();
    let [header, _] = bench.sent[3].parts();
    assert_eq!(header["x5c"], chain);
}
