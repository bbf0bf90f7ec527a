//! How a secret crosses the bus: encrypted with a key that both sides agree upon (the Secret Service API,
//! "Transfer of Secrets", `dh-ietf1024-sha256-aes128-cbc-pkcs7`).
//!
//! It keeps a secret out of the memory of the bus and out of what listens to it; whoever answers is not
//! proved by it, but by the bus.

use aes::Aes128;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U1024};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What the agreement is called.
pub(super) const ALGORITHM: &str = "dh-ietf1024-sha256-aes128-cbc-pkcs7";

/// The prime of the Second Oakley Group (RFC 2409 section 6.2). Its generator is 2.
const PRIME: &str = "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74\
                     020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437\
                     4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed\
                     ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff";

/// The length of the prime, in bytes.
const LENGTH: usize = 128;

/// The length of an initialisation vector, in bytes.
pub(super) const IV: usize = 16;

/// The key of one conversation.
pub(super) struct SessionKey(Zeroizing<[u8; 16]>);

/// Our half of an agreement.
pub(super) struct Half {
    exponent: Zeroizing<U1024>,
    group: FixedMontyParams<{ U1024::LIMBS }>,
}

impl Half {
    pub(super) fn new(random: &[u8; LENGTH]) -> Half {
        let prime = Odd::<U1024>::from_be_hex(PRIME);
        Half {
            exponent: Zeroizing::new(U1024::from_be_slice(random)),
            group: FixedMontyParams::new_vartime(prime),
        }
    }

    fn power(&self, base: &U1024) -> Zeroizing<[u8; LENGTH]> {
        let power = FixedMontyForm::new(base, &self.group).pow(&*self.exponent).retrieve();
        Zeroizing::new(power.to_be_bytes().into())
    }

    /// What the other side is told.
    pub(super) fn public(&self) -> Zeroizing<[u8; LENGTH]> {
        self.power(&U1024::from_u8(2))
    }

    /// The key, once the other side has told its half; nothing where that is none.
    pub(super) fn agree(&self, theirs: &[u8]) -> Option<SessionKey> {
        let mut padded = [0; LENGTH];
        padded[LENGTH.checked_sub(theirs.len())?..].copy_from_slice(theirs);
        let theirs = U1024::from_be_slice(&padded);
        let last = self.group.modulus().get().wrapping_sub(&U1024::ONE);
        // With these the key would be known to everybody.
        if bool::from(theirs.is_zero()) || theirs == U1024::ONE || theirs >= last {
            return None;
        }
        Some(SessionKey(derive(&*self.power(&theirs))?))
    }
}

/// HKDF with SHA-256, without a salt and without information (RFC 5869), sixteen bytes of it.
fn derive(shared: &[u8]) -> Option<Zeroizing<[u8; 16]>> {
    let mac = |key: &[u8], message: &[u8]| {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).ok()?;
        mac.update(message);
        Some(Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes())))
    };
    let extracted = mac(&[0; 32], shared)?;
    let expanded = mac(&*extracted, &[1])?;
    let mut key = Zeroizing::new([0; 16]);
    key.copy_from_slice(&expanded[..16]);
    Some(key)
}

impl SessionKey {
    /// Encrypts a secret. `iv` must be random.
    pub(super) fn seal(&self, iv: &[u8; IV], secret: &[u8]) -> Option<Vec<u8>> {
        let cipher = cbc::Encryptor::<Aes128>::new_from_slices(&*self.0, iv).ok()?;
        Some(cipher.encrypt_padded_vec::<Pkcs7>(secret))
    }

    /// Decrypts a secret; nothing where it is not one of this conversation.
    pub(super) fn open(&self, iv: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let cipher = cbc::Decryptor::<Aes128>::new_from_slices(&*self.0, iv).ok()?;
        cipher.decrypt_padded_vec::<Pkcs7>(sealed).ok().map(Zeroizing::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half(seed: u8) -> Half {
        let mut random = [0; LENGTH];
        (0..).zip(&mut random).for_each(|(at, byte): (u8, _)| *byte = seed.wrapping_mul(37).wrapping_add(at));
        Half::new(&random)
    }

    #[test]
    fn both_sides_get_the_same_key() {
        let (one, other) = (half(1), half(2));
        let [ours, theirs] = [one.agree(&*other.public()), other.agree(&*one.public())].map(Option::unwrap);
        let sealed = ours.seal(&[3; IV], b"a secret").unwrap();
        assert_eq!(**theirs.open(&[3; IV], &sealed).unwrap(), b"a secret"[..]);
        let stranger = half(3).agree(&*one.public()).unwrap();
        assert!(stranger.open(&[3; IV], &sealed).is_none_or(|opened| **opened != b"a secret"[..]));
    }

    /// Made with Python: `pow`, `hmac`.
    #[test]
    fn the_key_that_another_implementation_derives() {
        assert_eq!(hex(&half(1).public()[..8]), "0e1ac7eb1de146b1");
        assert_eq!(hex(&*half(1).agree(&*half(2).public()).unwrap().0), "1de3cb949f80d1ad56c85faf6cfd8879");
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn halves_that_give_the_key_away_are_refused() {
        let prime = Odd::<U1024>::from_be_hex(PRIME).get();
        let last = prime.wrapping_sub(&U1024::ONE);
        for bad in [
            &[][..],
            &[0],
            &[1],
            &last.to_be_bytes()[..],
            &prime.to_be_bytes()[..],
            &[0xff; LENGTH],
            &[1; LENGTH + 1],
        ] {
            assert!(half(1).agree(bad).is_none(), "{bad:?}");
        }
        assert!(half(1).agree(&[2]).is_some(), "leading zeros may be left out");
    }
}
