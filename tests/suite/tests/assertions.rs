//! Assertions that an app signs itself: what they say, how long they serve, and what a signer may do.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_core::effect::{
    Effect, Reply, Sign, SignAction, SignFailure, SignatureAlgorithm, Signed, SigningCertificate, SigningKey,
};
use entrada_core::flows::client_auth::ClientCertificate;
use entrada_core::flows::client_credentials::client_credentials;
use entrada_core::{
    AdditionalTenants, Authority, EntraClient, Error, ErrorKind, PlainHttp, Tenant, TokenRequest, Unix,
};
use entrada_tests::script::{Machine, pass, respond};
use serde_json::{Value, json};

const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#;
/// SHA-256 of the bytes 1, 2, 3, as it is written in a header.
const PRINT: &str = "A5BYxvLAy0ksUzsKTRTvd8wPeKvMztUofYShogEc-4E";
/// That of the bytes 4, 5, 6.
const OTHER_PRINT: &str = "eHx5jjmlvBkQNVuubQzYejay4Q_QICqD47trAF2oNHI";

fn certificate() -> SigningCertificate {
    SigningCertificate::new(vec![1, 2, 3], [])
}

fn other_certificate() -> SigningCertificate {
    SigningCertificate::new(vec![4, 5, 6], [])
}

fn request() -> TokenRequest {
    TokenRequest::new(["https://management.azure.com/.default"]).unwrap()
}

fn named() -> ClientCertificate {
    ClientCertificate::new(SigningKey::Named("k".into()))
}

fn app(certificate: ClientCertificate) -> EntraClient {
    EntraClient::new("contoso.com", "app").unwrap().with_assertion(certificate)
}

/// An authority that nobody knows, but that the caller vouches for.
fn vouched(address: &str) -> Authority {
    Authority::new(address, PlainHttp::Refused).unwrap().without_discovery()
}

/// What the token endpoint was sent.
struct Sent {
    address: String,
    form: BTreeMap<String, String>,
    id: String,
}

impl Sent {
    fn assertion(&self) -> &str {
        &self.form["client_assertion"]
    }

    /// The header and the claims of the assertion.
    fn parts(&self) -> [Value; 2] {
        let parts: Vec<_> = self.assertion().split('.').collect();
        assert_eq!(parts.len(), 3);
        [0, 1].map(|n| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[n]).unwrap()).unwrap())
    }

    fn jti(&self) -> String {
        self.parts()[1]["jti"].as_str().unwrap().to_owned()
    }
}

/// A machine with a signer, and the authority it talks to.
struct Bench {
    machine: Machine,
    certificate: SigningCertificate,
    /// What the signer was asked to sign, and how.
    signed: Vec<(SignatureAlgorithm, Vec<u8>, [u8; 32])>,
    sent: Vec<Sent>,
    /// What the authority answers first, before it gives tokens.
    answers: Vec<u16>,
    /// What the signer fails with first.
    failures: Vec<SignFailure>,
}

impl Bench {
    fn new() -> Bench {
        Bench {
            machine: Machine::default(),
            certificate: certificate(),
            signed: Vec::new(),
            sent: Vec::new(),
            answers: Vec::new(),
            failures: Vec::new(),
        }
    }

    fn get(&mut self, client: &EntraClient, request: &TokenRequest) -> Result<(), Error> {
        let flow = client_credentials("client-certificate", client, request);
        let Bench { machine, certificate, signed, sent, answers, failures } = self;
        let (result, _) = machine.run(flow, |effect, _| match effect {
            Effect::Sign(sign) => answer(*sign, certificate, signed, failures),
            Effect::Http(call) => {
                let (request, body) = (call.request(), call.request().body().expose());
                sent.push(Sent {
                    address: request.uri().to_string(),
                    form: url::form_urlencoded::parse(body).into_owned().collect(),
                    id: request.headers()["client-request-id"].to_str().unwrap().to_owned(),
                });
                match answers.is_empty() {
                    true => respond(call, 200, &[], TOKEN),
                    false => respond(call, answers.remove(0), &[], ""),
                }
            }
            other => panic!("{other:?}"),
        });
        result.map(|token| assert_eq!(token.source(), "client-certificate"))
    }

    /// The assertion that a request sends now.
    fn next(&mut self, client: &EntraClient) -> String {
        self.get(client, &request()).unwrap();
        self.sent.last().unwrap().assertion().to_owned()
    }
}

fn answer(
    sign: Sign,
    present: &mut SigningCertificate,
    signed: &mut Vec<(SignatureAlgorithm, Vec<u8>, [u8; 32])>,
    failures: &mut Vec<SignFailure>,
) -> Reply {
    assert!(matches!(sign.key(), SigningKey::Named(name) if name == "k"));
    let result = match sign.action().clone() {
        SignAction::Certificate => Ok(Signed::Certificate(present.clone())),
        SignAction::Sign { algorithm, message, certificate } => {
            signed.push((algorithm, message.expose().to_vec(), certificate));
            match failures.is_empty() {
                true => Ok(Signed::Signature(vec![9; 256].into())),
                false => Err(failures.remove(0)),
            }
            .inspect_err(|failure| {
                if matches!(failure, SignFailure::Changed) {
                    *present = other_certificate();
                }
            })
        }
        other => panic!("{other:?}"),
    };
    sign.ticket().reply(result)
}

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
}

#[test]
fn an_assertion_serves_for_nine_minutes() {
    // Both clocks, or one of the two alone: what passes, and whether the assertion serves still.
    for (mono, unix, serves) in [
        (539, 539, true),
        (540, 540, false),
        (540, 0, false),
        (0, 540, false),
        (539, 0, true),
        (0, 539, true),
        (660, 660, false),
        (0, -1, false),
    ] {
        let (mut bench, client) = (Bench::new(), app(named()));
        let first = bench.next(&client);
        bench.machine.now.mono = bench.machine.now.mono.after(Duration::from_secs(mono));
        bench.machine.now.unix = Unix(bench.machine.now.unix.0 + unix);
        assert_eq!(bench.next(&client) == first, serves, "{mono} {unix}");
        assert_eq!(bench.signed.len(), if serves { 1 } else { 2 });
    }
}

#[test]
fn an_assertion_serves_nobody_else_and_only_with_its_certificate() {
    let (mut bench, client) = (Bench::new(), app(named()));
    let client = client.allowing(AdditionalTenants::none().allow("*"));
    let first = bench.next(&client);
    bench.get(&client, &request().in_tenant(Tenant::new("other.example").unwrap())).unwrap();
    let there = bench.sent[1].parts()[1]["aud"].clone();
    assert_eq!(there, "https://login.microsoftonline.com/other.example/oauth2/v2.0/token");
    bench.certificate = other_certificate();
    let renewed = bench.next(&client);
    assert_ne!(renewed, first);
    assert_eq!(bench.next(&client), renewed);
    assert_eq!(bench.sent[2].parts()[0]["x5t#S256"], OTHER_PRINT);
    // The same certificate, but the assertion of the old one was the last that was made.
    bench.certificate = certificate();
    assert_ne!(bench.next(&client), renewed);
    assert_eq!(bench.sent[4].parts()[0]["x5t#S256"], PRINT);
}

#[test]
fn two_apps_with_one_certificate_say_who_they_are() {
    let (mut bench, shared) = (Bench::new(), named());
    let other = EntraClient::new("contoso.com", "other").unwrap().with_assertion(shared.clone());
    bench.next(&app(shared));
    bench.next(&other);
    let said = bench.sent.iter().map(|sent| sent.parts()[1]["sub"].clone()).collect::<Vec<_>>();
    assert_eq!(said, ["app", "other"]);
}

#[test]
fn an_assertion_serves_again_where_that_is_promised() {
    let (unknown, known) = (vouched("https://login.example"), Authority::new("usgov", PlainHttp::Refused));
    for (authority, word, serves) in [
        (known.clone().unwrap(), None, true),
        (known.clone().unwrap(), Some(true), true),
        (known.unwrap(), Some(false), false),
        (unknown.clone(), None, false),
        (unknown.clone(), Some(true), true),
        (unknown, Some(false), false),
    ] {
        let certificate = match word {
            Some(word) => named().reusing_assertions(word),
            None => named(),
        };
        let mut bench = Bench::new();
        let client = app(certificate).with_authority(authority.clone());
        let assertions: BTreeSet<_> = (0..3).map(|_| bench.next(&client)).collect();
        assert_eq!(assertions.len(), if serves { 1 } else { 3 }, "{authority:?} {word:?}");
        let ids: BTreeSet<_> = bench.sent.iter().map(Sent::jti).collect();
        assert_eq!(ids.len(), assertions.len());
        let requests: BTreeSet<_> = bench.sent.iter().map(|sent| &sent.id).collect();
        assert_eq!(requests.len(), 3);
    }
}

#[test]
fn every_try_proves_itself_anew() {
    for (authority, ids) in [(vouched("https://login.example"), 3), (vouched("public"), 1)] {
        let mut bench = Bench::new();
        bench.answers = vec![503, 503];
        bench.next(&app(named()).with_authority(authority));
        assert_eq!(bench.sent.len(), 3);
        assert_eq!(bench.sent.iter().map(Sent::jti).collect::<BTreeSet<_>>().len(), ids);
        assert_eq!(bench.sent.iter().map(|sent| &sent.id).collect::<BTreeSet<_>>().len(), 1);
    }
    // Nor is one sent again that died while the authority was left alone.
    let (mut bench, client) = (Bench::new(), app(named()));
    let first = bench.next(&client);
    pass(&mut bench.machine.now, Duration::from_millis(539_900));
    bench.answers = vec![503];
    assert_ne!(bench.next(&client), first);
    assert_eq!(bench.sent[1].assertion(), first);
}

#[test]
fn a_key_that_is_replaced_is_looked_at_once_more() {
    let mut bench = Bench::new();
    bench.failures = vec![SignFailure::Changed];
    bench.get(&app(named()), &request()).unwrap();
    assert_eq!((bench.signed.len(), bench.sent.len()), (2, 1));
    // What is sent was made with what the second look saw.
    assert_eq!([0, 1].map(|n| URL_SAFE_NO_PAD.encode(bench.signed[n].2)), [PRINT, OTHER_PRINT]);
    assert_eq!(bench.sent[0].parts()[0]["x5t#S256"], OTHER_PRINT);
    assert_eq!(bench.sent[0].assertion().rsplit_once('.').unwrap().0.as_bytes(), bench.signed[1].1);

    let mut bench = Bench::new();
    bench.failures = vec![SignFailure::Changed; 50];
    let error = bench.get(&app(named()), &request()).unwrap_err();
    assert_eq!((error.kind(), bench.signed.len(), bench.sent.len()), (ErrorKind::Configuration, 2, 0));
    assert!(error.message().contains("replaced"), "{error}");
}

#[test]
fn a_signer_that_fails_is_named() {
    for (failure, kind) in [
        (SignFailure::UnknownKey, ErrorKind::Configuration),
        (SignFailure::WrongAlgorithm, ErrorKind::Configuration),
        (SignFailure::TimedOut, ErrorKind::Timeout),
        (SignFailure::Unsupported, ErrorKind::Unavailable),
        (SignFailure::Failed(Error::new(ErrorKind::Network, "the vault is away")), ErrorKind::Network),
    ] {
        let mut bench = Bench::new();
        bench.failures = vec![failure];
        let error = bench.get(&app(named()), &request()).unwrap_err();
        assert_eq!((error.kind(), bench.signed.len(), bench.sent.len()), (kind, 1, 0), "{error}");
    }
}
