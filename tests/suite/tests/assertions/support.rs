//! An app that signs, a machine with a signer, and the authority it talks to.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_core::effect::{
    Effect, Reply, Sign, SignAction, SignFailure, SignatureAlgorithm, Signed, SigningCertificate, SigningKey,
};
use entrada_core::flows::client_auth::ClientCertificate;
use entrada_core::flows::client_credentials::client_credentials;
use entrada_core::{Authority, EntraClient, Error, PlainHttp, TokenRequest};
use entrada_tests::script::{Machine, respond};
use serde_json::Value;

const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#;
/// SHA-256 of the bytes 1, 2, 3, as it is written in a header.
pub(crate) const PRINT: &str = "A5BYxvLAy0ksUzsKTRTvd8wPeKvMztUofYShogEc-4E";
/// That of the bytes 4, 5, 6.
pub(crate) const OTHER_PRINT: &str = "eHx5jjmlvBkQNVuubQzYejay4Q_QICqD47trAF2oNHI";

pub(crate) fn certificate() -> SigningCertificate {
    SigningCertificate::new(vec![1, 2, 3], [])
}

pub(crate) fn other_certificate() -> SigningCertificate {
    SigningCertificate::new(vec![4, 5, 6], [])
}

pub(crate) fn request() -> TokenRequest {
    TokenRequest::new(["https://management.azure.com/.default"]).unwrap()
}

pub(crate) fn named() -> ClientCertificate {
    ClientCertificate::new(SigningKey::Named("k".into()))
}

pub(crate) fn app(certificate: ClientCertificate) -> EntraClient {
    EntraClient::new("contoso.com", "app").unwrap().with_assertion(certificate)
}

/// An authority that nobody knows, but that the caller vouches for.
pub(crate) fn vouched(address: &str) -> Authority {
    Authority::new(address, PlainHttp::Refused).unwrap().without_discovery()
}

/// What the token endpoint was sent.
pub(crate) struct Sent {
    pub(crate) address: String,
    pub(crate) form: BTreeMap<String, String>,
    pub(crate) id: String,
}

impl Sent {
    pub(crate) fn assertion(&self) -> &str {
        &self.form["client_assertion"]
    }

    /// The header and the claims of the assertion.
    pub(crate) fn parts(&self) -> [Value; 2] {
        let parts: Vec<_> = self.assertion().split('.').collect();
        assert_eq!(parts.len(), 3);
        [0, 1].map(|n| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[n]).unwrap()).unwrap())
    }

    pub(crate) fn jti(&self) -> String {
        self.parts()[1]["jti"].as_str().unwrap().to_owned()
    }
}

/// A machine with a signer, and the authority it talks to.
pub(crate) struct Bench {
    pub(crate) machine: Machine,
    pub(crate) certificate: SigningCertificate,
    /// What the signer was asked to sign, and how.
    pub(crate) signed: Vec<(SignatureAlgorithm, Vec<u8>, [u8; 32])>,
    pub(crate) sent: Vec<Sent>,
    /// What the authority answers first, before it gives tokens.
    pub(crate) answers: Vec<u16>,
    /// What the signer fails with first.
    pub(crate) failures: Vec<SignFailure>,
}

impl Bench {
    pub(crate) fn new() -> Bench {
        Bench {
            machine: Machine::default(),
            certificate: certificate(),
            signed: Vec::new(),
            sent: Vec::new(),
            answers: Vec::new(),
            failures: Vec::new(),
        }
    }

    pub(crate) fn get(&mut self, client: &EntraClient, request: &TokenRequest) -> Result<(), Error> {
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
    pub(crate) fn next(&mut self, client: &EntraClient) -> String {
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
