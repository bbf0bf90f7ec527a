//! Taking DER apart and putting it together, apart from how the library does it.

/// Tag, content and the whole of every element.
pub(crate) fn elements(mut der: &[u8]) -> Vec<(u8, &[u8], &[u8])> {
    let mut found = Vec::new();
    while !der.is_empty() {
        let (start, length) = match der[1] {
            short @ 0..0x80 => (2, usize::from(short)),
            long => {
                let digits = &der[2..2 + usize::from(long & 0x7f)];
                (2 + digits.len(), digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)))
            }
        };
        let (element, rest) = der.split_at(start + length);
        found.push((element[0], &element[start..], element));
        der = rest;
    }
    found
}

/// An element of these parts.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82][..], &length, &content].concat()
}

/// The outer levels with open lengths, and octet strings there in pieces: BER.
pub(crate) fn opened(der: &[u8], levels: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for (tag, content, whole) in elements(der) {
        match tag {
            4 if content.len() > 1000 => {
                out.extend([0x24, 0x80]);
                out.extend(content.chunks(100).flat_map(|piece| element(4, &[piece])));
                out.extend([0, 0]);
            }
            _ if tag & 0x20 != 0 && levels > 0 => {
                out.extend([tag, 0x80]);
                out.extend(opened(content, levels - 1));
                out.extend([0, 0]);
            }
            _ => out.extend(whole),
        }
    }
    out
}
