//! Walking through DER (X.690): elements, one after the other.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
/// `[0]`, constructed.
pub(super) const CONTEXT_0: u8 = 0xa0;

/// One element.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    /// With tag and length.
    pub(super) whole: &'a [u8],
    pub(super) content: &'a [u8],
}

impl<'a> Element<'a> {
    /// What is inside, to be walked through.
    pub(super) fn inside(self) -> Reader<'a> {
        Reader(self.content)
    }
}

/// The elements that are left to read.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element, whatever it is.
    pub(super) fn any(&mut self) -> Option<Element<'a>> {
        let (tag, length, header) = header(self.0)?;
        let end = header.checked_add(length?)?;
        let whole = self.0.get(..end)?;
        self.0 = &self.0[end..];
        Some(Element { tag, whole, content: &whole[header..] })
    }

    /// The next element, which has this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        self.any().filter(|element| element.tag == tag)
    }

    /// The next element if it has this tag; else it stays where it is.
    pub(super) fn optional(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.0.first() == Some(&tag) { self.any() } else { None }
    }

    /// The next element, a whole number that fits.
    #[cfg(any(feature = "encrypted-keys", test))]
    pub(super) fn number(&mut self) -> Option<u64> {
        let digits = unsigned(self.expect(INTEGER)?.content)?;
        let mut bytes = [0; 8];
        bytes[8usize.checked_sub(digits.len())?..].copy_from_slice(digits);
        Some(u64::from_be_bytes(bytes))
    }
}

/// The one `SEQUENCE` that the bytes are, with nothing behind it.
pub(super) fn whole_sequence(bytes: &[u8]) -> Option<Reader<'_>> {
    let mut reader = Reader(bytes);
    let sequence = reader.expect(SEQUENCE)?;
    reader.is_empty().then(|| sequence.inside())
}

/// The digits of an integer that is not negative, without leading zeros.
pub(super) fn unsigned(content: &[u8]) -> Option<&[u8]> {
    if content.first()? & 0x80 != 0 {
        return None;
    }
    let zeros = content.iter().take_while(|byte| **byte == 0).count();
    Some(&content[zeros..])
}

/// Tag, length (`None`: up to an end mark, which is BER alone), and how many bytes those two take.
pub(super) fn header(bytes: &[u8]) -> Option<(u8, Option<usize>, usize)> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    // Tags of several bytes occur in none of our formats.
    if tag & 0x1f == 0x1f {
        return None;
    }
    match first {
        0..0x80 => Some((tag, Some(usize::from(first)), 2)),
        0x80 => Some((tag, None, 2)),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let length = rest.get(..count)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            Some((tag, Some(length), 2 + count))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements() {
        let bytes = [0x30, 3, 2, 1, 5, 4, 0x81, 2, 7, 8];
        let mut reader = Reader::new(&bytes);
        assert!(reader.optional(OCTET_STRING).is_none());
        assert_eq!(reader.expect(SEQUENCE).unwrap().inside().number(), Some(5));
        let last = reader.any().unwrap();
        assert_eq!((last.tag, last.content, last.whole.len()), (OCTET_STRING, &[7, 8][..], 5));
        assert!(reader.is_empty() && reader.any().is_none());
    }

    #[test]
    fn what_is_cut_short_or_strange_is_no_element() {
        for bytes in [&[][..], &[4], &[4, 2, 1], &[4, 0x82, 1], &[4, 0x80, 0, 0], &[0x1f, 1, 0], &[4, 0x85]] {
            assert!(Reader::new(bytes).any().is_none(), "{bytes:?}");
        }
        assert!(whole_sequence(&[0x30, 0, 0]).is_none(), "something behind it");
        assert_eq!(unsigned(&[0, 0x80]), Some(&[0x80][..]));
        assert_eq!(unsigned(&[0x80]), None);
        assert_eq!(Reader::new(&[2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]).number(), None);
    }
}
