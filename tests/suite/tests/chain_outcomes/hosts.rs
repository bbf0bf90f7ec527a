//! Hosts of managed identities, as members of the default chain: one that is there and fails stops it.

use entrada_core::effect::{Effect, FileFailure, HttpFailure, Reply};
use entrada_core::environment::System;
use entrada_core::flow::Credential;
use entrada_core::{
    AccessToken, Authority, Cloud, DefaultChain, Environment, Error, ErrorKind, TokenRequest,
};
use entrada_tests::script::{respond, run};

const FABRIC: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";

/// What each host tells of itself.
const HOSTS: [&[(&str, &str)]; 6] = [
    &[("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:8080")],
    &[("IDENTITY_ENDPOINT", "http://localhost:4141/MSI/token"), ("IDENTITY_HEADER", "canary-header")],
    &[("IDENTITY_ENDPOINT", "http://localhost:40342/t"), ("IMDS_ENDPOINT", "http://localhost:40342")],
    &[
        ("IDENTITY_ENDPOINT", "https://localhost:2377/t"),
        ("IDENTITY_HEADER", "canary-header"),
        ("IDENTITY_SERVER_THUMBPRINT", FABRIC),
    ],
    &[("MSI_ENDPOINT", "http://localhost:50342/t")],
    &[("MSI_ENDPOINT", "http://127.0.0.1:46808/t"), ("MSI_SECRET", "canary-header")],
];

/// The default chain on this host, which gives this answer; no file is there, and nobody else may be asked.
fn on(host: &[(&str, &str)], answer: impl Fn(Effect) -> Reply) -> Result<AccessToken, Error> {
    let environment = host.iter().copied().collect::<Environment>().on(System::Linux);
    let chain = DefaultChain::new(&environment, &Authority::of_cloud(Cloud::PUBLIC).unwrap()).build();
    let request = TokenRequest::new(["https://management.azure.com/.default"]).unwrap();
    let (result, _) = run(chain.unwrap().begin(&request), |effect, _| match effect {
        http @ Effect::Http(_) => answer(http),
        Effect::ReadFile(file) => file.split().1.reply(Err(FileFailure::NotFound)),
        other => panic!("{host:?}: a developer was asked: {other:?}"),
    });
    result
}

fn says(effect: Effect, status: u16, body: &str) -> Reply {
    let Effect::Http(call) = effect else { panic!("{effect:?}") };
    respond(call, status, &[], body)
}

fn fails(effect: Effect, failure: HttpFailure) -> Reply {
    let Effect::Http(call) = effect else { panic!("{effect:?}") };
    call.split().1.reply(Err(failure))
}

#[test]
fn a_host_that_is_there_and_fails_stops_the_chain() {
    for host in HOSTS {
        // The Azure Arc agent never answers 200 without having asked for its key.
        let page = if host[1..].iter().any(|(name, _)| *name == "IMDS_ENDPOINT") {
            ErrorKind::Refused
        } else {
            ErrorKind::Malformed
        };
        let results = [
            (on(host, |http| says(http, 500, r#"{"error":"unknown"}"#)), ErrorKind::Service),
            (on(host, |http| says(http, 403, r#"{"error":"no"}"#)), ErrorKind::Refused),
            (on(host, |http| says(http, 200, "<html>a page</html>")), page),
            (on(host, |http| fails(http, HttpFailure::Refused)), ErrorKind::Network),
            (on(host, |http| fails(http, HttpFailure::Resolve)), ErrorKind::Network),
            (on(host, |http| fails(http, HttpFailure::Unreachable)), ErrorKind::Network),
            (on(host, |http| fails(http, HttpFailure::Broken)), ErrorKind::Network),
            (on(host, |http| fails(http, HttpFailure::ConnectTimedOut)), ErrorKind::Timeout),
            (on(host, |http| fails(http, HttpFailure::TimedOut)), ErrorKind::Timeout),
        ];
        for (result, kind) in results {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), kind, "{host:?}: {error}");
            let last = error.attempts().last().unwrap();
            assert_eq!((last.source, last.outcome), ("managed-identity", kind), "{host:?}");
            assert!(last.remedy.is_some() && !format!("{error:?}").contains("canary"), "{host:?}: {error:?}");
        }
    }
}
