//! Numbers by which equal texts are found.

/// FNV-1a, a word at a time. Equal texts give equal numbers, whatever the case of their letters, and others
/// hardly ever the same one; no more is needed of it.
pub(crate) struct Mark(u64);

impl Mark {
    /// That of a text.
    pub(crate) fn of(text: &str) -> u64 {
        let mut mark = Mark::default();
        for chunk in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            for (place, byte) in word.iter_mut().zip(chunk) {
                *place = byte.to_ascii_lowercase();
            }
            mark.number(u64::from_le_bytes(word));
        }
        mark.value()
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
    }

    pub(crate) fn value(&self) -> u64 {
        self.0
    }
}

impl Default for Mark {
    fn default() -> Mark {
        Mark(0xcbf2_9ce4_8422_2325)
    }
}
