//! What the Azure CLI prints when it has no token, read for what it means.
//!
//! It advises `az login` on almost every failure, so that advice alone says little: AADSTS numbers
//! come first, then the sentences that mean "not signed in", and the rest failed for another reason.

use super::{Account, TOOL};
use crate::aadsts;
use crate::claims::Claims;
use crate::effect::CommandOutput;
use crate::error::{Error, ErrorKind};
use crate::flows::tool::{complaint, text, without_warnings};
use crate::tenant::{Tenant, is_guid};

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
    let stderr = text(output.stderr.expose());
    if let Some(error) = TOOL.not_begun(&[TOOL.program], output.code, &stderr) {
        return error;
    }
    let said = without_warnings(&stderr);
    let lower = said.to_ascii_lowercase();
    let numbers = aadsts::numbers_in(&said);
    let numbered = !numbers.is_empty();
    let login = TOOL.login_in("--tenant", account.tenant.as_ref());
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| lower.contains(phrase));
    let error = match () {
        () if numbered => TOOL.refused(numbers, &format!("{login} --scope {}", account.scope)),
        () if says(&SIGNED_OUT) => TOOL.signed_out(&login),
        () if says(&["multiple subscriptions with the name"])
            || (says(&["subscription '"]) && says(&["' not found"])) =>
        {
            Error::new(ErrorKind::Configuration, "the Azure CLI does not know this subscription")
                .with_remedy("run `az account list` to see which it knows, and use one's ID")
        }
        () if says(&["for managed identity account"]) => {
            let what = "the managed identity that the Azure CLI is signed in with has tokens of its own tenant alone";
            Error::new(ErrorKind::Configuration, what).with_remedy("leave out the tenant")
        }
        () if says(&["identity not found"]) => Error::new(
            ErrorKind::Refused,
            "the identity that the Azure CLI is signed in with is not assigned to this machine",
        )
        .with_remedy("assign it again, or run `az login --identity` for another"),
        // It does not know what every version of the last years knows.
        () if lower.contains("unrecognized arguments: --scope") => {
            TOOL.failed(&lower).with_remedy("update the Azure CLI: this version does not know `--scope`")
        }
        () => TOOL.failed(&lower),
    };
    let advice = advice(&said, account);
    // It advises to sign in on almost every refusal, also on those that no sign-in helps. A challenge it has from the
    // authority.
    let counts = |advice: &Advice| {
        !numbered || advice.claims.is_some() || error.kind() == ErrorKind::InteractionRequired
    };
    let error = match advice.filter(counts) {
        Some(advice) => error.with_remedy(format!("run `{}`", advice.command())),
        None => error,
    };
    error.with_detail(complaint(&stderr))
}

/// The command that the tool itself advises, of values whose form is known.
#[derive(Default)]
struct Advice {
    tenant: Option<String>,
    scope: Option<String>,
    claims: Option<Claims>,
}

impl Advice {
    fn command(&self) -> String {
        let tenant = self.tenant.as_ref().map(|tenant| format!(" --tenant {tenant}"));
        let scope = self.scope.as_ref().map(|scope| format!(" --scope {scope}"));
        let claims = self.claims.as_ref().map(|claims| format!(" --claims-challenge {}", claims.to_base64()));
        ["az login".to_owned()].into_iter().chain([tenant, scope, claims].into_iter().flatten()).collect()
    }
}

/// What the tool advises, when it names more than `az login` alone: a tenant, a scope, a challenge. The tenant is the
/// one that was asked for where the tool names none by its GUID.
fn advice(said: &str, account: &Account) -> Option<Advice> {
    let line = said.lines().map(str::trim).find(|line| line.starts_with("az login --"))?;
    let mut words = line.split_whitespace();
    let mut advice = Advice::default();
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_default().trim_matches(['"', '\'']);
        match word {
            "--tenant" => advice.tenant = Some(value()).filter(|tenant| is_guid(tenant)).map(str::to_owned),
            "--scope" => advice.scope = Some(account.scope.clone()),
            "--claims-challenge" => advice.claims = Claims::from_challenge(value()),
            _ => {}
        }
    }
    let says_more = advice.tenant.is_some() || advice.scope.is_some() || advice.claims.is_some();
    let asked = account.tenant.as_ref().map(Tenant::to_string);
    advice.tenant = advice.tenant.or(asked);
    says_more.then_some(advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::LocalZone;

    fn failure(code: i32, stderr: &str) -> Error {
        failure_in(None, code, stderr)
    }

    fn failure_in(tenant: Option<&str>, code: i32, stderr: &str) -> Error {
        let account = Account {
            scope: "https://ml.azure.com/.default".to_owned(),
            tenant: tenant.map(|tenant| Tenant::new(tenant).unwrap()),
            subscription: None,
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
            (
                1,
                "WARNING: Could not retrieve credential from local cache for service principal x under tenant t. Trying credential under tenant s, assuming that is an app credential.\nERROR: HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded",
                ErrorKind::Network,
            ),
            (
                1,
                "WARNING: Authentication failed against tenant t: AADSTS50076: more\nERROR: Subscription 'nosuch' not found.",
                ErrorKind::Configuration,
            ),
            (1, "WARNING: Please run \"az login\" to access your accounts.", ErrorKind::Unavailable),
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
        // It advises the same on refusals that no sign-in helps.
        let advised = "Run the command below to authenticate interactively; additional arguments may be added as needed:\naz logout\naz login --tenant \"22222222-2222-2222-2222-222222222222\" --scope \"https://ml.azure.com/.default\"";
        for (number, kind, remedy) in [
            (500_011, ErrorKind::Refused, "check scope, tenant and cloud"),
            (90_033, ErrorKind::Service, "try again"),
        ] {
            let error = failure(1, &format!("ERROR: AADSTS{number}: x\n{advised}"));
            assert_eq!(error.kind(), kind);
            assert!(error.remedy().unwrap().starts_with(remedy), "{error}");
        }
        let identity = failure(1, &format!("ERROR: Identity not found\n{advised}"));
        assert_eq!(
            identity.remedy(),
            Some(
                "run `az login --tenant 22222222-2222-2222-2222-222222222222 --scope https://ml.azure.com/.default`"
            )
        );
        // The tenant that was asked for by its name is not lost.
        let guid = "22222222-2222-2222-2222-222222222222";
        for (advised, tenant) in [
            ("--tenant \"contoso.onmicrosoft.com\" --scope \"s\"", "contoso.com"),
            ("--scope \"s\"", "contoso.com"),
            (&format!("--scope \"s\" --tenant \"{guid}\""), guid),
        ] {
            let error =
                failure_in(Some("contoso.com"), 1, &format!("ERROR: AADSTS50076: x\naz login {advised}"));
            let command = format!("run `az login --tenant {tenant} --scope https://ml.azure.com/.default`");
            assert_eq!(error.remedy(), Some(command.as_str()), "{advised}");
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
