//! A tool that is run once, and whose output is read.

use std::fmt::Debug;
use std::time::Duration;

use super::Tool;
use crate::effect::{CommandFailure, CommandOutput, Reply};
use crate::error::{Error, ErrorKind};
use crate::flow::{self, BoxFlow, Command, Cx, Flow, expect};
use crate::run::Step;
use crate::time::Now;
use crate::token::AccessToken;

/// How the output of one tool is read.
pub(in crate::flows) trait Reading: Debug + Send {
    /// Whether it was not the tool that ended so, but a shell that does not find it.
    fn is_missing(&self, _: &CommandOutput) -> bool {
        false
    }

    /// The command that a person runs to see the tool fail in the same way, and that prints no token.
    fn look(&self) -> String;

    /// The token, of a tool that was run at `asked` and has ended by `now`.
    fn read(&self, output: &CommandOutput, asked: Now, now: Now) -> Result<AccessToken, Error>;
}

/// The flow of one tool.
#[derive(Debug)]
pub(in crate::flows) struct Asking<R> {
    tool: &'static Tool,
    arguments: Vec<String>,
    limit: Duration,
    reading: R,
    /// The programs that are left to try.
    programs: Vec<&'static str>,
    asked: Option<Now>,
}

impl<R> Asking<R> {
    /// This tool with these arguments, given so much time.
    pub(in crate::flows) fn new(
        tool: &'static Tool,
        arguments: Vec<String>,
        limit: Duration,
        reading: R,
    ) -> Asking<R> {
        Asking { tool, arguments, limit, reading, programs: vec![tool.program], asked: None }
    }

    /// The same with another program where the tool's own is not found or cannot be started.
    pub(in crate::flows) fn or(mut self, program: &'static str) -> Asking<R> {
        self.programs.insert(0, program);
        self
    }

    /// How its output will be read.
    pub(in crate::flows) fn reading(&self) -> &R {
        &self.reading
    }

    fn run(&mut self, cx: &mut Cx<'_>) -> Step<AccessToken> {
        let Some(program) = self.programs.pop() else {
            return Step::Done(Err(flow::out_of_turn()));
        };
        // What a person reads should be the limit that counted.
        if let Some(deadline) = cx.deadline() {
            self.limit = self.limit.min(cx.now().mono.until(deadline));
        }
        self.asked = Some(cx.now());
        let (arguments, variables) = (self.arguments.clone(), self.tool.variables);
        cx.run_command(Command { program, arguments, variables, limit: self.limit })
    }
}

impl<R: Reading> Asking<R> {
    fn ended(&mut self, cx: &mut Cx<'_>, asked: Now, reply: Option<Reply>) -> Step<AccessToken> {
        let more = !self.programs.is_empty();
        match crate::check!(expect(reply)).command() {
            Ok(output) if more && self.reading.is_missing(&output) => self.run(cx),
            Ok(output) => Step::Done(self.reading.read(&output, asked, cx.now())),
            Err(CommandFailure::NotFound | CommandFailure::CannotStart) if more => self.run(cx),
            Err(failure) => Step::Done(Err(self.tool.not_run(failure, self.limit, &self.reading.look()))),
        }
    }

    /// The error, with what to do where nothing better is known.
    fn explained(&self, error: Error) -> Error {
        use ErrorKind::{Refused, Service, Unavailable};
        let error = error.from_source(self.tool.source);
        if error.own_remedy().is_some() || !matches!(error.kind(), Refused | Service | Unavailable) {
            return error;
        }
        error.with_remedy(format!("run `{}` yourself to see why", self.reading.look()))
    }
}

impl<R: Reading> Flow for Asking<R> {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        let step = match self.asked {
            None => self.run(cx),
            Some(asked) => self.ended(cx, asked, reply),
        };
        match step {
            Step::Done(result) => Step::Done(result.map_err(|error| self.explained(error))),
            step => step,
        }
    }
}

impl Tool {
    /// The flow that was planned, or what keeps it from being begun.
    pub(in crate::flows) fn begin<R: Reading + 'static>(
        &self,
        planned: Result<Asking<R>, Error>,
    ) -> BoxFlow<AccessToken> {
        match planned {
            Ok(asking) => Box::new(asking),
            Err(error) => flow::ready(Err(error.from_source(self.source))),
        }
    }
}
