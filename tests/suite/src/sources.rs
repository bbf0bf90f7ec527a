//! The sources themselves, for tests that read them.

use std::path::{Path, PathBuf};

/// Every Rust file below this folder of the workspace, such as `core/src`.
///
/// # Panics
/// Where the folder cannot be read: the tests are not where the sources are.
#[must_use]
pub fn below(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder), &mut found);
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("a folder of sources").path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}
