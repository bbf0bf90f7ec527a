//! `entrada doctor`.

mod document;
mod shown;

use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

use entrada_blocking::RunOptions;
use entrada_core::arm::ResourceManager;
use entrada_core::doctor::{Candidate, Examination, Facts, Finding, Report};
use entrada_core::endpoint::Route;
use entrada_core::ml::{FindConfig, FoundConfig};
use entrada_core::{Authority, Cloud, Error, TokenRequest};
use entrada_host::proxy::Proxies;

use crate::args::{DoctorArgs, TableOutput};
use crate::failure::Failure;
use crate::output;
use crate::remedies::Remedies;
use crate::setup::Setup;

/// How long one source may take, where no time was given: longer than a developer's tool may.
const PATIENCE: Duration = Duration::from_secs(25);

/// All that is printed.
struct Examined {
    facts: Facts,
    /// Between this machine and the authority: its address, or nothing where it cannot be used.
    proxy: Option<Option<String>>,
    workspace_file: Result<FoundConfig, Error>,
    /// Where accounts and tokens are kept, or why they are not.
    kept: String,
    report: Report,
    /// The words for what to do.
    remedies: Remedies,
}

pub(crate) fn run(setup: &Setup, args: &DoctorArgs) -> Result<(), Failure> {
    let authority = setup.authority_or_why(&args.authority)?;
    let request = match (args.target.scopes()?, &authority) {
        (Some(scopes), _) => TokenRequest::for_scopes(scopes),
        (None, Ok(_)) => setup.resource_manager(&args.authority)?.request().clone(),
        // Those that need no authority are asked what they would be asked in the public cloud.
        (None, Err(_)) => {
            ResourceManager::beside(&Authority::of_cloud(Cloud::PUBLIC)?, None)?.request().clone()
        }
    };
    let examination = Examination::of(&setup.environment, &authority);
    let report = examination.report(ask_all(setup, &examination, &request));
    if setup.interrupts.cancel().is_cancelled() {
        return Err(Error::cancelled().into());
    }
    let facts = Facts::new(&setup.environment, &authority);
    let examined = Examined {
        proxy: facts.authority.as_ref().map_or(None, |authority| proxy(setup, authority)),
        facts,
        workspace_file: setup.driver.run(Box::new(FindConfig::from_working_directory())),
        report,
        remedies: Remedies::of(&args.authority),
        kept: setup.kept.told(),
    };
    output::print(&match args.output {
        TableOutput::Table => shown::table(&examined),
        TableOutput::Json => document::of(&examined).to_string(),
    })?;
    Ok(examined.report.verdict()?)
}

/// All at once: none has to wait for the patience that another one needs.
fn ask_all(setup: &Setup, examination: &Examination, request: &TokenRequest) -> Vec<Finding> {
    let (limit, cancel) = (setup.given_limit().unwrap_or(PATIENCE), setup.interrupts.cancel());
    let ask = |candidate: &Candidate| {
        let options = RunOptions { deadline: Some(limit), cancel: Some(cancel), ..RunOptions::default() };
        let result = setup.driver.run_with(candidate.ask(request), options);
        result.unwrap_or_else(|error| candidate.cut_off(error))
    };
    thread::scope(|scope| {
        let asked: Vec<_> =
            examination.candidates().iter().map(|candidate| scope.spawn(|| ask(candidate))).collect();
        let joined = asked.into_iter().map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic)));
        joined.collect()
    })
}

fn proxy(setup: &Setup, authority: &str) -> Option<Option<String>> {
    let proxies = Proxies::of(&setup.environment);
    let proxy = proxies.for_request(&authority.parse().ok()?, &Route::Internet)?;
    Some(proxy.address().map(ToString::to_string))
}

#[cfg(test)]
mod tests {
    use entrada_core::effect::{CommandFailure, Effect, HttpFailure};
    use entrada_core::environment::System;
    use entrada_core::{Entropy, Environment, Now, PlainHttp, Run, Step};

    use super::*;

    struct Fixed;

    impl Entropy for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn every_tool_may_take_the_time_that_it_has() {
        let environment = Environment::new().on(System::Linux);
        let authority = Authority::from_environment(&environment, PlainHttp::Refused).unwrap();
        let examination = Examination::new(&environment, &authority);
        let request = TokenRequest::new(["https://management.azure.com/.default"]).unwrap();
        let now = Now::default();
        let mut programs = Vec::new();
        for candidate in examination.candidates() {
            let mut run = Run::new(candidate.ask(&request));
            let mut step = run.start(now, &mut Fixed);
            while let Step::Do(effect) = step {
                let deadline = effect.deadline();
                let reply = match effect {
                    Effect::RunCommand(command) => {
                        let limit = now.mono.until(deadline.unwrap());
                        assert!(limit < PATIENCE, "{} has {limit:?}", command.program());
                        programs.push(command.program());
                        command.ticket().reply(Err(CommandFailure::TimedOut))
                    }
                    Effect::Http(call) => call.split().1.reply(Err(HttpFailure::Refused)),
                    Effect::Wait(wait) => wait.ticket().done(),
                    other => other.unsupported(),
                };
                step = run.resume(now, &mut Fixed, reply);
            }
        }
        assert_eq!(programs, ["az", "pwsh", "azd"]);
    }
}
