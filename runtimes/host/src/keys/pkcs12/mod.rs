//! PKCS#12 (RFC 7292): the certificates and keys of a PFX file.
//!
//! Read here is what files in the wild have: password integrity and privacy, BER as well as DER, the
//! algorithms of today (PBES2, HMAC with SHA-2, PBMAC1) and those of old (RC2 and triple DES with
//! SHA-1), which protect nothing but must be read all the same.

mod ber;
mod mac;
mod password;
mod pbe;

use entrada_core::secret::{Secret, SecretBytes};

use self::password::Readings;
use super::decrypt;
use super::der::{CONTEXT_0, Element, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, whole_sequence};
use super::fault::Fault;
use super::oid::dotted;
use super::read::{Contents, Key};

/// `[0]` IMPLICIT of a primitive type.
const IMPLICIT_0: u8 = 0x80;
const SET: u8 = 0x31;

/// RFC 5652 content types differ in their last octet.
const CONTENT: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7];
/// So do the bags of RFC 7292.
const BAG: [u8; 10] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1];
/// x509Certificate among the kinds of certificates.
const X509: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 22, 1];

/// Safes inside safes, at most.
const DEPTH: usize = 8;

/// Reads the whole file.
pub(super) fn read(bytes: &[u8], password: Option<&Secret>) -> Result<Contents, Fault> {
    let readings = Readings::of(password);
    let der = ber::to_der(bytes).ok_or(Fault::DamagedPkcs12)?;
    let (safes, mac) = outside(der.expose()).ok_or(Fault::DamagedPkcs12)?;
    let (kind, safes) = content(safes).ok_or(Fault::DamagedPkcs12)?;
    if kind != [CONTENT.as_slice(), &[1]].concat() {
        return Err(Fault::Unsupported(format!("a PKCS#12 integrity of kind {}", dotted(kind))));
    }
    let safes = octets(safes).ok_or(Fault::DamagedPkcs12)?;
    if let Some(mac) = mac {
        readings.each(|password| mac::verify(mac, password, safes.expose()))?;
    }
    let safes = ber::to_der(safes.expose()).ok_or(Fault::DamagedPkcs12)?;
    let mut safes = whole_sequence(safes.expose()).ok_or(Fault::DamagedPkcs12)?;
    let mut contents = Contents::default();
    while !safes.is_empty() {
        let safe = safes.expect(SEQUENCE).ok_or(Fault::DamagedPkcs12)?;
        bags(open(safe, &readings)?.expose(), &readings, &mut contents, DEPTH)?;
    }
    Ok(contents)
}

/// The PKCS#8 key in an EncryptedPrivateKeyInfo, with any algorithm that we have.
pub(super) fn pkcs8(der: &[u8], password: &Secret) -> Result<SecretBytes, Fault> {
    shrouded(der, &Readings::of(Some(password)))
}

fn shrouded(der: &[u8], readings: &Readings) -> Result<SecretBytes, Fault> {
    let (algorithm, data) = decrypt::encrypted_info(der).ok_or(Fault::DamagedKey)?;
    readings.each(|password| pbe::decrypt(algorithm, password, data))
}

/// The safes and the MAC of a PFX.
fn outside(der: &[u8]) -> Option<(Element<'_>, Option<Element<'_>>)> {
    let mut pfx = whole_sequence(der)?;
    let version = pfx.number()?;
    let safes = pfx.expect(SEQUENCE)?;
    (version == 3).then(|| (safes, pfx.optional(SEQUENCE)))
}

/// The type and the value of a ContentInfo.
fn content(info: Element<'_>) -> Option<(&[u8], Element<'_>)> {
    let mut info = info.inside();
    Some((info.expect(OID)?.content, info.expect(CONTEXT_0)?.inside().any()?))
}

/// The octets of a string, which may be in pieces where its tag is implicit.
fn octets(string: Element<'_>) -> Option<SecretBytes> {
    match string.tag {
        OCTET_STRING | IMPLICIT_0 => Some(SecretBytes::new(string.content)),
        CONTEXT_0 => {
            let mut pieces = string.inside();
            let mut all = Vec::with_capacity(string.content.len());
            while !pieces.is_empty() {
                all.extend_from_slice(pieces.expect(OCTET_STRING)?.content);
            }
            Some(SecretBytes::new(all))
        }
        _ => None,
    }
}

/// The SafeContents of one safe, in DER.
fn open(safe: Element<'_>, readings: &Readings) -> Result<SecretBytes, Fault> {
    let (kind, value) = content(safe).ok_or(Fault::DamagedPkcs12)?;
    let plain = match kind.strip_prefix(&CONTENT) {
        Some([1]) => octets(value).ok_or(Fault::DamagedPkcs12)?,
        Some([6]) => {
            let (algorithm, data) = encrypted(value).ok_or(Fault::DamagedPkcs12)?;
            readings.each(|password| pbe::decrypt(algorithm, password, data.expose()))?
        }
        _ => return Err(Fault::Unsupported(format!("a PKCS#12 safe of kind {}", dotted(kind)))),
    };
    ber::to_der(plain.expose()).ok_or(Fault::DamagedPkcs12)
}

/// The algorithm and the data of EncryptedData (RFC 5652 section 8).
fn encrypted(data: Element<'_>) -> Option<(Element<'_>, SecretBytes)> {
    let mut data = data.inside();
    data.expect(INTEGER)?;
    let mut info = data.expect(SEQUENCE)?.inside();
    info.expect(OID)?;
    Some((info.expect(SEQUENCE)?, octets(info.any()?)?))
}

/// Takes what is in the bags. Bags of other kinds (revocation lists, secrets) are passed over.
fn bags(safe: &[u8], readings: &Readings, contents: &mut Contents, depth: usize) -> Result<(), Fault> {
    let mut bags = whole_sequence(safe).ok_or(Fault::DamagedPkcs12)?;
    while !bags.is_empty() {
        let (kind, value) = bags.expect(SEQUENCE).and_then(bag).ok_or(Fault::DamagedPkcs12)?;
        match kind.strip_prefix(&BAG) {
            Some([1]) => contents.keys.push(Key::Pkcs8(SecretBytes::new(value.whole))),
            Some([2]) => contents.keys.push(Key::Pkcs8(shrouded(value.whole, readings)?)),
            Some([3]) => contents.certificates.extend(certificate(value).map(<[u8]>::to_vec)),
            Some([6]) if depth > 0 => self::bags(value.whole, readings, contents, depth - 1)?,
            _ => {}
        }
    }
    Ok(())
}

fn bag(bag: Element<'_>) -> Option<(&[u8], Element<'_>)> {
    let mut bag = bag.inside();
    let found = (bag.expect(OID)?.content, bag.expect(CONTEXT_0)?.inside().any()?);
    bag.optional(SET);
    bag.is_empty().then_some(found)
}

fn certificate(bag: Element<'_>) -> Option<&[u8]> {
    let mut bag = bag.inside();
    let kind = bag.expect(OID)?;
    let value = bag.expect(CONTEXT_0)?.inside().expect(OCTET_STRING)?;
    (kind.content == X509).then_some(value.content)
}

/// An algorithm identifier: its octets and the parameters that follow.
fn algorithm(identifier: Element<'_>) -> Option<(&[u8], Reader<'_>)> {
    let mut inside = identifier.inside();
    Some((inside.expect(OID)?.content, inside))
}
