//! A new certificate that signs itself (X.509 version 3, RFC 5280), with its RSA key.

mod der;
mod rsa;

use std::fmt;
use std::time::Duration;

use entrada_core::error::{Error, ErrorKind};
use entrada_core::flow::Entropy as _;
use entrada_core::secret::Secret;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, SerialNumber, date_time_ymd,
};

use crate::clock::{Clock as _, SystemClock};
use crate::entropy::OsEntropy;

/// For clocks that are behind ours.
const BEFORE_NOW: Duration = Duration::from_secs(300);
/// RFC 5280 appendix A: `ub-common-name`.
const LONGEST_NAME: usize = 64;

/// A certificate that was made, with its private key.
///
/// An app registers the certificate ([`NewCertificate::der`]), keeps the file ([`NewCertificate::pem`]) and signs in
/// with that from then on. `Debug` shows nothing of the key.
///
/// ```no_run
/// use entrada_core::graph::setup::{Certificate, Proof};
/// use entrada_host::keys::NewCertificate;
///
/// let new = NewCertificate::make("ml-auth", 365)?;
/// // First the file, for nobody else to read: then the key is not lost, whatever comes of the set-up.
/// std::fs::write("ml-auth.pem", new.pem().expose())?;
/// let proof = Proof::Certificate(Certificate { der: new.der().to_vec(), valid: None });
/// # let _ = proof;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct NewCertificate {
    der: Vec<u8>,
    pem: Secret,
}

impl NewCertificate {
    /// Makes an RSA key of 3072 bits and a certificate of it: X.509 version 3 with a random serial number, signed by
    /// itself with SHA-256, for the authentication of clients alone. The name is that of its subject and its issuer
    /// (`CN`), of which 64 characters are taken. It is valid from five minutes ago for so many days from now on.
    ///
    /// Searching for the primes takes from a tenth of a second to some seconds, and blocks.
    ///
    /// # Errors
    /// `Configuration`, when the library does not take the name, or the last day is after the year 9999.
    ///
    /// # Panics
    /// When the operating system has no randomness to give: a key that can be guessed would be worse.
    pub fn make(name: &str, days: u32) -> Result<NewCertificate, Error> {
        let (from, to) = period(days)?;
        let key = rsa::new_key();
        let key =
            KeyPair::from_pkcs8_der_and_sign_algo(&key.expose().into(), &PKCS_RSA_SHA256).map_err(failed)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, name.chars().take(LONGEST_NAME).collect::<String>());
        params.serial_number = Some(serial());
        params.not_before = date_time_ymd(1970, 1, 1) + from;
        params.not_after = date_time_ymd(1970, 1, 1) + to;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.self_signed(&key).map_err(failed)?;
        let pem = Secret::new(key.serialize_pem() + &certificate.pem());
        Ok(NewCertificate { der: certificate.der().to_vec(), pem })
    }

    /// The certificate in DER. It is no secret.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What to keep in a file: the private key (PKCS #8), then the certificate, in PEM. A
    /// [`CertificateSource`](super::CertificateSource) reads it.
    #[must_use]
    pub fn pem(&self) -> &Secret {
        &self.pem
    }
}

impl fmt::Debug for NewCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCertificate").field("pem", &self.pem).finish_non_exhaustive()
    }
}

fn failed(error: rcgen::Error) -> Error {
    Error::new(ErrorKind::Configuration, format!("the certificate cannot be made: {error}"))
}

/// When it begins and when it ends, since 1970.
fn period(days: u32) -> Result<(Duration, Duration), Error> {
    /// The last second of the year 9999: RFC 5280 section 4.1.2.5 has no later one.
    const LATEST: u64 = 253_402_300_799;
    let now = SystemClock::new().now().unix.0;
    let now = Duration::from_secs(now.try_into().unwrap_or_default());
    let span = Duration::from_secs(u64::from(days) * 86_400);
    let to = now.saturating_add(span);
    if to.as_secs() > LATEST {
        return Err(Error::new(ErrorKind::Configuration, "no certificate lasts beyond the year 9999")
            .with_remedy("give it fewer days: a year, or two"));
    }
    Ok((now.saturating_sub(BEFORE_NOW), to))
}

/// A random number of 127 bits that is positive and has all its bytes (RFC 5280 section 4.1.2.2).
fn serial() -> SerialNumber {
    let mut bytes = [0; 16];
    OsEntropy::default().fill(&mut bytes);
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::CertificateSource;
    use crate::keys::pem::{self, BlockKind};

    #[test]
    fn what_is_made_is_read_and_its_key_is_not_shown() {
        let name = "ml-auth ".repeat(20);
        let made = NewCertificate::make(&name, 30).unwrap();
        let text = made.pem().expose();
        let loaded = CertificateSource::from_bytes(text.as_bytes().to_vec(), None).load().unwrap();
        let blocks = pem::read(text.as_bytes()).unwrap();
        let own = blocks.iter().find(|block| block.kind == BlockKind::Certificate).unwrap();
        assert_eq!(own.der.expose(), made.der());
        let life = loaded.not_after().0 - SystemClock::new().now().unix.0;
        assert!((29 * 86_400..=30 * 86_400).contains(&life), "{life}");
        let shown = format!("{made:?}");
        assert!(!shown.contains("PRIVATE") && !shown.contains(&text[60..90]), "{shown}");
    }

    #[test]
    fn nothing_lasts_for_ever() {
        let refused = NewCertificate::make("x", u32::MAX).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Configuration);
        let (from, to) = period(0).unwrap();
        assert_eq!(to - from, BEFORE_NOW);
    }
}
