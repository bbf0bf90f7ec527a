//! Writing files whole or not at all, locks between processes, and the store of accounts and tokens.

mod azure_cli;
#[cfg(all(target_os = "linux", feature = "secret-service"))]
mod bus;
mod documents;
#[cfg(all(any(target_os = "linux", target_os = "macos", windows), feature = "encrypted-store"))]
mod jwe;
#[cfg(all(target_os = "linux", feature = "encrypted-store"))]
mod kernel;
#[cfg(all(any(target_os = "linux", target_os = "macos", windows), feature = "encrypted-store"))]
mod keys;
mod lock;
mod patience;
mod places;
mod plain;
#[cfg(all(any(target_os = "linux", target_os = "macos", windows), feature = "encrypted-store"))]
mod sealed;
#[cfg(all(target_os = "linux", feature = "secret-service"))]
mod secret_service;
#[cfg(all(any(target_os = "macos", windows), feature = "encrypted-store"))]
mod system_keyring;
mod token_store;
mod turns;
mod vault;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use azure_cli::AzureCliCache;
pub use lock::{FileLock, LockFailure};
pub use patience::Patience;
pub use places::{Places, Protection};
pub use token_store::{Stored, TokenStore, Warn};

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Its owner alone: for anything that holds a secret. On Windows the folder's rules apply.
    Private,
    /// Whoever the process's umask lets.
    Shared,
}

/// Writes the bytes to `path`, replacing what was there. A reader sees the old file or the new one,
/// never a part, even if the machine stops in between.
///
/// # Errors
/// Those of the file system; then the old file is as it was.
pub fn write_atomically(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    let draft = Draft::write(path, bytes, mode)?;
    replace(&draft.0, path)?;
    sync_folder(path);
    Ok(())
}

#[cfg(not(windows))]
fn replace(draft: &Path, path: &Path) -> io::Result<()> {
    fs::rename(draft, path)
}

/// Whoever has the old file open, a virus scanner or another reader, may keep it from being replaced for a moment.
#[cfg(windows)]
fn replace(draft: &Path, path: &Path) -> io::Result<()> {
    use std::time::{Duration, Instant};
    let until = Instant::now() + Duration::from_secs(2);
    loop {
        match fs::rename(draft, path) {
            // ERROR_ACCESS_DENIED and ERROR_SHARING_VIOLATION.
            Err(error) if matches!(error.raw_os_error(), Some(5 | 32)) && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
}

/// The same, but only where there is nothing yet.
///
/// # Errors
/// `AlreadyExists` when there is something; else those of the file system.
pub fn create_new(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    let draft = Draft::write(path, bytes, mode)?;
    // A rename would replace; a hard link does not.
    match fs::hard_link(&draft.0, path) {
        Err(error) if no_links_here(&error) => {
            let mut file = options(mode).open(path)?;
            file.write_all(bytes)?;
            file.sync_all()?;
        }
        other => other?,
    }
    sync_folder(path);
    Ok(())
}

fn no_links_here(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied)
}

/// A complete file under another name; removed when dropped, unless it was renamed.
struct Draft(PathBuf);

impl Draft {
    fn write(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<Draft> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{:016x}", u64::from_le_bytes(random)));
        let draft = Draft(path.with_file_name(hidden));
        let mut file = options(mode).open(&draft.0)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(draft)
    }
}

/// The drafts that lie beside a file, whoever began them.
fn drafts_of(path: &Path) -> Vec<PathBuf> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let is_draft = |entry: &fs::DirEntry| {
        let entry = entry.file_name();
        let random =
            entry.to_str().and_then(|entry| entry.strip_prefix('.')?.strip_prefix(name)?.strip_prefix('.'));
        random.is_some_and(|random| {
            random.len() == 16 && random.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        })
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().filter(is_draft);
    entries.map(|entry| entry.path()).collect()
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn options(mode: Mode) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if mode == Mode::Private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = mode;
    options
}

/// Makes the new name last. Best effort: not every file system can.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Folder;

    fn names(folder: &Folder) -> Vec<String> {
        let entries = fs::read_dir(folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn written_whole_and_nothing_left_behind() {
        let folder = Folder::new("store");
        let file = folder.path().join("f");
        write_atomically(&file, b"one", Mode::Private).unwrap();
        write_atomically(&file, b"two", Mode::Private).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(names(&folder), ["f"]);
        assert!(write_atomically(&folder.path().join("no/f"), b"x", Mode::Shared).is_err());
        fs::create_dir(folder.path().join("d")).unwrap();
        assert!(write_atomically(&folder.path().join("d"), b"x", Mode::Shared).is_err());
        assert_eq!(names(&folder).len(), 2);
    }

    #[test]
    fn create_new_never_replaces() {
        let folder = Folder::new("new");
        let file = folder.path().join("f");
        create_new(&file, b"one", Mode::Shared).unwrap();
        let error = create_new(&file, b"two", Mode::Shared).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&file).unwrap(), b"one");
        assert_eq!(names(&folder), ["f"]);
    }

    #[cfg(unix)]
    #[test]
    fn private_means_the_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::new("mode");
        let file = folder.path().join("f");
        fs::write(&file, "").unwrap();
        write_atomically(&file, b"x", Mode::Private).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
