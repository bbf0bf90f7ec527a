//! The password as PKCS#12 has it, and the key derivation of RFC 7292 appendix B.

use entrada_core::secret::Secret;
use sha1::{Digest, Sha1};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::super::decrypt::Hash;
use super::super::fault::Fault;

/// A password in both of its encodings.
pub(super) struct Password {
    /// UTF-8, for the newer algorithms.
    pub(super) utf8: Zeroizing<Vec<u8>>,
    /// UTF-16 with the high byte first and two zeros at the end, for the older ones.
    pub(super) wide: Zeroizing<Vec<u8>>,
}

/// What a password may mean: an empty one is the empty text for some programs, and nothing for others.
pub(super) struct Readings {
    given: bool,
    passwords: Vec<Password>,
}

impl Readings {
    pub(super) fn of(password: Option<&Secret>) -> Readings {
        let text = password.map_or("", Secret::expose);
        let length = 2 * text.len() + 2;
        let mut wide = Zeroizing::new(Vec::with_capacity(length));
        wide.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        wide.extend([0, 0]);
        let mut passwords = vec![Password { utf8: Zeroizing::new(text.as_bytes().to_vec()), wide }];
        if text.is_empty() {
            passwords.push(Password { utf8: Zeroizing::default(), wide: Zeroizing::default() });
        }
        Readings { given: password.is_some(), passwords }
    }

    /// The first result that is not of a wrong password.
    pub(super) fn each<T>(&self, mut attempt: impl FnMut(&Password) -> Result<T, Fault>) -> Result<T, Fault> {
        for password in &self.passwords {
            match attempt(password) {
                Err(Fault::WrongPassword) => {}
                other => return other,
            }
        }
        Err(if self.given { Fault::WrongPassword } else { Fault::NeedsPassword })
    }
}

/// What a derived key is for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Encryption = 1,
    Iv = 2,
    Mac = 3,
}

impl Hash {
    fn digest(self, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        fn of<D: Digest>(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
            let digest = parts.iter().fold(D::new(), |digest, part| digest.chain_update(part));
            Zeroizing::new(digest.finalize().to_vec())
        }
        match self {
            Hash::Sha1 => of::<Sha1>(parts),
            Hash::Sha224 => of::<Sha224>(parts),
            Hash::Sha256 => of::<Sha256>(parts),
            Hash::Sha384 => of::<Sha384>(parts),
            Hash::Sha512 => of::<Sha512>(parts),
        }
    }

    fn block(self) -> usize {
        if matches!(self, Hash::Sha384 | Hash::Sha512) { 128 } else { 64 }
    }
}

/// The derivation of RFC 7292 appendix B.2, of `length` bytes.
pub(super) fn derive(
    hash: Hash,
    purpose: Purpose,
    password: &Password,
    salt: &[u8],
    rounds: u32,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let block = hash.block();
    let filled = |bytes: &[u8]| bytes.len().div_ceil(block) * block;
    let fill = |bytes: &[u8]| bytes.iter().copied().cycle().take(filled(bytes)).collect::<Vec<_>>();
    let diversifier = vec![purpose as u8; block];
    let mut input = Zeroizing::new(Vec::with_capacity(filled(salt) + filled(&password.wide)));
    input.extend(fill(salt));
    input.extend(&*Zeroizing::new(fill(&password.wide)));
    let mut key = Zeroizing::new(Vec::with_capacity(length + 64));
    loop {
        let mut digest = hash.digest(&[&diversifier, &input]);
        for _ in 1..rounds {
            digest = hash.digest(&[&digest]);
        }
        key.extend_from_slice(&digest);
        if key.len() >= length {
            key.truncate(length);
            return key;
        }
        for chunk in input.chunks_exact_mut(block) {
            add(chunk, &digest);
        }
    }
}

/// Adds the digest, repeated, and one, to the number in `chunk`.
fn add(chunk: &mut [u8], digest: &[u8]) {
    let mut carry = 1;
    for (index, byte) in chunk.iter_mut().enumerate().rev() {
        carry += u16::from(*byte) + u16::from(digest[index % digest.len()]);
        [_, *byte] = carry.to_be_bytes();
        carry >>= 8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors that OpenSSL and Bouncy Castle share.
    #[test]
    fn known_keys() {
        let readings = Readings::of(Some(&Secret::new("smeg")));
        let smeg = &readings.passwords[0];
        assert_eq!(*smeg.wide, [0, 0x73, 0, 0x6d, 0, 0x65, 0, 0x67, 0, 0]);
        let salt = [0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f];
        let key = derive(Hash::Sha1, Purpose::Encryption, smeg, &salt, 1, 24);
        assert_eq!(
            *key,
            [
                0x8a, 0xaa, 0xe6, 0x29, 0x7b, 0x6c, 0xb0, 0x46, 0x42, 0xab, 0x5b, 0x07, 0x78, 0x51, 0x28,
                0x4e, 0xb7, 0x12, 0x8f, 0x1a, 0x2a, 0x7f, 0xbc, 0xa3
            ]
        );
        let iv = derive(Hash::Sha1, Purpose::Iv, smeg, &salt, 1, 8);
        assert_eq!(*iv, [0x79, 0x99, 0x3d, 0xfe, 0x04, 0x8d, 0x3b, 0x76]);
    }

    /// From `openssl kdf ... PKCS12KDF`: several blocks of output, and what nothing makes.
    #[test]
    fn the_keys_of_openssl() {
        let salt = [0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f];
        let smeg = &Readings::of(Some(&Secret::new("smeg"))).passwords[0];
        let long = derive(Hash::Sha512, Purpose::Mac, smeg, &salt, 7, 100);
        assert_eq!(long.len(), 100);
        assert_eq!(long[..4], [0x3f, 0x62, 0x93, 0x77]);
        assert_eq!(long[96..], [0x28, 0x81, 0x21, 0x04]);
        let none = Readings::of(None).passwords;
        let first = |password| derive(Hash::Sha1, Purpose::Encryption, password, &salt, 3, 24)[..4].to_vec();
        assert_eq!(first(&none[0]), [0x31, 0x39, 0x33, 0x8c]);
        assert_eq!(first(&none[1]), [0xc6, 0x7e, 0xfd, 0x08]);
    }

    #[test]
    fn an_empty_password_has_two_readings() {
        let wide = |password: Option<&str>| {
            let readings = Readings::of(password.map(Secret::new).as_ref());
            readings.passwords.iter().map(|password| password.wide.len()).collect::<Vec<_>>()
        };
        assert_eq!(wide(None), [2, 0]);
        assert_eq!(wide(Some("")), [2, 0]);
        assert_eq!(wide(Some("é𝄞")), [8]);
    }
}
