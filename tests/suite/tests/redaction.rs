//! Secrets in everything that can be printed. The simulation looks after every step of every flow; here
//! are the places that it does not reach.

use entrada_core::effect::{CommandOutput, FileContents};
use entrada_core::exchange::{Form, RequestSpec};
use entrada_core::{Endpoint, Environment, Error, ErrorKind, PlainHttp, Secret, SecretBytes, Unix, redact};
use entrada_tests::choices::Choices;
use entrada_tests::faults::{Faults, HttpFault, Patience};
use entrada_tests::setups::{Kind, Setup};
use entrada_tests::sim::simulate;
use entrada_tests::world::Tool;
use entrada_tests::world::programs::{az, azd, pwsh};

const CANARY: &str = "canary-7f3a9c1e5b";

#[test]
fn values_do_not_show_what_they_hold() {
    let form = Form::new().secret("client_secret", &Secret::new(CANARY)).field("x", "y");
    let target = Endpoint::authority("https://login.example", PlainHttp::Refused).unwrap();
    let spec = RequestSpec::post(target, form, "a token").secret_header(
        http::header::AUTHORIZATION,
        "Bearer ",
        &Secret::new(CANARY),
    );
    let token =
        entrada_core::AccessToken::new(Secret::new(CANARY), Unix(9), entrada_core::Now::default(), "test");
    let token = token.unwrap();
    let shown = [
        format!("{:?}", Secret::new(CANARY)),
        format!("{:?}", SecretBytes::new(CANARY)),
        format!("{:?}", Environment::new().with("AZURE_CLIENT_SECRET", CANARY)),
        format!("{spec:?}"),
        format!("{token:?} {:?}", token.authorization()),
        format!(
            "{:?}",
            CommandOutput {
                code: Some(0),
                stdout: CANARY.as_bytes().to_vec().into(),
                stderr: SecretBytes::default()
            }
        ),
        format!("{:?}", FileContents { bytes: CANARY.as_bytes().to_vec().into(), resolved: "/f".into() }),
        format!("{:?}", entrada_core::ClientSecretCredential::new("t", "c", CANARY).unwrap()),
    ];
    for text in shown {
        assert!(!text.contains(CANARY), "{text}");
    }
}

/// Each fault alone, in every exchange of every flow: an answer that repeats what was sent, above all.
#[test]
fn every_fault_in_every_place() {
    let faults = [
        HttpFault::Echo(400),
        HttpFault::Echo(401),
        HttpFault::Echo(200),
        HttpFault::Echo(500),
        HttpFault::Page(200),
        HttpFault::Headers,
        HttpFault::WrongType,
        HttpFault::Redirect(302),
        HttpFault::Status(429, Patience::Seconds(3600)),
        HttpFault::Huge,
        HttpFault::Empty,
    ];
    let cuts = (0..=255).step_by(3).map(HttpFault::Truncated);
    let mangled = (0..23).map(HttpFault::Mangled);
    let all: Vec<_> = faults.into_iter().chain(cuts).chain(mangled).collect();
    let flows = [
        Kind::ClientSecret,
        Kind::DeviceCode,
        Kind::InteractiveBrowser,
        Kind::ManagedIdentity,
        Kind::GetWorkspace,
        Kind::ListWorkspaces,
        Kind::ClientAssertion,
        Kind::AzurePipelines,
        Kind::OnBehalfOf,
        Kind::AuthorizationCode,
        Kind::RefreshToken,
        Kind::FederatedPassword,
        Kind::AppService,
        Kind::Arc,
        Kind::MachineLearning,
        Kind::MachineLearningJob,
        Kind::WorkspaceKeys,
        Kind::EndpointAccess,
        Kind::UnknownAuthority,
    ];
    for kind in flows {
        for fault in &all {
            for number in 0..4 {
                let mut setup = Setup::fair(kind);
                setup.world.faults = Faults::once(number, *fault);
                simulate(setup, &mut Choices::new(&[9, 77])).assert_clean();
            }
        }
    }
}

#[test]
fn whatever_the_tools_print() {
    let tables = [
        (Kind::AzureCli, az::FAILURES.len(), az::NONSENSE.len()),
        (Kind::AzureDeveloperCli, azd::FAILURES.len(), azd::NONSENSE.len()),
        (Kind::AzurePowerShell, pwsh::FAILURES.len(), pwsh::NONSENSE.len()),
    ];
    for (kind, failures, nonsense) in tables {
        let rows = (0..failures).map(Tool::Fails).chain((0..nonsense).map(Tool::Prints));
        for tool in rows.chain([Tool::Killed, Tool::CannotStart]) {
            for noise in [0, 255] {
                let mut setup = Setup::fair(kind);
                let world = &mut setup.world;
                (world.az, world.azd, world.pwsh) = (tool, tool, tool);
                simulate(setup, &mut Choices::new(&[noise])).assert_clean();
            }
        }
    }
}

#[test]
fn an_error_keeps_server_text_out_of_display() {
    let error = Error::new(ErrorKind::Refused, "it was refused")
        .with_detail(CANARY)
        .with_ids(Some(CANARY), Some(CANARY));
    assert!(!error.to_string().contains(CANARY));
    assert_eq!((error.correlation_id(), error.trace_id()), (None, None));
}

#[test]
fn cleaning_finds_every_spelling() {
    let secret = "p@ss w\"ord/+=&%\u{e9}";
    let known = [Secret::new(secret)];
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let json = serde_json::to_string(secret).unwrap();
    for text in [secret.to_owned(), form, json] {
        for text in [text.clone(), format!("you sent {text}!"), format!("a={text}&b=c")] {
            let cleaned = redact::clean(&text, &known);
            assert!(
                !cleaned.contains("w\"ord") && !cleaned.contains("ss+w") && !cleaned.contains("ss w"),
                "{cleaned}"
            );
        }
    }
}
