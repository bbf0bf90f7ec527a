//! What a tool printed, as text and as JSON.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// The text of one output, without a byte-order mark: UTF-8, or UTF-16 as programs of Windows write it where nobody
/// looks at a terminal. What is neither is replaced.
pub(in crate::flows) fn text(bytes: &[u8]) -> Cow<'_, str> {
    let utf16 = |unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text: String =
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        Cow::Owned(without_mark(&text).to_owned())
    };
    let of_letters =
        |zero: usize| bytes.chunks_exact(2).filter(|pair| pair[zero] == 0 && pair[1 - zero] != 0).count();
    let pairs = bytes.len() / 2;
    match bytes {
        [0xff, 0xfe, ..] => utf16(u16::from_le_bytes),
        [0xfe, 0xff, ..] => utf16(u16::from_be_bytes),
        _ if pairs > 0 && of_letters(1) * 2 > pairs => utf16(u16::from_le_bytes),
        _ if pairs > 0 && of_letters(0) * 2 > pairs => utf16(u16::from_be_bytes),
        _ => match String::from_utf8_lossy(bytes) {
            Cow::Borrowed(text) => Cow::Borrowed(without_mark(text)),
            Cow::Owned(text) => Cow::Owned(without_mark(&text).to_owned()),
        },
    }
}

fn without_mark(text: &str) -> &str {
    text.trim_start_matches('\u{feff}')
}

/// The JSON objects that begin a line, in one line or in several, in order; what stands between them is passed over.
pub(in crate::flows) fn documents(text: &str) -> Vec<Map<String, Value>> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if let Some((document, length)) = first_document(rest) {
            found.push(document);
            rest = &rest[length..];
        } else if let Some((_, next)) = rest.split_once('\n') {
            rest = next;
        } else {
            return found;
        }
    }
}

/// The JSON object that a text begins with, and how long it is.
fn first_document(text: &str) -> Option<(Map<String, Value>, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    match values.next() {
        Some(Ok(Value::Object(document))) => Some((document, values.byte_offset())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        let said = "ERROR: \u{e4}\u{1f600} no\r\n";
        let units = |mark: &str| format!("{mark}{said}").encode_utf16().collect::<Vec<_>>();
        let little = |mark: &str| units(mark).into_iter().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let big = |mark: &str| units(mark).into_iter().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
        let mark = "\u{feff}";
        for bytes in [
            said.as_bytes().to_vec(),
            format!("{mark}{said}").into_bytes(),
            little(mark),
            big(mark),
            little(""),
            big(""),
            [little(""), vec![b'x']].concat(),
        ] {
            assert_eq!(text(&bytes), said, "{bytes:?}");
        }
        assert_eq!(text(&[]), "");
        assert_eq!(text(b"x"), "x");
        assert_eq!(text(b"\0"), "\0");
        assert_eq!(text(b"a\xffb"), "a\u{fffd}b");
    }

    #[test]
    fn documents_among_other_lines() {
        let keys = |text: &str| {
            let names = documents(text).into_iter().map(|document| document.keys().next().cloned());
            names.flatten().collect::<Vec<_>>().join(" ")
        };
        for (text, found) in [
            ("", ""),
            ("{\"a\":1}", "a"),
            ("a notice\r\n{\r\n  \"a\": 1\r\n}\r\na notice", "a"),
            ("{\"a\":1} more\n{\"b\":{\"c\":2}}{\"d\":3}\n", "a b d"),
            ("{\"a\":\n{\"b\":1}", "b"),
            ("[{\"a\":1}]\n x {\"b\":1}\n{{{\n", ""),
        ] {
            assert_eq!(keys(text), found, "{text}");
        }
    }
}
