//! What the Azure CLI prints when it has no token, read for what it means.
//!
//! It advises `az login` on almost every failure, so that advice alone says little: AADSTS numbers
//! come first, then the sentences that mean "not signed in", and the rest failed for another reason.

use super::{Account, TOOL};
use crate::aadsts;
use crate::claims::Claims;
use crate::effect::CommandOutput;
use crate::error::{Error, ErrorKind};
use crate::flows::tool::complaint;
use crate::tenant::is_guid;

/// Sentences of a tool that has no account to use.
const SIGNED_OUT: [&str; 6] = [
    "please run 'az login'",
    "please run \"az login\"",
    "does not exist in msal token cache",
    "could not retrieve credential from local cache",
    "no subscription found. run 'az account set'",
    "can't find token from msal cache",
];

/// The tool, asked for a token of this account, ended with a failure.
pub(super) fn of_output(output: &CommandOutput, account: &Account) -> Error {
    let stderr = String::from_utf8_lossy(output.stderr.expose());
    let lower = stderr.to_ascii_lowercase();
    if TOOL.is_missing(output.code, &lower) {
        return TOOL.not_installed();
    }
    let numbers = aadsts::numbers_in(&stderr);
    let login = TOOL.login_in("--tenant", account.tenant.as_ref());
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| lower.contains(phrase));
    let error = match () {
        () if !numbers.is_empty() => TOOL.refused(numbers, &format!("{login} --scope {}", account.scope)),
        () if says(&SIGNED_OUT) => TOOL.signed_out(&login),
        () if says(&["subscription '", "multiple subscriptions with the name"]) => {
            Error::new(ErrorKind::Configuration, "the Azure CLI does not know this subscription")
                .with_remedy("run `az account list` to see which it knows, and use one's ID")
        }
        // It does not know what every version of the last years knows.
        () if lower.contains("unrecognized arguments: --scope") => {
            TOOL.failed(&lower).with_remedy("update the Azure CLI: this version does not know `--scope`")
        }
        () => TOOL.failed(&lower),
    };
    let error = match advice(&stderr, &account.scope) {
        Some(command) => error.with_remedy(format!("run `{command}`")),
        None => error,
    };
    error.with_detail(complaint(&stderr))
}

/// The command that the tool itself advises, when it names more than `az login` alone: a tenant, a
/// scope, a challenge. It is put together anew, of values whose form is known.
fn advice(stderr: &str, scope: &str) -> Option<String> {
    let line = stderr.lines().map(str::trim).find(|line| line.starts_with("az login --"))?;
    let mut words = line.split_whitespace();
    let mut command = "az login".to_owned();
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_default().trim_matches(['"', '\'']);
        let more = match word {
            "--tenant" => {
                Some(value()).filter(|tenant| is_guid(tenant)).map(|guid| format!(" --tenant {guid}"))
            }
            "--scope" => Some(format!(" --scope {scope}")),
            "--claims-challenge" => Claims::from_challenge(value())
                .map(|claims| format!(" --claims-challenge {}", claims.to_base64())),
            _ => None,
        };
        command.push_str(&more.unwrap_or_default());
    }
    (command != "az login").then_some(command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::Tenant;
    use crate::time::LocalZone;

    fn failure(code: i32, stderr: &str) -> Error {
        failure_in(None, code, stderr)
    }

    fn failure_in(tenant: Option<&str>, code: i32, stderr: &str) -> Error {
        let account = Account {
            scope: "https://ml.azure.com/.default".to_owned(),
            tenant: tenant.map(|tenant| Tenant::new(tenant).unwrap()),
            by_subscription: false,
            zone: LocalZone::default(),
        };
        let output = CommandOutput {
            code: Some(code),
            stdout: Vec::new().into(),
            stderr: stderr.as_bytes().to_vec().into(),
        };
        of_output(&output, &account)
    }

    #[test]
    fn what_the_tool_says() {
        for (code, stderr, kind) in [
            (1, "ERROR: Please run 'az login' to setup account.", ErrorKind::Unavailable),
            (
                1,
                "ERROR: User 'user@contoso.com' does not exist in MSAL token cache. Run `az login`.",
                ErrorKind::Unavailable,
            ),
            (
                1,
                "ERROR: Could not retrieve credential from local cache for service principal x. Run `az login` for this service principal.",
                ErrorKind::Unavailable,
            ),
            (127, "/bin/sh: az: not found", ErrorKind::Unavailable),
            (1, "'az' is not recognized as an internal or external command", ErrorKind::Unavailable),
            (
                1,
                "ERROR: Subscription 'nosuch' not found. Check the spelling and casing and try again.",
                ErrorKind::Configuration,
            ),
            (
                1,
                "ERROR: AADSTS7000222: The provided client secret keys are expired.\naz logout\naz login",
                ErrorKind::Refused,
            ),
            (
                1,
                "ERROR: AADSTS50076: Due to a configuration change …\naz login --tenant \"t\" --scope \"s\"",
                ErrorKind::InteractionRequired,
            ),
            (
                1,
                "ERROR: The command failed with an unexpected error. Here is the traceback:\nERROR: HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded",
                ErrorKind::Network,
            ),
            (2, "ERROR: unrecognized arguments: --bogus", ErrorKind::Refused),
            (2, "", ErrorKind::Refused),
        ] {
            assert_eq!(failure(code, stderr).kind(), kind, "{stderr}");
        }
        for (advised, repeated) in [
            (
                "az login --tenant \"22222222-2222-2222-2222-222222222222\" --scope \"s\"",
                "run `az login --tenant 22222222-2222-2222-2222-222222222222 --scope https://ml.azure.com/.default`",
            ),
            (
                "az login --tenant \"evil\" --scope \"evil\"",
                "run `az login --scope https://ml.azure.com/.default`",
            ),
            (
                "az login --claims-challenge \"eyJhIjoxfQ==\"",
                "run `az login --claims-challenge eyJhIjoxfQ==`",
            ),
        ] {
            let mfa = failure(1, &format!("ERROR: AADSTS50076: x\naz logout\n{advised}"));
            assert_eq!(mfa.remedy(), Some(repeated));
        }
        // Where the tool advises nothing but `az login`, the tenant and the scope are added.
        for (tenant, stderr, remedy) in [
            (None, "ERROR: AADSTS50076: x", "run `az login --scope https://ml.azure.com/.default`"),
            (
                Some("contoso.com"),
                "ERROR: AADSTS700082: expired\naz login",
                "run `az login --tenant contoso.com --scope https://ml.azure.com/.default`",
            ),
            (None, "ERROR: Please run 'az login' to setup account.", "run `az login`"),
            (
                Some("contoso.com"),
                "ERROR: Please run 'az login' to setup account.",
                "run `az login --tenant contoso.com`",
            ),
        ] {
            assert_eq!(failure_in(tenant, 1, stderr).remedy(), Some(remedy), "{stderr}");
        }
        // A refusal that no sign-in helps keeps its own.
        let secret = failure(1, "ERROR: AADSTS7000222: expired\naz login");
        assert!(!secret.remedy().unwrap().contains("az login"), "{secret}");
        let detail = failure(
            1,
            "WARNING: old\nERROR: boom \"accessToken\":\"canary\"\nTraceback (most recent call last)\n secret",
        );
        assert_eq!(detail.detail(), Some("ERROR: boom \"accessToken\":[redacted]"));
        // What is left out may be the beginning of a token.
        let (start, end) = (format!("eyJ{}", "canary".repeat(10)), "canary".repeat(10));
        for (stderr, said) in [
            (format!("WARNING: it was {start}\n{end} and no more"), "[redacted] and no more"),
            (format!("Traceback (most recent call last)\n  {start}\n{end}"), "[redacted]"),
        ] {
            assert_eq!(failure(1, &stderr).detail(), Some(said), "{stderr}");
        }
    }
}
