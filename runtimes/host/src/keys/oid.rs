//! Object identifiers, as their content octets.

#[cfg(any(feature = "encrypted-keys", test))]
use std::fmt::Write;

/// The identifier in dots, for a message.
#[cfg(any(feature = "encrypted-keys", test))]
pub(super) fn dotted(content: &[u8]) -> String {
    let mut text = String::new();
    let mut arc = 0u64;
    for byte in content {
        arc = arc << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            let _ = if text.is_empty() {
                let root = (arc / 40).min(2);
                write!(text, "{root}.{}", arc - root * 40)
            } else {
                write!(text, ".{arc}")
            };
            arc = 0;
        }
    }
    text
}

/// What kind of public or private key an algorithm identifier names; `None` for RSA.
pub(super) fn other_than_rsa(algorithm: &[u8]) -> Option<&'static str> {
    match algorithm {
        RSA => None,
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1] => Some("elliptic curve"),
        [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1] => Some("DSA"),
        [0x2b, 0x65, 0x70] => Some("Ed25519"),
        [0x2b, 0x65, 0x71] => Some("Ed448"),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10] => Some("RSASSA-PSS"),
        _ => Some("unknown"),
    }
}

/// rsaEncryption, RFC 8017.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_dots() {
        assert_eq!(dotted(RSA), "1.2.840.113549.1.1.1");
        assert_eq!(dotted(&[0x88, 0x37]), "2.999");
        assert_eq!(dotted(&[0xff; 40]), "");
        assert_eq!(dotted(&[]), "");
    }
}
