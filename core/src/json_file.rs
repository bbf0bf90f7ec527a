//! JSON files that people and their tools write.

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind};

/// The object that a file holds. A byte-order mark is tolerated.
///
/// # Errors
/// `Configuration`, saying what the file is instead; its text is not repeated.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Error> {
    let bad = |what: String| Error::new(ErrorKind::Configuration, what);
    if is_utf16(bytes) {
        return Err(bad("it is written in UTF-16".to_owned())
            .with_remedy("save it as UTF-8; Windows PowerShell's > writes UTF-16"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(document)) => Ok(document),
        Ok(_) => Err(bad("it is not a JSON object".to_owned())),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(bad(format!("it is not JSON: see line {line}, column {column}")))
        }
    }
}

/// Whether this is UTF-16: by its byte-order mark, or by the NUL beside the letter that it begins with, which no JSON
/// has (RFC 4627 section 3).
fn is_utf16(bytes: &[u8]) -> bool {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [first, second, ..] => (*first == 0) != (*second == 0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_told_apart_with_and_without_its_mark() {
        let little: Vec<u8> = "{\"a\": 1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "{\"a\": 1}".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = [&[0xff, 0xfe][..], &little].concat();
        for bytes in [&little, &big, &marked] {
            let error = object(bytes).unwrap_err();
            assert!(error.message().contains("UTF-16"), "{error}");
        }
        for bytes in [&b"{\"a\": 1}"[..], b"\xef\xbb\xbf{}"] {
            assert!(object(bytes).is_ok());
        }
        for bytes in [&b""[..], b"{", b"\0", b"\0\0"] {
            assert!(!object(bytes).unwrap_err().message().contains("UTF-16"));
        }
    }
}
