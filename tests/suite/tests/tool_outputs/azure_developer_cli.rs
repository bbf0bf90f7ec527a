//! The Azure Developer CLI, in its three generations.

use entrada_core::{AzureDeveloperCliCredential, ErrorKind};

use super::{CANARY, ask, check};

#[test]
fn failures_and_tokens() {
    use ErrorKind::{InteractionRequired, Malformed, Network, Refused, Unavailable};
    let console = |text: &str| {
        format!(
            r#"{{"type":"consoleMessage","timestamp":"2026-01-01T00:00:00Z","data":{{"message":"\nERROR: {text}\n"}}}}"#
        )
    };
    let notice = |text: &str| format!(r#"{{"type":"consoleMessage","data":{{"message":"{text}\n"}}}}"#);
    let error = |text: &str| format!(r#"{{"error":"{text}","message":"m","suggestion":"s","links":[]}}"#);
    let two = |text: &str| {
        format!("{{\"type\":\"consoleMessage\",\"data\":{{\"message\":\"\"}}}}\n{}", error(text))
    };
    let plain = |text: &str| format!("ERROR: {text}");
    let generations: [&dyn Fn(&str) -> String; 4] = [&console, &two, &error, &plain];
    let azd = AzureDeveloperCliCredential::new();
    for (text, kind, said) in [
        ("not logged in, run `azd auth login` to login", Unavailable, "run `azd auth login`"),
        ("fetching token: AADSTS7000222: expired", Refused, "AADSTS7000222"),
        (
            "AADSTS50076: you must use multi-factor authentication",
            InteractionRequired,
            "azd auth login --scope https://vault.azure.net/.default",
        ),
        ("not logged in, run `azd auth login` to login: AADSTS50173", InteractionRequired, "AADSTS50173"),
        ("reauthentication required, run azd auth login", InteractionRequired, "azd auth login --scope"),
        ("you must use multi-factor authentication to access", InteractionRequired, "azd auth login --scope"),
        ("dial tcp: lookup login.microsoftonline.com: no such host", Network, "check the network"),
        ("unknown flag: --claims", InteractionRequired, "1.18.1"),
        ("something new", Refused, "something new"),
    ] {
        for generation in generations {
            let text = generation(text);
            check(&azd, &[((Some(1), "", text.as_str()), kind, said)]);
            // A document may come on standard output too.
            if text.starts_with('{') {
                check(&azd, &[((Some(1), text.as_str(), ""), kind, said)]);
            }
        }
    }
    let leak = format!("boom \"token\": \"{CANARY}\"");
    let half = format!(r#"{{"token":"{CANARY}"}}"#);
    check(
        &azd,
        &[
            ((Some(127), "", "sh: azd: not found"), Unavailable, "aka.ms/azure-dev"),
            (
                (Some(1), "", "'azd' is not recognized as an internal or external command"),
                Unavailable,
                "aka.ms/azure-dev",
            ),
            (
                (Some(127), "", "env: 'azd-real': No such file or directory"),
                Unavailable,
                "what it needs to run was not",
            ),
            (
                (Some(127), "", "azd: error while loading shared libraries: libsecret-1.so.0: cannot open"),
                Unavailable,
                "what it needs to run was not",
            ),
            (
                (Some(1), "", ""),
                Refused,
                "run `azd auth login --check-status --scope https://vault.azure.net/.default` yourself",
            ),
            ((None, "", ""), Refused, "azd auth login --check-status"),
            (
                (
                    Some(1),
                    "",
                    "ERROR: fetching token: dial tcp 20.190.0.1:443: connect: network is unreachable",
                ),
                Network,
                "check the network",
            ),
            (
                (
                    Some(1),
                    "",
                    "ERROR: fetching token: AzureCLICredential: ERROR: Please run 'az login' to setup account.",
                ),
                Unavailable,
                "run `az login`",
            ),
            (
                (Some(1), "", r#"{"error":"failed to authenticate","message":"AADSTS50076: mfa needed"}"#),
                InteractionRequired,
                "AADSTS50076",
            ),
            ((Some(1), "", &leak), Refused, "boom"),
            ((Some(0), &console("a prompt"), ""), Refused, "a prompt"),
            // Notices are not what failed.
            (
                (Some(1), &format!("{}\n{}", notice("WARNING: old"), console("AADSTS50076: mfa")), ""),
                InteractionRequired,
                "AADSTS50076",
            ),
            (
                (Some(1), &notice("Fetching"), "ERROR: fetching token: AADSTS50076: mfa"),
                InteractionRequired,
                "AADSTS50076",
            ),
            (
                (Some(1), "", r#"{"error":"no such tenant","message":"m","suggestion":"see your tenants"}"#),
                Refused,
                "Some(\"no such tenant m see your tenants\")",
            ),
            (
                (Some(1), "", &format!(r#"{{"error":"no","suggestion":"use accessToken: {CANARY}"}}"#)),
                Refused,
                "use accessToken: [redacted]",
            ),
            ((Some(0), r#"{"error":"AADSTS50076: mfa"}"#, ""), InteractionRequired, "AADSTS50076"),
            (
                (Some(0), &two("not logged in, run `azd auth login` to login"), ""),
                Unavailable,
                "azd auth login",
            ),
            ((Some(0), "", ""), Malformed, "not a token"),
            ((Some(0), &half, ""), Malformed, "expires"),
        ],
    );
    let notice = notice("WARNING: an update is available");
    for printed in [
        format!(
            "{notice}\n{{\n  \"token\": \"t\",\n  \"expiresOn\": \"2096-11-24T05:17:06Z\"\n}}\n{notice}\n"
        ),
        format!("{}\n{{\"token\":\"t\",\"expiresOn\":\"2096-11-24T05:17:06Z\"}}", console("it was slow")),
    ] {
        let token = ask(&azd, Ok((Some(0), &printed, ""))).unwrap();
        assert_eq!(token.expires_on().0, 4_004_572_626, "{printed}");
    }
    for expiry in ["2096-11-24T05:17:06Z", "2096-11-24T05:17:06.1234567Z", "2096-11-24 05:17:06"] {
        let text = format!("{{\"token\":\"t\",\"expiresOn\":\"{expiry}\"}}\n");
        let token = ask(&azd, Ok((Some(0), &text, "WARNING: an update is available"))).unwrap();
        assert_eq!(token.expires_on().0, 4_004_572_626, "{expiry} is in UTC");
    }
}
