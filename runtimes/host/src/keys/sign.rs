//! Signing with RSA, by whatever cryptography rustls uses.

use std::sync::Arc;

use entrada_core::effect::{SignFailure, SignatureAlgorithm};
use rustls::SignatureScheme;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer};
use rustls::sign::SigningKey;

use super::fault::Fault;
use super::rsa::PrivateKey;

/// Gives the key to the cryptography.
pub(super) fn load(key: &PrivateKey, provider: &CryptoProvider) -> Result<Arc<dyn SigningKey>, Fault> {
    let der = PrivatePkcs1KeyDer::from(key.pkcs1.expose().to_vec());
    let loaded = provider.key_provider.load_private_key(PrivateKeyDer::Pkcs1(der));
    loaded.map_err(|_| Fault::UnfitKey(key.public.bits()))
}

/// Signs the message. In rustls, as in TLS 1.3, the salt of PSS is as long as the digest.
pub(super) fn sign(
    key: &dyn SigningKey,
    algorithm: SignatureAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, SignFailure> {
    let scheme = match algorithm {
        SignatureAlgorithm::Ps256 => SignatureScheme::RSA_PSS_SHA256,
        SignatureAlgorithm::Rs256 => SignatureScheme::RSA_PKCS1_SHA256,
        _ => return Err(SignFailure::WrongAlgorithm),
    };
    let signer = key.choose_scheme(&[scheme]).ok_or(SignFailure::WrongAlgorithm)?;
    signer.sign(message).map_err(|_| SignFailure::Refused)
}
