//! Child processes, with a limit that holds.

use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use entrada_core::effect::{CommandFailure, CommandOutput, MAX_OUTPUT, RunCommand};
use entrada_core::environment::Environment;
use entrada_core::secret::SecretBytes;
use entrada_host::command;
use entrada_host::group::Group;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout, timeout_at};

use crate::join::Aside;
use crate::plugs::Commands;

/// How long outputs may stay open once the child itself is gone.
const GRACE: Duration = Duration::from_millis(100);

/// Runs real programs, found on the environment's `PATH`.
#[derive(Clone, Debug)]
pub struct Processes {
    environment: Environment,
}

impl Processes {
    /// Programs of this environment.
    #[must_use]
    pub fn new(environment: Environment) -> Processes {
        Processes { environment }
    }
}

impl Commands for Processes {
    async fn run(&self, command: &RunCommand, limit: Duration) -> Result<CommandOutput, CommandFailure> {
        let until = Instant::now() + limit;
        let mut prepared = Command::from(command::prepare(command, &self.environment)?);
        let child = prepared.kill_on_drop(true).spawn().map_err(|_| CommandFailure::CannotStart)?;
        let mut child = Running::new(child);
        let (stdout, stderr) = (Output::default(), Output::default());
        let mut one = Aside::new(drain(child.child.stdout.take(), stdout.clone()));
        let mut two = Aside::new(drain(child.child.stderr.take(), stderr.clone()));
        let ended = timeout_at(until, one.during(two.during(child.child.wait()))).await;
        let status: ExitStatus =
            ended.map_err(|_| CommandFailure::TimedOut)?.map_err(|_| CommandFailure::CannotStart)?;
        // A grandchild may have the outputs and go on: then it is ended when `child` is dropped.
        if timeout(GRACE, async { (one.end().await, two.end().await) }).await.is_ok() {
            child.leave();
        }
        Ok(CommandOutput { code: status.code(), stdout: collect(&stdout), stderr: collect(&stderr) })
    }
}

/// A child that is ended with its group, unless it was left in peace.
struct Running {
    child: Child,
    group: Option<Group>,
}

impl Running {
    fn new(child: Child) -> Running {
        Running { group: child.id().map(Group::of_id), child }
    }

    fn leave(&mut self) {
        self.group = None;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            group.kill();
        }
    }
}

type Output = Arc<Mutex<Vec<u8>>>;

/// Reads an output to its end, keeping the beginning, so that the child never waits for a reader.
async fn drain(pipe: Option<impl AsyncRead + Unpin>, kept: Output) {
    let Some(mut pipe) = pipe else { return };
    let mut chunk = vec![0; 8192];
    while let Ok(some) = pipe.read(&mut chunk).await {
        if some == 0 {
            return;
        }
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_OUTPUT - kept.len();
        kept.extend_from_slice(&chunk[..some.min(room)]);
    }
}

fn collect(output: &Output) -> SecretBytes {
    SecretBytes::new(std::mem::take(&mut *output.lock().unwrap_or_else(PoisonError::into_inner)))
}
