//! Values that must not be seen: redacted in `Debug`, absent from `Display`, wiped when dropped.
//!
//! Wiping is best effort: an HTTP stack or an allocator may keep copies of its own.

use std::fmt;

use zeroize::Zeroizing;

/// A secret text: a client secret, a token, an authorization code.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(Zeroizing::new(text.into()))
    }

    /// The text itself. Each call is a place to look at when auditing where secrets go.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a text at its end. Where there is no room for it, the place that is left is wiped.
    pub(crate) fn push_str(&mut self, text: &str) {
        let length = self.0.len() + text.len();
        if length > self.0.capacity() {
            let mut roomier = Zeroizing::new(String::with_capacity(length.next_power_of_two().max(256)));
            roomier.push_str(&self.0);
            self.0 = roomier;
        }
        self.0.push_str(text);
    }

    /// The same as bytes.
    pub(crate) fn into_bytes(mut self) -> SecretBytes {
        SecretBytes::new(std::mem::take(&mut *self.0))
    }

    /// Whether `other` is the same text, in a time that depends on the lengths alone.
    #[must_use]
    pub fn matches(&self, other: &str) -> bool {
        let (mine, theirs) = (self.0.as_bytes(), other.as_bytes());
        let difference = mine.iter().zip(theirs).fold(0u8, |difference, (a, b)| difference | (a ^ b));
        mine.len() == theirs.len() && std::hint::black_box(difference) == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Secret {
        Secret::new(text)
    }
}

/// Secret bytes: request and response bodies, key files, the output of tools.
#[derive(Clone, Default)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> SecretBytes {
        SecretBytes(Zeroizing::new(bytes.into()))
    }

    /// The bytes themselves.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes({} bytes)", self.0.len())
    }
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> SecretBytes {
        SecretBytes::new(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("canary")), "Secret(…)");
        assert_eq!(format!("{:?}", SecretBytes::new("canary")), "SecretBytes(6 bytes)");
    }

    #[test]
    fn growing() {
        let mut secret = Secret::new("a");
        for length in 1..2000 {
            assert_eq!(secret.expose().len(), length);
            secret.push_str("b");
        }
        assert!(secret.expose().starts_with("abb"));
        assert_eq!(secret.into_bytes().len(), 2000);
    }

    #[test]
    fn comparison() {
        let secret = Secret::new("state");
        assert!(secret.matches("state"));
        for other in ["", "stat", "statE", "state ", "State"] {
            assert!(!secret.matches(other), "{other}");
        }
        assert!(Secret::default().matches(""));
    }
}
