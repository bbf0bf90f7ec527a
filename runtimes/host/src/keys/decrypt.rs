//! Decryption with a password: PBES2 (RFC 8018 section 6.2) with PBKDF2 or scrypt.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, InnerIvInit, KeyInit};
use des::TdesEde3;
use entrada_core::secret::SecretBytes;
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::der::{Element, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, header, whole_sequence};
use super::fault::Fault;
use super::oid::dotted;

/// More rounds than anybody uses. A file that asks for more would be a way to stop us.
pub(super) const MOST_ROUNDS: u64 = 5_000_000;
/// The most memory that scrypt may take.
const MOST_MEMORY: u64 = 256 << 20;

const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
pub(super) const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
const SCRYPT: &[u8] = &[0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11];
const TRIPLE_DES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 3, 7];
/// The AES identifiers differ in their last octet.
const AES: [u8; 8] = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1];
/// So do those of HMAC.
const HMAC: [u8; 7] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2];

/// The PKCS#8 key inside an EncryptedPrivateKeyInfo (RFC 5958 section 3).
#[cfg(not(feature = "pkcs12"))]
pub(super) fn pkcs8(der: &[u8], password: &[u8]) -> Result<SecretBytes, Fault> {
    let (algorithm, data) = encrypted_info(der).ok_or(Fault::DamagedKey)?;
    decrypt(algorithm, password, data)
}

/// The algorithm and the data of an EncryptedPrivateKeyInfo.
pub(super) fn encrypted_info(der: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let mut info = whole_sequence(der)?;
    Some((info.expect(SEQUENCE)?, info.expect(OCTET_STRING)?.content))
}

/// Decrypts what is one sequence, with the algorithm of this identifier. The password is UTF-8.
pub(super) fn decrypt(algorithm: Element<'_>, password: &[u8], data: &[u8]) -> Result<SecretBytes, Fault> {
    let mut algorithm = algorithm.inside();
    let name = algorithm.expect(OID).ok_or(Fault::DamagedKey)?;
    if name.content != PBES2 {
        return Err(unsupported("the encryption", name.content));
    }
    let (derivation, cipher) = (|| {
        let mut parameters = algorithm.expect(SEQUENCE)?.inside();
        Some((parameters.expect(SEQUENCE)?, parameters.expect(SEQUENCE)?.inside()))
    })()
    .ok_or(Fault::DamagedKey)?;
    let (cipher, iv) = parts(cipher, OCTET_STRING).ok_or(Fault::DamagedKey)?;
    let aes = cipher.strip_prefix(&AES);
    let key = |length| derive(derivation, password, length);
    let plain = match aes {
        Some([2]) => unchain::<Aes128>(&key(16)?, iv, data),
        Some([22]) => unchain::<Aes192>(&key(24)?, iv, data),
        Some([42]) => unchain::<Aes256>(&key(32)?, iv, data),
        _ if cipher == TRIPLE_DES => unchain::<TdesEde3>(&key(24)?, iv, data),
        _ => return Err(unsupported("the cipher", cipher)),
    };
    plain.ok_or(Fault::WrongPassword)
}

/// The octets of an algorithm's identifier, and its parameters, which have this tag.
fn parts(mut algorithm: Reader<'_>, tag: u8) -> Option<(&[u8], &[u8])> {
    Some((algorithm.expect(OID)?.content, algorithm.expect(tag)?.content))
}

pub(super) fn unsupported(what: &str, oid: &[u8]) -> Fault {
    Fault::Unsupported(format!("{what} {}", dotted(oid)))
}

/// Undoes CBC and the padding. `None`: not with this key, or not data of this form.
pub(super) fn unchain<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    data: &[u8],
) -> Option<SecretBytes> {
    unchain_with(C::new_from_slice(key).ok()?, iv, data)
}

/// The same with a cipher that has its key.
pub(super) fn unchain_with<C: BlockCipherDecrypt>(cipher: C, iv: &[u8], data: &[u8]) -> Option<SecretBytes> {
    let chain = Decryptor::inner_iv_slice_init(cipher, iv).ok()?;
    let plain = SecretBytes::new(chain.decrypt_padded_vec::<Pkcs7>(data).ok()?);
    // A wrong key comes through the padding once in 256 times.
    let (tag, length, start) = header(plain.expose())?;
    let whole = length.is_none_or(|length| plain.len() - start == length);
    (tag == SEQUENCE && whole).then_some(plain)
}

/// A key of this length, by PBKDF2 or scrypt.
pub(super) fn derive(
    derivation: Element<'_>,
    password: &[u8],
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let mut derivation = derivation.inside();
    let name = derivation.expect(OID).ok_or(Fault::DamagedKey)?.content;
    let parameters = derivation.expect(SEQUENCE).ok_or(Fault::DamagedKey)?.inside();
    let mut key = Zeroizing::new(vec![0; length]);
    match name {
        PBKDF2 => by_pbkdf2(parameters, password, &mut key)?,
        SCRYPT => by_scrypt(parameters, password, &mut key)?,
        _ => return Err(unsupported("the key derivation", name)),
    }
    Ok(key)
}

fn by_pbkdf2(mut parameters: Reader<'_>, password: &[u8], key: &mut [u8]) -> Result<(), Fault> {
    let salt = parameters.expect(OCTET_STRING).ok_or(Fault::DamagedKey)?.content;
    let rounds = rounds(parameters.number().ok_or(Fault::DamagedKey)?)?;
    parameters.optional(INTEGER);
    let function = parameters.optional(SEQUENCE).and_then(|function| function.inside().expect(OID));
    let Some(hash) = function.map_or(Some(Hash::Sha1), |function| Hash::of_hmac(function.content)) else {
        return Err(unsupported(
            "the key derivation with",
            function.map_or(&[], |function| function.content),
        ));
    };
    match hash {
        Hash::Sha1 => pbkdf2_hmac::<Sha1>(password, salt, rounds, key),
        Hash::Sha224 => pbkdf2_hmac::<Sha224>(password, salt, rounds, key),
        Hash::Sha256 => pbkdf2_hmac::<Sha256>(password, salt, rounds, key),
        Hash::Sha384 => pbkdf2_hmac::<Sha384>(password, salt, rounds, key),
        Hash::Sha512 => pbkdf2_hmac::<Sha512>(password, salt, rounds, key),
    }
    Ok(())
}

/// RFC 7914 section 7.
fn by_scrypt(mut parameters: Reader<'_>, password: &[u8], key: &mut [u8]) -> Result<(), Fault> {
    let mut read = || {
        let salt = parameters.expect(OCTET_STRING)?.content;
        Some((salt, parameters.number()?, parameters.number()?, parameters.number()?))
    };
    let (salt, cost, size, parallel) = read().ok_or(Fault::DamagedKey)?;
    let memory = cost.checked_mul(128).and_then(|memory| memory.checked_mul(size));
    if memory.is_none_or(|memory| memory > MOST_MEMORY) || parallel > 16 {
        return Err(Fault::Unsupported("scrypt with more memory or work than is sensible".to_owned()));
    }
    if !cost.is_power_of_two() {
        return Err(Fault::DamagedKey);
    }
    // These fit: the check of the memory was stricter.
    let parameters =
        u8::try_from(cost.ilog2()).ok().zip(u32::try_from(size).ok().zip(u32::try_from(parallel).ok()));
    let parameters =
        parameters.and_then(|(log, (size, parallel))| scrypt::Params::new(log, size, parallel).ok());
    scrypt::scrypt(password, salt, &parameters.ok_or(Fault::DamagedKey)?, key).map_err(|_| Fault::DamagedKey)
}

/// A count of rounds that we are ready to go.
pub(super) fn rounds(count: u64) -> Result<u32, Fault> {
    match u32::try_from(count) {
        Ok(0) => Err(Fault::DamagedKey),
        Ok(rounds) if count <= MOST_ROUNDS => Ok(rounds),
        _ => Err(Fault::Unsupported("more rounds of key derivation than is sensible".to_owned())),
    }
}

/// A digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The digest of an HMAC.
    pub(super) fn of_hmac(oid: &[u8]) -> Option<Hash> {
        Some(match oid.strip_prefix(&HMAC)? {
            [7] => Hash::Sha1,
            [8] => Hash::Sha224,
            [9] => Hash::Sha256,
            [10] => Hash::Sha384,
            [11] => Hash::Sha512,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrypt_key(cost: &[u8], parallel: u8) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let mut numbers = vec![2, u8::try_from(cost.len()).unwrap()];
        numbers.extend(cost);
        numbers.extend([2, 1, 8, 2, 1, parallel]);
        let mut parameters = b"\x04\x04NaCl".to_vec();
        parameters.extend(numbers);
        let mut derivation = vec![OID, 9];
        derivation.extend(SCRYPT);
        derivation.extend([SEQUENCE, u8::try_from(parameters.len()).unwrap()]);
        derivation.extend(parameters);
        let mut whole = vec![SEQUENCE, u8::try_from(derivation.len()).unwrap()];
        whole.extend(derivation);
        derive(Reader::new(&whole).any().unwrap(), b"password", 64)
    }

    #[test]
    fn scrypt_of_rfc_7914() {
        let key = scrypt_key(&[4, 0], 16).unwrap();
        assert_eq!(key[..8], [0xfd, 0xba, 0xbe, 0x1c, 0x9d, 0x34, 0x72, 0x00]);
    }

    #[test]
    fn a_file_cannot_make_us_work_for_ever() {
        assert!(matches!(scrypt_key(&[0x40, 0, 0, 0, 0], 1), Err(Fault::Unsupported(_))));
        assert!(matches!(scrypt_key(&[4, 0], 100), Err(Fault::Unsupported(_))));
        assert_eq!(scrypt_key(&[4, 1], 1).unwrap_err(), Fault::DamagedKey);
        assert!(matches!(rounds(MOST_ROUNDS + 1), Err(Fault::Unsupported(_))));
        assert!(matches!(rounds(u64::MAX), Err(Fault::Unsupported(_))));
        assert_eq!(rounds(0), Err(Fault::DamagedKey));
        assert_eq!(rounds(2048), Ok(2048));
    }
}
