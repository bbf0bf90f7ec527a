//! How values lie in a message (the D-Bus Specification, "Marshaling (Wire Format)").

/// What is not a value of the type that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Malformed;

/// The longest array that is read or written, in bytes. The specification allows 64 MiB; a key is short.
const LONGEST: usize = 1 << 20;

/// Writes values one after the other, in little-endian order.
#[derive(Debug, Default)]
pub(in crate::store) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn align(&mut self, to: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
    }

    pub(super) fn byte(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(in crate::store) fn boolean(&mut self, value: bool) {
        self.uint32(value.into());
    }

    /// A length: nothing that is written here is longer than four bytes can tell.
    fn length(&mut self, length: usize) {
        self.uint32(u32::try_from(length).unwrap_or(u32::MAX));
    }

    pub(in crate::store) fn uint32(&mut self, value: u32) {
        self.align(4);
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// A string, or the path of an object.
    pub(in crate::store) fn string(&mut self, text: &str) {
        self.length(text.len());
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
    }

    /// A signature, which is short.
    pub(in crate::store) fn signature(&mut self, text: &str) {
        self.bytes.push(text.len().to_le_bytes()[0]);
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
    }

    /// An array of bytes.
    pub(in crate::store) fn blob(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    /// A structure, or an entry of a dictionary, begins.
    pub(in crate::store) fn structure(&mut self) {
        self.align(8);
    }

    /// An array of structures or of entries of a dictionary.
    pub(in crate::store) fn structures(&mut self, write: impl FnOnce(&mut Writer)) {
        self.array(8, write);
    }

    /// An array of strings or of paths.
    pub(in crate::store) fn strings(&mut self, texts: &[impl AsRef<str>]) {
        self.array(4, |writer| texts.iter().for_each(|text| writer.string(text.as_ref())));
    }

    fn array(&mut self, aligned: usize, write: impl FnOnce(&mut Writer)) {
        self.uint32(0);
        let length_at = self.bytes.len() - 4;
        self.align(aligned);
        let begin = self.bytes.len();
        write(self);
        let length = u32::try_from(self.bytes.len() - begin).unwrap_or(u32::MAX);
        self.bytes[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
    }
}

/// Reads values one after the other.
#[derive(Clone, Debug)]
pub(in crate::store) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    big_endian: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], big_endian: bool) -> Reader<'a> {
        Reader { bytes, at: 0, big_endian }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn align(&mut self, to: usize) -> Result<(), Malformed> {
        let padding = self.at.next_multiple_of(to) - self.at;
        if self.take(padding)?.iter().any(|byte| *byte != 0) {
            return Err(Malformed);
        }
        Ok(())
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let end = self.at.checked_add(length).ok_or(Malformed)?;
        let taken = self.bytes.get(self.at..end).ok_or(Malformed)?;
        self.at = end;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }

    pub(in crate::store) fn boolean(&mut self) -> Result<bool, Malformed> {
        match self.uint32()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }

    pub(in crate::store) fn uint32(&mut self) -> Result<u32, Malformed> {
        self.align(4)?;
        let bytes: [u8; 4] = self.take(4)?.try_into().map_err(|_| Malformed)?;
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn length(&mut self) -> Result<usize, Malformed> {
        usize::try_from(self.uint32()?).ok().filter(|length| *length <= LONGEST).ok_or(Malformed)
    }

    fn text(&mut self, length: usize) -> Result<&'a str, Malformed> {
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| Malformed)?;
        if self.byte()? != 0 || text.contains('\0') {
            return Err(Malformed);
        }
        Ok(text)
    }

    /// A string, or the path of an object.
    pub(in crate::store) fn string(&mut self) -> Result<&'a str, Malformed> {
        let length = self.length()?;
        self.text(length)
    }

    pub(in crate::store) fn signature(&mut self) -> Result<&'a str, Malformed> {
        let length = self.byte()?.into();
        self.text(length)
    }

    /// An array of bytes.
    pub(in crate::store) fn blob(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.length()?;
        self.take(length)
    }

    /// A structure begins.
    pub(in crate::store) fn structure(&mut self) -> Result<(), Malformed> {
        self.align(8)
    }

    /// A variant with a value of this type begins.
    pub(in crate::store) fn variant(&mut self, signature: &str) -> Result<(), Malformed> {
        if self.signature()? == signature { Ok(()) } else { Err(Malformed) }
    }

    /// An array of strings or of paths.
    pub(in crate::store) fn strings(&mut self) -> Result<Vec<String>, Malformed> {
        let mut texts = Vec::new();
        let end = self.array(4)?;
        while self.at < end {
            texts.push(self.string()?.to_owned());
        }
        if self.at == end { Ok(texts) } else { Err(Malformed) }
    }

    /// An array begins; where it ends.
    pub(super) fn array(&mut self, aligned: usize) -> Result<usize, Malformed> {
        let length = self.length()?;
        self.align(aligned)?;
        self.at.checked_add(length).filter(|end| *end <= self.bytes.len()).ok_or(Malformed)
    }

    /// Passes over a value of one of the basic types.
    pub(super) fn skip(&mut self, signature: &str) -> Result<(), Malformed> {
        match signature {
            "y" => self.take(1).map(|_| ()),
            "n" | "q" => self.align(2).and_then(|()| self.take(2)).map(|_| ()),
            "b" | "i" | "u" | "h" => self.uint32().map(|_| ()),
            "x" | "t" | "d" => self.align(8).and_then(|()| self.take(8)).map(|_| ()),
            "s" | "o" => self.string().map(|_| ()),
            "g" => self.signature().map(|_| ()),
            _ => Err(Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_written_is_read(texts in prop::collection::vec("[^\0]{0,9}", 0..4), blob: Vec<u8>, number: u32, flag: bool) {
            let mut writer = Writer::default();
            writer.boolean(flag);
            writer.strings(&texts);
            writer.structure();
            writer.blob(&blob);
            writer.signature("ay");
            writer.uint32(number);
            let bytes = writer.into_bytes();
            let mut reader = Reader::new(&bytes, false);
            prop_assert_eq!(reader.boolean(), Ok(flag));
            prop_assert_eq!(reader.strings(), Ok(texts));
            prop_assert_eq!(reader.structure(), Ok(()));
            prop_assert_eq!(reader.blob(), Ok(&blob[..]));
            prop_assert_eq!(reader.variant("ay"), Ok(()));
            prop_assert_eq!(reader.uint32(), Ok(number));
            prop_assert_eq!(reader.at(), bytes.len());
        }

        #[test]
        fn nothing_that_is_read_leads_astray(bytes: Vec<u8>, big_endian: bool) {
            let reader = Reader::new(&bytes, big_endian);
            let _ = reader.clone().strings();
            let _ = reader.clone().blob();
            for signature in ["y", "n", "u", "t", "s", "g", "v", ""] {
                let _ = reader.clone().skip(signature);
            }
            prop_assert!(reader.clone().array(8).is_ok_and(|end| end <= bytes.len()) || reader.clone().array(8).is_err());
        }
    }

    /// The example of the specification, "Message Format": the string "foo", 3, "+", and so on.
    #[test]
    fn as_the_specification_has_it() {
        let mut writer = Writer::default();
        writer.string("foo");
        writer.string("+");
        writer.string("bar");
        let bytes = [&b"\x03\0\0\0foo\0\x01\0\0\0+\0\0\0\x03\0\0\0bar\0"[..]].concat();
        assert_eq!(writer.into_bytes(), bytes);
        let mut writer = Writer::default();
        // An array of one 64 bit number: the padding before it does not count.
        writer.structures(|writer| {
            writer.uint32(5);
            writer.uint32(0);
        });
        assert_eq!(writer.into_bytes(), b"\x08\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0");
        let mut reader = Reader::new(b"\0\0\0\x03foo\0", true);
        assert_eq!(reader.string(), Ok("foo"));
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for wrong in [
            &b"\x03\0\0\0fo\0\0"[..],
            b"\x03\0\0\0foo!",
            b"\x03\0\0\0foo",
            b"\xff\xff\xff\xff",
            b"\x01\0\0\0\xff\0",
        ] {
            assert_eq!(Reader::new(wrong, false).string(), Err(Malformed), "{wrong:?}");
        }
        assert_eq!(Reader::new(b"\x02\0\0\0", false).boolean(), Err(Malformed));
        let mut reader = Reader::new(b"\x01\x01\0\0\0\0\0\0", false);
        reader.byte().unwrap();
        assert_eq!(reader.uint32(), Err(Malformed), "padding is zero");
        assert_eq!(
            Reader::new(b"\x03\0\0\0\x01\0\0\0+\0", false).strings(),
            Err(Malformed),
            "it ends within a string"
        );
    }
}
