//! Bytes as decisions: one decoder for proptest, libFuzzer and replays.
//!
//! Decisions are *positional*: each step of a simulation begins at a place of its own, so a byte more or
//! less in one step does not change what the later ones mean. Where the bytes run out they begin anew:
//! a world that turned friendly at the end of its input would hide every loop.

/// Room for the decisions of one step, in bytes. A prime, so that a second lap over the bytes meets
/// other steps than the first.
const STRIDE: usize = 13;

/// What stands in for no bytes at all.
const NOTHING: &[u8] = &[0x5a, 0xc3, 0x17, 0x88, 0x2e, 0xf1, 0x64];

/// A source of decisions.
#[derive(Clone, Debug)]
pub struct Choices<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Choices<'a> {
    /// The decisions that these bytes stand for.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Choices<'a> {
        Choices { bytes: if bytes.is_empty() { NOTHING } else { bytes }, at: 0 }
    }

    /// Goes to the place of a step.
    pub fn step(&mut self, number: usize) {
        self.at = number.wrapping_mul(STRIDE);
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let byte = self.bytes[self.at % self.bytes.len()];
        self.at = self.at.wrapping_add(1);
        byte
    }

    /// A number of two bytes.
    pub fn word(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// A number of eight bytes.
    pub fn long(&mut self) -> u64 {
        let mut bytes = [0; 8];
        bytes.fill_with(|| self.byte());
        u64::from_le_bytes(bytes)
    }

    /// A number below `end`, which must not be zero.
    pub fn below(&mut self, end: usize) -> usize {
        usize::from(if end <= 256 { u16::from(self.byte()) } else { self.word() }) % end.max(1)
    }

    /// True for about `share` of 256.
    pub fn chance(&mut self, share: u8) -> bool {
        self.byte() < share
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// One of these, each as likely as its weight says. Together the weights must not be zero.
    pub fn weighted<T: Copy>(&mut self, from: &[(u8, T)]) -> T {
        let total: usize = from.iter().map(|(weight, _)| usize::from(*weight)).sum();
        let mut at = (usize::from(self.word()) * total) >> 16;
        for (weight, value) in from {
            match at.checked_sub(usize::from(*weight)) {
                Some(rest) => at = rest,
                None => return *value,
            }
        }
        from[0].1
    }

    /// Some bytes, fewer than `most`.
    pub fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most);
        (0..length).map(|_| self.byte()).collect()
    }
}

/// Randomness from a seed (SplitMix64). For tests alone.
#[derive(Clone, Debug)]
pub struct Seeded(pub u64);

impl entrada_core::Entropy for Seeded {
    fn fill(&mut self, buffer: &mut [u8]) {
        for part in buffer.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            part.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes()[..part.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_begin_anew_and_steps_have_their_places() {
        let mut choices = Choices::new(&[1, 2, 3]);
        assert_eq!([choices.byte(), choices.byte(), choices.byte(), choices.byte()], [1, 2, 3, 1]);
        choices.step(1);
        assert_eq!(choices.byte(), 2, "13 is 1 more than a multiple of 3");
        assert!(Choices::new(&[]).below(10) < 10);
    }

    #[test]
    fn weights_count() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut choices = Choices::new(&bytes);
        let picked = (0..1000).filter(|_| choices.weighted(&[(3, true), (1, false)])).count();
        assert!((600..900).contains(&picked), "{picked}");
        assert!(!choices.weighted(&[(0, true), (1, false)]));
    }
}
