//! Secrets in files: never on the command line.

use std::path::Path;

use entrada_core::{Error, ErrorKind, Secret};

use crate::setup::Setup;

/// A secret from a file, or from standard input; one line end at its end is not part of it.
pub(super) fn read_secret(setup: &Setup, file: &Path) -> Result<Secret, Error> {
    let bytes = if file == Path::new("-") {
        setup.standard_input("the secret", 64 << 10)?
    } else {
        let unreadable = |why: String| {
            let what = format!("the secret's file {} cannot be read: {why}", file.display());
            Error::new(ErrorKind::Configuration, what)
        };
        let read = entrada_host::files::read(file, 64 << 10, setup.limit(false));
        read.map_err(|failure| unreadable(failure.to_string()))?.bytes
    };
    let text = std::str::from_utf8(bytes.expose())
        .map_err(|_| Error::new(ErrorKind::Configuration, "the secret is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(Secret::new(text))
}
