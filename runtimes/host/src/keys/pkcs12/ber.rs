//! BER made DER, as far as PKCS#12 files need it: lengths that are open, and octet strings in pieces.

use entrada_core::secret::SecretBytes;
use zeroize::Zeroizing;

use super::super::der::{OCTET_STRING, header};

/// An octet string in pieces.
const PIECES: u8 = OCTET_STRING | CONSTRUCTED;
const CONSTRUCTED: u8 = 0x20;
const DEPTH: usize = 32;

/// The element that the bytes begin with; what follows it is left out.
pub(super) fn to_der(bytes: &[u8]) -> Option<SecretBytes> {
    let mut der = Zeroizing::new(Vec::with_capacity(bytes.len()));
    element(bytes, &mut der, DEPTH)?;
    Some(SecretBytes::new(std::mem::take(&mut *der)))
}

/// Appends the first element of the bytes, and tells what is left.
fn element<'a>(bytes: &'a [u8], der: &mut Vec<u8>, depth: usize) -> Option<&'a [u8]> {
    let (tag, length, start) = header(bytes)?;
    let depth = depth.checked_sub(1)?;
    let rest = &bytes[start..];
    if tag & CONSTRUCTED == 0 {
        let (content, rest) = rest.split_at_checked(length?)?;
        append(der, tag, content);
        return Some(rest);
    }
    let mut inside = Zeroizing::new(Vec::with_capacity(length.unwrap_or(rest.len()).min(rest.len())));
    let rest = match length {
        Some(length) => {
            let (mut content, rest) = rest.split_at_checked(length)?;
            while !content.is_empty() {
                content = element(content, &mut inside, depth)?;
            }
            rest
        }
        None => {
            let mut content = rest;
            loop {
                match content {
                    [0, 0, rest @ ..] => break rest,
                    _ => content = element(content, &mut inside, depth)?,
                }
            }
        }
    };
    if tag == PIECES {
        let joined = joined(&inside)?;
        append(der, OCTET_STRING, &joined);
    } else {
        append(der, tag, &inside);
    }
    Some(rest)
}

/// The contents of octet strings, one after the other.
fn joined(mut pieces: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut all = Zeroizing::new(Vec::with_capacity(pieces.len()));
    while !pieces.is_empty() {
        let (OCTET_STRING, Some(length), start) = header(pieces)? else {
            return None;
        };
        let (content, rest) = pieces[start..].split_at_checked(length)?;
        all.extend_from_slice(content);
        pieces = rest;
    }
    Some(all)
}

fn append(der: &mut Vec<u8>, tag: u8, content: &[u8]) {
    der.push(tag);
    let length = content.len().to_be_bytes();
    let digits = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    match digits {
        [] => der.push(0),
        [short @ 0..0x80] => der.push(*short),
        _ => {
            der.push(0x80 | u8::try_from(digits.len()).unwrap_or(0));
            der.extend_from_slice(digits);
        }
    }
    der.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(bytes: &[u8]) -> Option<Vec<u8>> {
        to_der(bytes).map(|der| der.expose().to_vec())
    }

    #[test]
    fn der_stays_as_it_is() {
        let long = [&[0x30, 0x82, 1, 4, 4, 0x82, 1, 0][..], &[7; 256]].concat();
        assert_eq!(der(&long), Some(long));
        assert_eq!(der(&[0x30, 0]), Some(vec![0x30, 0]));
    }

    #[test]
    fn open_lengths_are_closed_and_pieces_joined() {
        let open = [0x30, 0x80, 0x24, 0x80, 4, 1, 7, 0x24, 3, 4, 1, 8, 0, 0, 2, 1, 5, 0, 0];
        assert_eq!(der(&open), Some(vec![0x30, 7, 4, 2, 7, 8, 2, 1, 5]));
        assert_eq!(der(&[0xa0, 0x80, 4, 0, 0, 0, 9, 9]), Some(vec![0xa0, 2, 4, 0]));
        assert_eq!(der(&[4, 0x81, 1, 5]), Some(vec![4, 1, 5]), "the shortest length");
    }

    #[test]
    fn what_is_neither() {
        for bytes in
            [&[][..], &[0x30, 0x80], &[0x30, 0x80, 4, 1, 7, 0], &[4, 0x80, 0, 0], &[0x24, 3, 2, 1, 5]]
        {
            assert_eq!(der(bytes), None, "{bytes:?}");
        }
        assert_eq!(der(&[0x30, 0x80].repeat(100_000)), None, "deeper than anything");
    }
}
