//! Finding a program without running somebody else's.

mod lookup;

use std::path::{Path, PathBuf};

use entrada_core::Environment;
use entrada_core::environment::System;

pub use lookup::Lookup;

pub(crate) use lookup::safe_folder;

/// The program of this name in the folders of the environment's `PATH`.
///
/// Only absolute folders count, and never the working directory, even if `PATH` names it, in whatever spelling: a
/// program that lies there was put there by whoever made the folder. A name with a folder in it finds nothing.
#[must_use]
pub fn find(name: &str, environment: &Environment) -> Option<PathBuf> {
    let here = std::env::current_dir().and_then(std::fs::canonicalize).ok();
    let is_here = |file: &Path| {
        here.is_some() && file.parent().and_then(|folder| std::fs::canonicalize(folder).ok()) == here
    };
    let is_there = |file: &str| is_runnable(Path::new(file)) && !is_here(Path::new(file));
    Lookup::new(System::default(), environment).find(name, is_there).map(PathBuf::from)
}

#[cfg(unix)]
fn is_runnable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(windows)]
fn is_runnable(file: &Path) -> bool {
    file.is_file()
}

#[cfg(not(any(unix, windows)))]
fn is_runnable(_: &Path) -> bool {
    false
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
        let path = format!("{}:{}", one.path().display(), two.path().display());
        let environment = Environment::new().with("PATH", path);
        assert_eq!(find("az", &environment), Some(good.clone()));
        assert_eq!(find("azd", &environment), None);
        for name in ["", ".", "..", "sub/az", "/bin/sh", "az/", "./az"] {
            assert_eq!(find(name, &environment), None, "{name}");
        }
        assert_eq!(find("az", &Environment::new()), None);
    }

    #[test]
    fn never_the_working_directory() {
        // Tests run in the crate's own folder; a link to the runnable stands for a planted program.
        let here = std::env::current_dir().unwrap();
        let planted = put(&here, ".planted-by-the-test", 0o755);
        let name = ".planted-by-the-test";
        for path in ["", ".", ":", "./", "src/..", here.to_str().unwrap()] {
            assert_eq!(find(name, &Environment::new().with("PATH", path)), None, "{path:?}");
        }
        std::fs::remove_file(planted).unwrap();
    }
}
