//! Finding a program without running somebody else's.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Extensions that Windows runs, in the order they are tried.
#[cfg(windows)]
const EXTENSIONS: [&str; 3] = ["exe", "cmd", "bat"];

/// The program of this name in the folders of `path` (the value of `PATH`).
///
/// Only absolute folders count, and never the working directory, even if `path` names it, in whatever spelling: a program
/// that lies there was put there by whoever made the folder. A name with a folder in it finds nothing.
#[must_use]
pub fn find(name: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    if name.is_empty() || Path::new(name).file_name() != Some(OsStr::new(name)) {
        return None;
    }
    let here = std::env::current_dir().and_then(std::fs::canonicalize).ok();
    let is_here = |folder: &Path| here.is_some() && std::fs::canonicalize(folder).ok() == here;
    std::env::split_paths(path?)
        .filter(|folder| folder.is_absolute() && !is_here(folder))
        .find_map(|folder| runnable(&folder, name))
}

#[cfg(unix)]
fn runnable(folder: &Path, name: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let file = folder.join(name);
    let data = std::fs::metadata(&file).ok()?;
    (data.is_file() && data.permissions().mode() & 0o111 != 0).then_some(file)
}

#[cfg(windows)]
fn runnable(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut files = EXTENSIONS.iter().map(|extension| folder.join(format!("{name}.{extension}")));
    files.find(|file| file.is_file())
}

#[cfg(not(any(unix, windows)))]
fn runnable(_: &Path, _: &str) -> Option<PathBuf> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::files::tests::Folder;

    fn put(folder: &Path, name: &str, mode: u32) -> PathBuf {
        let file = folder.join(name);
        std::fs::write(&file, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn only_runnable_files_in_absolute_folders() {
        let (one, two) = (Folder::new("one"), Folder::new("two"));
        put(one.path(), "az", 0o644);
        std::fs::create_dir(one.path().join("azd")).unwrap();
        let good = put(two.path(), "az", 0o755);
        let path = std::env::join_paths([one.path(), two.path()]).unwrap();
        assert_eq!(find("az", Some(&path)), Some(good.clone()));
        assert_eq!(find("azd", Some(&path)), None);
        for name in ["", ".", "..", "sub/az", "/bin/sh", "az/", "./az"] {
            assert_eq!(find(name, Some(&path)), None, "{name}");
        }
        assert_eq!(find("az", None), None);
    }

    #[test]
    fn never_the_working_directory() {
        // Tests run in the crate's own folder; a link to the runnable stands for a planted program.
        let here = std::env::current_dir().unwrap();
        let planted = put(&here, ".planted-by-the-test", 0o755);
        let name = ".planted-by-the-test";
        for path in ["", ".", ":", "./", "src/..", here.to_str().unwrap()] {
            assert_eq!(find(name, Some(OsStr::new(path))), None, "{path:?}");
        }
        std::fs::remove_file(planted).unwrap();
    }
}
