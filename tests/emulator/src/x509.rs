//! Reading certificates (RFC 5280): just enough of DER to check a client's assertion.
//!
//! Nothing here decides whom to trust; the registration of an app does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;
/// `rsaEncryption`, as an `AlgorithmIdentifier` has it.
const RSA_ENCRYPTION: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// `sha256WithRSAEncryption`.
const SHA256_WITH_RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];

/// What follows the first value of a text of DER values.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The next value: all its bytes, and its contents.
    fn value(&mut self, tag: u8) -> Option<(&'a [u8], &'a [u8])> {
        let (found, first) = (*self.0.first()?, *self.0.get(1)?);
        let (head, length) = match first {
            short @ 0..=0x7f => (2, usize::from(short)),
            long @ 0x81..=0x84 => {
                let count = usize::from(long & 0x7f);
                let digits = self.0.get(2..2 + count)?;
                (2 + count, digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)))
            }
            _ => return None,
        };
        let end = head.checked_add(length)?;
        let (whole, rest) = (self.0.get(..end)?, self.0.get(end..)?);
        if found != tag {
            return None;
        }
        self.0 = rest;
        Some((whole, whole.get(head..)?))
    }

    fn whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.value(tag).map(|(whole, _)| whole)
    }

    fn contents(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.value(tag).map(|(_, contents)| contents)
    }

    /// The bytes of a bit string without unused bits.
    fn bits(&mut self) -> Option<&'a [u8]> {
        self.contents(BIT_STRING)?.strip_prefix(&[0])
    }
}

/// A certificate with an RSA key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    signed: Vec<u8>,
    signature: Vec<u8>,
    /// Its subject's and its issuer's names, in DER.
    pub(crate) subject: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    /// Seconds since 1970, both inclusive.
    pub(crate) valid: (i64, i64),
    /// `RSAPublicKey` of RFC 8017 appendix A.1.1.
    key: Vec<u8>,
}

/// The signature algorithms a client may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Ps256,
}

impl Certificate {
    pub(crate) fn of_der(der: &[u8]) -> Option<Certificate> {
        let mut parts = Reader(Reader(der).contents(SEQUENCE)?);
        let (signed, tbs) = parts.value(SEQUENCE)?;
        let algorithm = parts.contents(SEQUENCE)?;
        let signature = if algorithm.starts_with(SHA256_WITH_RSA) { parts.bits()? } else { &[] };
        let mut fields = Reader(tbs);
        if fields.0.first() == Some(&VERSION) {
            fields.contents(VERSION)?;
        }
        fields.contents(INTEGER)?;
        fields.contents(SEQUENCE)?;
        let issuer = fields.whole(SEQUENCE)?;
        let mut validity = Reader(fields.contents(SEQUENCE)?);
        let valid = (time(&mut validity)?, time(&mut validity)?);
        let subject = fields.whole(SEQUENCE)?;
        let mut info = Reader(fields.contents(SEQUENCE)?);
        if !info.contents(SEQUENCE)?.starts_with(RSA_ENCRYPTION) {
            return None;
        }
        let key = info.bits()?;
        Some(Certificate {
            der: der.to_vec(),
            signed: signed.to_vec(),
            signature: signature.to_vec(),
            subject: subject.to_vec(),
            issuer: issuer.to_vec(),
            valid,
            key: key.to_vec(),
        })
    }

    /// The certificates of a PEM text (RFC 7468), whatever else is in it.
    pub(crate) fn all_of_pem(text: &str) -> Vec<Certificate> {
        let blocks = text.split("-----BEGIN CERTIFICATE-----").skip(1);
        let inner = blocks.filter_map(|block| block.split("-----END CERTIFICATE-----").next());
        inner.filter_map(Certificate::of_base64).collect()
    }

    /// A certificate as `x5c` has it. Line breaks are tolerated, as Entra tolerates them.
    pub(crate) fn of_base64(text: &str) -> Option<Certificate> {
        let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        Certificate::of_der(&STANDARD.decode(packed).ok()?)
    }

    /// The DER itself.
    pub(crate) fn into_der(self) -> Vec<u8> {
        self.der
    }

    /// SHA-1 of the DER, which is what `x5t` names.
    pub(crate) fn sha1(&self) -> Vec<u8> {
        digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.der).as_ref().to_vec()
    }

    /// SHA-256 of the DER, which is what `x5t#S256` names.
    pub(crate) fn sha256(&self) -> Vec<u8> {
        digest(&SHA256, &self.der).as_ref().to_vec()
    }

    /// Whether this certificate's key made the signature.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let verified = match algorithm {
            Algorithm::Rs256 => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.key).verify(message, signature)
            }
            Algorithm::Ps256 => {
                UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, &self.key).verify(message, signature)
            }
        };
        verified.is_ok()
    }

    /// Whether another certificate's key signed this one, under that one's name.
    pub(crate) fn issued_by(&self, other: &Certificate) -> bool {
        self.issuer == other.subject && other.verifies(Algorithm::Rs256, &self.signed, &self.signature)
    }
}

/// `YYMMDDHHMMSSZ` of this or the last century, or with all four digits (RFC 5280 section 4.1.2.5).
fn time(reader: &mut Reader<'_>) -> Option<i64> {
    let kind = *reader.0.first()?;
    let text = std::str::from_utf8(reader.contents(kind)?).ok()?.strip_suffix('Z')?;
    let text = match (kind, text.len()) {
        (UTC_TIME, 12) if text < "50" => format!("20{text}"),
        (UTC_TIME, 12) => format!("19{text}"),
        (GENERALIZED_TIME, 14) => text.to_owned(),
        _ => return None,
    };
    let number = |at: std::ops::Range<usize>| text.get(at)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let clock = number(8..10)? * 3600 + number(10..12)? * 60 + number(12..14)?;
    // Days of the civil calendar, the year beginning in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(days * 86_400 + clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RENEWED: &str = include_str!("../keys/renewed.pem");
    const SIGNING: &[u8] = include_bytes!("../keys/signing.cert.der");

    #[test]
    fn a_certificate_is_read() {
        let chain = Certificate::all_of_pem(RENEWED);
        let [leaf, root] = chain.as_slice() else { panic!("two certificates, the key left out") };
        assert!(leaf.issued_by(root) && root.issued_by(root));
        assert!(!root.issued_by(leaf) && !leaf.issued_by(leaf));
        // 1970-01-01 to 2126-01-01, the latter a GeneralizedTime.
        assert_eq!(leaf.valid, (0, 4_922_899_200));
        let signing = Certificate::of_der(SIGNING).unwrap();
        assert_eq!(signing.valid.0, 1_795_526_656, "2026-11-24T13:24:16Z");
        assert_eq!(signing.subject, signing.issuer);
    }

    #[test]
    fn no_part_of_a_certificate_is_one() {
        for end in 0..SIGNING.len() {
            assert!(Certificate::of_der(&SIGNING[..end]).is_none(), "{end}");
        }
        for at in 0..SIGNING.len() {
            let mut bent = SIGNING.to_vec();
            bent[at] ^= 0x55;
            let _ = Certificate::of_der(&bent);
        }
        assert!(Certificate::of_base64("!").is_none());
        assert!(Certificate::all_of_pem("-----BEGIN CERTIFICATE-----").is_empty());
    }
}
