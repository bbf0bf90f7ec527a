//! The MAC of a PKCS#12 file: HMAC (RFC 7292) and PBMAC1 (RFC 9579).

use hmac::digest::block_api::EagerHash;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::super::decrypt::{self, Hash, unsupported};
use super::super::der::{Element, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE};
use super::super::fault::Fault;
use super::password::{Password, Purpose, derive};

const PBMAC1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 14];
const SHA1: &[u8] = &[0x2b, 0x0e, 3, 2, 0x1a];
const SHA2: [u8; 8] = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2];

/// Checks the MacData against the octets of the safes.
///
/// # Errors
/// `WrongPassword` when they do not agree: the password is wrong, or the file was changed.
pub(super) fn verify(mac: Element<'_>, password: &Password, safes: &[u8]) -> Result<(), Fault> {
    let data = parse(mac).ok_or(Fault::DamagedPkcs12)?;
    let (name, parameters) = super::algorithm(data.algorithm).ok_or(Fault::DamagedPkcs12)?;
    let agree = if name == PBMAC1 {
        pbmac1(parameters, password, safes, data.value)?
    } else {
        let hash = hash(name).ok_or_else(|| unsupported("the MAC", name))?;
        let rounds = decrypt::rounds(data.rounds)?;
        let key = derive(hash, Purpose::Mac, password, data.salt, rounds, length(hash));
        agrees(hash, &key, safes, data.value)
    };
    if agree { Ok(()) } else { Err(Fault::WrongPassword) }
}

struct MacData<'a> {
    algorithm: Element<'a>,
    value: &'a [u8],
    salt: &'a [u8],
    rounds: u64,
}

fn parse(mac: Element<'_>) -> Option<MacData<'_>> {
    let mut mac = mac.inside();
    let mut digest = mac.expect(SEQUENCE)?.inside();
    let algorithm = digest.expect(SEQUENCE)?;
    let value = digest.expect(OCTET_STRING)?.content;
    let salt = mac.expect(OCTET_STRING)?.content;
    let rounds = if mac.is_empty() { 1 } else { mac.number()? };
    Some(MacData { algorithm, value, salt, rounds })
}

fn pbmac1(
    mut parameters: Reader<'_>,
    password: &Password,
    safes: &[u8],
    value: &[u8],
) -> Result<bool, Fault> {
    let mut read = || {
        let mut parameters = parameters.expect(SEQUENCE)?.inside();
        let derivation = parameters.expect(SEQUENCE)?;
        let (function, _) = super::algorithm(parameters.expect(SEQUENCE)?)?;
        Some((derivation, function, key_length(derivation)?))
    };
    let (derivation, function, length) = read().ok_or(Fault::DamagedPkcs12)?;
    let hash = Hash::of_hmac(function).ok_or_else(|| unsupported("the MAC", function))?;
    let key = decrypt::derive(derivation, &password.utf8, length)?;
    Ok(agrees(hash, &key, safes, value))
}

/// RFC 9579 section 5 wants the length of the key to be there.
fn key_length(derivation: Element<'_>) -> Option<usize> {
    let mut derivation = derivation.inside();
    derivation.expect(OID).filter(|name| name.content == decrypt::PBKDF2)?;
    let mut parameters = derivation.expect(SEQUENCE)?.inside();
    parameters.expect(OCTET_STRING)?;
    parameters.expect(INTEGER)?;
    usize::try_from(parameters.number()?).ok().filter(|length| (20..=64).contains(length))
}

fn hash(oid: &[u8]) -> Option<Hash> {
    Some(match oid.strip_prefix(&SHA2) {
        None if oid == SHA1 => Hash::Sha1,
        Some([1]) => Hash::Sha256,
        Some([2]) => Hash::Sha384,
        Some([3]) => Hash::Sha512,
        Some([4]) => Hash::Sha224,
        _ => return None,
    })
}

fn length(hash: Hash) -> usize {
    match hash {
        Hash::Sha1 => 20,
        Hash::Sha224 => 28,
        Hash::Sha256 => 32,
        Hash::Sha384 => 48,
        Hash::Sha512 => 64,
    }
}

fn agrees(hash: Hash, key: &[u8], data: &[u8], value: &[u8]) -> bool {
    fn of<D: EagerHash>(key: &[u8], data: &[u8], value: &[u8]) -> bool {
        let mac = Hmac::<D>::new_from_slice(key);
        mac.is_ok_and(|mac| mac.chain_update(data).verify_slice(value).is_ok())
    }
    match hash {
        Hash::Sha1 => of::<Sha1>(key, data, value),
        Hash::Sha224 => of::<Sha224>(key, data, value),
        Hash::Sha256 => of::<Sha256>(key, data, value),
        Hash::Sha384 => of::<Sha384>(key, data, value),
        Hash::Sha512 => of::<Sha512>(key, data, value),
    }
}
