//! Azure PowerShell.

use entrada_core::effect::CommandFailure;
use entrada_core::environment::System;
use entrada_core::{AzurePowerShellCredential, ErrorKind};
use entrada_tests::world::programs::pwsh;

use super::{CANARY, Ended, ask, ask_each, check};

#[test]
fn failures_and_tokens() {
    use ErrorKind::{InteractionRequired, Malformed, Network, Refused, Unavailable};
    let xml = |text: &str| {
        format!("#< CLIXML\r\n<Objs Version=\"1.1.0.1\"><S S=\"Error\">{text}_x000D__x000A_</S></Objs>")
    };
    let (login, policy) = (xml("Run Connect-AzAccount to login."), xml("AuthorizationManager check failed."));
    let split = xml(
        "Run _x000D__x000A_</S><S S=\"Error\">Connect-AzAcc_x000D__x000A_</S><S S=\"Error\">ount to login.",
    );
    let new = xml("something &lt;new&gt;_x000D__x000A_</S><S S=\"Error\">At line:1 char:1");
    let half = format!("entrada%{CANARY}");
    let soon = format!("entrada%{CANARY}%soon%");
    let resource = "Get-AzAccessToken: AADSTS500011: The resource principal named x was not found.";
    let interaction = "Get-AzAccessToken: Authentication failed against resource x. User interaction is required. This may be due to the conditional access policy settings such as multi-factor authentication (MFA). If you need to access subscriptions in that tenant, please rerun 'Connect-AzAccount' with additional parameter '-TenantId t'.";
    let pwsh = AzurePowerShellCredential::new();
    check(
        &pwsh,
        &[
            ((Some(0), "entrada-no-module\r\n", ""), Unavailable, "Install-Module Az.Accounts"),
            ((Some(127), "", "pwsh: not found"), Unavailable, "aka.ms/azps"),
            (
                (Some(1), "", "'pwsh' is not recognized as an internal or external command"),
                Unavailable,
                "aka.ms/azps",
            ),
            (
                (Some(1), "", "'powershell' is not recognized as an internal or external command"),
                Unavailable,
                "aka.ms/azps",
            ),
            (
                (
                    Some(127),
                    "",
                    "pwsh: error while loading shared libraries: libicu.so.70: cannot open shared object file",
                ),
                Unavailable,
                "Azure PowerShell was found, but what it needs to run was not",
            ),
            (
                (Some(1), "", "Get-AzAccessToken: Name or service not known (login.microsoftonline.com:443)"),
                Network,
                "Name or service not known",
            ),
            (
                (
                    Some(1),
                    "",
                    "Get-AzAccessToken: The SSL connection could not be established, see inner exception.",
                ),
                Network,
                "check the network",
            ),
            (
                (Some(1), "", "Token acquisition failed for user x. Run Connect-AzAccount."),
                InteractionRequired,
                "has to be renewed",
            ),
            (
                (Some(127), "", "env: 'dotnet': No such file or directory"),
                Unavailable,
                "Azure PowerShell was found, but what it needs to run was not",
            ),
            (
                (Some(1), "", "Get-AzAccessToken: The term 'Foo' is not recognized as a name of a cmdlet."),
                Refused,
                "Some(\"Get-AzAccessToken: The term 'Foo' is not recognized as a name of a cmdlet.\")",
            ),
            (
                (Some(1), "", resource),
                Refused,
                "Some(\"Get-AzAccessToken: AADSTS500011: The resource principal named x was not found.\")",
            ),
            ((Some(1), "", interaction), InteractionRequired, "run `Connect-AzAccount`"),
            (
                (Some(1), "", "You must use multi-factor authentication. Run Connect-AzAccount."),
                InteractionRequired,
                "has to be renewed",
            ),
            (
                (Some(1), "", "WARNING: Run Connect-AzAccount to login.\nGet-AzAccessToken: boom"),
                Refused,
                "boom",
            ),
            (
                (Some(9009), "", "Der Befehl \"pwsh\" ist entweder falsch geschrieben"),
                Unavailable,
                "aka.ms/azps",
            ),
            (
                (Some(1), "", "Get-AzAccessToken: Run Connect-AzAccount to login."),
                Unavailable,
                "run `Connect-AzAccount`",
            ),
            ((Some(1), "", &login), Unavailable, "run `Connect-AzAccount`"),
            ((Some(1), "", &split), Unavailable, "Some(\"Run Connect-AzAccount to login.\")"),
            ((Some(1), "", &new), Refused, "Some(\"something <new>\")"),
            ((Some(1), "", "No accounts were found in the cache."), Unavailable, "run `Connect-AzAccount`"),
            ((Some(1), "", "Cannot retrieve access token."), Unavailable, "run `Connect-AzAccount`"),
            (
                (Some(1), "", "AuthorizationManager check failed."),
                Unavailable,
                "Set-ExecutionPolicy RemoteSigned -Scope CurrentUser",
            ),
            ((Some(1), "", &policy), Unavailable, "Set-ExecutionPolicy RemoteSigned -Scope CurrentUser"),
            (
                (Some(1), "", "AADSTS50079: enroll. Please run Connect-AzAccount"),
                InteractionRequired,
                "AADSTS50079",
            ),
            ((Some(1), "", "AADSTS700082: expired"), InteractionRequired, "run `Connect-AzAccount`"),
            ((Some(1), "", "something new"), Refused, "something new"),
            (
                (None, "", ""),
                Refused,
                "run `Get-AzAccessToken -ResourceUrl https://vault.azure.net | Out-Null` yourself",
            ),
            ((Some(0), "", ""), Malformed, "not a token"),
            ((Some(0), "azsdk%t%4004572626", ""), Malformed, "not a token"),
            ((Some(0), &half, ""), Malformed, "not a token"),
            ((Some(0), &soon, ""), Malformed, "expires"),
        ],
    );
    for (stdout, stderr) in [
        ("\r\nentrada%t%4004572626%\r\n", ""),
        ("WARNING: a module is old\n\nentrada%t%4004572626%22222222-2222-2222-2222-222222222222\n", ""),
        ("\nentrada%t%4004572626%\n", "#< CLIXML\r\n<Objs Version=\"1.1.0.1\"><Obj S=\"progress\"/></Objs>"),
    ] {
        let token = ask(&pwsh, Ok((Some(0), stdout, stderr))).unwrap();
        assert_eq!((token.expires_on().0, token.source()), (4_004_572_626, "azure-powershell"));
    }
}

/// What it says is shown as it is.
#[test]
fn what_it_says_is_shown() {
    for (code, _, stderr) in pwsh::FAILURES {
        let error = ask(&AzurePowerShellCredential::new(), Ok((Some(code), "", stderr))).unwrap_err();
        let detail = error.detail().unwrap_or_default();
        assert!(!detail.contains("[redacted]"), "{stderr} -> {detail}");
        if code == 1 && !stderr.contains("CLIXML") {
            assert_eq!(detail, stderr);
        }
    }
}

/// What came of it on this system, where `pwsh` ends so and `powershell` has a token: its kind, and who was run.
fn after(system: System, first: Result<Ended<'_>, CommandFailure>) -> (Option<ErrorKind>, Vec<&'static str>) {
    let mut tried = Vec::new();
    let result = ask_each(&AzurePowerShellCredential::new().on(system), |program| {
        tried.push(program);
        if program == "pwsh" { first } else { Ok((Some(0), "\r\nentrada%t%4004572626%\r\n", "")) }
    });
    (result.map_err(|error| error.kind()).err(), tried)
}

#[test]
fn windows_goes_on_with_the_older_powershell_where_the_current_one_is_missing() {
    let german = "Der Befehl \"pwsh\" ist entweder falsch geschrieben oder konnte nicht gefunden werden.";
    for missing in [
        Err(CommandFailure::NotFound),
        Err(CommandFailure::CannotStart),
        Ok((Some(9009), "", german)),
        Ok((Some(1), "", "'pwsh' is not recognized as an internal or external command,\r\noperable program")),
        Ok((Some(1), "", "\r\n'pwsh' is not recognized as an internal or external command")),
    ] {
        assert_eq!(after(System::Windows, missing), (None, vec!["pwsh", "powershell"]), "{missing:?}");
        let (kind, tried) = after(System::Linux, missing);
        assert_eq!((kind, tried), (Some(ErrorKind::Unavailable), vec!["pwsh"]), "{missing:?}");
    }
    // It was there: what it said counts, and nobody else is asked.
    for (there, kind) in [
        (Ok((Some(1), "", "Run Connect-AzAccount to login.")), Some(ErrorKind::Unavailable)),
        (Ok((Some(1), "", "AADSTS50079: enroll")), Some(ErrorKind::InteractionRequired)),
        (Ok((Some(1), "", "something new")), Some(ErrorKind::Refused)),
        (Ok((Some(1), "", "Get-AzAccessToken: The term 'x' is not recognized")), Some(ErrorKind::Refused)),
        (Ok((Some(0), "entrada-no-module\r\n", "")), Some(ErrorKind::Unavailable)),
        (Ok((Some(0), "\nentrada%t%4004572626%\n", "'x' is not recognized")), None),
        (Err(CommandFailure::TimedOut), Some(ErrorKind::Unavailable)),
    ] {
        assert_eq!(after(System::Windows, there), (kind, vec!["pwsh"]), "{there:?}");
    }
}

#[test]
fn neither_powershell_is_there() {
    let windows = AzurePowerShellCredential::new().on(System::Windows);
    for program in ["pwsh", "powershell"] {
        let said = format!("'{program}' is not recognized as an internal or external command");
        let error = ask(&windows, Ok((Some(1), "", said.as_str()))).unwrap_err();
        assert!(error.is_unavailable() && error.to_string().contains("was not found on PATH"), "{error}");
    }
}
