//! Reading small files, whatever lies at the path.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use entrada_core::effect::{FileContents, FileFailure};
use entrada_core::secret::SecretBytes;

/// Reads the regular file at `path`, or the FIFO if it has a writer, within `limit` bytes and the
/// time `within`. A device is never read, and nothing is waited for that may not come.
///
/// The file is opened first and judged by its handle, so that it cannot be swapped in between.
///
/// # Errors
/// As [`FileFailure`] says; a folder is told by its resolved path.
pub fn read(path: &Path, limit: usize, within: Duration) -> Result<FileContents, FileFailure> {
    let until = Instant::now() + within;
    let file = match open(path) {
        Ok(file) => file,
        // Windows opens no folders.
        Err(_) if path.is_dir() => return Err(FileFailure::Folder(resolve(path)?)),
        Err(error) if error.kind() == ErrorKind::PermissionDenied && fs::metadata(path).is_err() => {
            return Err(FileFailure::Hidden);
        }
        Err(error) => return Err(failure(&error)),
    };
    let data = file.metadata().map_err(|error| failure(&error))?;
    if data.is_dir() {
        return Err(FileFailure::Folder(resolve(path)?));
    }
    if is_fifo(&data) {
        let bytes = read_up_to(&file, limit, || wait_for_input(&file, until))?;
        if bytes.is_empty() {
            return Err(FileFailure::NotAFile);
        }
        // `/dev/fd/63` has no place in the tree.
        let resolved = resolve(path).unwrap_or_else(|_| path.to_owned());
        return Ok(FileContents { bytes, resolved });
    }
    if !data.is_file() {
        return Err(FileFailure::NotAFile);
    }
    let resolved = resolve(path)?;
    let now = fs::metadata(&resolved).map_err(|error| failure(&error))?;
    if !same(&data, &now) {
        return Err(FileFailure::Broken);
    }
    let bytes = read_up_to(&file, limit, || Err(FileFailure::Broken))?;
    Ok(FileContents { bytes, resolved })
}

/// Reads to the end; one byte past the limit is too much. `wait` is called when there is nothing yet.
fn read_up_to(
    mut file: &File,
    limit: usize,
    wait: impl Fn() -> Result<(), FileFailure>,
) -> Result<SecretBytes, FileFailure> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(SecretBytes::new(bytes)),
            Ok(some) => bytes.extend_from_slice(&chunk[..some]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => wait()?,
            Err(error) => return Err(failure(&error)),
        }
        if bytes.len() > limit {
            return Err(FileFailure::TooLarge);
        }
    }
}

fn resolve(path: &Path) -> Result<PathBuf, FileFailure> {
    fs::canonicalize(path).map_err(|error| failure(&error))
}

fn failure(error: &io::Error) -> FileFailure {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => FileFailure::NotFound,
        ErrorKind::PermissionDenied => FileFailure::Denied,
        ErrorKind::IsADirectory => FileFailure::NotAFile,
        ErrorKind::TimedOut => FileFailure::TimedOut,
        // What opening a socket says.
        #[cfg(unix)]
        _ if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) => FileFailure::NotAFile,
        _ => FileFailure::Broken,
    }
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    // Opening a FIFO would wait for a writer, and a terminal would become ours.
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).unwrap_or(0);
    fs::OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(unix)]
fn is_fifo(data: &fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&data.file_type())
}

#[cfg(unix)]
fn same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(unix)]
fn wait_for_input(file: &File, until: Instant) -> Result<(), FileFailure> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(FileFailure::TimedOut);
    }
    let mut wanted = [PollFd::new(file, PollFlags::IN)];
    match poll(&mut wanted, Timespec::try_from(left).ok().as_ref()) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(_) => Err(FileFailure::Broken),
    }
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(not(unix))]
fn is_fifo(_: &fs::Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    one.len() == other.len() && one.modified().ok() == other.modified().ok()
}

#[cfg(not(unix))]
fn wait_for_input(_: &File, _: Instant) -> Result<(), FileFailure> {
    Err(FileFailure::Broken)
}

#[cfg(test)]
pub(crate) mod tests;
