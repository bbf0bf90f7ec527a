//! Flows against answers of a service, one after the other.

use std::fmt::Debug;
use std::time::Duration;

use entrada_core::arm::ResourceManager;
use entrada_core::call::{Call, Operation};
use entrada_core::effect::{Effect, HttpFailure};
use entrada_core::{BoxFlow, Cloud, Error};
use entrada_tests::script::{respond, run, token};

/// A status, headers and a body.
pub(crate) type Answer = (u16, &'static [(&'static str, &'static str)], &'static str);

pub(crate) fn manager() -> ResourceManager {
    ResourceManager::of_cloud(Cloud::PUBLIC).unwrap()
}

pub(crate) fn call(operation: Operation) -> Call {
    manager().call(operation, "2022-04-01")
}

/// Runs a flow against answers, one after the other; the last serves for all that follow. Gives the result,
/// what was asked, and the waits in seconds.
pub(crate) fn answered<T: Debug>(
    flow: BoxFlow<T>,
    answers: &[Answer],
) -> (Result<T, Error>, Vec<String>, Vec<u64>) {
    let mut asked = Vec::new();
    let (result, told) = run(flow, |effect, _| match effect {
        Effect::Token(need) => need.split().1.reply(Ok(token("t"))),
        Effect::Forget(forget) => forget.split().1.done(),
        Effect::Http(call) => {
            assert_eq!(call.request().headers()["authorization"], "Bearer t");
            let (status, headers, body) = answers[asked.len().min(answers.len() - 1)];
            asked.push(format!("{} {}", call.request().method(), call.request().uri()));
            match status {
                0 => call.split().1.reply(Err(HttpFailure::Broken)),
                status => respond(call, status, headers, body),
            }
        }
        other => panic!("{other:?}"),
    });
    (result, asked, told.waits.iter().map(Duration::as_secs).collect())
}
