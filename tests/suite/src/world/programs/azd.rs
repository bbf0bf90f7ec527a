//! What the Azure Developer CLI prints, in its three generations.

use entrada_core::calendar::rfc3339;
use entrada_core::effect::{CommandFailure, CommandOutput};
use entrada_core::time::{Now, Unix};
use serde_json::json;

use super::{Printed, Version, printed};

/// How the tool fails: exit code, standard output, standard error.
pub const FAILURES: [Printed; 11] = [
    (
        1,
        r#"{"type":"consoleMessage","timestamp":"2026-09-21T13:33:20Z","data":{"message":"\nERROR: not logged in, run `azd auth login` to login\n"}}"#,
        "",
    ),
    (
        1,
        "",
        r#"{"error":"not logged in, run `azd auth login` to login","message":"","suggestion":"","links":[]}"#,
    ),
    (
        1,
        "{\"type\":\"consoleMessage\",\"data\":{\"message\":\"\"}}\n{\"error\":\"AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication.\",\"message\":\"m\",\"suggestion\":\"s\"}",
        "",
    ),
    (
        1,
        "",
        r#"{"error":"AADSTS7000222: The provided client secret keys for app '3f0c' are expired.","message":"","suggestion":"","links":[]}"#,
    ),
    (1, "", "ERROR: fetching token: reauthentication required, run `azd auth login` to login"),
    (1, "", "ERROR: fetching token: dial tcp: lookup login.microsoftonline.com: no such host"),
    (1, "", "Error: unknown flag: --claims"),
    (1, "", "Error: unknown flag: --no-prompt\n\nUsage\n  azd auth token [flags]"),
    (127, "", "/bin/sh: 1: azd: not found"),
    (1, "", "'azd' is not recognized as an internal or external command"),
    (1, "", ""),
];

/// What a tool of that name may print instead of a token.
pub const NONSENSE: [&str; 7] = [
    "",
    "null",
    "[]",
    r#"{"token":"CANARY"}"#,
    r#"{"token":"CANARY","expiresOn":"soon"}"#,
    r#"{"token":"","expiresOn":"2026-09-21T14:33:20Z"}"#,
    r#"{"token": "CANARY", "expiresOn": "2026-09-21T14:33:20Z""#,
];

pub(super) fn print(
    version: Version,
    token: &str,
    now: Now,
    claims: bool,
) -> Result<CommandOutput, CommandFailure> {
    if claims && version == Version::Old {
        return printed(1, "", "Error: unknown flag: --claims");
    }
    let ends = rfc3339(Unix(now.unix.0.saturating_add(3599)));
    let ends = if version == Version::Text { ends.replace('Z', ".1234567Z") } else { ends };
    let text = json!({ "token": token, "expiresOn": ends }).to_string();
    match version {
        Version::Windows => printed(0, &format!("\u{feff}{text}\r\n"), ""),
        _ => printed(0, &format!("{text}\n"), "WARNING: your version of azd is out of date"),
    }
}
