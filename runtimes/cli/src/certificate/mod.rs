//! A new certificate that signs itself (X.509 version 3, RFC 5280), with its RSA key.

mod der;
mod rsa;

use std::time::{Duration, SystemTime};

use entrada_core::{Error, ErrorKind, Secret};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, SerialNumber, date_time_ymd,
};

/// For clocks that are behind ours.
const BEFORE_NOW: Duration = Duration::from_secs(300);
/// RFC 5280 appendix A: `ub-common-name`.
const LONGEST_NAME: usize = 64;

/// A certificate and the file that it is kept in.
pub(crate) struct Made {
    /// The certificate in DER. It is no secret.
    pub(crate) der: Vec<u8>,
    /// The private key (PKCS #8), then the certificate, in PEM.
    pub(crate) pem: Secret,
}

/// Makes a key and a certificate of it, by this name, for so many days from now on.
///
/// # Errors
/// `Configuration`, when the library does not take the name, or the key (it checks both).
pub(crate) fn make(name: &str, days: u32) -> Result<Made, Error> {
    let failed = |error: rcgen::Error| {
        Error::new(ErrorKind::Configuration, format!("the certificate cannot be made: {error}"))
    };
    let key = rsa::new_key();
    let key =
        KeyPair::from_pkcs8_der_and_sign_algo(&key.expose().into(), &PKCS_RSA_SHA256).map_err(failed)?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = date_time_ymd(1970, 1, 1) + Duration::from_secs(now.as_secs());
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name.chars().take(LONGEST_NAME).collect::<String>());
    params.serial_number = Some(serial());
    params.not_before = now - BEFORE_NOW;
    params.not_after = now + Duration::from_secs(u64::from(days) * 86_400);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = params.self_signed(&key).map_err(failed)?;
    let pem = Secret::new(key.serialize_pem() + &certificate.pem());
    Ok(Made { der: certificate.der().to_vec(), pem })
}

/// A random number of 127 bits that is positive and has all its bytes (RFC 5280 section 4.1.2.2).
fn serial() -> SerialNumber {
    use entrada_core::flow::Entropy as _;
    let mut bytes = [0; 16];
    entrada_host::OsEntropy::default().fill(&mut bytes);
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}
