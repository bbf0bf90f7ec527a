//! Documents in files: what is common to sealed ones and plain ones.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use entrada_core::effect::{FileFailure, StoreFailure};
use entrada_core::secret::SecretBytes;

use super::vault::{LoadFailure, failed};
use super::{Mode, drafts_of, write_atomically};

/// The most that is read, in bytes; a cache of a thousand accounts is smaller.
const LONGEST: usize = 32 << 20;

/// A folder of documents that nobody else may enter.
#[derive(Clone, Debug)]
pub(super) struct Documents {
    pub(super) folder: PathBuf,
}

impl Documents {
    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// The bytes of a file; nothing where there is none.
    pub(super) fn load(&self, file: &str) -> Result<Option<SecretBytes>, LoadFailure> {
        let path = self.path(file);
        if is_link(&path) {
            return Err(LoadFailure::Failed(StoreFailure::Broken("it is a symbolic link".into())));
        }
        match crate::files::read(&path, LONGEST, Duration::from_secs(10)) {
            Ok(contents) => Ok(Some(contents.bytes)),
            Err(FileFailure::NotFound) => Ok(None),
            Err(FileFailure::Denied | FileFailure::Hidden) => Err(LoadFailure::Failed(StoreFailure::Denied)),
            // It was replaced while it was looked at: what is there now is as good.
            Err(FileFailure::Broken) => match crate::files::read(&path, LONGEST, Duration::from_secs(10)) {
                Ok(contents) => Ok(Some(contents.bytes)),
                Err(failure) => Err(LoadFailure::Failed(StoreFailure::Broken(failure.to_string().into()))),
            },
            Err(failure) => Err(LoadFailure::Failed(StoreFailure::Broken(failure.to_string().into()))),
        }
    }

    pub(super) fn save(&self, file: &str, bytes: &[u8]) -> Result<(), StoreFailure> {
        self.make()?;
        let path = self.path(file);
        // Whoever writes has the lock: what others began is of writers that were killed.
        drafts_of(&path).iter().for_each(|draft| drop(fs::remove_file(draft)));
        write_atomically(&path, bytes, Mode::Private).map_err(|error| failed(&error))
    }

    pub(super) fn set_aside(&self, file: &str) -> Result<String, StoreFailure> {
        let aside = self.aside(file);
        fs::rename(self.path(file), &aside).map_err(|error| failed(&error))?;
        Ok(aside.display().to_string())
    }

    fn aside(&self, file: &str) -> PathBuf {
        self.path(&format!("{file}.unreadable"))
    }

    /// What was set aside, and what writers left behind that were killed.
    pub(super) fn leftovers(&self, file: &str) -> Vec<PathBuf> {
        let mut leftovers = drafts_of(&self.path(file));
        leftovers.extend(Some(self.aside(file)).filter(|aside| fs::symlink_metadata(aside).is_ok()));
        leftovers
    }

    pub(super) fn lock(&self, file: &str) -> Result<PathBuf, StoreFailure> {
        self.make()?;
        Ok(self.path(&format!("{file}.lockfile")))
    }

    /// Makes the folder, for this user alone. One that is there already stays as it is.
    fn make(&self) -> Result<(), StoreFailure> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(&self.folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(failed(&error)),
            _ => Ok(()),
        }
    }
}

/// Whether the name is a link: what it points to would be replaced by a file, or read in its place.
fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| data.is_symlink())
}
