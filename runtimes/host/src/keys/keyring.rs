//! The keys of a driver: what a credential names is found, read, and kept while it is the same.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use entrada_core::Secret;
use entrada_core::effect::{SignAction, SignFailure, Signed, SigningCertificate, SigningKey};
use sha2::{Digest, Sha256};

use super::{CertificateSource, LoadedCertificate};

/// Certificates that credentials name by file or bring as bytes.
///
/// Each is parsed once, and a file again when it changes. A key that only a signer of the program's own
/// knows is not found here.
#[derive(Default)]
pub struct Keyring {
    known: Mutex<Vec<([u8; 32], CertificateSource)>>,
}

impl Keyring {
    /// A keyring with nothing on it yet.
    #[must_use]
    pub fn new() -> Keyring {
        Keyring::default()
    }

    /// Does this with that key. It may read a file, and derive a key from a password.
    ///
    /// # Errors
    /// As [`SignFailure`] says.
    pub fn sign(&self, key: &SigningKey, action: &SignAction) -> Result<Signed, SignFailure> {
        let loaded = self.source(key)?.load().map_err(SignFailure::Failed)?;
        match action {
            SignAction::Certificate => Ok(Signed::Certificate(certificate(&loaded))),
            SignAction::Sign { certificate, .. } if *certificate != loaded.sha256() => {
                Err(SignFailure::Changed)
            }
            SignAction::Sign { algorithm, message, .. } => {
                let signature = loaded.sign(*algorithm, message.expose())?;
                Ok(Signed::Signature(signature.into()))
            }
            _ => Err(SignFailure::Unsupported),
        }
    }

    fn source(&self, key: &SigningKey) -> Result<CertificateSource, SignFailure> {
        let Some(id) = id(key) else { return Err(SignFailure::UnknownKey) };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, source)) = known.iter().find(|(other, _)| *other == id) {
            return Ok(source.clone());
        }
        let source = match key {
            SigningKey::File { path, password } => CertificateSource::from_file(path, password.clone()),
            SigningKey::Bytes { contents, password } => {
                CertificateSource::from_bytes(contents.clone(), password.clone())
            }
            _ => return Err(SignFailure::UnknownKey),
        };
        known.push((id, source.clone()));
        Ok(source)
    }
}

/// What tells one key from another, without keeping it a second time.
fn id(key: &SigningKey) -> Option<[u8; 32]> {
    let (kind, place, password) = match key {
        SigningKey::File { path, password } => (b"file", path.as_os_str().as_encoded_bytes(), password),
        SigningKey::Bytes { contents, password } => (b"data", contents.expose(), password),
        _ => return None,
    };
    let password = password.as_ref().map_or("", Secret::expose);
    let mut hash = Sha256::new();
    hash.update(kind);
    hash.update((place.len() as u64).to_be_bytes());
    hash.update(place);
    hash.update(password);
    Some(hash.finalize().into())
}

fn certificate(loaded: &Arc<LoadedCertificate>) -> SigningCertificate {
    let mut chain = loaded.chain_der().iter().cloned();
    SigningCertificate::new(chain.next().unwrap_or_default(), chain)
        .with_sha1(loaded.sha1())
        .until(loaded.not_after())
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.lock().map_or(0, |known| known.len());
        write!(f, "Keyring({known} keys)")
    }
}
