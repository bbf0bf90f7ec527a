//! What the developer's tools were seen to print, row by row of managed-and-tools.md, section 3, and what
//! it means.

#[path = "tool_outputs/azure_cli.rs"]
mod azure_cli;
#[path = "tool_outputs/azure_developer_cli.rs"]
mod azure_developer_cli;
#[path = "tool_outputs/azure_powershell.rs"]
mod azure_powershell;

use entrada_core::effect::{CommandFailure, CommandOutput, Effect};
use entrada_core::flow::Credential;
use entrada_core::{AccessToken, Error, ErrorKind, TokenRequest};
use entrada_tests::script::run;

const CANARY: &str = "canary0token0of0somebody";

/// How a tool ended: exit code, standard output, standard error.
type Ended<'a> = (Option<i32>, &'a str, &'a str);

fn ask(tool: &dyn Credential, ended: Result<Ended<'_>, CommandFailure>) -> Result<AccessToken, Error> {
    let request = TokenRequest::new(["https://vault.azure.net/.default"]).unwrap();
    let (result, _) = run(tool.begin(&request), |effect, _| {
        let Effect::RunCommand(command) = effect else { panic!("{effect:?}") };
        let bytes = |text: &str| text.as_bytes().to_vec().into();
        command.ticket().reply(ended.map(|(code, stdout, stderr)| CommandOutput {
            code,
            stdout: bytes(stdout),
            stderr: bytes(stderr),
        }))
    });
    result
}

/// A row: how it ended, the kind of error, and what a person has to read.
type Row<'a> = (Ended<'a>, ErrorKind, &'a str);

fn check(tool: &dyn Credential, rows: &[Row<'_>]) {
    for (ended, kind, said) in rows {
        let error = ask(tool, Ok(*ended)).expect_err(said);
        let text = format!("{error} {:?}", error.detail());
        assert_eq!(error.kind(), *kind, "{ended:?}: {text}");
        assert!(text.contains(said), "{said}: {text}");
        assert!(!format!("{text} {error:?}").contains(CANARY), "{text}");
        assert!(error.remedy().is_some(), "{text}");
        assert_eq!(error.source_name(), Some(tool.name()));
    }
    for (failure, said) in [
        (CommandFailure::NotFound, "was not found on PATH"),
        (CommandFailure::CannotStart, "could not be started"),
        (CommandFailure::TimedOut, "did not answer within"),
    ] {
        let error = ask(tool, Err(failure)).unwrap_err();
        assert!(error.is_unavailable() && error.to_string().contains(said), "{error}");
    }
}
