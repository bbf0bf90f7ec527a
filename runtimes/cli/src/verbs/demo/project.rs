//! The folders of the demo: a project with a workspace file, and a folder of tools.

use std::io;
use std::path::{Path, PathBuf};

use entrada_core::ml::WorkspaceConfig;
use entrada_core::{Error, ErrorKind, Secret};
use entrada_emulator::world;
use entrada_host::store::{Mode, create_new, write_atomically};
use serde_json::json;
use tempfile::TempDir;

use super::az;

pub(super) struct Project {
    folder: PathBuf,
    tools: PathBuf,
    /// Removed with everything in it when the demo is over.
    _scratch: TempDir,
}

impl Project {
    /// The project in `given`, or one made for the occasion; and a folder with an `az` in it that is
    /// this program under another name.
    pub(super) fn new(given: Option<&Path>) -> Result<Project, Error> {
        let scratch = TempDir::with_prefix("entrada-demo-").map_err(failed)?;
        let tools = scratch.path().join("tools");
        std::fs::create_dir(&tools).map_err(failed)?;
        under_another_name(&tools.join(az::FILE_NAME)).map_err(failed)?;
        let folder = match given {
            Some(folder) => folder.to_owned(),
            None => made(&scratch.path().join("project")).map_err(failed)?,
        };
        Ok(Project { folder, tools, _scratch: scratch })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn tools(&self) -> &Path {
        &self.tools
    }

    /// Leaves a session behind for the demo's `az`.
    pub(super) fn sign_az_in(&self, address: &str, refresh_token: Option<&Secret>) -> Result<(), Error> {
        let session = json!({ "authority": address, "refresh_token": refresh_token.map(Secret::expose) });
        write_atomically(&self.tools.join(az::SESSION), session.to_string().as_bytes(), Mode::Private)
            .map_err(failed)
    }
}

fn made(folder: &Path) -> io::Result<PathBuf> {
    let config = WorkspaceConfig::new(world::SUBSCRIPTION, world::RESOURCE_GROUP, world::WORKSPACE)
        .map_err(|error| io::Error::other(error.to_string()))?;
    std::fs::create_dir_all(folder.join(".azureml"))?;
    create_new(&folder.join(".azureml").join("config.json"), config.to_json().as_bytes(), Mode::Shared)?;
    Ok(folder.to_owned())
}

#[cfg(unix)]
fn under_another_name(path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(std::env::current_exe()?, path)
}

#[cfg(not(unix))]
fn under_another_name(path: &Path) -> io::Result<()> {
    std::fs::copy(std::env::current_exe()?, path).map(|_| ())
}

fn failed(error: io::Error) -> Error {
    Error::new(ErrorKind::Configuration, format!("the demo's folder cannot be prepared: {error}"))
}
