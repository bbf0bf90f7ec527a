//! Randomness of the operating system.

use std::fmt;

use entrada_core::flow::Entropy;
use zeroize::{Zeroize as _, Zeroizing};

/// How much is fetched ahead: what a request for a token takes, ids and the spread of its renewal. Asking the
/// system costs more than the bytes.
const AHEAD: usize = 40;

/// The random source of the operating system, fit for cryptography.
pub struct OsEntropy {
    ahead: Zeroizing<[u8; AHEAD]>,
    left: usize,
}

impl Default for OsEntropy {
    fn default() -> OsEntropy {
        OsEntropy { ahead: Zeroizing::new([0; AHEAD]), left: 0 }
    }
}

impl Entropy for OsEntropy {
    /// # Panics
    /// When the operating system has no randomness to give. A guessable `state` or PKCE verifier
    /// would be worse than the end of the program.
    fn fill(&mut self, buffer: &mut [u8]) {
        if buffer.len() > AHEAD {
            return from_system(buffer);
        }
        if self.left < buffer.len() {
            from_system(&mut *self.ahead);
            self.left = AHEAD;
        }
        let given = self.left - buffer.len()..self.left;
        self.left = given.start;
        buffer.copy_from_slice(&self.ahead[given.clone()]);
        // Nothing is given out twice, nor kept.
        self.ahead[given].zeroize();
    }
}

fn from_system(buffer: &mut [u8]) {
    if let Err(error) = getrandom::fill(buffer) {
        panic!("the operating system gives no random bytes: {error}");
    }
}

impl fmt::Debug for OsEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OsEntropy")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_filled_and_differ() {
        let mut entropy = OsEntropy::default();
        let mut seen = std::collections::BTreeSet::new();
        for length in [8, 16, 8, 32, 24, 24, 200, 8, 16] {
            let mut bytes = vec![0; length];
            entropy.fill(&mut bytes);
            // That eight bytes come twice is as good as impossible.
            assert!(bytes.chunks(8).all(|part| seen.insert(part.to_vec())), "{length}");
        }
        entropy.fill(&mut []);
        assert!(!seen.contains(&vec![0; 8]));
    }
}
