//! The developer's tools: what they are asked, and what is made of what they print.

use entrada_core::effect::{CommandFailure, CommandOutput, Effect};
use entrada_core::environment::System;
use entrada_core::flow::Credential;
use entrada_core::{AccessToken, ErrorKind, Tenant, TokenRequest};
use entrada_tests::script::run;

const GUID: &str = "6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10";
const OTHER: &str = "7b9f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d11";

fn request() -> TokenRequest {
    TokenRequest::new(["https://management.azure.com/.default"]).unwrap()
}

/// What a tool prints: exit code, standard output, standard error.
type Printed<'a> = (i32, &'a str, &'a str);

/// What comes of a tool that prints this, and the command line that it was run with.
fn tool(
    credential: &dyn Credential,
    request: &TokenRequest,
    printed: Printed<'_>,
) -> (Result<AccessToken, entrada_core::Error>, Vec<String>) {
    let mut line = Vec::new();
    let (result, _) = run(credential.begin(request), |effect, _| match effect {
        Effect::RunCommand(command) => {
            line = std::iter::once(command.program().to_owned())
                .chain(command.arguments().iter().cloned())
                .collect();
            let (code, stdout, stderr) = printed;
            let output = CommandOutput {
                code: Some(code),
                stdout: stdout.as_bytes().to_vec().into(),
                stderr: stderr.as_bytes().to_vec().into(),
            };
            command.ticket().reply(Ok(output))
        }
        other => panic!("{other:?}"),
    });
    (result, line)
}

#[test]
fn azure_developer_cli() {
    use entrada_core::AzureDeveloperCliCredential as Azd;
    let good = r#"{"token":"t","expiresOn":"2096-11-24T05:17:06Z"}"#;
    let two = TokenRequest::new(["https://a/.default", "https://a/b"]).unwrap();
    let azd = Azd::new().in_tenant(Tenant::new("contoso.com").unwrap());
    let (result, line) = tool(&azd, &two, (0, good, "WARNING: an update"));
    assert_eq!(result.unwrap().source(), "azure-developer-cli");
    assert_eq!(
        line.join(" "),
        "azd auth token --output json --no-prompt --scope https://a/.default --scope https://a/b --tenant-id contoso.com"
    );
    let claims = entrada_core::claims::Claims::from_json(r#"{"access_token":{}}"#).unwrap();
    let (_, line) = tool(&Azd::new(), &request().with_claims(claims.clone()), (0, good, ""));
    assert_eq!(line[line.len() - 2..], ["--claims".to_owned(), claims.to_base64()]);
    let old = r#"{"type":"consoleMessage","data":{"message":"\nERROR: not logged in, run `azd auth login` to login\n"}}"#;
    let new =
        r#"{"error":"not logged in, run `azd auth login` to login","message":"","suggestion":"","links":[]}"#;
    for (printed, kind, said) in [
        ((1, old, ""), ErrorKind::Unavailable, "azd auth login"),
        ((1, "", new), ErrorKind::Unavailable, "azd auth login"),
        ((127, "", "sh: azd: not found"), ErrorKind::Unavailable, "aka.ms/azure-dev"),
        ((1, "", "unknown flag: --claims"), ErrorKind::InteractionRequired, "1.18.1"),
        (
            (1, r#"{"error":"AADSTS50076: MFA"}"#, ""),
            ErrorKind::InteractionRequired,
            "azd auth login --scope https://management",
        ),
        ((1, r#"{"error":"AADSTS7000222: expired"}"#, ""), ErrorKind::Refused, "AADSTS7000222"),
        ((1, "", "dial tcp: lookup login.microsoftonline.com: no such host"), ErrorKind::Network, "network"),
        ((1, "", "boom \"token\":\"canary\""), ErrorKind::Refused, "azd auth login --check-status"),
        ((0, "not json", ""), ErrorKind::Malformed, "not a token"),
        ((0, r#"{"token":"canary"}"#, ""), ErrorKind::Malformed, "expires"),
    ] {
        let error = tool(&Azd::new(), &request(), printed).0.unwrap_err();
        assert_eq!(error.kind(), kind, "{printed:?}");
        assert!(error.to_string().contains(said), "{said}: {error}");
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}

#[test]
fn azure_powershell() {
    use base64::Engine as _;
    use entrada_core::AzurePowerShellCredential as PowerShell;
    let good = "\r\nentrada%t%4004566626%6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10\r\n";
    let guid = PowerShell::new().in_tenant(Tenant::new(GUID).unwrap());
    let (result, line) = tool(&guid, &request(), (0, good, "#< CLIXML <Objs/>"));
    let token = result.unwrap();
    assert_eq!((token.tenant(), token.expires_on().0), (Some(GUID), 4_004_566_626));
    assert_eq!(line[..4], ["pwsh", "-NoProfile", "-NonInteractive", "-EncodedCommand"]);
    let bytes = base64::engine::general_purpose::STANDARD.decode(&line[4]).unwrap();
    let units: Vec<u16> = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let script = String::from_utf16(&units).unwrap();
    assert!(script.contains("ResourceUrl = 'https://management.azure.com'"), "{script}");
    assert!(script.contains(&format!("$ask['TenantId'] = '{GUID}'")), "{script}");
    let elsewhere = PowerShell::new().in_tenant(Tenant::new(OTHER).unwrap());
    assert!(tool(&elsewhere, &request(), (0, good, "")).0.unwrap_err().message().contains("another tenant"));
    let quoted = TokenRequest::new(["https://a';x/.default"]).unwrap();
    let (result, line) = tool(&PowerShell::new(), &quoted, (0, good, ""));
    assert!(result.unwrap_err().kind() == ErrorKind::Configuration && line.is_empty());
    for (printed, kind, said) in [
        ((0, "entrada-no-module", ""), ErrorKind::Unavailable, "Install-Module"),
        ((127, "", ""), ErrorKind::Unavailable, "aka.ms/azps"),
        ((1, "", "Run Connect-AzAccount to login."), ErrorKind::Unavailable, "Connect-AzAccount"),
        ((1, "", "AuthorizationManager check failed."), ErrorKind::Unavailable, "execution policy"),
        ((1, "", "AADSTS50079: enroll"), ErrorKind::InteractionRequired, "AADSTS50079"),
        ((1, "", "boom"), ErrorKind::Refused, "Get-AzAccessToken"),
        ((0, "", ""), ErrorKind::Malformed, "not a token"),
        ((0, "entrada%canary%soon%", ""), ErrorKind::Malformed, "expires"),
        ((0, "entrada%canary", ""), ErrorKind::Malformed, "not a token"),
        ((0, "entrada%\ncanary\n%4004566626%", ""), ErrorKind::Malformed, "not a token"),
    ] {
        let error = tool(&PowerShell::new(), &request(), printed).0.unwrap_err();
        assert_eq!(error.kind(), kind, "{printed:?}");
        assert!(error.to_string().contains(said), "{said}: {error}");
        assert!(!format!("{error} {error:?} {:?}", error.detail()).contains("canary"));
    }
}

#[test]
fn windows_has_an_older_powershell() {
    use entrada_core::AzurePowerShellCredential as PowerShell;
    let tried = |system| {
        let mut tried = Vec::new();
        let (result, _) = run(PowerShell::new().on(system).begin(&request()), |effect, _| match effect {
            Effect::RunCommand(command) => {
                tried.push((command.program().to_owned(), command.arguments().to_vec()));
                command.ticket().reply(Err(CommandFailure::NotFound))
            }
            other => panic!("{other:?}"),
        });
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.source_name()), (ErrorKind::Unavailable, Some("azure-powershell")));
        tried
    };
    let [first, second] = <[_; 2]>::try_from(tried(System::Windows)).unwrap();
    assert_eq!((first.0.as_str(), second.0.as_str()), ("pwsh", "powershell"));
    assert_eq!(first.1, second.1);
    assert_eq!(tried(System::Linux).len(), 1);
}
