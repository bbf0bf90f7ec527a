//! Azure PowerShell.

use entrada_core::{AzurePowerShellCredential, ErrorKind};

use super::{CANARY, ask, check};

#[test]
fn failures_and_tokens() {
    use ErrorKind::{InteractionRequired, Malformed, Refused, Unavailable};
    let xml = |text: &str| {
        format!("#< CLIXML\r\n<Objs Version=\"1.1.0.1\"><S S=\"Error\">{text}_x000D__x000A_</S></Objs>")
    };
    let (login, policy) = (xml("Run Connect-AzAccount to login."), xml("AuthorizationManager check failed."));
    let half = format!("entrada%{CANARY}");
    let soon = format!("entrada%{CANARY}%soon%");
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
            ((Some(1), "", "No accounts were found in the cache."), Unavailable, "run `Connect-AzAccount`"),
            ((Some(1), "", "Cannot retrieve access token."), Unavailable, "run `Connect-AzAccount`"),
            ((Some(1), "", "AuthorizationManager check failed."), Unavailable, "Get-ExecutionPolicy -List"),
            ((Some(1), "", &policy), Unavailable, "Get-ExecutionPolicy -List"),
            (
                (Some(1), "", "AADSTS50079: enroll. Please run Connect-AzAccount"),
                InteractionRequired,
                "AADSTS50079",
            ),
            ((Some(1), "", "AADSTS700082: expired"), InteractionRequired, "run `Connect-AzAccount`"),
            ((Some(1), "", "something new"), Refused, "something new"),
            ((None, "", ""), Refused, "Get-AzAccessToken"),
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
