//! Lists of Microsoft Graph and of role assignments whose next page is somebody else's, or never the last.

use std::fmt::Debug;
use std::time::Duration;

use entrada_core::arm::roles::{FindRole, ListRoles, RemoveRoles, Role};
use entrada_core::effect::Effect;
use entrada_core::graph::FindPrincipal;
use entrada_core::graph::setup::{EnsureApplication, ShowPrincipal};
use entrada_core::{AccessToken, BoxFlow, Error, ErrorKind, Run, Secret, SecretBytes, Step};
use entrada_tests::choices::Seeded;
use entrada_tests::setups::directory::there;
use entrada_tests::sim::START;

use crate::stage::{graph, manager, named};

/// Runs a flow whose every page is empty and links to this, and tells how often which host was asked.
fn pages<T: Debug>(flow: BoxFlow<T>, link: impl Fn(usize) -> String) -> (Result<T, Error>, Vec<String>) {
    let (mut run, mut entropy) = (Run::new(flow), Seeded(3));
    let mut asked = Vec::new();
    let mut step = run.start(START, &mut entropy);
    loop {
        let reply = match step {
            Step::Done(result) => return (result, asked),
            Step::Do(Effect::Token(need)) => {
                let ends = START.unix.after(Duration::from_secs(3599));
                let token = AccessToken::new(Secret::new("a-token-of-this-service"), ends, START, "test");
                need.split().1.reply(token)
            }
            Step::Do(Effect::Http(call)) => {
                let (request, ticket) = call.split();
                let uri = request.uri();
                asked.push(format!("{}://{}", uri.scheme_str().unwrap(), uri.authority().unwrap()));
                let link = link(asked.len());
                let page = serde_json::json!({ "value": [], "@odata.nextLink": link, "nextLink": link });
                let body = SecretBytes::new(page.to_string());
                let response =
                    http::Response::builder().header("content-type", "application/json").body(body);
                ticket.reply(Ok(response.unwrap()))
            }
            Step::Do(other) => panic!("{other:?}"),
        };
        step = run.resume(START, &mut entropy, reply);
    }
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

#[test]
fn a_link_to_somebody_else_gets_no_token() {
    for link in [
        "https://evil.example/v1.0/users?$skiptoken=x",
        "http://HOST/v1.0/users",
        "https://HOST:8443/v1.0/users",
        "https://HOST.evil.example/v1.0/users",
        "https://HOST@evil.example/v1.0/users",
        "https://me:you@HOST/v1.0/users",
        "//evil.example/users",
        "/v1.0/users?$skiptoken=x",
        "users",
    ] {
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
