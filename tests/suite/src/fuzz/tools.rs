//! What the developer's tools print.

use entrada_core::claims::Claims;
use entrada_core::effect::{CommandOutput, Effect};
use entrada_core::environment::System;
use entrada_core::flow::Credential;
use entrada_core::flows::azure_cli::parse_output;
use entrada_core::time::LocalZone;
use entrada_core::{
    AccessToken, AzureCliCredential, AzureDeveloperCliCredential, AzurePowerShellCredential, Error, Tenant,
    TokenRequest,
};

use super::checks::{check_error, check_error_within, check_usable, shown};
use crate::choices::Choices;
use crate::script;
use crate::sim::START;

const TENANT: &str = "22222222-2222-2222-2222-222222222222";
const SUBSCRIPTION: &str = "55555555-5555-5555-5555-555555555555";

/// What was asked of the tools: a tenant, the Azure CLI's subscription, claims.
struct Wanted {
    tenant: Option<Tenant>,
    subscription: Option<&'static str>,
    claims: Option<Claims>,
}

impl Wanted {
    /// By the three highest bits.
    fn of(byte: u8) -> Wanted {
        let claims = r#"{"access_token":{"nbf":{"essential":true,"value":"1790000000"}}}"#;
        Wanted {
            tenant: (byte & 32 != 0).then(|| Tenant::new(TENANT).expect("a tenant")),
            subscription: (byte & 64 != 0).then_some(SUBSCRIPTION),
            claims: (byte & 128 != 0).then(|| Claims::from_json(claims).expect("claims")),
        }
    }

    fn tools(&self, zone: LocalZone) -> [Box<dyn Credential>; 3] {
        let az = AzureCliCredential::new().in_zone(zone);
        let az = match self.subscription {
            Some(subscription) => az.for_subscription(subscription).expect("a subscription"),
            None => az,
        };
        let (azd, pwsh) =
            (AzureDeveloperCliCredential::new(), AzurePowerShellCredential::new().on(System::Windows));
        match self.tenant.clone() {
            Some(tenant) => [
                Box::new(az.in_tenant(tenant.clone())),
                Box::new(azd.in_tenant(tenant.clone())),
                Box::new(pwsh.in_tenant(tenant)),
            ],
            None => [Box::new(az), Box::new(azd), Box::new(pwsh)],
        }
    }

    fn request(&self) -> TokenRequest {
        let request = TokenRequest::new(["https://management.azure.com/.default"]).expect("a scope");
        match &self.claims {
            Some(claims) => request.with_claims(claims.clone()),
            None => request,
        }
    }
}

/// What the Azure CLI, the Azure Developer CLI and Azure PowerShell print: on both outputs, with an exit
/// code and what was wanted by the first byte.
pub fn cli_output(bytes: &[u8]) {
    let (first, text) = bytes.split_first().unwrap_or((&0, &[]));
    let zone = LocalZone { offset: i32::from(*first) * 337 - 43_000, next: None };
    match parse_output(text, zone) {
        Err(error) => check_error(&error, text),
        Ok(token) => {
            let tenant = token.tenant.as_deref().unwrap_or("x");
            assert!(tenant.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'));
            assert!(!token.secret.is_empty());
        }
    }
    let wanted = Wanted::of(*first);
    no_folded_token(&wanted, usize::from(*first), text);
    let code = Choices::new(&[*first]).pick(&[Some(0), Some(1), None, Some(127), Some(2), Some(9009)]);
    for tool in &wanted.tools(zone) {
        match run(tool, &wanted, code, text) {
            Ok(token) => {
                let told = token.tenant().unwrap_or_default();
                let is_wanted = wanted.tenant.as_ref().is_none_or(|tenant| tenant.is(told));
                assert!(is_wanted, "{} gave a token of {told}", tool.name());
                assert_eq!(code, Some(0), "{} failed, and gave a token", tool.name());
                assert_eq!(token.source(), tool.name());
                check_usable(&token, START);
            }
            Err(error) => {
                assert_eq!(error.source_name(), Some(tool.name()));
                check_error(&error, text);
                // What stands around a token is no document; the tools print one line after the other.
                for line in text.split(|b| *b == b'\n') {
                    check_error_within(&error, line, text);
                }
            }
        }
    }
}

/// A failure that tells of a token, in lines of this many characters more than two dozen, and what follows it.
fn no_folded_token(wanted: &Wanted, more: usize, text: &[u8]) {
    let token = format!("eyJ{0}.eyJ{0}{0}.{0}", "Canary0".repeat(12));
    let lines: Vec<_> = token.as_bytes().chunks(24 + more).collect();
    let printed = [b"ERROR: it was ", &lines.join(&b"\r\n     | "[..])[..], b"\n", text].concat();
    for tool in &wanted.tools(LocalZone { offset: 0, next: None }) {
        let error = run(tool, wanted, Some(1), &printed).expect_err("it failed");
        // What follows may have been written by itself, also with what is dropped between its letters.
        let dropped = text.iter().any(|b| matches!(b, 0 | 0x1b | 0x9b));
        let own = dropped || String::from_utf8_lossy(text).contains("anary");
        assert!(own || !shown(&error).contains("anary"), "a folded token is shown: {}", shown(&error));
    }
}

/// Each program of the tool is run once at the most, whatever it prints, and not at all for claims that it cannot meet.
fn run(tool: &dyn Credential, wanted: &Wanted, code: Option<i32>, text: &[u8]) -> Result<AccessToken, Error> {
    let mut runs = 0;
    let (result, told) = script::run(tool.begin(&wanted.request()), |effect, _| {
        let Effect::RunCommand(command) = effect else { panic!("{effect:?}") };
        runs += 1;
        let output = CommandOutput { code, stdout: text.to_vec().into(), stderr: text.to_vec().into() };
        command.ticket().reply(Ok(output))
    });
    // Windows has another PowerShell, for where a shell says that there is no such program, whatever the encoding.
    let said = String::from_utf8_lossy(text).replace('\0', "");
    let perhaps = code != Some(0) && said.contains("' is not recognized");
    let expected = match tool.name() {
        "azure-cli" | "azure-powershell" if wanted.claims.is_some() => 0..=0,
        "azure-powershell" if matches!(code, Some(127 | 9009)) => 2..=2,
        "azure-powershell" if perhaps => 1..=2,
        _ => 1..=1,
    };
    assert!(expected.contains(&runs) && told.waits.is_empty(), "{told:?}");
    result
}
