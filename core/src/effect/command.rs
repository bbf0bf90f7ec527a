//! Running a developer's tool.

use std::fmt;

use super::{Outcome, Reply, Ticket};
use crate::secret::SecretBytes;
use crate::time::Mono;

/// The most that is kept of what a program prints, per stream, in bytes.
pub const MAX_OUTPUT: usize = 1 << 20;

/// A program to run to its end.
///
/// The driver looks the name up on PATH (never in the working directory), passes the arguments as a
/// list (never through a shell's line), gives it no input, runs it in a folder that holds no
/// surprises, keeps at most [`MAX_OUTPUT`] bytes of each output, and kills it with all its children
/// when the deadline passes.
#[derive(Debug)]
pub struct RunCommand {
    pub(crate) program: &'static str,
    pub(crate) arguments: Vec<String>,
    pub(crate) variables: &'static [(&'static str, &'static str)],
    pub(crate) deadline: Mono,
    pub(crate) ticket: Ticket,
}

impl RunCommand {
    /// The name of the program, without folder or extension.
    #[must_use]
    pub fn program(&self) -> &'static str {
        self.program
    }

    /// The arguments. None holds a secret; each was checked against what its tool allows.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// Variables to set on top of the inherited environment.
    #[must_use]
    pub fn variables(&self) -> &'static [(&'static str, &'static str)] {
        self.variables
    }

    /// The ticket to answer with.
    #[must_use]
    pub fn ticket(self) -> CommandTicket {
        CommandTicket(self.ticket)
    }

    pub(crate) fn summary(&self) -> String {
        let shown = |argument: &String| match argument.len() {
            length if length > LONGEST_SHOWN => format!("({length} bytes)"),
            _ => argument.clone(),
        };
        let arguments: Vec<_> = self.arguments.iter().map(shown).collect();
        format!("run {} {}", self.program, arguments.join(" "))
    }
}

/// An argument that is longer is a script; a summary tells its length.
const LONGEST_SHOWN: usize = 500;

/// Answers one [`RunCommand`].
#[derive(Debug)]
#[must_use]
pub struct CommandTicket(Ticket);

impl CommandTicket {
    /// The reply: what the program printed and how it ended, or why it did not run to its end.
    pub fn reply(self, result: Result<CommandOutput, CommandFailure>) -> Reply {
        Reply { ticket: self.0, outcome: Outcome::Command(result) }
    }
}

/// How a program ended.
#[derive(Clone, Debug, Default)]
pub struct CommandOutput {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it printed, at most [`MAX_OUTPUT`] bytes.
    pub stdout: SecretBytes,
    /// What it complained of, at most [`MAX_OUTPUT`] bytes.
    pub stderr: SecretBytes,
}

impl CommandOutput {
    pub(crate) fn summary(&self) -> String {
        let ended = self.code.map_or("killed".to_owned(), |code| format!("exit code {code}"));
        format!("{ended}, {} bytes", self.stdout.len())
    }
}

/// Why a program did not run to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommandFailure {
    /// There is no such program on PATH.
    NotFound,
    /// It is there but could not be started.
    CannotStart,
    /// It took too long and was killed.
    TimedOut,
    /// The driver runs no programs.
    Unsupported,
    /// The reply was of another kind.
    Mismatch,
}

impl fmt::Display for CommandFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CommandFailure::NotFound => "it is not on PATH",
            CommandFailure::CannotStart => "it could not be started",
            CommandFailure::TimedOut => "it took too long and was ended",
            CommandFailure::Unsupported => "this driver runs no programs",
            CommandFailure::Mismatch => "the reply is not that of a program",
        })
    }
}
