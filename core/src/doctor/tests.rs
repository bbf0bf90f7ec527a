//! What an examination makes of what it is answered.

use http::Response;

use super::*;
use crate::effect::{CommandFailure, CommandOutput, Effect, FileFailure, HttpFailure, Reply};
use crate::flow::Entropy;
use crate::run::{Run, Step};
use crate::secret::SecretBytes;
use crate::time::{Mono, Now, Unix};
use crate::{Cloud, ErrorKind};

struct Fixed;

impl Entropy for Fixed {
    fn fill(&mut self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

fn now(seconds: u64) -> Now {
    Now { mono: Mono(seconds * 1000), unix: Unix(784_111_777 + i64::try_from(seconds).unwrap()) }
}

fn examination(variables: &[(&str, &str)]) -> Examination {
    let environment: Environment = variables.iter().copied().collect();
    Examination::new(&environment, &Authority::of_cloud(Cloud::PUBLIC).unwrap())
}

/// One source, asked, where this answers whatever it wants; a second passes with each answer.
fn ask(candidate: &Candidate, limit: Option<u64>, answer: impl Fn(Effect) -> Reply) -> Finding {
    let request = TokenRequest::new(["https://management.azure.com/.default"]).unwrap();
    let mut run = Run::new(candidate.ask(&request));
    if let Some(limit) = limit {
        run = run.with_deadline(Mono(limit * 1000));
    }
    let mut step = run.start(now(0), &mut Fixed);
    for passed in 1.. {
        match step {
            Step::Done(result) => return result.unwrap_or_else(|error| candidate.cut_off(error)),
            Step::Do(effect) => step = run.resume(now(passed), &mut Fixed, answer(effect)),
        }
    }
    unreachable!()
}

/// A machine where nobody answers and nothing is installed.
fn nobody(effect: Effect) -> Reply {
    match effect {
        Effect::Http(call) => call.split().1.reply(Err(HttpFailure::Refused)),
        Effect::RunCommand(command) => command.ticket().reply(Err(CommandFailure::NotFound)),
        other => other.unsupported(),
    }
}

/// An authority that answers everything with this.
fn authority(status: u16, body: &'static str) -> impl Fn(Effect) -> Reply {
    move |effect| match effect {
        Effect::Http(call) => {
            let response = Response::builder().status(status).header("date", "Sun, 06 Nov 1994 08:49:37 GMT");
            let body = SecretBytes::new(body.as_bytes().to_vec());
            call.split().1.reply(Ok(response.body(body).unwrap()))
        }
        other => nobody(other),
    }
}

const APP: [(&str, &str); 3] = [
    ("AZURE_TENANT_ID", "contoso.com"),
    ("AZURE_CLIENT_ID", "11111111-1111-1111-1111-111111111111"),
    ("AZURE_CLIENT_SECRET", "canary-secret"),
];
const GOOD: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"canary-token"}"#;
const REFUSED: &str = r#"{"error":"invalid_client","error_description":"AADSTS7000215: canary-text"}"#;

fn cli(code: i32, stdout: &'static str, stderr: &'static str) -> impl Fn(Effect) -> Reply {
    move |effect| match effect {
        Effect::RunCommand(command) if command.program() == "az" => {
            let bytes = |text: &str| text.as_bytes().to_vec().into();
            let output = CommandOutput { code: Some(code), stdout: bytes(stdout), stderr: bytes(stderr) };
            command.ticket().reply(Ok(output))
        }
        other => nobody(other),
    }
}

/// A report of what these sources were answered; the others find nobody.
fn report(variables: &[(&str, &str)], app: &dyn Fn(Effect) -> Reply, az: &dyn Fn(Effect) -> Reply) -> Report {
    examine(&examination(variables), app, az)
}

fn examine(examination: &Examination, app: &dyn Fn(Effect) -> Reply, az: &dyn Fn(Effect) -> Reply) -> Report {
    let findings = examination.candidates().iter().map(|candidate| match candidate.name() {
        "environment" => ask(candidate, None, app),
        "azure-cli" => ask(candidate, None, az),
        _ => ask(candidate, None, nobody),
    });
    examination.report(findings.collect())
}

const TOKEN_OF_AZ: &str = r#"{"accessToken":"canary-token","expires_on":2082758400}"#;
const MFA: &str = "ERROR: AADSTS50076: more is needed";

#[test]
fn what_the_default_chain_comes_to() {
    let (nothing, works) = (&nobody as &dyn Fn(Effect) -> Reply, &cli(0, TOKEN_OF_AZ, "") as _);
    let (good, refused, mfa) =
        (&authority(200, GOOD) as _, &authority(401, REFUSED) as _, &cli(1, "", MFA) as _);
    let selecting = |value| [&APP[..], &[("AZURE_TOKEN_CREDENTIALS", value)]].concat();
    let misnamed = |value| vec![("AZURE_CLIENT_ID", "typo"), ("AZURE_TOKEN_CREDENTIALS", value)];
    for (variables, app, az, default, verdict) in [
        (vec![], nothing, nothing, "FindsNothing", Some(ErrorKind::Unavailable)),
        (APP.to_vec(), good, nothing, r#"Uses("environment")"#, None),
        (APP.to_vec(), good, works, r#"Uses("environment")"#, None),
        (vec![], nothing, works, r#"Uses("azure-cli")"#, None),
        (APP.to_vec(), refused, works, r#"StopsAt("environment")"#, None),
        (APP.to_vec(), refused, mfa, r#"StopsAt("environment")"#, Some(ErrorKind::Refused)),
        // A tool that somebody has to sign in to does not stop the chain, and is no absence either.
        (vec![], nothing, mfa, "FindsNothing", Some(ErrorKind::InteractionRequired)),
        (selecting("prod"), nothing, works, r#"StopsAt("environment")"#, None),
        (selecting("dev"), refused, works, r#"Uses("azure-cli")"#, None),
        (selecting("ManagedIdentityCredential"), good, works, "FindsNothing", None),
        (
            selecting("InteractiveBrowserCredential"),
            good,
            works,
            r#"AsksAPerson("interactive-browser")"#,
            None,
        ),
        // A chain of one does, and so does a name that nothing has.
        (selecting("AzureCliCredential"), good, mfa, r#"StopsAt("azure-cli")"#, None),
        (
            misnamed("ManagedIdentityCredential"),
            nothing,
            nothing,
            r#"StopsAt("managed-identity")"#,
            Some(ErrorKind::Configuration),
        ),
        (misnamed("prod"), nothing, nothing, "FindsNothing", Some(ErrorKind::Unavailable)),
    ] {
        let report = report(&variables, app, az);
        assert_eq!(format!("{:?}", report.default_chain()), default, "{report:?}");
        assert_eq!(report.verdict().err().map(|error| error.kind()), verdict, "{report:?}");
        assert!(!format!("{report:?}").contains("canary-token"));
    }
    let report = report(&selecting("nonsense"), good, nothing);
    let DefaultOutcome::Misconfigured(error) = report.default_chain() else { panic!("{report:?}") };
    assert!(error.remedy().unwrap().contains("prod"));
}

#[test]
fn without_an_authority_those_that_need_none_are_asked() {
    let environment: Environment = APP.into_iter().collect();
    let environment = environment.with("AZURE_AUTHORITY_HOST", "http://login.example");
    let authority = Authority::from_environment(&environment, PlainHttp::Refused);
    let examination = Examination::of(&environment, &authority);
    let report = examine(&examination, &nobody, &cli(0, TOKEN_OF_AZ, ""));
    let outcome = |name: &str| {
        let finding = report.findings().iter().find(|finding| finding.source() == name).unwrap();
        finding.error().map(|error| (error.kind(), error.message()))
    };
    let (kind, message) = outcome("environment").unwrap();
    assert_eq!(kind, ErrorKind::Configuration);
    assert!(message.contains("AZURE_AUTHORITY_HOST"), "{message}");
    for absent in ["workload-identity", "managed-identity", "shared-cache", "azure-pipelines"] {
        assert_eq!(outcome(absent).unwrap().0, ErrorKind::Unavailable, "{absent}");
    }
    assert_eq!(outcome("azure-cli"), None);
    assert!(report.verdict().is_ok());
    assert_eq!(format!("{:?}", report.default_chain()), r#"StopsAt("environment")"#);
    let facts = Facts::new(&environment, &authority);
    assert!(facts.authority.unwrap_err().message().contains("AZURE_AUTHORITY_HOST"));
    assert_eq!(facts.cloud, None);
}

#[test]
fn a_finding_tells_what_was_asked_and_answered() {
    let refused = report(&APP, &authority(401, REFUSED), &nobody);
    let finding = &refused.findings()[0];
    assert_eq!((finding.source(), finding.outcome()), ("environment", "refused"));
    assert_eq!(finding.variables(), ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"]);
    let [asked] = finding.asked() else { panic!("{finding:?}") };
    assert!(
        asked.starts_with("POST https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"),
        "{asked}"
    );
    assert_eq!(finding.error().unwrap().aadsts(), [7_000_215]);
    assert!(finding.error().unwrap().remedy().is_some());
    // The other clock says 08:49:37, and a second has passed here.
    assert_eq!(refused.clock_ahead(), Some(1));
    assert!(!format!("{refused:?}").contains("canary-secret"));

    let worked = report(&APP, &authority(200, GOOD), &nobody);
    let granted = worked.findings()[0].granted().unwrap();
    assert_eq!(
        (granted.expires_on, granted.tenant.as_deref()),
        (Unix(now(0).unix.0 + 3599), Some("contoso.com"))
    );

    // What is repeated is told once.
    let down = report(&APP, &authority(503, ""), &nobody);
    assert_eq!(down.findings()[0].asked().len(), 1);
    assert_eq!(report(&[], &nobody, &nobody).clock_ahead(), None);
}

#[test]
fn a_source_that_is_cut_off_is_not_absent() {
    let examination = examination(&[]);
    let az = examination.candidates().iter().find(|candidate| candidate.name() == "azure-cli").unwrap();
    let outcome = |limit| ask(az, limit, nobody).outcome();
    assert_eq!(
        (outcome(None), outcome(Some(2)), outcome(Some(1))),
        ("unavailable", "unavailable", "timeout")
    );
    let finding = az.cut_off(Error::cancelled());
    assert_eq!((finding.source(), finding.outcome()), ("azure-cli", "cancelled"));
}

#[test]
fn facts_have_names_and_no_values() {
    let environment: Environment = [
        ("AZURE_CLIENTID", "canary-1"),
        ("AZURE_CLIENT_SECRET", " "),
        ("MSI_SECRET", "canary-2"),
        ("HOME", "canary-3"),
    ]
    .into_iter()
    .collect();
    let facts = Facts::new(&environment, &Authority::of_cloud(Cloud::CHINA));
    assert_eq!(facts.set, ["AZURE_CLIENTID", "MSI_SECRET"]);
    assert_eq!(facts.empty, ["AZURE_CLIENT_SECRET"]);
    assert_eq!(
        (facts.cloud, facts.authority.as_deref().unwrap()),
        (Some(Cloud::CHINA), "https://login.chinacloudapi.cn")
    );
    assert!(!format!("{facts:?}").contains("canary"));
}

#[test]
fn the_host_of_a_job_is_examined() {
    let examination = examination(&[("OBO_ENDPOINT", "http://localhost:46809/OBO/token")]);
    let answer = authority(200, GOOD);
    let job = examination.candidates().iter().find(|candidate| candidate.name() == "azure-ml-on-behalf-of");
    let finding = ask(job.unwrap(), None, &answer);
    assert_eq!((finding.outcome(), finding.variables()), ("works", &["OBO_ENDPOINT"][..]), "{finding:?}");
    assert!(finding.asked()[0].starts_with("GET http://localhost:46809/OBO/token"), "{finding:?}");
}

#[test]
fn a_laptop_with_nothing_there_is_examined_within_a_second() {
    let home = [("HOME", "/home/jo"), ("USERPROFILE", "C:\\Users\\jo")];
    let examination = examination(&home);
    let request = TokenRequest::new(["https://management.azure.com/.default"]).unwrap();
    let mut slowest = 0;
    for candidate in examination.candidates() {
        let (mut run, mut at) = (Run::new(candidate.ask(&request)), now(0));
        let mut step = run.start(at, &mut Fixed);
        let finding = loop {
            step = match step {
                Step::Done(result) => break result.unwrap(),
                // The worst that can be: nobody refuses, nobody answers.
                Step::Do(Effect::Http(call)) => {
                    at.mono = call.deadline();
                    run.expire(at, &mut Fixed)
                }
                Step::Do(effect) => {
                    let reply = match effect {
                        Effect::ReadFile(file) => file.split().1.reply(Err(FileFailure::NotFound)),
                        Effect::Store(using) => using.split().2.reply(Ok(SecretBytes::default())),
                        other => nobody(other),
                    };
                    run.resume(at, &mut Fixed, reply)
                }
            };
        };
        assert_eq!(finding.outcome(), "unavailable", "{finding:?}");
        assert!(finding.error().unwrap().remedy().is_some(), "{finding:?}");
        slowest = slowest.max(at.mono.0);
    }
    assert_eq!(slowest, 1000, "the probe of the metadata service, and nothing beside it");
}

#[test]
fn a_job_of_azure_pipelines_is_examined_and_is_none_of_the_default_chains() {
    let job = [
        (
            "SYSTEM_OIDCREQUESTURI",
            "https://dev.azure.com/o/p/_apis/distributedtask/hubs/build/plans/1/jobs/2/oidctoken",
        ),
        ("SYSTEM_ACCESSTOKEN", "canary-job"),
        ("AZURESUBSCRIPTION_TENANT_ID", "contoso.com"),
        ("AZURESUBSCRIPTION_CLIENT_ID", "11111111-1111-1111-1111-111111111111"),
        ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "22222222-2222-2222-2222-222222222222"),
    ];
    let body = r#"{"oidcToken":"canary-oidc","token_type":"Bearer","expires_in":3599,"access_token":"canary-token"}"#;
    let last = |variables: &[(&str, &str)]| {
        let examination = examination(variables);
        let answer = authority(200, body);
        let find = |candidate: &Candidate| match candidate.name() {
            "azure-pipelines" => ask(candidate, None, &answer),
            _ => ask(candidate, None, nobody),
        };
        examination.report(examination.candidates().iter().map(find).collect())
    };
    let report = last(&job);
    let pipelines = |report: &Report| {
        let of = |finding: &&Finding| finding.source() == "azure-pipelines";
        report.findings().iter().find(of).unwrap().clone()
    };
    let finding = pipelines(&report);
    assert_eq!(finding.outcome(), "works", "{finding:?}");
    assert_eq!((finding.variables().len(), finding.asked().len()), (5, 2), "{finding:?}");
    assert!(report.verdict().is_ok());
    assert_eq!(format!("{:?}", report.default_chain()), "FindsNothing", "it has to be named");
    assert!(!format!("{report:?}").contains("canary"));
    for missing in 0..job.len() {
        let some: Vec<_> =
            job.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, pair)| *pair).collect();
        let report = last(&some);
        let error = pipelines(&report).error().unwrap().clone();
        assert!(error.is_unavailable() && error.message().contains(job[missing].0), "{error}");
        assert!(error.remedy().is_some());
    }
}
