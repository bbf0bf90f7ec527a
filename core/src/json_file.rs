//! JSON files that people and their tools write.

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind};

/// The object that a file holds. A byte-order mark is tolerated.
///
/// # Errors
/// `Configuration`, saying what the file is instead; its text is not repeated.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Error> {
    let bad = |what: String| Error::new(ErrorKind::Configuration, what);
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
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
