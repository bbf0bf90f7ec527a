//! Lists of Microsoft Graph and of role assignments whose next page is somebody else's, or never the last.

use std::fmt::Debug;

use entrada_core::arm::roles::{FindRole, ListRoles, RemoveRoles, Role};
use entrada_core::effect::{Effect, HttpResponse};
use entrada_core::graph::FindPrincipal;
use entrada_core::graph::setup::{EnsureApplication, ShowPrincipal};
use entrada_core::ml::{EnableIdentity, IdentityOwner, WantedIdentity, WorkspaceConfig};
use entrada_core::{BoxFlow, Error, ErrorKind, SecretBytes};
use entrada_emulator::world as w;
use entrada_tests::script::{run, token};
use entrada_tests::setups::directory::there;

use crate::stage::{graph, manager, named};

/// An empty page of a list, which links to this.
fn page(link: &str) -> HttpResponse {
    answer(200, &serde_json::json!({ "value": [], "@odata.nextLink": link, "nextLink": link }))
}

fn answer(status: u16, document: &serde_json::Value) -> HttpResponse {
    let body = SecretBytes::new(document.to_string());
    http::Response::builder().status(status).header("content-type", "application/json").body(body).unwrap()
}

/// Runs a flow whose every page is empty and links to this, and tells which hosts were asked.
fn pages<T: Debug>(flow: BoxFlow<T>, link: impl Fn(usize) -> String) -> (Result<T, Error>, Vec<String>) {
    answered(flow, |number| page(&link(number)))
}

/// Runs a flow whose requests are answered like this, by their number.
fn answered<T: Debug>(
    flow: BoxFlow<T>,
    answer: impl Fn(usize) -> HttpResponse,
) -> (Result<T, Error>, Vec<String>) {
    let mut asked = Vec::new();
    let (result, _) = run(flow, |effect, _| match effect {
        Effect::Token(need) => need.split().1.reply(Ok(token("a-token-of-this-service"))),
        Effect::Http(call) => {
            let (request, ticket) = call.split();
            let uri = request.uri();
            asked.push(format!("{}://{}", uri.scheme_str().unwrap(), uri.authority().unwrap()));
            ticket.reply(Ok(answer(asked.len())))
        }
        other => panic!("{other:?}"),
    });
    (result, asked)
}

/// Every list, from the name of its service to what becomes of it.
fn every_list(link: &dyn Fn(&str, usize) -> String) -> Vec<(&'static str, Error, Vec<String>)> {
    let (scope, role) = (there::scope().unwrap(), Role::new("Reader").unwrap());
    const GRAPH: &str = "https://graph.microsoft.com";
    const MANAGER: &str = "https://management.azure.com";
    let mut ended = Vec::new();
    let mut graphs = |(result, asked): (Result<(), Error>, Vec<String>)| {
        ended.push((GRAPH, result.unwrap_err(), asked));
    };
    fn plain<T>((result, asked): (Result<T, Error>, Vec<String>)) -> (Result<(), Error>, Vec<String>) {
        (result.map(drop), asked)
    }
    let to = |number: usize| link(GRAPH, number);
    graphs(plain(pages(Box::new(EnsureApplication::new(&graph(), &named(), None)), to)));
    graphs(plain(pages(Box::new(FindPrincipal::new(&graph(), "ada@contoso.com").unwrap()), to)));
    graphs(plain(pages(Box::new(FindPrincipal::new(&graph(), "some app").unwrap()), to)));
    graphs(plain(pages(Box::new(ShowPrincipal::new(&graph(), "some app")), to)));
    let mut managers = |(result, asked): (Result<(), Error>, Vec<String>)| {
        ended.push((MANAGER, result.unwrap_err(), asked));
    };
    let to = |number: usize| link(MANAGER, number);
    managers(plain(pages(Box::new(FindRole::new(&manager(), &scope, &role)), to)));
    managers(plain(pages(Box::new(ListRoles::new(&manager(), &scope, None)), to)));
    managers(plain(pages(Box::new(RemoveRoles::new(&manager(), &scope, there::PRINCIPAL)), to)));
    ended
}

const ELSEWHERE: [&str; 9] = [
    "https://evil.example/v1.0/users?$skiptoken=x",
    "http://HOST/v1.0/users",
    "https://HOST:8443/v1.0/users",
    "https://HOST.evil.example/v1.0/users",
    "https://HOST@evil.example/v1.0/users",
    "https://me:you@HOST/v1.0/users",
    "//evil.example/users",
    "/v1.0/users?$skiptoken=x",
    "users",
];

#[test]
fn an_operation_that_is_watched_elsewhere_gets_no_token() {
    const MANAGER: &str = "https://management.azure.com";
    for link in ELSEWHERE {
        let link = link.replace("HOST", "management.azure.com");
        for header in ["azure-asyncoperation", "location"] {
            let config = WorkspaceConfig::new(w::SUBSCRIPTION, w::RESOURCE_GROUP, w::WORKSPACE).unwrap();
            let owner = IdentityOwner::Workspace(config);
            let enable = EnableIdentity::new(&manager(), owner, WantedIdentity::system()).unwrap();
            let (result, asked) = answered(Box::new(enable), |number| match number {
                1 => answer(200, &serde_json::json!({ "name": w::WORKSPACE, "properties": {} })),
                _ => {
                    let mut accepted = answer(202, &serde_json::json!({}));
                    accepted.headers_mut().insert(header, link.parse().unwrap());
                    accepted
                }
            });
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{header}: {link}: {error}");
            assert_eq!(asked, [MANAGER; 2], "{header}: {link}");
        }
    }
}

#[test]
fn a_link_to_somebody_else_gets_no_token() {
    for link in ELSEWHERE {
        let to = |service: &str, _: usize| link.replace("HOST", service.trim_start_matches("https://"));
        for (service, error, asked) in every_list(&to) {
            assert_eq!(error.kind(), ErrorKind::Malformed, "{link}: {error}");
            assert_eq!(asked, [service], "{link}");
            assert!(!format!("{error} {error:?}").contains("a-token"), "{error:?}");
        }
    }
}

#[test]
fn pages_that_go_round_in_circles_or_on_for_ever_end() {
    let circle = |service: &str, number: usize| format!("{service}/v1.0/x?page={}", number % 3);
    for (service, error, asked) in every_list(&circle) {
        assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
        assert!(asked.len() <= 5 && asked.iter().all(|host| host == service), "{asked:?}");
    }
    let for_ever = |service: &str, number: usize| format!("{service}/v1.0/x?page={number}");
    for (_, error, asked) in every_list(&for_ever) {
        assert_eq!((error.kind(), asked.len()), (ErrorKind::Malformed, 1000), "{error}");
    }
}
