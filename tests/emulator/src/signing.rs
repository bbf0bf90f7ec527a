//! The client's side of a certificate: a signer for tests, with a key that is read from PEM.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entrada_core::effect::{SignAction, SignFailure, SignatureAlgorithm, Signed, SigningCertificate};
use entrada_core::time::Unix;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};

use crate::x509::Certificate;

/// A private key with its certificate, such as [`crate::world::CERTIFICATE_PEM`].
pub struct Key {
    pair: KeyPair,
    certificate: SigningCertificate,
}

impl Key {
    /// The RSA key (`PRIVATE KEY`, PKCS#8) of a PEM text, and its certificates, its own first. Nothing
    /// where one of them is missing or cannot be read.
    #[must_use]
    pub fn of_pem(text: &str) -> Option<Key> {
        let (_, after) = text.split_once("-----BEGIN PRIVATE KEY-----")?;
        let (inner, _) = after.split_once("-----END PRIVATE KEY-----")?;
        let packed: String = inner.split_whitespace().collect();
        let pair = KeyPair::from_pkcs8(&STANDARD.decode(packed).ok()?).ok()?;
        let mut chain = Certificate::all_of_pem(text).into_iter();
        let leaf = chain.next()?;
        let (sha1, until) = (leaf.sha1().try_into().ok()?, Unix(leaf.valid.1));
        let certificate = SigningCertificate::new(leaf.into_der(), chain.map(Certificate::into_der));
        Some(Key { pair, certificate: certificate.with_sha1(sha1).until(until) })
    }

    /// The public half.
    #[must_use]
    pub fn certificate(&self) -> &SigningCertificate {
        &self.certificate
    }

    /// A signature. That of PS256 is another each time, since its salt is random.
    ///
    /// # Errors
    /// `WrongAlgorithm` where the key cannot sign so.
    pub fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, SignFailure> {
        let padding: &'static dyn RsaEncoding = match algorithm {
            SignatureAlgorithm::Ps256 => &RSA_PSS_SHA256,
            SignatureAlgorithm::Rs256 => &RSA_PKCS1_SHA256,
            _ => return Err(SignFailure::WrongAlgorithm),
        };
        let mut signature = vec![0; self.pair.public().modulus_len()];
        let made = self.pair.sign(padding, &SystemRandom::new(), message, &mut signature);
        made.map(|()| signature).map_err(|_| SignFailure::Refused)
    }

    /// What a signer with this key answers.
    ///
    /// # Errors
    /// As a signer's: `Changed` where another certificate is meant.
    pub fn answer(&self, action: &SignAction) -> Result<Signed, SignFailure> {
        match action {
            SignAction::Certificate => Ok(Signed::Certificate(self.certificate.clone())),
            SignAction::Sign { algorithm, message, certificate } => {
                if *certificate != self.certificate.sha256() {
                    return Err(SignFailure::Changed);
                }
                self.sign(*algorithm, message.expose()).map(|signature| Signed::Signature(signature.into()))
            }
            _ => Err(SignFailure::Unsupported),
        }
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({} certificates)", self.certificate.chain().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{CERTIFICATE_PEM, RENEWED_CERTIFICATE_PEM};
    use crate::x509::Algorithm;
    use entrada_core::secret::SecretBytes;

    #[test]
    fn what_it_signs_its_certificate_verifies() {
        for (pem, length) in [(CERTIFICATE_PEM, 1), (RENEWED_CERTIFICATE_PEM, 2)] {
            let key = Key::of_pem(pem).unwrap();
            assert_eq!(key.certificate().chain().len(), length);
            let certificate = Certificate::of_der(&key.certificate().chain()[0]).unwrap();
            for (how, name) in
                [(SignatureAlgorithm::Ps256, Algorithm::Ps256), (SignatureAlgorithm::Rs256, Algorithm::Rs256)]
            {
                let signature = key.sign(how, b"message").unwrap();
                assert!(certificate.verifies(name, b"message", &signature));
                assert!(!certificate.verifies(name, b"another", &signature));
            }
        }
        let rs256 = |key: &Key| key.sign(SignatureAlgorithm::Rs256, b"x").unwrap();
        let key = Key::of_pem(CERTIFICATE_PEM).unwrap();
        assert_eq!(rs256(&key), rs256(&key));
    }

    #[test]
    fn another_certificate_is_another_key() {
        let [one, two] = [CERTIFICATE_PEM, RENEWED_CERTIFICATE_PEM].map(|pem| Key::of_pem(pem).unwrap());
        let sign = |certificate| SignAction::Sign {
            algorithm: SignatureAlgorithm::Ps256,
            message: SecretBytes::new("x"),
            certificate,
        };
        assert!(matches!(one.answer(&SignAction::Certificate), Ok(Signed::Certificate(_))));
        assert!(matches!(one.answer(&sign(one.certificate().sha256())), Ok(Signed::Signature(_))));
        assert!(matches!(one.answer(&sign(two.certificate().sha256())), Err(SignFailure::Changed)));
        assert!(Key::of_pem("").is_none());
        assert!(Key::of_pem(include_str!("../keys/issued.cert.pem")).is_none());
    }
}
