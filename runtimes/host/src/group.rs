//! Ending a child process together with its children.

use std::process::Child;

/// The process group of a child that was made by [`crate::command::prepare`].
///
/// [`Group::kill`] is only sound while the child, or somebody else of its group, is still there.
#[derive(Clone, Copy, Debug)]
pub struct Group(u32);

impl Group {
    /// The group that this child leads.
    #[must_use]
    pub fn of(child: &Child) -> Group {
        Group(child.id())
    }

    /// The group that the child of this process id leads.
    #[must_use]
    pub fn of_id(id: u32) -> Group {
        Group(id)
    }

    /// Ends every process of the group, at once and without asking.
    #[cfg(unix)]
    pub fn kill(self) {
        use rustix::process::{Pid, Signal, kill_process_group};
        // Pid 1 would mean "everybody" to kill(2).
        let id = i32::try_from(self.0).ok().filter(|id| *id > 1).and_then(Pid::from_raw);
        if let Some(id) = id {
            let _ = kill_process_group(id, Signal::KILL);
        }
    }

    /// Ends the process and every process that descends from it, at once and without asking.
    #[cfg(windows)]
    pub fn kill(self) {
        let Some(root) = std::env::var_os("SYSTEMROOT") else { return };
        let tool = std::path::Path::new(&root).join("System32").join("taskkill.exe");
        let nothing = entrada_core::environment::Environment::new();
        let Ok(mut taskkill) = crate::command::quiet(&tool, &nothing) else { return };
        let _ = taskkill
            .args(["/T", "/F", "/PID", &self.0.to_string()])
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status();
    }

    /// There are no processes here.
    #[cfg(not(any(unix, windows)))]
    pub fn kill(self) {}
}
