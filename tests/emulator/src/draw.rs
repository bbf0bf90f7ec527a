//! Everything that looks random, drawn from the seed: SHA-256 of the seed and a counter.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Letters and digits that cannot be mistaken for each other and spell no words.
const USER_CODE: &[u8; 26] = b"BCDFGHJKLMNPQRSTVWXZ234579";

#[derive(Clone)]
pub(crate) struct Draw {
    seed: [u8; 32],
    counter: u64,
}

impl Draw {
    pub(crate) fn new(seed: [u8; 32]) -> Draw {
        Draw { seed, counter: 0 }
    }

    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(self.counter.to_be_bytes());
        self.counter += 1;
        hash.finalize().into()
    }

    /// A version 4 UUID.
    pub(crate) fn guid(&mut self) -> String {
        let bytes = self.bytes();
        let hex = hex(&bytes[..16]);
        let variant = ["8", "9", "a", "b"][usize::from(bytes[16] & 3)];
        format!("{}-{}-4{}-{variant}{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }

    /// An opaque text of the shape of Entra's codes and refresh tokens.
    pub(crate) fn opaque(&mut self) -> String {
        let (one, two) = (self.bytes(), self.bytes());
        format!("1.A{}{}", URL_SAFE_NO_PAD.encode(one), URL_SAFE_NO_PAD.encode(two))
    }

    /// A short unique text, as `uti` has it.
    pub(crate) fn short(&mut self) -> String {
        URL_SAFE_NO_PAD.encode(&self.bytes()[..16])
    }

    /// Nine characters that a person types.
    pub(crate) fn user_code(&mut self) -> String {
        self.bytes()[..9]
            .iter()
            .map(|byte| char::from(USER_CODE[usize::from(*byte) % USER_CODE.len()]))
            .collect()
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// A GUID that is the same whenever it is asked for.
pub(crate) fn stable(text: &str) -> String {
    let hex = hex(&Sha256::digest(text)[..16]);
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_everything() {
        let (mut a, mut b, mut c) = (Draw::new([1; 32]), Draw::new([1; 32]), Draw::new([2; 32]));
        assert_eq!(a.guid(), b.guid());
        assert_eq!(a.opaque(), b.opaque());
        assert_ne!(a.opaque(), b.guid());
        assert_ne!(a.guid(), c.guid());
    }

    #[test]
    fn shapes() {
        let mut draw = Draw::new([7; 32]);
        for _ in 0..200 {
            let guid = draw.guid();
            assert_eq!(guid.len(), 36);
            assert_eq!(guid.as_bytes()[14], b'4');
            assert!(guid.chars().enumerate().all(|(i, c)| matches!(i, 8 | 13 | 18 | 23) == (c == '-')));
            let code = draw.user_code();
            assert_eq!(code.len(), 9);
            assert!(!code.contains(['A', 'E', 'I', 'O', 'U', 'Y', '0', '1']));
        }
    }
}
