//! Reading a small file.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{Outcome, Reply, Ticket};
use crate::secret::SecretBytes;
use crate::time::Mono;

/// A file to read: at most [`ReadFile::limit`] bytes of a regular file (or a FIFO that has a writer),
/// never waiting for a device.
///
/// The driver also tells the path with all symbolic links resolved, so that the core can judge it
/// before it uses the bytes. A folder is answered with [`FileFailure::Folder`], which tells its
/// resolved path.
#[derive(Debug)]
pub struct ReadFile {
    pub(crate) path: PathBuf,
    pub(crate) limit: usize,
    pub(crate) deadline: Mono,
    pub(crate) ticket: Ticket,
}

impl ReadFile {
    /// The path; relative ones are meant from the working directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The most bytes to read. A longer file is answered with [`FileFailure::TooLarge`].
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// What to read, and the ticket to answer with.
    #[must_use]
    pub fn split(self) -> (PathBuf, FileTicket) {
        (self.path, FileTicket(self.ticket))
    }
}

/// Answers one [`ReadFile`].
#[derive(Debug)]
#[must_use]
pub struct FileTicket(Ticket);

impl FileTicket {
    /// The reply: the contents, or why there are none.
    pub fn reply(self, result: Result<FileContents, FileFailure>) -> Reply {
        Reply { ticket: self.0, outcome: Outcome::File(result) }
    }
}

/// The contents of a file, and where it really is.
#[derive(Clone, Debug)]
pub struct FileContents {
    /// The bytes.
    pub bytes: SecretBytes,
    /// The path with every symbolic link resolved.
    pub resolved: PathBuf,
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileFailure {
    /// There is no such file.
    NotFound,
    /// This process may not read it.
    Denied,
    /// This process may not enter a folder on the way: whether there is such a file is not known.
    Hidden,
    /// It is a folder; its path with every symbolic link resolved.
    Folder(PathBuf),
    /// It is neither a file nor a folder.
    NotAFile,
    /// It is longer than the limit.
    TooLarge,
    /// Reading it took too long.
    TimedOut,
    /// Reading it failed in another way.
    Broken,
    /// The driver cannot read files.
    Unsupported,
    /// The reply was of another kind.
    Mismatch,
}

impl fmt::Display for FileFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FileFailure::NotFound => "there is no such file",
            FileFailure::Denied => "this user may not read it",
            FileFailure::Hidden => "this user may not enter a folder on the way to it",
            FileFailure::Folder(_) => "it is a folder",
            FileFailure::NotAFile => "it is not a regular file",
            FileFailure::TooLarge => "it is too large",
            FileFailure::TimedOut => "reading it took too long",
            FileFailure::Broken => "reading it failed",
            FileFailure::Unsupported => "this driver reads no files",
            FileFailure::Mismatch => "the reply is not that of a file",
        })
    }
}
