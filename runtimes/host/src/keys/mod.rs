//! Certificates with their private keys: what a client signs its assertions with.
//!
//! A [`CertificateSource`] is a file or bytes in memory; [`CertificateSource::load`] gives the
//! [`LoadedCertificate`] of the moment. A file is read again when it has changed, so that a renewed
//! certificate needs no restart.
//!
//! | format | what is read |
//! |---|---|
//! | PEM (RFC 7468, leniently: see [`pem`]) | PKCS#8 and PKCS#1 keys; with the feature `encrypted-keys` also PKCS#8 with a password |
//! | PKCS#12 (RFC 7292) | with the feature `pkcs12`: PBES2 and the older RC2 and triple DES, a password that is empty or absent |
//!
//! Both hold certificates in any order: the one whose public key belongs to the private key signs, and
//! its issuers follow. Keys are RSA, because Entra accepts nothing else in a client assertion.
//!
//! With the feature `make-certificates`, `NewCertificate` makes one that signs itself, with its key.

mod certificate;
#[cfg(feature = "encrypted-keys")]
mod decrypt;
mod der;
mod fault;
mod file;
mod keyring;
mod loaded;
#[cfg(feature = "make-certificates")]
mod make;
mod oid;
pub mod pem;
#[cfg(feature = "pkcs12")]
mod pkcs12;
mod read;
mod rsa;
mod sign;
mod source;

pub use file::CertificateFile;
pub use keyring::Keyring;
pub use loaded::LoadedCertificate;
#[cfg(feature = "make-certificates")]
pub use make::NewCertificate;
pub use source::CertificateSource;
