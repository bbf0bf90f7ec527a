//! What the developer's tools print.

use entrada_core::effect::{CommandOutput, Effect};
use entrada_core::environment::System;
use entrada_core::flow::Credential;
use entrada_core::flows::azure_cli::parse_output;
use entrada_core::time::LocalZone;
use entrada_core::{
    AccessToken, AzureCliCredential, AzureDeveloperCliCredential, AzurePowerShellCredential, Error,
    TokenRequest,
};

use super::checks::{check_error, check_usable};
use crate::choices::Choices;
use crate::script;
use crate::sim::START;

/// What the Azure CLI, the Azure Developer CLI and Azure PowerShell print: on both outputs, with an exit
/// code by the first byte.
pub fn cli_output(bytes: &[u8]) {
    let (first, text) = bytes.split_first().unwrap_or((&0, &[]));
    let zone = LocalZone { offset: i32::from(*first) * 337 - 43_000, next: None };
    match parse_output(text, zone) {
        Err(error) => check_error(&error, text),
        Ok(token) => {
            let tenant = token.tenant.as_deref().unwrap_or("x");
            assert!(tenant.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'));
            assert!(!token.secret.is_empty());
        }
    }
    let tools: [&dyn Credential; 3] = [
        &AzureCliCredential::new().in_zone(zone),
        &AzureDeveloperCliCredential::new(),
        &AzurePowerShellCredential::new().on(System::Windows),
    ];
    let code = Choices::new(&[*first]).pick(&[Some(0), Some(1), None, Some(127), Some(2), Some(9009)]);
    for tool in tools {
        match run(tool, code, text) {
            Ok(token) => {
                assert_eq!(code, Some(0), "{} failed, and gave a token", tool.name());
                assert_eq!(token.source(), tool.name());
                check_usable(&token, START);
            }
            Err(error) => {
                assert_eq!(error.source_name(), Some(tool.name()));
                check_error(&error, text);
                // What stands around a token is no document; the tools print one line after the other.
                for line in text.split(|b| *b == b'\n') {
                    check_error(&error, line);
                }
            }
        }
    }
}

/// Each program of the tool is run once at the most, whatever it prints, and is told no secret.
fn run(tool: &dyn Credential, code: Option<i32>, text: &[u8]) -> Result<AccessToken, Error> {
    let request = TokenRequest::new(["https://management.azure.com/.default"])?;
    let mut runs = 0;
    let (result, told) = script::run(tool.begin(&request), |effect, _| {
        let Effect::RunCommand(command) = effect else { panic!("{effect:?}") };
        runs += 1;
        let output = CommandOutput { code, stdout: text.to_vec().into(), stderr: text.to_vec().into() };
        command.ticket().reply(Ok(output))
    });
    // Windows has another PowerShell, for where a shell says that there is no such program.
    let lower = String::from_utf8_lossy(text).to_ascii_lowercase();
    let missing =
        matches!(code, Some(127 | 9009)) || code != Some(0) && lower.contains("' is not recognized");
    let expected = if missing && tool.name() == "azure-powershell" { 2 } else { 1 };
    assert!(runs == expected && told.waits.is_empty(), "{told:?}");
    result
}
