use super::*;

/// A folder of a test's own, gone with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Folder {
        let mut random = [0; 8];
        getrandom::fill(&mut random).unwrap();
        let unique = u64::from_le_bytes(random);
        let path = std::env::temp_dir().join(format!("entrada-host-{name}-{unique:x}"));
        fs::create_dir(&path).unwrap();
        Folder(path.canonicalize().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const SOON: Duration = Duration::from_secs(10);

#[test]
fn contents_up_to_the_limit() {
    let folder = Folder::new("limit");
    let file = folder.path().join("f");
    fs::write(&file, "12345").unwrap();
    let contents = read(&file, 5, SOON).unwrap();
    assert_eq!((contents.bytes.expose(), contents.resolved.as_path()), (&b"12345"[..], file.as_path()));
    assert_eq!(read(&file, 4, SOON).unwrap_err(), FileFailure::TooLarge);
    fs::write(&file, "").unwrap();
    assert!(read(&file, 0, SOON).unwrap().bytes.is_empty());
}

#[test]
fn what_is_no_file() {
    let folder = Folder::new("none");
    assert_eq!(read(&folder.path().join("x"), 9, SOON).unwrap_err(), FileFailure::NotFound);
    assert_eq!(
        read(folder.path(), 9, SOON).unwrap_err(),
        FileFailure::Folder(folder.path().canonicalize().unwrap())
    );
    assert_eq!(read(Path::new("a\0b"), 9, SOON).unwrap_err(), FileFailure::Broken);
}

#[cfg(unix)]
#[test]
fn links_are_resolved() {
    let folder = Folder::new("links");
    let real = folder.path().join("real");
    fs::write(&real, "x").unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&real, &link).unwrap();
    assert_eq!(read(&link, 9, SOON).unwrap().resolved, real);
    fs::remove_file(&real).unwrap();
    assert_eq!(read(&link, 9, SOON).unwrap_err(), FileFailure::NotFound);
    std::os::unix::fs::symlink(folder.path(), &real).unwrap();
    assert_eq!(read(&link, 9, SOON).unwrap_err(), FileFailure::Folder(folder.path().to_owned()));
}

#[cfg(target_os = "linux")]
mod special {
    use super::*;
    use std::io::Write;

    fn fifo(folder: &Folder) -> PathBuf {
        let path = folder.path().join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        path
    }

    #[test]
    fn devices_and_sockets_are_not_read() {
        let folder = Folder::new("special");
        let socket = folder.path().join("s");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [Path::new("/dev/zero"), Path::new("/dev/null"), &socket] {
            assert_eq!(read(path, 9, SOON).unwrap_err(), FileFailure::NotAFile, "{}", path.display());
        }
    }

    #[test]
    fn a_fifo_nobody_writes_to_is_left_at_once() {
        let folder = Folder::new("fifo");
        assert_eq!(read(&fifo(&folder), 9, SOON).unwrap_err(), FileFailure::NotAFile);
    }

    #[test]
    fn a_fifo_with_a_writer_is_read_to_its_end() {
        let folder = Folder::new("writer");
        let path = fifo(&folder);
        let mut writer = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
        writer.write_all(b"one").unwrap();
        // The writer stays: the end never comes, so the limit in time has to.
        assert_eq!(read(&path, 9, Duration::from_millis(20)).unwrap_err(), FileFailure::TimedOut);
        writer.write_all(b"0123456789").unwrap();
        assert_eq!(read(&path, 9, SOON).unwrap_err(), FileFailure::TooLarge);
    }

    #[test]
    fn a_pipe_of_a_shell_is_read() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"secret").unwrap();
        drop(writer);
        let path = format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
        assert_eq!(read(Path::new(&path), 9, SOON).unwrap().bytes.expose(), b"secret");
    }
}
