//! Where the environment tells nothing: the Azure Arc agent, if it is installed; else perhaps the
//! metadata service.
//!
//! On Linux the agent's variables are often missing for services, so its program on the disk counts.

use std::path::PathBuf;

use super::NAME;
use super::arc::Arc;
use super::imds::Imds;
use crate::effect::{FileFailure, Reply};
use crate::environment::{Environment, System};
use crate::error::Error;
use crate::flow::{Cx, Flow, expect};
use crate::memo::Memo;
use crate::run::Step;
use crate::token::AccessToken;

const LINUX: &str = "/opt/azcmagent/bin/himds";
const WINDOWS: &str = r"AzureConnectedMachineAgent\himds.exe";

/// The agent's program on the system this runs on, if there can be one.
pub(super) fn marker(environment: &Environment) -> Option<PathBuf> {
    match environment.system() {
        System::Linux => Some(LINUX.into()),
        System::Windows => {
            let base = environment.get("ProgramFiles").or(environment.get("PROGRAMFILES"))?;
            Some(format!("{}\\{WINDOWS}", base.trim_end_matches('\\')).into())
        }
        System::Other => None,
    }
}

#[derive(Debug)]
pub(super) struct Detect {
    marker: PathBuf,
    installed: Memo<bool>,
    state: State,
}

#[derive(Debug)]
enum State {
    Start(Box<Result<Arc, Error>>, Box<Imds>),
    Looking(Box<Result<Arc, Error>>, Box<Imds>),
    Arc(Box<Result<Arc, Error>>),
    Imds(Box<Imds>),
    Over,
}

impl Detect {
    /// Looks for the agent's program, unless that was done before.
    pub(super) fn new(marker: PathBuf, installed: Memo<bool>, arc: Result<Arc, Error>, imds: Imds) -> Detect {
        Detect { marker, installed, state: State::Start(Box::new(arc), Box::new(imds)) }
    }

    fn choose(installed: bool, arc: Box<Result<Arc, Error>>, imds: Box<Imds>) -> State {
        if installed { State::Arc(arc) } else { State::Imds(imds) }
    }
}

impl Flow for Detect {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        let mut reply = reply;
        loop {
            self.state = match std::mem::replace(&mut self.state, State::Over) {
                State::Start(arc, imds) => match self.installed.get() {
                    Some(installed) => Detect::choose(installed, arc, imds),
                    None => {
                        self.state = State::Looking(arc, imds);
                        // That it is there is enough; nobody needs its contents.
                        return cx.read_file(&self.marker, 0);
                    }
                },
                State::Looking(arc, imds) => {
                    let result = match expect(reply.take()) {
                        Ok(reply) => reply.file(),
                        Err(error) => return Step::Done(Err(error.from_source(NAME))),
                    };
                    // A program that may not be read is there. Whether one is in a folder that may not be entered
                    // nobody can tell, and a machine whose /opt is closed is not one of Azure Arc for that.
                    let installed =
                        matches!(result, Ok(_) | Err(FileFailure::TooLarge | FileFailure::Denied));
                    if !matches!(result, Err(FileFailure::TimedOut | FileFailure::Mismatch)) {
                        self.installed.set(installed);
                    }
                    Detect::choose(installed, arc, imds)
                }
                State::Arc(mut arc) => {
                    let step = match arc.as_mut() {
                        Ok(arc) => arc.step(cx, reply.take()),
                        // The machine has an agent, and another host's identity must not take the place of its own.
                        Err(error) => Step::Done(Err(error.clone().from_source(NAME))),
                    };
                    self.state = State::Arc(arc);
                    return step;
                }
                State::Imds(mut imds) => {
                    let step = imds.step(cx, reply.take());
                    self.state = State::Imds(imds);
                    return step;
                }
                State::Over => return Step::Done(Err(crate::flow::out_of_turn())),
            };
        }
    }
}
