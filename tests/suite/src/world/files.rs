//! A file system in memory, as strict as a real one: links are resolved, folders are no files, what may
//! not be read is not read.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use entrada_core::effect::{FileContents, FileFailure};

use crate::canaries::{Canaries, Kind};

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A regular file.
    File(Vec<u8>),
    /// A folder.
    Folder,
    /// A symbolic link to this path.
    Link(PathBuf),
    /// A file that this user may not read.
    Denied,
    /// A folder that this user may not enter.
    Closed,
    /// A device or a socket.
    Device,
}

/// The files, by absolute path. The working directory is `/home/ada/project`.
#[derive(Clone, Debug, Default)]
pub struct Files {
    nodes: BTreeMap<PathBuf, Node>,
}

/// Where the process runs.
pub const WORKING_DIRECTORY: &str = "/home/ada/project";

impl Files {
    /// Puts something at a path, with the folders above it.
    pub fn put(&mut self, path: impl Into<PathBuf>, node: Node) {
        let path = path.into();
        for above in path.ancestors().skip(1) {
            self.nodes.entry(above.to_owned()).or_insert(Node::Folder);
        }
        self.nodes.insert(path, node);
    }

    /// Takes away what stands at a path.
    pub fn remove(&mut self, path: impl AsRef<Path>) {
        self.nodes.remove(path.as_ref());
    }

    /// The path with its links resolved, and what stands there.
    ///
    /// # Errors
    /// `NotFound`, also where links go round in circles.
    pub fn resolve(&self, path: &Path) -> Result<(PathBuf, &Node), FileFailure> {
        let mut links = 0;
        let mut todo: Vec<PathBuf> = vec![Path::new(WORKING_DIRECTORY).join(path)];
        let mut at = PathBuf::from("/");
        while let Some(next) = todo.pop() {
            let mut parts = next.components();
            while let Some(part) = parts.next() {
                match part {
                    Component::RootDir | Component::Prefix(_) => at = PathBuf::from("/"),
                    Component::CurDir => {}
                    Component::ParentDir => {
                        at.pop();
                    }
                    Component::Normal(name) => {
                        let below = at.join(name);
                        match self.nodes.get(&below) {
                            Some(Node::Link(target)) => {
                                links += 1;
                                if links > 40 {
                                    return Err(FileFailure::NotFound);
                                }
                                todo.push(parts.as_path().to_owned());
                                todo.push(target.clone());
                                break;
                            }
                            Some(Node::Closed) if parts.clone().next().is_some() => {
                                return Err(FileFailure::Hidden);
                            }
                            Some(_) => at = below,
                            None => return Err(FileFailure::NotFound),
                        }
                    }
                }
            }
        }
        let node = self.nodes.get(&at).ok_or(FileFailure::NotFound)?;
        Ok((at, node))
    }

    /// What reading a file gives.
    ///
    /// # Errors
    /// Why there is nothing to read.
    pub fn read(&self, path: &Path, limit: usize) -> Result<FileContents, FileFailure> {
        let (resolved, node) = self.resolve(path)?;
        match node {
            Node::File(bytes) if bytes.len() > limit => Err(FileFailure::TooLarge),
            Node::File(bytes) => Ok(FileContents { bytes: bytes.clone().into(), resolved }),
            Node::Folder | Node::Closed => Err(FileFailure::Folder(resolved)),
            Node::Denied => Err(FileFailure::Denied),
            Node::Device | Node::Link(_) => Err(FileFailure::NotAFile),
        }
    }

    /// Every regular file below this folder.
    pub fn below<'f>(&'f self, folder: &'f str) -> impl Iterator<Item = (&'f Path, &'f [u8])> {
        self.nodes.iter().filter_map(move |(path, node)| match node {
            Node::File(bytes) if path.starts_with(folder) => Some((path.as_path(), bytes.as_slice())),
            _ => None,
        })
    }

    /// Takes note of what looks like a secret in a file.
    pub fn note(bytes: &[u8], canaries: &mut Canaries) {
        let text = String::from_utf8_lossy(bytes);
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            if word.starts_with("file-canary") {
                canaries.add(Kind::File, word);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_to_their_end() {
        let mut files = Files::default();
        files.put("/real/place/file", Node::File(b"x".to_vec()));
        files.put("/home/ada/project", Node::Folder);
        files.put("/home/ada/project/link", Node::Link("/real/place".into()));
        files.put("/round", Node::Link("/round".into()));
        let read = files.read(Path::new("link/./../place/file"), 10).unwrap();
        assert_eq!(read.resolved, Path::new("/real/place/file"));
        assert_eq!(files.read(Path::new("link"), 10).unwrap_err(), FileFailure::Folder("/real/place".into()));
        assert_eq!(files.read(Path::new("/round"), 10).unwrap_err(), FileFailure::NotFound);
        assert_eq!(files.read(Path::new("/real/place/file"), 0).unwrap_err(), FileFailure::TooLarge);
        assert_eq!(files.read(Path::new("/nowhere/x"), 0).unwrap_err(), FileFailure::NotFound);
    }
}
