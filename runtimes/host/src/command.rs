//! Child processes that cannot surprise.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use entrada_core::effect::{CommandFailure, RunCommand};
use entrada_core::environment::Environment;

use crate::programs;

/// The command for this effect, ready to spawn: found on the environment's `PATH`, arguments as a
/// list, the environment's variables on top of the process's, no input, both outputs piped, in a folder where nobody plants files, in a group of its own.
///
/// # Errors
/// [`CommandFailure::NotFound`] when there is no such program.
pub fn prepare(command: &RunCommand, environment: &Environment) -> Result<Command, CommandFailure> {
    let path = environment.get("PATH").map(std::ffi::OsStr::new);
    let program = programs::find(command.program(), path).ok_or(CommandFailure::NotFound)?;
    let mut prepared = quiet(&program);
    prepared
        .args(command.arguments())
        .envs(environment.variables())
        .envs(command.variables().iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Ok(prepared)
}

/// A command for this program file, in a safe folder and in a process group of its own, so that it
/// can be ended with its children and does not hear Ctrl-C.
#[must_use]
pub fn quiet(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(safe_folder());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    #[cfg(windows)]
    {
        // CREATE_NEW_PROCESS_GROUP and CREATE_NO_WINDOW.
        std::os::windows::process::CommandExt::creation_flags(&mut command, 0x0000_0200 | 0x0800_0000);
    }
    command
}

/// A folder that only an administrator can put files into.
fn safe_folder() -> PathBuf {
    if cfg!(windows) {
        let root = std::env::var_os("SYSTEMROOT").map(PathBuf::from).filter(|root| root.is_absolute());
        return root.unwrap_or_else(|| PathBuf::from(r"C:\Windows"));
    }
    let bin = Path::new("/bin");
    if bin.is_dir() { bin.to_owned() } else { PathBuf::from("/") }
}
