//! Locks between processes, by a file beside what they guard.
//!
//! The protocol is that of Microsoft's token cache extensions for Python and .NET: a file named
//! `….lockfile`, locked by the operating system and removed by its holder. A holder that dies lets the
//! lock go; the file that it leaves behind does not matter.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Patience;

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct FileLock {
    // Closing it lets the lock go; by then its name is gone, or goes with it.
    _file: File,
    #[cfg(not(windows))]
    path: std::path::PathBuf,
}

/// Why a lock could not be taken.
#[derive(Debug)]
#[non_exhaustive]
pub enum LockFailure {
    /// Somebody else held it all the time.
    Held,
    /// Somebody else held it, and nobody waits for it any more.
    GivenUp,
    /// The file system did not play along.
    Io(io::Error),
}

impl FileLock {
    /// Takes the lock of this file, which is made for it, trying for that long.
    ///
    /// # Errors
    /// As [`LockFailure`] says.
    pub fn take(path: &Path, patience: &Patience) -> Result<FileLock, LockFailure> {
        let mut pause = Duration::from_millis(1);
        loop {
            match try_take(path) {
                Ok(Some(file)) => {
                    let lock = FileLock {
                        _file: file,
                        #[cfg(not(windows))]
                        path: path.to_owned(),
                    };
                    lock.sign();
                    return Ok(lock);
                }
                Ok(None) => {}
                Err(error) => return Err(LockFailure::Io(error)),
            }
            let left = patience.ends().saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(LockFailure::Held);
            }
            if patience.is_given_up() {
                return Err(LockFailure::GivenUp);
            }
            std::thread::sleep(jittered(pause).min(left));
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Says in the file who holds it, for people who wonder.
    fn sign(&self) {
        use std::io::Write as _;
        let _ = writeln!(&self._file, "{} entrada", std::process::id());
    }
}

#[cfg(not(windows))]
impl Drop for FileLock {
    fn drop(&mut self) {
        // While it is held, so that nobody else's file is removed.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Up to half as long again: so that those who wait do not come together each time.
fn jittered(pause: Duration) -> Duration {
    let mut random = [0; 1];
    let _ = getrandom::fill(&mut random);
    pause + pause * u32::from(random[0]) / 512
}

#[cfg(unix)]
fn try_take(path: &Path) -> io::Result<Option<File>> {
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

    use rustix::fs::{FlockOperation, OFlags, flock};
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or(0);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .custom_flags(flags)
        .open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    // The last holder may have removed the file between its opening and its locking.
    let held = file.metadata()?;
    match std::fs::symlink_metadata(path) {
        Ok(named) if (named.dev(), named.ino()) == (held.dev(), held.ino()) => Ok(Some(file)),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(windows)]
fn try_take(path: &Path) -> io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt;
    /// GENERIC_WRITE and DELETE.
    const ACCESS: u32 = 0x4000_0000 | 0x0001_0000;
    const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
    // Nobody else may open it, by which it could not be removed while it is held either: it goes when it is closed,
    // however its holder ends. That is what .NET does too.
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true).access_mode(ACCESS).share_mode(0);
    match options.custom_flags(FILE_FLAG_DELETE_ON_CLOSE).open(path) {
        Ok(file) => Ok(Some(file)),
        // ERROR_SHARING_VIOLATION, and ERROR_ACCESS_DENIED while it is being removed.
        Err(error) if matches!(error.raw_os_error(), Some(32 | 5)) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(not(any(unix, windows)))]
fn try_take(path: &Path) -> io::Result<Option<File>> {
    match OpenOptions::new().create_new(true).write(true).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Folder;

    fn soon() -> Patience {
        Patience::within(Duration::from_secs(60))
    }

    #[test]
    fn one_at_a_time_and_nothing_left_behind() {
        let folder = Folder::new("lock");
        let path = folder.path().join("l.lockfile");
        let held = FileLock::take(&path, &soon()).unwrap();
        assert!(matches!(FileLock::take(&path, &Patience::none()), Err(LockFailure::Held)));
        drop(held);
        assert!(!path.exists());
        FileLock::take(&path, &Patience::none()).unwrap();
    }

    #[test]
    fn many_threads_take_turns() {
        let folder = Folder::new("turns");
        let (path, counter) = (folder.path().join("l"), folder.path().join("counter"));
        std::fs::write(&counter, "0").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        let _lock = FileLock::take(&path, &soon()).unwrap();
                        let count: u32 = std::fs::read_to_string(&counter).unwrap().parse().unwrap();
                        std::fs::write(&counter, (count + 1).to_string()).unwrap();
                    }
                });
            }
        });
        assert_eq!(std::fs::read_to_string(&counter).unwrap(), "200");
    }

    #[test]
    fn whoever_gives_up_is_not_kept_waiting() {
        let folder = Folder::new("given-up");
        let path = folder.path().join("l");
        let _held = FileLock::take(&path, &soon()).unwrap();
        let hours = Patience::within(Duration::from_secs(7200));
        let (tell, told) = std::sync::mpsc::channel();
        let given_up = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let heeded = given_up.clone();
        let waiting = hours.unless(move || {
            let _ = tell.send(());
            heeded.load(std::sync::atomic::Ordering::SeqCst)
        });
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| FileLock::take(&path, &waiting).map(|_| ()));
            told.recv().unwrap();
            given_up.store(true, std::sync::atomic::Ordering::SeqCst);
            assert!(matches!(waiter.join().unwrap(), Err(LockFailure::GivenUp)));
        });
    }

    #[test]
    fn what_a_dead_holder_left_behind_is_no_lock() {
        let folder = Folder::new("dead");
        let path = folder.path().join("l");
        std::fs::write(&path, "4242 somebody who died").unwrap();
        FileLock::take(&path, &Patience::none()).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let folder = Folder::new("link");
        let (path, target) = (folder.path().join("l"), folder.path().join("target"));
        std::os::unix::fs::symlink(&target, &path).unwrap();
        assert!(matches!(FileLock::take(&path, &soon()), Err(LockFailure::Io(_))));
        assert!(!target.exists());
    }
}
