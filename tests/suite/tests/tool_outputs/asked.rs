//! What the tools are asked, and what they are not asked at all.

use entrada_core::claims::Claims;
use entrada_core::effect::{CommandFailure, CommandOutput, Effect};
use entrada_core::flow::Credential;
use entrada_core::{
    AzureCliCredential, AzureDeveloperCliCredential, AzurePowerShellCredential, Error, ErrorKind, Tenant,
    TokenRequest,
};
use entrada_tests::script::run;

const TENANT: &str = "8d6f5c1e-2b40-4d3f-9a17-0e6c5b4a3f10";
const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1790000000"}}}"#;

/// The arguments of each program that was run, and how it ended where none of them is there.
fn asked(tool: &dyn Credential, request: &TokenRequest) -> (Vec<Vec<String>>, Error) {
    let mut asked = Vec::new();
    let (result, _) = run(tool.begin(request), |effect, _| {
        let Effect::RunCommand(command) = effect else { panic!("{effect:?}") };
        asked.push(command.arguments().to_vec());
        command.ticket().reply(Err(CommandFailure::NotFound))
    });
    (asked, result.expect_err("there is no tool"))
}

fn request(scope: &str) -> TokenRequest {
    TokenRequest::new([scope]).unwrap()
}

#[test]
fn claims_that_a_tool_cannot_meet_are_for_a_person_who_is_told_the_command() {
    let claims = || Claims::from_json(CLAIMS).unwrap();
    let encoded = claims().to_base64();
    let request = request("https://vault.azure.net/.default").with_claims(claims());
    let tenant = || Tenant::new(TENANT).unwrap();
    let refusing: [(&dyn Credential, String); 4] = [
        (
            &AzureCliCredential::new(),
            format!("`az login --claims-challenge {encoded} --scope https://vault.azure.net/.default`"),
        ),
        (
            &AzureCliCredential::new().in_tenant(tenant()),
            format!(
                "`az login --claims-challenge {encoded} --tenant {TENANT} --scope https://vault.azure.net/.default`"
            ),
        ),
        (&AzurePowerShellCredential::new(), format!("`Connect-AzAccount -ClaimsChallenge {encoded}`")),
        (
            &AzurePowerShellCredential::new().in_tenant(tenant()),
            format!("`Connect-AzAccount -Tenant {TENANT} -ClaimsChallenge {encoded}`"),
        ),
    ];
    for (tool, command) in refusing {
        let (asked, error) = asked(tool, &request);
        assert!(asked.is_empty(), "{asked:?}");
        assert_eq!(error.kind(), ErrorKind::InteractionRequired, "{error}");
        assert!(error.remedy().unwrap().contains(&command), "{command}: {error:?}");
        assert_eq!(error.claims().map(Claims::to_base64).as_deref(), Some(encoded.as_str()));
    }
    // One takes them, and a person is told the command that asks for them.
    let azd = AzureDeveloperCliCredential::new().in_tenant(tenant());
    let command = format!(
        "run `azd auth token --output json --scope https://vault.azure.net/.default --tenant-id {TENANT} --claims {encoded}`"
    );
    for said in ["AADSTS50076: mfa", "reauthentication required"] {
        let (result, _) = run(azd.begin(&request), |effect, _| {
            let Effect::RunCommand(command) = effect else { panic!("{effect:?}") };
            let stderr = said.as_bytes().to_vec().into();
            command.ticket().reply(Ok(CommandOutput { code: Some(1), stdout: Vec::new().into(), stderr }))
        });
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.remedy()), (ErrorKind::InteractionRequired, Some(command.as_str())));
        assert_eq!(error.claims().map(Claims::to_base64).as_deref(), Some(encoded.as_str()));
    }
    let (asked, _) = asked(&azd, &request);
    assert!(asked[0].windows(2).any(|pair| pair == ["--claims", encoded.as_str()]), "{asked:?}");
}

#[test]
fn nothing_that_may_be_an_option_stands_on_a_command_line() {
    let tools: [&dyn Credential; 3] =
        [&AzureCliCredential::new(), &AzureDeveloperCliCredential::new(), &AzurePowerShellCredential::new()];
    for tool in tools {
        for scope in
            ["-x", "--debug", "-", "https://x/.default;id", "https://x/$(id)", "a'b", "a\"b", "\u{e9}"]
        {
            // What no scope can have does not come so far.
            let Ok(request) = TokenRequest::new([scope]) else {
                assert!(!scope.starts_with('-'), "{scope}");
                continue;
            };
            let (asked, error) = asked(tool, &request);
            assert!(asked.is_empty(), "{}: {scope}", tool.name());
            assert_eq!(error.kind(), ErrorKind::Configuration, "{}: {scope}", tool.name());
        }
        assert!(!asked(tool, &request("api://a-b_c/.default")).0.is_empty(), "{}", tool.name());
    }
    for subscription in ["-x", "--debug", "", " ", "a;b", "a'b", "R&D", "\u{e9}"] {
        let error = AzureCliCredential::new().for_subscription(subscription).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{subscription}");
    }
    for tenant in ["-x", "", "a b", "a;b", "a'b", "\u{e9}"] {
        assert!(Tenant::new(tenant).is_err(), "{tenant}");
    }
}

#[test]
fn the_azure_cli_is_told_the_tenant_or_the_subscription() {
    let scope = ["account", "get-access-token", "--output", "json", "--scope", "api://a/.default"];
    let tenant = || AzureCliCredential::new().in_tenant(Tenant::new(TENANT).unwrap());
    for (tool, more) in [
        (AzureCliCredential::new(), &[][..]),
        (tenant(), &["--tenant", TENANT]),
        (
            AzureCliCredential::new().for_subscription("Pay as you go").unwrap(),
            &["--subscription", "Pay as you go"],
        ),
        (tenant().for_subscription("mine").unwrap(), &["--subscription", "mine"]),
    ] {
        assert_eq!(asked(&tool, &request("api://a/.default")).0, [[&scope[..], more].concat()]);
    }
}
