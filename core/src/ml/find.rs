//! Finding the configuration file, in the order of the Azure Machine Learning SDK.
//!
//! The order goes by kind of place, not by nearness: `.azureml/config.json` is looked for in the
//! start folder and in twenty folders above it before `.azureml/project.json` is looked for anywhere.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::config::{WorkspaceConfig, other_than_workspace};
use crate::effect::{FileContents, FileFailure, Reply};
use crate::error::{Error, ErrorKind};
use crate::flow::{self, Cx, Flow, expect};
use crate::run::Step;

/// The folders, relative to each directory visited.
const FOLDERS: [&str; 3] = [".azureml", "aml_config", ""];
const NAMES: [&str; 2] = ["config.json", "project.json"];
/// The start folder and twenty above it.
const LEVELS: usize = 21;
/// The most that is read of a configuration file, in bytes.
const LIMIT: usize = 256 << 10;

/// The configuration that was found, and where.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FoundConfig {
    /// The workspace.
    pub config: WorkspaceConfig,
    /// The file, with symbolic links resolved.
    pub path: PathBuf,
    /// The places that were looked at, in order; the last one is where it was.
    pub looks: Vec<Look>,
    /// The path that was given does not exist, so the folders above it were searched.
    pub missing: Option<PathBuf>,
    /// What is odd about the file, which is used all the same: its `Scope` is not the id of a workspace.
    pub remark: Option<String>,
}

/// One place that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The file.
    pub path: PathBuf,
    /// Whether it was there.
    pub found: bool,
}

/// Searches a configuration file and reads it.
#[derive(Debug)]
pub struct FindConfig {
    given: PathBuf,
    names: Vec<String>,
    /// The part of the given path that exists was found above it, this many steps up.
    above: Vec<OsString>,
    looks: Vec<Look>,
    /// Whether every place was looked at in vain.
    exhausted: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Fresh,
    Locating(PathBuf),
    Walking(Walk),
}

/// A position in the search.
#[derive(Debug)]
struct Walk {
    directories: Vec<PathBuf>,
    next: usize,
}

impl FindConfig {
    /// A search from here: a file is read itself, a folder is searched, and the folders above it. A
    /// path that does not exist is searched from as if it were a folder, as the SDK does.
    #[must_use]
    pub fn from_path(path: impl Into<PathBuf>) -> FindConfig {
        FindConfig {
            given: path.into(),
            names: NAMES.map(str::to_owned).to_vec(),
            above: Vec::new(),
            looks: Vec::new(),
            exhausted: false,
            state: State::Fresh,
        }
    }

    /// A search from the working directory.
    #[must_use]
    pub fn from_working_directory() -> FindConfig {
        FindConfig::from_path(".")
    }

    /// The same for a file of this name only; it may have a folder in it.
    #[must_use]
    pub fn named(mut self, file_name: impl Into<String>) -> FindConfig {
        self.names = vec![file_name.into()];
        self
    }

    /// What to make of the path that was given.
    fn located(
        &mut self,
        cx: &mut Cx<'_>,
        asked: &Path,
        result: Result<FileContents, FileFailure>,
    ) -> Step<FoundConfig> {
        match result {
            Ok(file) if self.above.is_empty() => Step::Done(self.read(asked, file)),
            // There is nothing below a file, but there are folders above it.
            Ok(FileContents { resolved, .. }) | Err(FileFailure::Folder(resolved)) => {
                let start = self.above.iter().rev().fold(resolved, below);
                let directories = start.ancestors().take(LEVELS).map(Path::to_owned).collect();
                self.walk(cx, Walk { directories, next: 0 })
            }
            Err(FileFailure::NotFound | FileFailure::Hidden | FileFailure::NotAFile) => match above(asked) {
                Some((parent, step)) => {
                    self.above.push(step);
                    self.state = State::Locating(parent.clone());
                    cx.read_file(parent, LIMIT)
                }
                None => Step::Done(Err(self.not_found())),
            },
            Err(failure) => Step::Done(Err(unreadable(asked, &failure))),
        }
    }

    fn places(&self, walk: &Walk) -> usize {
        FOLDERS.len() * self.names.len() * walk.directories.len()
    }

    fn place(&self, walk: &Walk) -> PathBuf {
        let (kind, directory) = (walk.next / walk.directories.len(), walk.next % walk.directories.len());
        let (folder, name) = (FOLDERS[kind / self.names.len()], &self.names[kind % self.names.len()]);
        walk.directories[directory].join(folder).join(name)
    }

    fn walk(&mut self, cx: &mut Cx<'_>, walk: Walk) -> Step<FoundConfig> {
        if walk.next >= self.places(&walk) {
            return Step::Done(Err(self.not_found()));
        }
        let place = self.place(&walk);
        self.state = State::Walking(walk);
        cx.read_file(place, LIMIT)
    }

    fn walked(
        &mut self,
        cx: &mut Cx<'_>,
        mut walk: Walk,
        result: Result<FileContents, FileFailure>,
    ) -> Step<FoundConfig> {
        let place = self.place(&walk);
        match result {
            Ok(file) => Step::Done(self.read(&place, file)),
            // A match must be a regular file; anything else in its place is passed by.
            Err(
                FileFailure::NotFound | FileFailure::Hidden | FileFailure::Folder(_) | FileFailure::NotAFile,
            ) => {
                self.looks.push(Look { path: place, found: false });
                walk.next += 1;
                self.walk(cx, walk)
            }
            // A file that is there but cannot be read is not passed by: another's would be used.
            Err(failure) => Step::Done(Err(unreadable(&place, &failure))),
        }
    }

    fn read(&mut self, place: &Path, file: FileContents) -> Result<FoundConfig, Error> {
        self.looks.push(Look { path: place.to_owned(), found: true });
        let config = WorkspaceConfig::parse(file.bytes.expose()).map_err(|error| {
            let what =
                format!("the workspace file {} cannot be used: {}", file.resolved.display(), error.message());
            error.saying(what)
        })?;
        Ok(FoundConfig {
            remark: other_than_workspace(file.bytes.expose()),
            config,
            path: file.resolved,
            looks: std::mem::take(&mut self.looks),
            missing: (!self.above.is_empty()).then(|| self.given.clone()),
        })
    }

    pub(super) fn looks(&self) -> Vec<Look> {
        self.looks.clone()
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    fn not_found(&mut self) -> Error {
        self.exhausted = true;
        let name = self.names.first().map_or("config.json", String::as_str);
        Error::new(
            ErrorKind::Configuration,
            format!("no {name} of a workspace was found in {} or the folders above it", self.given.display()),
        )
        .with_remedy("write one with `entrada workspace init`, download it from the workspace's page in the portal, or name the subscription, group and workspace")
    }
}

/// The folder that a path is in, and the step from there to it; up to where the path begins.
fn above(path: &Path) -> Option<(PathBuf, OsString)> {
    let step = match path.components().next_back()? {
        Component::Normal(name) => name.to_owned(),
        Component::ParentDir => "..".into(),
        _ => return None,
    };
    let parent = path.parent()?;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    Some((parent.to_owned(), step))
}

/// One step on from a folder. What does not exist has no links, so a step back undoes the one before.
fn below(mut path: PathBuf, step: &OsString) -> PathBuf {
    if step == ".." {
        path.pop();
    } else {
        path.push(step);
    }
    path
}

fn unreadable(path: &Path, failure: &FileFailure) -> Error {
    let kind = match failure {
        FileFailure::Unsupported => ErrorKind::Unavailable,
        FileFailure::Mismatch => ErrorKind::Misuse,
        FileFailure::TimedOut => ErrorKind::Timeout,
        _ => ErrorKind::Configuration,
    };
    Error::new(kind, format!("the workspace file {} cannot be read: {failure}", path.display()))
}

impl Flow for FindConfig {
    type Output = FoundConfig;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<FoundConfig> {
        match std::mem::replace(&mut self.state, State::Fresh) {
            State::Fresh if reply.is_none() => {
                // A slash at the end does not make a folder of a file.
                let given: PathBuf = self.given.components().collect();
                self.state = State::Locating(given.clone());
                cx.read_file(given, LIMIT)
            }
            State::Fresh => Step::Done(Err(flow::out_of_turn())),
            State::Locating(asked) => {
                let result = crate::check!(expect(reply)).file();
                self.located(cx, &asked, result)
            }
            State::Walking(walk) => {
                let result = crate::check!(expect(reply)).file();
                self.walked(cx, walk, result)
            }
        }
    }
}
