//! What PowerShell prints for the script that gets a token.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entrada_core::effect::{CommandFailure, CommandOutput};
use entrada_core::time::Now;
use entrada_emulator::world;

use super::{Printed, Version, printed};

/// How it fails: exit code, standard output, standard error.
pub const FAILURES: [Printed; 11] = [
    (1, "", "Get-AzAccessToken: Run Connect-AzAccount to login."),
    (0, "entrada-no-module\n", ""),
    (1, "", "No accounts were found in the cache"),
    (1, "", "AuthorizationManager check failed."),
    (
        1,
        "",
        "Get-AzAccessToken: AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication.",
    ),
    (1, "", "Get-AzAccessToken: AADSTS500011: The resource principal named x was not found."),
    (1, "", "AADSTS7000222: The provided client secret keys for app '3f0c' are expired."),
    (
        1,
        "",
        "#< CLIXML\r\n<Objs Version=\"1.1.0.1\"><S S=\"Error\">Run Connect-AzAccount to login._x000D__x000A_</S></Objs>",
    ),
    (127, "", "/bin/sh: 1: pwsh: not found"),
    (9009, "", "Der Befehl ist entweder falsch geschrieben oder konnte nicht gefunden werden."),
    (1, "", "boom"),
];

/// What it may print instead of a token.
pub const NONSENSE: [&str; 7] = [
    "",
    "null",
    "entrada%",
    "entrada%CANARY",
    "entrada%CANARY%soon%",
    "WARNING: a new version\nentrada%CANARY\n%1790003599%",
    "Welcome to PowerShell",
];

/// The script on its command line.
#[must_use]
pub fn script(arguments: &[String]) -> Option<String> {
    let bytes = STANDARD.decode(arguments.last()?).ok()?;
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16(&units).ok()
}

/// The text between quotation marks that follows this in a script.
#[must_use]
pub fn quoted<'s>(script: &'s str, before: &str) -> Option<&'s str> {
    script.split_once(before)?.1.strip_prefix('\'')?.split('\'').next()
}

pub(super) fn print(version: Version, token: &str, now: Now) -> Result<CommandOutput, CommandFailure> {
    let ends = now.unix.0.saturating_add(3599);
    let tenant = if version == Version::Old { "" } else { world::TENANT };
    let line = format!("entrada%{token}%{ends}%{tenant}");
    match version {
        Version::Windows => {
            printed(0, &format!("\r\n{line}\r\n"), "#< CLIXML\r\n<Objs Version=\"1.1.0.1\"></Objs>")
        }
        Version::Text => printed(0, &format!("WARNING: Az.Accounts is out of date\n\n{line}\n"), ""),
        Version::Current | Version::Old => printed(0, &format!("\n{line}\n"), ""),
    }
}
