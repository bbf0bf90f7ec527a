//! Signing and checking tokens: RS256 with one key, whose private half everybody may know.

use std::collections::VecDeque;
use std::sync::{Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use entrada_core::jwt::Jwt;
use ring::digest::{Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};

/// A key made for this crate and published with it: a test key that protects nothing.
const KEY: &[u8] = include_bytes!("../keys/signing.pkcs8.der");
const CERTIFICATE: &[u8] = include_bytes!("../keys/signing.cert.der");

/// Reading the key checks it, which takes longer than a signature; the key never changes.
static PAIR: OnceLock<Option<KeyPair>> = OnceLock::new();

/// The digests of the tokens that verified last: a client sends the same one many times, and a signature that is right
/// stays right.
static VERIFIED: Mutex<VecDeque<Digest>> = Mutex::new(VecDeque::new());

/// So many of them.
const REMEMBERED: usize = 16;

fn pair() -> Option<&'static KeyPair> {
    PAIR.get_or_init(|| KeyPair::from_pkcs8(KEY).ok()).as_ref()
}

/// The key's name: the SHA-1 thumbprint of its certificate, as Entra has it.
pub(crate) fn key_id() -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, CERTIFICATE))
}

/// A compact JWT of these claims. PKCS #1 v1.5 signatures are deterministic: the randomness that
/// ring wants only blinds the computation.
pub(crate) fn sign(claims: &Value) -> String {
    let key_id = key_id();
    let header = json!({ "typ": "JWT", "alg": "RS256", "x5t": key_id, "kid": key_id });
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature(signed.as_bytes())))
}

/// A signature by the key, of PKCS #1 v1.5 with SHA-256.
pub(crate) fn signature(message: &[u8]) -> Vec<u8> {
    let made = pair().and_then(|pair| {
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
        Some(signature)
    });
    made.unwrap_or_default()
}

/// The token's contents, if this key signed it.
pub(crate) fn verify(token: &str) -> Option<Jwt> {
    let (signed, signature) = token.rsplit_once('.')?;
    let jwt = Jwt::decode(token)?;
    if jwt.header.get("alg").and_then(Value::as_str) != Some("RS256") {
        return None;
    }
    let whole = digest(&SHA256, token.as_bytes());
    let verified = || VERIFIED.lock().unwrap_or_else(PoisonError::into_inner);
    if verified().iter().any(|known| known.as_ref() == whole.as_ref()) {
        return Some(jwt);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair()?.public_key().as_ref())
        .verify(signed.as_bytes(), &signature)
        .ok()?;
    let mut verified = verified();
    verified.push_front(whole);
    verified.truncate(REMEMBERED);
    Some(jwt)
}

/// The key set (RFC 7517) by which others check the tokens.
pub(crate) fn key_set(issuer: &str) -> Value {
    let Some(pair) = pair() else {
        return json!({ "keys": [] });
    };
    let public: PublicKeyComponents<Vec<u8>> = pair.public().into();
    let key_id = key_id();
    json!({ "keys": [{
        "kty": "RSA", "use": "sig", "kid": key_id, "x5t": key_id,
        "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e),
        "x5c": [STANDARD.encode(CERTIFICATE)], "issuer": issuer,
    }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_verifies() {
        let token = sign(&json!({ "aud": "x" }));
        assert_eq!(token, sign(&json!({ "aud": "x" })));
        assert_eq!(verify(&token).unwrap().text("aud"), Some("x"));
        let (head, signature) = token.rsplit_once('.').unwrap();
        let header = head.split('.').next().unwrap();
        let forged = format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(r#"{"aud":"y"}"#));
        assert!(verify(&forged).is_none());
        assert!(verify(&token).is_some(), "as the first time");
        assert!(verify(&format!("{head}.")).is_none());
        assert!(verify("").is_none());
    }

    #[test]
    fn no_signature_is_no_token() {
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        assert!(verify(&format!("{none}.{}.", URL_SAFE_NO_PAD.encode("{}"))).is_none());
    }
}
