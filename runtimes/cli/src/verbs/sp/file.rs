//! A new file for a secret or a private key.

use std::io;
use std::path::{Path, PathBuf};

use entrada_core::{Error, ErrorKind, Secret};
use entrada_host::store::{Mode, create_new, write_atomically};

/// A file of the owner alone. It is made before anything else is, so that it can be written then, and
/// removed again unless it is kept.
pub(super) struct NewFile(Option<PathBuf>);

impl NewFile {
    /// # Errors
    /// `Configuration`, when there is something by this name or the folder cannot be written to.
    pub(super) fn reserve(path: &Path) -> Result<NewFile, Error> {
        create_new(path, b"", Mode::Private).map_err(|error| unwritable(path, &error))?;
        Ok(NewFile(Some(path.to_owned())))
    }

    /// Writes this and a line's end, and keeps the file.
    pub(super) fn keep(mut self, text: &Secret) -> Result<(), Error> {
        let written = self.write(&Secret::new(format!("{}\n", text.expose())));
        self.0 = None;
        written
    }

    /// Writes this and nothing more. Whether the file is kept is left open.
    pub(super) fn write(&self, text: &Secret) -> Result<(), Error> {
        let Some(path) = &self.0 else { return Ok(()) };
        write_atomically(path, text.expose().as_bytes(), Mode::Private)
            .map_err(|error| unwritable(path, &error))
    }

    /// Keeps what was written.
    pub(super) fn leave(mut self) {
        self.0 = None;
    }

    pub(super) fn name(&self) -> String {
        self.0.as_deref().unwrap_or(Path::new("")).display().to_string()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    let at = path.display();
    let (what, remedy) = match error.kind() {
        io::ErrorKind::AlreadyExists => (
            format!("{at} is there already, and is not written over"),
            "name a file that is not there yet; one that an interrupted run left behind may hold the only copy of a secret or a key",
        ),
        io::ErrorKind::NotFound => (
            format!("the new file {at} cannot be written: its folder is not there"),
            "make the folder first, or name another",
        ),
        _ => (
            format!("the new file {at} cannot be written: {error}"),
            "name a new file in a folder that you may write to",
        ),
    };
    Error::new(ErrorKind::Configuration, what).with_remedy(remedy)
}
