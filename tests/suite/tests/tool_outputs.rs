//! What the developer's tools were seen to print, row by row of managed-and-tools.md, section 3, and what
//! it means.

#[path = "tool_outputs/asked.rs"]
mod asked;
#[path = "tool_outputs/azure_cli.rs"]
mod azure_cli;
#[path = "tool_outputs/azure_developer_cli.rs"]
mod azure_developer_cli;
#[path = "tool_outputs/azure_powershell.rs"]
mod azure_powershell;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_core::effect::{CommandFailure, CommandOutput, Effect};
use entrada_core::flow::Credential;
use entrada_core::{
    AccessToken, AzureCliCredential, AzureDeveloperCliCredential, AzurePowerShellCredential, Error,
    ErrorKind, Tenant, TokenRequest,
};
use entrada_tests::script::run;

const CANARY: &str = "canary0token0of0somebody";

/// How a tool ended: exit code, standard output, standard error.
type Ended<'a> = (Option<i32>, &'a str, &'a str);

fn ask(tool: &dyn Credential, ended: Result<Ended<'_>, CommandFailure>) -> Result<AccessToken, Error> {
    ask_each(tool, |_| ended)
}

/// The same, where it depends on the program how it ends.
fn ask_each<'a>(
    tool: &dyn Credential,
    ended: impl FnMut(&'static str) -> Result<Ended<'a>, CommandFailure>,
) -> Result<AccessToken, Error> {
    ask_in_bytes(tool, str::as_bytes, ended)
}

/// The same, where the tool encodes its text so.
fn ask_in_bytes<'a, B: AsRef<[u8]>>(
    tool: &dyn Credential,
    bytes: impl Fn(&'a str) -> B,
    mut ended: impl FnMut(&'static str) -> Result<Ended<'a>, CommandFailure>,
) -> Result<AccessToken, Error> {
    let request = TokenRequest::new(["https://vault.azure.net/.default"]).unwrap();
    let (result, _) = run(tool.begin(&request), |effect, _| {
        let Effect::RunCommand(command) = effect else { panic!("{effect:?}") };
        let bytes = |text: &'a str| bytes(text).as_ref().to_vec().into();
        let ended = ended(command.program());
        command.ticket().reply(ended.map(|(code, stdout, stderr)| CommandOutput {
            code,
            stdout: bytes(stdout),
            stderr: bytes(stderr),
        }))
    });
    result
}

/// What a tool prints that was given this token.
type Printing<'a> = dyn Fn(&str) -> String + 'a;

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

/// As programs of Windows write it: in UTF-16, with and without a mark.
#[test]
fn another_encoding_is_read_as_well() {
    let claimed =
        format!("ERROR: AADSTS50076: more is needed \"accessToken\": \"{CANARY}\" eyJ{}", CANARY.repeat(3));
    let tools: [(&dyn Credential, String); 3] = [
        (&AzureCliCredential::new(), r#"{"accessToken":"t","expires_on":4004572626}"#.to_owned()),
        (
            &AzureDeveloperCliCredential::new(),
            r#"{"token":"t","expiresOn":"2096-11-24T05:17:06Z"}"#.to_owned(),
        ),
        (&AzurePowerShellCredential::new(), "\nentrada%t%4004572626%\n".to_owned()),
    ];
    for (tool, token) in &tools {
        for encode in [u16::to_le_bytes, u16::to_be_bytes] {
            for mark in ["", "\u{feff}"] {
                let bytes = |text: &str| {
                    let text = format!("{mark}{text}");
                    text.encode_utf16().flat_map(encode).collect::<Vec<u8>>()
                };
                let got = ask_in_bytes(*tool, bytes, |_| Ok((Some(0), token.as_str(), ""))).unwrap();
                assert_eq!(got.expires_on().0, 4_004_572_626);
                for ended in [(Some(1), "", claimed.as_str()), (Some(0), claimed.as_str(), "")] {
                    let error = ask_in_bytes(*tool, bytes, |_| Ok(ended)).unwrap_err();
                    let detail = error.detail().unwrap_or_default();
                    assert!(
                        detail.starts_with("ERROR: AADSTS50076: more is needed \"accessToken\": [redacted]"),
                        "{detail}"
                    );
                    assert!(!detail.contains("canary"), "{detail}");
                    let kind = if ended.0 == Some(1) {
                        ErrorKind::InteractionRequired
                    } else {
                        ErrorKind::Malformed
                    };
                    assert_eq!(error.kind(), kind, "{error}");
                }
            }
        }
    }
}

/// What a person runs to see why asks for the same as was asked, and prints no token.
#[test]
fn the_command_to_look_asks_for_the_same() {
    let tenant = || Tenant::new("contoso.com").unwrap();
    let guid = Tenant::new("22222222-2222-2222-2222-222222222222").unwrap();
    let tools: [(&dyn Credential, &str); 4] = [
        (
            &AzureCliCredential::new().in_tenant(tenant()),
            "az account get-access-token --scope https://vault.azure.net/.default --tenant contoso.com --output none",
        ),
        (
            &AzureCliCredential::new().in_tenant(guid).for_subscription("Pay as you go").unwrap(),
            "az account get-access-token --scope https://vault.azure.net/.default --subscription \"Pay as you go\" --output none",
        ),
        (
            &AzureDeveloperCliCredential::new().in_tenant(tenant()),
            "azd auth login --check-status --scope https://vault.azure.net/.default --tenant-id contoso.com",
        ),
        (
            &AzurePowerShellCredential::new().in_tenant(tenant()),
            "Get-AzAccessToken -ResourceUrl https://vault.azure.net -TenantId contoso.com | Out-Null",
        ),
    ];
    for (tool, command) in tools {
        for (ended, why) in [
            (Ok((Some(1), "", "boom")), "to see why"),
            (Ok((Some(1), "", "AADSTS999999: unknown")), "to see why"),
            (Err(CommandFailure::CannotStart), "to see why"),
            (Err(CommandFailure::TimedOut), "to see what it does, or allow it more time with `within`"),
        ] {
            let remedy = ask(tool, ended).unwrap_err().remedy().unwrap_or_default().to_owned();
            assert_eq!(remedy, format!("run `{command}` yourself {why}"));
        }
    }
}

/// The lines that a token is folded into, as PowerShell does to fit an error into the window.
#[test]
fn no_line_of_a_folded_token_is_shown() {
    let jwt = format!("eyJ{0}.eyJ{0}{0}.{0}", CANARY.repeat(4));
    let tools: [&dyn Credential; 3] =
        [&AzureCliCredential::new(), &AzureDeveloperCliCredential::new(), &AzurePowerShellCredential::new()];
    for text in [
        format!("ERROR: boom {jwt}"),
        format!("ERROR: boom \"{jwt}\""),
        format!("ERROR: boom accessToken: {jwt}"),
        format!("ERROR: boom refresh_token: 1.{}", CANARY.repeat(12)),
        format!("ERROR: boom client_secret: {CANARY}"),
        format!("ERROR: boom\npassword:\t{CANARY}"),
        format!("ERROR: boom Authorization: Basic {}", &CANARY[..11]),
    ] {
        for (column, before) in [(73, ""), (74, "     | "), (75, "  "), (76, "     | ")] {
            let lines: Vec<_> = text.as_bytes().chunks(column).map(String::from_utf8_lossy).collect();
            let printed = lines.join(&format!("\r\n{before}"));
            for tool in tools {
                for ended in [(Some(1), "", printed.as_str()), (Some(0), printed.as_str(), "")] {
                    let error = ask(tool, Ok(ended)).unwrap_err();
                    let shown = format!("{error} {error:?} {:?}", error.detail());
                    for piece in ["canary", "0token", "somebody"] {
                        assert!(!shown.contains(piece), "{}: {printed} -> {shown}", tool.name());
                    }
                }
            }
        }
    }
}

#[test]
fn the_command_to_sign_in_names_the_tenant_that_was_wanted() {
    let tenant = || Tenant::new("contoso.com").unwrap();
    let more = (Some(1), "", "AADSTS50076: more is needed");
    let tools: [(&dyn Credential, Ended<'_>, &str, &str); 3] = [
        (
            &AzureCliCredential::new().in_tenant(tenant()),
            (Some(1), "", "ERROR: Please run 'az login' to setup account."),
            "run `az login --tenant contoso.com`",
            "run `az login --tenant contoso.com --scope https://vault.azure.net/.default`",
        ),
        (
            &AzureDeveloperCliCredential::new().in_tenant(tenant()),
            (Some(1), "", "ERROR: not logged in, run `azd auth login` to login"),
            "run `azd auth login --tenant-id contoso.com`",
            "run `azd auth login --tenant-id contoso.com --scope https://vault.azure.net/.default`",
        ),
        (
            &AzurePowerShellCredential::new().in_tenant(tenant()),
            (Some(1), "", "Run Connect-AzAccount to login."),
            "run `Connect-AzAccount -Tenant contoso.com`",
            "run `Connect-AzAccount -Tenant contoso.com`",
        ),
    ];
    for (tool, signed_out, sign_in, renew) in tools {
        let remedy = |ended| ask(tool, Ok(ended)).unwrap_err().remedy().unwrap_or_default().to_owned();
        assert_eq!((remedy(signed_out), remedy(more)), (sign_in.to_owned(), renew.to_owned()));
    }
}

/// A token of another tenant than was wanted is refused, whatever the tool says of it.
#[test]
fn a_token_that_says_that_it_is_of_another_tenant_is_refused() {
    let (tenant, other) = ("22222222-2222-2222-2222-222222222222", "33333333-3333-3333-3333-333333333333");
    let wanted = || Tenant::new(tenant).unwrap();
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let of = |tenant: &str| {
        format!("{}.{}.s", part(r#"{"alg":"none"}"#), part(&format!(r#"{{"tid":"{tenant}"}}"#)))
    };
    let az = AzureCliCredential::new().in_tenant(wanted());
    let tools: [(&dyn Credential, &Printing<'_>); 4] = [
        (&az, &|token| format!(r#"{{"accessToken":"{token}","expires_on":4004572626,"tenant":"{tenant}"}}"#)),
        (&az.clone().for_subscription("prod").unwrap(), &|token| {
            format!(r#"{{"accessToken":"{token}","expires_on":4004572626,"tenant":"{tenant}"}}"#)
        }),
        (&AzureDeveloperCliCredential::new().in_tenant(wanted()), &|token| {
            format!(r#"{{"token":"{token}","expiresOn":"2096-11-24T05:17:06Z"}}"#)
        }),
        (&AzurePowerShellCredential::new().in_tenant(wanted()), &|token| {
            format!("\nentrada%{token}%4004572626%{tenant}\n")
        }),
    ];
    for (tool, printed) in tools {
        assert_eq!(ask(tool, Ok((Some(0), &printed(&of(tenant)), ""))).unwrap().tenant(), Some(tenant));
        let error = ask(tool, Ok((Some(0), &printed(&of(other)), ""))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{}: {error}", tool.name());
    }
}
