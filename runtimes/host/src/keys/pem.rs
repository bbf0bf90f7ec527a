//! A lenient reader of PEM (RFC 7468).
//!
//! People paste keys into files, variables and forms. So everything around the blocks is passed over,
//! and inside a block white space means nothing: any line ends or none, indentation, lines of any
//! length, `\n` written as two characters, padding left out. UTF-16 with a byte order mark (what
//! PowerShell's `>` writes) is read as well. A block that is cut short is an error.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use entrada_core::secret::SecretBytes;
use zeroize::Zeroizing;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlockKind {
    /// `CERTIFICATE`, or one of its older names.
    Certificate,
    /// `PRIVATE KEY`: PKCS#8.
    PrivateKey,
    /// `RSA PRIVATE KEY`: PKCS#1.
    RsaPrivateKey,
    /// `ENCRYPTED PRIVATE KEY`: PKCS#8 with a password.
    EncryptedPrivateKey,
    /// `EC PRIVATE KEY`: SEC 1.
    EcPrivateKey,
    /// Any other kind of private key.
    OtherPrivateKey,
}

impl BlockKind {
    fn of(label: &[u8]) -> Option<BlockKind> {
        Some(match label {
            b"CERTIFICATE" | b"X509 CERTIFICATE" | b"TRUSTED CERTIFICATE" => BlockKind::Certificate,
            b"PRIVATE KEY" => BlockKind::PrivateKey,
            b"RSA PRIVATE KEY" => BlockKind::RsaPrivateKey,
            b"ENCRYPTED PRIVATE KEY" => BlockKind::EncryptedPrivateKey,
            b"EC PRIVATE KEY" => BlockKind::EcPrivateKey,
            _ if label.ends_with(b"PRIVATE KEY") => BlockKind::OtherPrivateKey,
            _ => return None,
        })
    }
}

/// A certificate or a private key.
#[derive(Clone, Debug)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Whether it is encrypted in the way that stood before PKCS#8 (`Proc-Type: 4,ENCRYPTED`,
    /// RFC 1421), which nobody should read any more. Then there are no bytes.
    pub legacy_encrypted: bool,
    /// The DER.
    pub der: SecretBytes,
}

/// A block begins and does not end, or is not base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a PEM block is cut short or damaged")
    }
}

impl std::error::Error for Damaged {}

/// Whether the bytes hold a PEM block, of whatever kind.
#[must_use]
pub fn is_pem(bytes: &[u8]) -> bool {
    find(&single_bytes(bytes), BEGIN).is_some()
}

/// The certificates and private keys, in order. Blocks of other kinds are passed over.
///
/// # Errors
/// When a block is cut short or is not base64: the file may be half written.
pub fn read(bytes: &[u8]) -> Result<Vec<Block>, Damaged> {
    let text = single_bytes(bytes);
    let mut rest = &text[..];
    let mut blocks = Vec::new();
    while let Some(begin) = find(rest, BEGIN) {
        rest = &rest[begin + BEGIN.len()..];
        let label = &rest[..find(rest, DASHES).ok_or(Damaged)?];
        if !label.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b' ')) {
            continue;
        }
        rest = &rest[label.len() + DASHES.len()..];
        let body = &rest[..find(rest, DASHES).ok_or(Damaged)?];
        let after = rest[body.len()..].strip_prefix(END).and_then(|after| after.strip_prefix(label));
        rest = after.and_then(|after| after.strip_prefix(DASHES)).ok_or(Damaged)?;
        if let Some(kind) = BlockKind::of(label) {
            blocks.push(block(kind, body)?);
        }
    }
    Ok(blocks)
}

fn block(kind: BlockKind, body: &[u8]) -> Result<Block, Damaged> {
    if find(body, b"Proc-Type:").is_some() && find(body, b"ENCRYPTED").is_some() {
        return Ok(Block { kind, legacy_encrypted: true, der: SecretBytes::default() });
    }
    let der = decode(body).filter(|der| !der.is_empty()).ok_or(Damaged)?;
    Ok(Block { kind, legacy_encrypted: false, der })
}

/// The bytes behind base64 that anything may have happened to on its way here.
pub(super) fn decode(text: &[u8]) -> Option<SecretBytes> {
    let mut clean = Zeroizing::new(Vec::with_capacity(text.len()));
    let headers = |line: &&[u8]| !line.contains(&b':');
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')).filter(headers) {
        let mut bytes = line.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            let escape = byte == b'\\' && bytes.next_if(|next| matches!(next, b'n' | b'r')).is_some();
            if !escape && !byte.is_ascii_whitespace() {
                clean.push(byte);
            }
        }
    }
    ENGINE.decode(&*clean).ok().map(SecretBytes::new)
}

/// The text in an encoding that has ASCII as single bytes.
fn single_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return Cow::Borrowed(bytes),
    };
    let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    Cow::Owned(units.map(|unit| u8::try_from(unit).unwrap_or(b'?')).collect())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<Vec<u8>> {
        let blocks = read(text.as_bytes()).unwrap();
        blocks.iter().map(|block| block.der.expose().to_vec()).collect()
    }

    #[test]
    fn whatever_happened_to_it() {
        for text in [
            "-----BEGIN CERTIFICATE-----\nAQID\nBA==\n-----END CERTIFICATE-----\n",
            "\u{feff}-----BEGIN CERTIFICATE-----\r\nAQID\r\nBA==\r\n-----END CERTIFICATE-----\r\n",
            "-----BEGIN CERTIFICATE-----\rAQID\rBA==\r-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE----- AQID BA== -----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----AQIDBA-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\\nAQID\\r\\nBA==\\n-----END CERTIFICATE-----\\n",
            "  key:\n\t -----BEGIN CERTIFICATE-----\n\t A\n\n\tQID BA\n =\t=\n\t -----END CERTIFICATE----- more",
            "-----BEGIN X509 CERTIFICATE-----\nComment: hello\n\nAQIDBA==\n-----END X509 CERTIFICATE-----",
        ] {
            assert_eq!(bytes(text), [[1, 2, 3, 4]], "{text}");
        }
    }

    #[test]
    fn sixteen_bits_a_character() {
        let text = "\u{feff}é-----BEGIN CERTIFICATE-----\r\nAQID\r\n-----END CERTIFICATE-----";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big] {
            assert!(is_pem(&bytes));
            assert_eq!(read(&bytes).unwrap()[0].der.expose(), [1, 2, 3]);
        }
    }

    #[test]
    fn kinds() {
        let file: String = [
            "CERTIFICATE",
            "PUBLIC KEY",
            "PRIVATE KEY",
            "EC PARAMETERS",
            "RSA PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY",
            "EC PRIVATE KEY",
            "OPENSSH PRIVATE KEY",
        ]
        .iter()
        .map(|label| format!("-----BEGIN {label}-----\nAQID\n-----END {label}-----\n"))
        .collect();
        let kinds: Vec<_> = read(file.as_bytes()).unwrap().iter().map(|block| block.kind).collect();
        use BlockKind::*;
        assert_eq!(
            kinds,
            [Certificate, PrivateKey, RsaPrivateKey, EncryptedPrivateKey, EcPrivateKey, OtherPrivateKey]
        );
    }

    #[test]
    fn encrypted_as_of_old() {
        let text = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\nAQID\n-----END RSA PRIVATE KEY-----";
        let blocks = read(text.as_bytes()).unwrap();
        assert!(blocks[0].legacy_encrypted && blocks[0].der.is_empty());
    }

    #[test]
    fn cut_short() {
        let whole = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----";
        for end in "-----BEGIN ".len()..whole.len() {
            assert_eq!(read(&whole.as_bytes()[..end]).unwrap_err(), Damaged, "{end}");
        }
        for text in [
            "-----BEGIN CERTIFICATE-----\nA!ID\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\nAQID\n-----END PRIVATE KEY-----",
            "-----BEGIN CERTIFICATE-----\nAQ\n-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----",
        ] {
            assert_eq!(read(text.as_bytes()).unwrap_err(), Damaged, "{text}");
        }
    }

    #[test]
    fn nothing_of_ours() {
        for text in ["", "-----", "hello", "-----BEGIN\n", "-----BEGIN the rest-----"] {
            assert!(read(text.as_bytes()).unwrap().is_empty(), "{text}");
        }
        assert!(!is_pem(b"0\x82"));
    }

    #[test]
    fn debug_shows_no_bytes() {
        let blocks = read(b"-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----").unwrap();
        assert!(format!("{blocks:?}").contains("SecretBytes(3 bytes)"));
    }
}
