//! From the bytes of a file to its certificates and its private key.

use entrada_core::secret::{Secret, SecretBytes};

use super::certificate::{self, Certificate};
use super::der::{INTEGER, Reader, SEQUENCE};
use super::fault::Fault;
use super::pem::{self, BlockKind};
use super::rsa::PrivateKey;

/// What a file holds, decrypted but not looked into.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) keys: Vec<Key>,
}

/// A private key in one of its forms.
pub(super) enum Key {
    Pkcs8(SecretBytes),
    Pkcs1(SecretBytes),
    Encrypted(SecretBytes),
    LegacyEncrypted,
    Other(&'static str),
}

/// The certificates, that of the key first, and the key.
pub(super) fn read(bytes: &[u8], password: Option<&Secret>) -> Result<(Vec<Certificate>, PrivateKey), Fault> {
    let contents = contents(bytes, password)?;
    let mut keys = contents.keys;
    if contents.certificates.is_empty() {
        return Err(Fault::NoCertificate);
    }
    if keys.len() > 1 {
        return Err(Fault::SeveralKeys);
    }
    let key = open(keys.pop().ok_or(Fault::NoKey)?, password)?;
    let certificates = contents.certificates.iter().map(|der| Certificate::parse(der));
    let certificates: Option<Vec<_>> = certificates.collect();
    let certificates = certificates.ok_or(Fault::DamagedCertificate)?;
    let chain = certificate::chain(certificates, &key.public).ok_or(Fault::OtherKey)?;
    Ok((chain, key))
}

fn contents(bytes: &[u8], password: Option<&Secret>) -> Result<Contents, Fault> {
    if bytes.trim_ascii().is_empty() {
        return Err(Fault::Empty);
    }
    if pem::is_pem(bytes) {
        return of_pem(bytes);
    }
    if bytes.first() == Some(&SEQUENCE) {
        return of_der(bytes, password);
    }
    // Key Vault hands out PKCS#12 as a base64 text.
    match pem::decode(bytes) {
        Some(der) if der.expose().first() == Some(&SEQUENCE) => of_der(der.expose(), password),
        _ => Err(Fault::UnknownFormat),
    }
}

fn of_pem(bytes: &[u8]) -> Result<Contents, Fault> {
    let mut contents = Contents::default();
    for block in pem::read(bytes).map_err(|_| Fault::DamagedPem)? {
        let key = match block.kind {
            _ if block.legacy_encrypted => Key::LegacyEncrypted,
            BlockKind::Certificate => {
                contents.certificates.push(block.der.expose().to_vec());
                continue;
            }
            BlockKind::PrivateKey => Key::Pkcs8(block.der),
            BlockKind::RsaPrivateKey => Key::Pkcs1(block.der),
            BlockKind::EncryptedPrivateKey => Key::Encrypted(block.der),
            BlockKind::EcPrivateKey => Key::Other("elliptic curve"),
            BlockKind::OtherPrivateKey => Key::Other("of a kind of its own (DSA, OpenSSH or another)"),
        };
        contents.keys.push(key);
    }
    Ok(contents)
}

fn of_der(bytes: &[u8], password: Option<&Secret>) -> Result<Contents, Fault> {
    if Certificate::parse(bytes).is_some() {
        return Err(Fault::NoKey);
    }
    if !looks_like_pkcs12(bytes) {
        return Err(Fault::UnknownFormat);
    }
    #[cfg(feature = "pkcs12")]
    return super::pkcs12::read(bytes, password);
    #[cfg(not(feature = "pkcs12"))]
    {
        let _ = password;
        Err(Fault::NotCompiledIn { what: "a PKCS#12 file", feature: "pkcs12" })
    }
}

/// Version 3 and a ContentInfo; the outermost length may be open (BER).
fn looks_like_pkcs12(bytes: &[u8]) -> bool {
    let Some((SEQUENCE, _, header)) = super::der::header(bytes) else {
        return false;
    };
    let mut inside = Reader::new(&bytes[header..]);
    let version = inside.expect(INTEGER).is_some_and(|version| version.content == [3]);
    // What follows may be of open length as well.
    version && bytes.get(header + 3) == Some(&SEQUENCE)
}

fn open(key: Key, password: Option<&Secret>) -> Result<PrivateKey, Fault> {
    match key {
        Key::Pkcs8(der) => PrivateKey::from_pkcs8(der.expose()),
        Key::Pkcs1(der) => PrivateKey::from_pkcs1(der.expose()),
        Key::Encrypted(der) => decrypt(&der, password),
        Key::LegacyEncrypted => Err(Fault::LegacyEncrypted),
        Key::Other(kind) => Err(Fault::NotRsa(kind)),
    }
}

#[cfg(feature = "encrypted-keys")]
fn decrypt(der: &SecretBytes, password: Option<&Secret>) -> Result<PrivateKey, Fault> {
    let password = password.ok_or(Fault::NeedsPassword)?;
    // The older algorithms come from PKCS#12, and so does our support of them.
    #[cfg(feature = "pkcs12")]
    let plain = super::pkcs12::pkcs8(der.expose(), password)?;
    #[cfg(not(feature = "pkcs12"))]
    let plain = super::decrypt::pkcs8(der.expose(), password.expose().as_bytes())?;
    PrivateKey::from_pkcs8(plain.expose())
}

#[cfg(not(feature = "encrypted-keys"))]
fn decrypt(_: &SecretBytes, _: Option<&Secret>) -> Result<PrivateKey, Fault> {
    Err(Fault::NotCompiledIn { what: "encrypted with a password", feature: "encrypted-keys" })
}
