//! X.509 certificates (RFC 5280): the few fields that matter here, and their order.

use entrada_core::time::Unix;

use super::der::{CONTEXT_0, Element, GENERALIZED_TIME, INTEGER, Reader, SEQUENCE, UTC_TIME};
use super::rsa::PublicKey;

/// A certificate, as far as we look into it.
#[derive(Debug)]
pub(super) struct Certificate {
    pub(super) der: Vec<u8>,
    pub(super) not_after: Unix,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    /// `None` when it is not of RSA.
    key: Option<PublicKey>,
}

impl Certificate {
    /// Reads the certificate that the bytes begin with. (`TRUSTED CERTIFICATE` has more behind it.)
    pub(super) fn parse(bytes: &[u8]) -> Option<Certificate> {
        let whole = Reader::new(bytes).expect(SEQUENCE)?;
        let mut signed = whole.inside().expect(SEQUENCE)?.inside();
        signed.optional(CONTEXT_0);
        signed.expect(INTEGER)?;
        signed.expect(SEQUENCE)?;
        let issuer = signed.expect(SEQUENCE)?.whole.to_vec();
        let mut validity = signed.expect(SEQUENCE)?.inside();
        validity.any()?;
        let not_after = instant(validity.any()?)?;
        let subject = signed.expect(SEQUENCE)?.whole.to_vec();
        let key = PublicKey::from_info(signed.expect(SEQUENCE)?);
        Some(Certificate { der: whole.whole.to_vec(), not_after, issuer, subject, key })
    }
}

/// The certificate of this key, then its issuer and so on, then the rest as it came. `None` when no
/// certificate is of this key. Of several, the first is taken; doubles are left out.
pub(super) fn chain(mut certificates: Vec<Certificate>, key: &PublicKey) -> Option<Vec<Certificate>> {
    let first = certificates.iter().position(|certificate| certificate.key.as_ref() == Some(key))?;
    let mut chain = vec![certificates.remove(first)];
    loop {
        let last = &chain[chain.len() - 1];
        let issuer = certificates
            .iter()
            .position(|other| other.subject == last.issuer && other.der != last.der)
            .filter(|_| last.issuer != last.subject);
        match issuer {
            Some(place) => chain.push(certificates.remove(place)),
            None => break,
        }
    }
    for certificate in certificates {
        if chain.iter().all(|other| other.der != certificate.der) {
            chain.push(certificate);
        }
    }
    Some(chain)
}

/// A time of RFC 5280 section 4.1.2.5; seconds may be missing.
fn instant(time: Element<'_>) -> Option<Unix> {
    let text = std::str::from_utf8(time.content).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match time.tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            (if year < "50" { format!("20{year}") } else { format!("19{year}") }, rest)
        }
        GENERALIZED_TIME => text.split_at_checked(4).map(|(year, rest)| (year.to_owned(), rest))?,
        _ => return None,
    };
    let seconds = match rest.len() {
        8 => "00",
        10 => &rest[8..],
        _ => return None,
    };
    let (month, day, hour, minute) = (&rest[..2], &rest[2..4], &rest[4..6], &rest[6..8]);
    let text = format!("{year}-{month}-{day}T{hour}:{minute}:{seconds}Z");
    entrada_core::calendar::parse(&text).map(entrada_core::calendar::Stamp::or_utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(tag: u8, text: &str) -> Option<i64> {
        let time = Element { tag, whole: b"", content: text.as_bytes() };
        instant(time).map(|time| time.0)
    }

    #[test]
    fn times() {
        assert_eq!(at(UTC_TIME, "700101000001Z"), Some(1));
        assert_eq!(at(UTC_TIME, "491231235959Z"), Some(2_524_607_999));
        assert_eq!(at(UTC_TIME, "7001010001Z"), Some(60));
        assert_eq!(at(GENERALIZED_TIME, "20500101000000Z"), Some(2_524_608_000));
        assert_eq!(at(GENERALIZED_TIME, "99991231235959Z"), Some(253_402_300_799));
        for bad in ["", "Z", "é0101000001Z", "701301000001Z", "700101000001", "+00101000001Z", "7001Z"] {
            assert_eq!(at(UTC_TIME, bad), None, "{bad}");
        }
        assert_eq!(at(INTEGER, "700101000001Z"), None);
    }

    fn certificate(name: u8, issuer: u8, key: Option<u8>) -> Certificate {
        let key = key.map(key_of);
        Certificate {
            der: vec![name, issuer],
            not_after: Unix(0),
            issuer: vec![issuer],
            subject: vec![name],
            key,
        }
    }

    fn key_of(number: u8) -> PublicKey {
        let key = [0x30, 24, 0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]
            .into_iter()
            .chain([3, 9, 0, 0x30, 6, 2, 1, number, 2, 1, 3])
            .collect::<Vec<u8>>();
        PublicKey::from_info(Reader::new(&key).any().unwrap()).unwrap()
    }

    fn order(certificates: Vec<Certificate>) -> Option<Vec<u8>> {
        let chain = chain(certificates, &key_of(1))?;
        Some(chain.iter().map(|certificate| certificate.subject[0]).collect())
    }

    #[test]
    fn leaf_then_issuers_then_the_rest() {
        let root = || certificate(9, 9, Some(9));
        let middle = || certificate(8, 9, Some(8));
        let leaf = || certificate(1, 8, Some(1));
        let stranger = || certificate(5, 6, None);
        assert_eq!(order(vec![root(), stranger(), middle(), leaf()]), Some(vec![1, 8, 9, 5]));
        assert_eq!(order(vec![leaf(), leaf(), root(), root()]), Some(vec![1, 9]));
        assert_eq!(order(vec![root(), middle()]), None);
    }

    #[test]
    fn issuers_in_a_circle_come_to_an_end() {
        let circle = vec![certificate(2, 1, None), certificate(1, 2, Some(1)), certificate(2, 1, None)];
        assert_eq!(order(circle), Some(vec![1, 2]));
    }
}
