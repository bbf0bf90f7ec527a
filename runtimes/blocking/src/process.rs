//! Child processes, with a limit that holds.

use std::io::Read;
use std::process::Child;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use entrada_core::effect::{CommandFailure, CommandOutput, MAX_OUTPUT, RunCommand};
use entrada_core::environment::Environment;
use entrada_core::secret::SecretBytes;
use entrada_host::command;
use entrada_host::group::Group;

use crate::cancel::Cancel;
use crate::plugs::Commands;

/// How often a child is asked whether it is done. Its end mostly shows by its outputs, at once.
const TICK: Duration = Duration::from_millis(5);

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
    fn run(
        &self,
        command: &RunCommand,
        limit: Duration,
        cancel: &Cancel,
    ) -> Result<CommandOutput, CommandFailure> {
        let until = Instant::now() + limit;
        let child = command::prepare(command, &self.environment)?.spawn();
        let mut child = Running::new(child.map_err(|_| CommandFailure::CannotStart)?);
        let (tell, told) = channel();
        let stdout = drain(child.0.stdout.take(), &tell);
        let stderr = drain(child.0.stderr.take(), &tell);
        let _watch = cancel.watch(move || drop(tell.send(Event::Cancelled)));

        let mut open = 2;
        let mut ended = None;
        loop {
            if ended.is_none() {
                let status = child.0.try_wait().map_err(|_| CommandFailure::CannotStart)?;
                ended = status.map(|status| (status.code(), Instant::now() + GRACE));
            }
            match ended {
                Some((code, _)) if open == 0 => {
                    child.leave();
                    return Ok(CommandOutput { code, stdout: collect(&stdout), stderr: collect(&stderr) });
                }
                // A grandchild has the outputs and goes on: it is ended when `child` is dropped.
                Some((code, grace)) if Instant::now() >= grace => {
                    return Ok(CommandOutput { code, stdout: collect(&stdout), stderr: collect(&stderr) });
                }
                _ => {}
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() && ended.is_none() {
                return Err(CommandFailure::TimedOut);
            }
            match told.recv_timeout(TICK) {
                Ok(Event::Closed) => open -= 1,
                // The loop says that it was cancelled; what is answered here does not matter.
                Ok(Event::Cancelled) => return Err(CommandFailure::TimedOut),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        }
    }
}

enum Event {
    Closed,
    Cancelled,
}

/// A child that is ended with its group, unless it was left in peace.
struct Running(Child, bool);

impl Running {
    fn new(child: Child) -> Running {
        Running(child, true)
    }

    fn leave(&mut self) {
        self.1 = false;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.1 {
            Group::of(&self.0).kill();
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

type Output = Arc<Mutex<Vec<u8>>>;

/// Reads an output to its end, keeping the beginning, so that the child never waits for a reader.
fn drain(mut pipe: Option<impl Read + Send + 'static>, tell: &Sender<Event>) -> Output {
    let kept = Output::default();
    let (keeping, tell) = (kept.clone(), tell.clone());
    let reader = move || {
        let mut chunk = [0; 8192];
        while let Some(pipe) = &mut pipe {
            match pipe.read(&mut chunk) {
                Ok(0) => break,
                Ok(some) => keep(&keeping, &chunk[..some]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let _ = tell.send(Event::Closed);
    };
    thread::spawn(reader);
    kept
}

fn keep(kept: &Output, bytes: &[u8]) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let room = MAX_OUTPUT - kept.len();
    kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

fn collect(output: &Output) -> SecretBytes {
    SecretBytes::new(std::mem::take(&mut *output.lock().unwrap_or_else(PoisonError::into_inner)))
}
