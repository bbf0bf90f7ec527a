//! Child processes that cannot surprise.

use std::path::Path;
use std::process::{Command, Stdio};

use entrada_core::effect::{CommandFailure, RunCommand};
use entrada_core::environment::{Environment, System};

use crate::environment::changed;
use crate::programs;

/// The command for this effect, ready to spawn: found on the environment's `PATH`, arguments as a
/// list, the environment's variables on top of the process's where they differ, no input, both outputs piped, in a folder where
/// nobody plants files, in a group of its own.
///
/// # Errors
/// [`CommandFailure::NotFound`] when there is no such program, [`CommandFailure::CannotStart`] when Windows does not
/// tell its own folder (`SYSTEMROOT`).
pub fn prepare(command: &RunCommand, environment: &Environment) -> Result<Command, CommandFailure> {
    let program = programs::find(command.program(), environment).ok_or(CommandFailure::NotFound)?;
    let mut prepared = quiet(&program, environment)?;
    prepared
        .args(command.arguments())
        .envs(changed(environment))
        .envs(command.variables().iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Ok(prepared)
}

/// A command for this program file, in a safe folder and in a process group of its own, so that it
/// can be ended with its children and does not hear Ctrl-C.
///
/// # Errors
/// [`CommandFailure::CannotStart`] when there is no such folder.
pub fn quiet(program: &Path, environment: &Environment) -> Result<Command, CommandFailure> {
    // An environment that was put together may leave out what only the process knows.
    let own = std::env::var("SYSTEMROOT").ok();
    let root = environment.get("SYSTEMROOT").or(own.as_deref());
    let folder = programs::safe_folder(System::default(), root).ok_or(CommandFailure::CannotStart)?;
    let mut command = Command::new(program);
    command.current_dir(if Path::new(&folder).is_dir() { &folder } else { "/" });
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    #[cfg(windows)]
    {
        // CREATE_NEW_PROCESS_GROUP and CREATE_NO_WINDOW.
        std::os::windows::process::CommandExt::creation_flags(&mut command, 0x0000_0200 | 0x0800_0000);
    }
    Ok(command)
}
