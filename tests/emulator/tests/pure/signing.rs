//! Client assertions made for tests, right and wrong.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use serde_json::{Value, json};

pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The parameters by which an app that proves itself by an assertion asks for a token of this scope.
pub(crate) fn presenting<'a>(app: &'a str, assertion: &'a str, scope: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("grant_type", "client_credentials"),
        ("client_id", app),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
        ("scope", scope),
    ]
}

/// The DER of each block of this kind.
fn blocks(pem: &str, kind: &str) -> Vec<Vec<u8>> {
    pem.split(&format!("-----BEGIN {kind}-----"))
        .skip(1)
        .map(|rest| rest.split("-----END").next().unwrap().split_whitespace().collect::<String>())
        .map(|text| STANDARD.decode(text).unwrap())
        .collect()
}

/// A key with its chain.
pub(crate) struct Identity {
    key: KeyPair,
    pub(crate) chain: Vec<Vec<u8>>,
}

impl Identity {
    pub(crate) fn of(pem: &str) -> Identity {
        let key = KeyPair::from_pkcs8(&blocks(pem, "PRIVATE KEY")[0]).unwrap();
        Identity { key, chain: blocks(pem, "CERTIFICATE") }
    }

    pub(crate) fn x5t(&self) -> Vec<u8> {
        digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.chain[0]).as_ref().to_vec()
    }

    pub(crate) fn x5t_s256(&self) -> Vec<u8> {
        digest(&SHA256, &self.chain[0]).as_ref().to_vec()
    }

    /// The documented header: PS256, `x5t#S256` of base64url without padding.
    pub(crate) fn header(&self) -> Value {
        json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(self.x5t_s256()) })
    }

    /// The header that names its chain.
    pub(crate) fn chained(&self) -> Value {
        let mut header = self.header();
        header["x5c"] = self.chain.iter().map(|der| Value::from(STANDARD.encode(der))).collect();
        header
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let encoding: &dyn RsaEncoding =
            if header["alg"] == "RS256" { &RSA_PKCS1_SHA256 } else { &RSA_PSS_SHA256 };
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(encoding, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Spellings of a thumbprint that are all accepted.
pub(crate) fn spellings(thumbprint: &[u8]) -> [String; 4] {
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    [
        URL_SAFE_NO_PAD.encode(thumbprint),
        URL_SAFE.encode(thumbprint),
        STANDARD.encode(thumbprint),
        STANDARD_NO_PAD.encode(thumbprint),
    ]
}
