//! RSA keys: telling what a private key is, and comparing it with a public one.

use entrada_core::secret::SecretBytes;

use super::der::{
    BIT_STRING, Element, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, unsigned, whole_sequence,
};
use super::fault::Fault;
use super::oid;

/// The public half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PublicKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl PublicKey {
    /// From a SubjectPublicKeyInfo (RFC 5280 section 4.1); `None` when it is not of RSA.
    pub(super) fn from_info(info: Element<'_>) -> Option<PublicKey> {
        let mut info = info.inside();
        let algorithm = info.expect(SEQUENCE)?.inside().expect(OID)?;
        if oid::other_than_rsa(algorithm.content).is_some() {
            return None;
        }
        let (unused, key) = info.expect(BIT_STRING)?.content.split_first()?;
        let mut key = Reader::new(key).expect(SEQUENCE).filter(|_| *unused == 0)?.inside();
        PublicKey::next(&mut key)
    }

    fn next(integers: &mut Reader<'_>) -> Option<PublicKey> {
        let modulus = unsigned(integers.expect(INTEGER)?.content)?.to_vec();
        let exponent = unsigned(integers.expect(INTEGER)?.content)?.to_vec();
        Some(PublicKey { modulus, exponent })
    }

    /// The length of the modulus.
    pub(super) fn bits(&self) -> usize {
        let unused = self.modulus.first().map_or(0, |byte| byte.leading_zeros());
        self.modulus.len() * 8 - unused as usize
    }
}

/// A private key as PKCS#1 (RFC 8017 appendix A.1.2), with its public half.
#[derive(Debug)]
pub(super) struct PrivateKey {
    pub(super) public: PublicKey,
    pub(super) pkcs1: SecretBytes,
}

impl PrivateKey {
    /// From PKCS#8 (RFC 5958).
    pub(super) fn from_pkcs8(der: &[u8]) -> Result<PrivateKey, Fault> {
        let (algorithm, key) = pkcs8(der).ok_or(Fault::DamagedKey)?;
        match oid::other_than_rsa(algorithm) {
            Some(kind) => Err(Fault::NotRsa(kind)),
            None => PrivateKey::from_pkcs1(key),
        }
    }

    /// From PKCS#1.
    pub(super) fn from_pkcs1(der: &[u8]) -> Result<PrivateKey, Fault> {
        let public = || {
            let mut integers = whole_sequence(der)?;
            integers.expect(INTEGER)?;
            PublicKey::next(&mut integers)
        };
        let public = public().ok_or(Fault::DamagedKey)?;
        Ok(PrivateKey { public, pkcs1: SecretBytes::new(der) })
    }
}

/// The algorithm and the key inside.
fn pkcs8(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut info = whole_sequence(der)?;
    info.expect(INTEGER)?;
    let algorithm = info.expect(SEQUENCE)?.inside().expect(OID)?;
    Some((algorithm.content, info.expect(OCTET_STRING)?.content))
}
