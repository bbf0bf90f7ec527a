//! Sealing a document: compact JWE (RFC 7516) with direct encryption by A128CBC-HS256 (RFC 7518 section
//! 5.2.3), as Azure Identity for Go writes its token cache.
//!
//! That library leaves the header out of what is authenticated, contrary to RFC 7516 section 5.1 step 14,
//! and so has this to do. Nothing in the header is relied on: whether the key is said to last decides only
//! what is done where there is none.

use aes::Aes128;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use entrada_core::effect::StoreFailure;
use entrada_core::secret::SecretBytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

const IV: usize = 16;
const TAG: usize = 16;

/// The key: its first half authenticates, its second half encrypts.
pub(super) struct Key(Zeroizing<[u8; Key::LENGTH]>);

/// What cannot be opened: it was sealed with another key, or changed, or is something else.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// What stands before a sealed document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Tells people which key it was.
    pub(super) key: String,
    /// Whether the key was kept somewhere when the document was sealed where it outlives a restart.
    pub(super) lasting: bool,
}

/// The parameter of the header for that; others pass over it (RFC 7516 section 4.3).
const LASTING: &str = "entrada.lasting";

impl Header {
    /// The header of what was sealed.
    pub(super) fn of(sealed: &[u8]) -> Result<Header, Unreadable> {
        let [header, ..] = parts(sealed)?;
        let header = BASE64URL.decode(header).map_err(|_| Unreadable)?;
        let header: Map<String, Value> = serde_json::from_slice(&header).map_err(|_| Unreadable)?;
        let key = header.get("kid").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Header { key, lasting: header.get(LASTING) == Some(&Value::Bool(true)) })
    }

    fn to_json(&self) -> String {
        let lasting = if self.lasting { format!(",\"{LASTING}\":true") } else { String::new() };
        format!(r#"{{"alg":"dir","enc":"A128CBC-HS256","kid":{}{lasting}}}"#, Value::from(self.key.as_str()))
    }
}

/// The five parts of what was sealed.
fn parts(sealed: &[u8]) -> Result<[&str; 5], Unreadable> {
    let text = std::str::from_utf8(sealed.trim_ascii()).map_err(|_| Unreadable)?;
    text.split('.').collect::<Vec<_>>().try_into().map_err(|_| Unreadable)
}

pub(super) fn no_randomness() -> StoreFailure {
    StoreFailure::Broken("the system gives no randomness".into())
}

impl Key {
    pub(super) const LENGTH: usize = 32;

    /// A new one.
    pub(super) fn generate() -> Result<Key, StoreFailure> {
        let mut bytes = Zeroizing::new([0; Key::LENGTH]);
        getrandom::fill(&mut *bytes).map_err(|_| no_randomness())?;
        Ok(Key(bytes))
    }

    /// The key that these bytes are; nothing where they are none.
    pub(super) fn from_slice(bytes: &[u8]) -> Option<Key> {
        let mut key = Zeroizing::new([0; Key::LENGTH]);
        (bytes.len() == Key::LENGTH).then(|| key.copy_from_slice(bytes))?;
        Some(Key(key))
    }

    pub(super) fn bytes(&self) -> &[u8; Key::LENGTH] {
        &self.0
    }

    /// Which key it is, without giving it away: a digest of its random bytes, cut short.
    pub(super) fn id(&self) -> String {
        Sha256::digest(&self.0[..])[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn authenticating(&self) -> &[u8] {
        &self.0[..Key::LENGTH / 2]
    }

    fn encrypting(&self) -> &[u8] {
        &self.0[Key::LENGTH / 2..]
    }

    /// Over nothing, the IV, the sealed bytes, and the length of nothing.
    fn tag(&self, iv: &[u8], sealed: &[u8]) -> Result<Hmac<Sha256>, Unreadable> {
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(self.authenticating()).map_err(|_| Unreadable)?;
        mac.update(iv);
        mac.update(sealed);
        mac.update(&[0; 8]);
        Ok(mac)
    }

    /// Seals the bytes. `iv` must be random.
    pub(super) fn seal(
        &self,
        header: &Header,
        iv: [u8; IV],
        plain: &SecretBytes,
    ) -> Result<Vec<u8>, Unreadable> {
        let cipher =
            cbc::Encryptor::<Aes128>::new_from_slices(self.encrypting(), &iv).map_err(|_| Unreadable)?;
        let sealed = cipher.encrypt_padded_vec::<Pkcs7>(plain.expose());
        let tag = self.tag(&iv, &sealed)?.finalize().into_bytes();
        let [header, iv, sealed, tag] =
            [header.to_json().as_bytes(), &iv, &sealed, &tag[..TAG]].map(|part| BASE64URL.encode(part));
        Ok(format!("{header}..{iv}.{sealed}.{tag}").into_bytes())
    }

    /// Opens what was sealed.
    pub(super) fn open(&self, sealed: &[u8]) -> Result<SecretBytes, Unreadable> {
        let [_header, "", iv, sealed, tag] = parts(sealed)? else { return Err(Unreadable) };
        let decode = |part: &str| BASE64URL.decode(part).map_err(|_| Unreadable);
        let (iv, sealed, tag) = (decode(iv)?, decode(sealed)?, decode(tag)?);
        if iv.len() != IV || tag.len() != TAG {
            return Err(Unreadable);
        }
        self.tag(&iv, &sealed)?.verify_truncated_left(&tag).map_err(|_| Unreadable)?;
        let cipher =
            cbc::Decryptor::<Aes128>::new_from_slices(self.encrypting(), &iv).map_err(|_| Unreadable)?;
        cipher.decrypt_padded_vec::<Pkcs7>(&sealed).map(SecretBytes::new).map_err(|_| Unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(first: u8) -> Key {
        let mut bytes = Zeroizing::new([0; Key::LENGTH]);
        (0..).zip(bytes.iter_mut()).for_each(|(at, byte)| *byte = first.wrapping_add(at));
        Key(bytes)
    }

    fn header(key: &str) -> Header {
        Header { key: key.to_owned(), lasting: false }
    }

    /// Made with Python's `cryptography`.
    const SEALED: &str = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2Iiwia2lkIjoiNyJ9..AwMDAwMDAwMDAwMDAwMDAw.sdzsVDMqB_hclzPp9L2o8g.OkijnsEF_isKza_gQzvbzQ";

    #[test]
    fn what_another_implementation_sealed_is_opened() {
        assert_eq!(key(0).open(SEALED.as_bytes()).unwrap().expose(), b"{\"Account\":{}}");
    }

    #[test]
    fn sealing_and_opening() {
        for length in [0, 1, 15, 16, 17, 5000] {
            let plain = SecretBytes::new(vec![7; length]);
            let sealed = key(1).seal(&header("42"), [9; IV], &plain).unwrap();
            assert!(sealed.starts_with(b"ey") && !sealed.windows(3).any(|bytes| bytes == [7; 3]));
            assert_eq!(key(1).open(&sealed).unwrap().expose(), plain.expose());
            assert_eq!(key(2).open(&sealed).err(), Some(Unreadable));
        }
        assert_eq!(
            key(0).seal(&header("7"), [3; IV], &SecretBytes::new("{\"Account\":{}}")).unwrap(),
            SEALED.as_bytes()
        );
    }

    #[test]
    fn the_header_tells_whether_the_key_lasts() {
        for lasting in [false, true] {
            let header = Header { key: "a1".into(), lasting };
            let sealed = key(1).seal(&header, [9; IV], &SecretBytes::new("{}")).unwrap();
            assert_eq!(Header::of(&sealed), Ok(header));
            assert!(key(1).open(&sealed).is_ok());
        }
        assert_eq!(Header::of(SEALED.as_bytes()), Ok(header("7")));
        for nonsense in [&b""[..], b"....", b"e30.a", b"ey.not.a.document.!", b"e30..a.b.c.d"] {
            assert_eq!(Header::of(nonsense), Err(Unreadable), "{nonsense:?}");
        }
        assert_eq!(Header::of(b"e30..a.b.c"), Ok(header("")));
    }

    #[test]
    fn a_key_has_a_name_that_does_not_give_it_away() {
        let one = Key::generate().unwrap();
        assert_eq!(one.id(), Key::from_slice(one.bytes()).unwrap().id());
        assert_ne!(one.id(), Key::generate().unwrap().id());
        assert_eq!(one.id().len(), 16);
        assert!(Key::from_slice(&[0; Key::LENGTH - 1]).is_none());
    }

    #[test]
    fn what_was_changed_is_not_opened() {
        let sealed = key(1).seal(&header("42"), [9; IV], &SecretBytes::new("{\"Account\":{}}")).unwrap();
        let after_the_header = sealed.iter().position(|byte| *byte == b'.').unwrap();
        for at in after_the_header..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(key(1).open(&changed).err(), Some(Unreadable), "{at}");
        }
        for nonsense in [&b""[..], b"....", b"{}", b"a.b.c.d.e", &sealed[..sealed.len() - 1], &[0xff; 40]] {
            assert_eq!(key(1).open(nonsense).err(), Some(Unreadable));
        }
    }
}
