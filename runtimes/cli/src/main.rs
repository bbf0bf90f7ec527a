//! The `entrada` command: a thin shell over `entrada-core` and the blocking driver.
//!
//! Standard output carries results only; everything else goes to standard error.

mod advice;
mod args;
mod credentials;
mod failure;
mod interrupts;
mod kept;
mod output;
mod progress;
mod remedies;
mod setup;
mod table;
mod ui;
mod verbs;

use std::process::ExitCode;

use clap::Parser;
use entrada_core::Error;

use crate::args::{Cli, Command, EndpointCommand, IdentityCommand, RoleCommand, SpCommand, WorkspaceCommand};
use crate::failure::{ErrorFormat, Failure};
use crate::remedies::Remedies;
use crate::setup::Setup;

fn main() -> ExitCode {
    #[cfg(feature = "emulator")]
    if let Some(code) = verbs::demo::answer_as_az() {
        return code;
    }
    let mut cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return failure::of_arguments(&error),
    };
    // What comes of the arguments later is not what was given.
    let remedies = cli.command.credential().map(|args| Remedies::of(&args.authority)).unwrap_or_default();
    match run(&mut cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let format = cli.global.error_format;
            failure.report_with(format, remedies, |error| advice::next(error, &mut cli))
        }
    }
}

fn run(cli: &mut Cli) -> Result<(), Failure> {
    let setup = Setup::new(&cli.global)?;
    let asks_a_cloud = cli.command.asks_a_cloud();
    if let Some(credential) = cli.command.credential() {
        credentials::expand(&setup, credential)?;
        if asks_a_cloud {
            setup.keep_one_cloud(&mut credential.authority)?;
        }
    }
    let result = perform(&setup, &cli.command);
    setup.progress.clear();
    result
}

fn perform(setup: &Setup, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Token(token) => verbs::token::run(setup, token),
        Command::Login(login) => verbs::person::login(setup, login),
        Command::Logout(logout) => verbs::person::logout(setup, logout),
        Command::Whoami(whoami) => verbs::person::whoami(setup, whoami),
        Command::Workspace(WorkspaceCommand::Show(show)) => verbs::workspace::show(setup, show),
        Command::Workspace(WorkspaceCommand::List(list)) => verbs::workspace::list(setup, list),
        Command::Workspace(WorkspaceCommand::Init(init)) => verbs::workspace::init(init),
        Command::Sp(SpCommand::Create(create)) => verbs::sp::create(setup, create),
        Command::Sp(SpCommand::Show(show)) => verbs::sp::show(setup, show),
        Command::Sp(SpCommand::Reset(reset)) => verbs::sp::reset(setup, reset),
        Command::Sp(SpCommand::Delete(delete)) => verbs::sp::delete(setup, delete),
        Command::Role(RoleCommand::Assign(assign)) => verbs::role::assign(setup, assign),
        Command::Role(RoleCommand::List(list)) => verbs::role::list(setup, list),
        Command::Workspace(WorkspaceCommand::Keys(keys)) => verbs::keys::run(setup, keys),
        Command::Endpoint(EndpointCommand::List(list)) => verbs::endpoint::list(setup, list),
        Command::Endpoint(EndpointCommand::Show(show)) => verbs::endpoint::show(setup, show),
        Command::Endpoint(EndpointCommand::Auth(auth)) => verbs::endpoint::auth(setup, auth),
        Command::Endpoint(EndpointCommand::RegenerateKey(new)) => verbs::endpoint::regenerate_key(setup, new),
        Command::Identity(IdentityCommand::Show(show)) => verbs::identity::show(setup, show),
        Command::Identity(IdentityCommand::Enable(enable)) => verbs::identity::enable(setup, enable),
        Command::Identity(IdentityCommand::Disable(disable)) => verbs::identity::disable(setup, disable),
        Command::Rest(rest) => verbs::rest::run(setup, rest),
        Command::Doctor(doctor) => verbs::doctor::run(setup, doctor),
        Command::Decode(decode) => verbs::decode::run(setup, decode),
        #[cfg(feature = "emulator")]
        Command::Emulator(emulator) => verbs::emulator::run(setup, emulator),
        #[cfg(feature = "emulator")]
        Command::Demo(demo) => verbs::demo::run(setup, demo),
        Command::Completions(completions) => verbs::completions::run(completions),
    }
}

/// A wrong use of the command line that only shows after it was parsed.
fn usage(what: impl Into<String>) -> Failure {
    Failure::usage(what.into())
}

/// An error of the library.
impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::of(error)
    }
}

/// What `--error-format` means where nothing was parsed.
impl Default for ErrorFormat {
    fn default() -> ErrorFormat {
        ErrorFormat::Text
    }
}
