//! A certificate and its key, ready to sign.

use std::fmt;
use std::sync::Arc;

use entrada_core::effect::{SignFailure, SignatureAlgorithm};
use entrada_core::error::Error;
use entrada_core::secret::Secret;
use entrada_core::time::Unix;
use rustls::crypto::CryptoProvider;
use rustls::sign::SigningKey;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::{read, sign};
use crate::tls;

/// A certificate with its chain and its private key.
///
/// `Debug` shows the SHA-256 thumbprint, and nothing of the key.
#[derive(Clone)]
pub struct LoadedCertificate {
    chain: Vec<Vec<u8>>,
    sha1: [u8; 20],
    sha256: [u8; 32],
    not_after: Unix,
    key: Arc<dyn SigningKey>,
}

impl LoadedCertificate {
    /// Reads PEM, PKCS#12 (feature `pkcs12`) or PKCS#12 in base64, as the [module](super) says, for the
    /// cryptography of [`tls::provider`].
    ///
    /// # Errors
    /// `Configuration`, telling apart what is wrong and with what to do about it.
    pub fn from_bytes(bytes: &[u8], password: Option<&Secret>) -> Result<LoadedCertificate, Error> {
        LoadedCertificate::with_provider(bytes, password, &*tls::provider(None)?)
    }

    /// The same for this cryptography.
    ///
    /// # Errors
    /// As for [`LoadedCertificate::from_bytes`].
    pub fn with_provider(
        bytes: &[u8],
        password: Option<&Secret>,
        provider: &CryptoProvider,
    ) -> Result<LoadedCertificate, Error> {
        LoadedCertificate::named(bytes, password, provider, "the certificate")
    }

    /// The same, and what to call it in an error.
    pub(super) fn named(
        bytes: &[u8],
        password: Option<&Secret>,
        provider: &CryptoProvider,
        name: &str,
    ) -> Result<LoadedCertificate, Error> {
        let loaded =
            read::read(bytes, password).and_then(|(chain, key)| Ok((chain, sign::load(&key, provider)?)));
        let (chain, key) = loaded.map_err(|fault| fault.into_error(name))?;
        let leaf = &chain[0];
        Ok(LoadedCertificate {
            sha1: Sha1::digest(&leaf.der).into(),
            sha256: Sha256::digest(&leaf.der).into(),
            not_after: leaf.not_after,
            chain: chain.into_iter().map(|certificate| certificate.der).collect(),
            key,
        })
    }

    /// The certificates in DER: that of the key, its issuer and so on; then what else the file held.
    /// In this order they are `x5c` (RFC 7515 section 4.1.6).
    #[must_use]
    pub fn chain_der(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The SHA-1 thumbprint of the certificate: `x5t` (RFC 7515 section 4.1.7).
    #[must_use]
    pub fn sha1(&self) -> [u8; 20] {
        self.sha1
    }

    /// The SHA-256 thumbprint of the certificate: `x5t#S256` (RFC 7515 section 4.1.8).
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// The last second in which the certificate is valid. Nothing here refuses an expired one.
    #[must_use]
    pub fn not_after(&self) -> Unix {
        self.not_after
    }

    /// Signs the message (not its digest).
    ///
    /// # Errors
    /// `WrongAlgorithm` when the cryptography has no such algorithm, `Refused` when it fails.
    pub fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, SignFailure> {
        sign::sign(&*self.key, algorithm, message)
    }
}

impl fmt::Debug for LoadedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoadedCertificate(sha256 ")?;
        for byte in self.sha256 {
            write!(f, "{byte:02x}")?;
        }
        write!(f, ", {} in chain)", self.chain.len())
    }
}
