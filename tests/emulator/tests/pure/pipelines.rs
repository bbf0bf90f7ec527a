//! A job of Azure Pipelines asks for a token of its service connection.

use entrada_emulator::world;
use http::Method;

use crate::signing::presenting;
use crate::support::{Answer, World, claims, fault};

fn uri(version: &str, connection: &str) -> String {
    format!("{}?api-version={version}&serviceConnectionId={connection}", world::PIPELINES_URI)
}

/// The right request with one header changed; an empty value leaves it out.
fn ask(world: &mut World, uri: &str, changed: (&str, &str), body: &str) -> Answer {
    let bearer = format!("Bearer {}", world::SYSTEM_ACCESS_TOKEN);
    let mut headers = vec![
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("content-length", "0"),
        ("x-tfs-fedauthredirect", "Suppress"),
    ];
    headers.retain(|(name, _)| *name != changed.0);
    if !changed.1.is_empty() {
        headers.push(changed);
    }
    world.send(Method::POST, uri, &headers, body)
}

#[test]
fn the_app_trusts_the_connection() {
    let mut world = World::new();
    let path = world::PIPELINES_URI.trim_start_matches("https://dev.azure.com");
    let right = uri("7.1", world::SERVICE_CONNECTION);
    let loopback = right.replace("https://dev.azure.com", "http://127.0.0.1:8080");
    assert!(loopback.contains(path));
    for (uri, changed) in [
        (&right, ("", "")),
        (&right, ("content-length", "")),
        (&right, ("x-tfs-fedauthredirect", "")),
        (&loopback, ("content-type", "application/json; charset=utf-8")),
    ] {
        let answer = ask(&mut world, uri, changed, "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(!answer.header("x-vss-e2eid").is_empty() && !answer.header("x-msedge-ref").is_empty());
        let document = answer.json();
        assert_eq!(document.as_object().unwrap().len(), 1);
        let token = claims(&document["oidcToken"]);
        assert_eq!(token["sub"], world::PIPELINES_SUBJECT);
        assert_eq!(token["exp"].as_i64().unwrap(), world.now.unix.0 + 600);
        let assertion = document["oidcToken"].as_str().unwrap();
        let pairs = presenting(world::FEDERATED_APP, assertion, world::MANAGEMENT_SCOPE);
        assert_eq!(world.token(world::TENANT, &pairs).status, 200);
        world.pass(900);
        assert_eq!(world.token(world::TENANT, &pairs).fault(), fault(401, "invalid_client", 700_024));
    }
}

#[test]
fn refusals() {
    let mut world = World::new();
    let right = uri("7.1", world::SERVICE_CONNECTION);
    let basic = format!("Basic {}", world::SYSTEM_ACCESS_TOKEN);
    for (uri, changed, body, status, kind) in [
        (right.as_str(), ("authorization", ""), "", 401, "UnauthorizedRequestException"),
        (&right, ("authorization", "Bearer wrong"), "", 401, "UnauthorizedRequestException"),
        (&right, ("authorization", "Bearer "), "", 401, "UnauthorizedRequestException"),
        (&right, ("authorization", &basic), "", 401, "UnauthorizedRequestException"),
        (&uri("", world::SERVICE_CONNECTION), ("", ""), "", 400, "VssVersionNotSpecifiedException"),
        (&uri("1.0", world::SERVICE_CONNECTION), ("", ""), "", 400, "VssVersionOutOfRangeException"),
        (&uri("7.1", world::APP), ("", ""), "", 404, "DistributedTaskException"),
        (&uri("7.1", ""), ("", ""), "", 404, "DistributedTaskException"),
        (&right, ("content-type", "text/plain"), "", 415, "VssRequestContentTypeNotSupportedException"),
        (&right, ("content-length", "2"), "{}", 415, "VssRequestContentTypeNotSupportedException"),
        (&right, ("content-length", ""), "{}", 415, "VssRequestContentTypeNotSupportedException"),
        ("https://dev.azure.com/contoso/_apis/projects", ("", ""), "", 404, "VssServiceException"),
    ] {
        let answer = ask(&mut world, uri, changed, body);
        assert_eq!(
            (answer.status, answer.json()["typeKey"].as_str()),
            (status, Some(kind)),
            "{uri} {changed:?}"
        );
        assert!(!answer.header("x-vss-e2eid").is_empty());
    }
    let unknown = ask(&mut world, &uri("7.1", world::APP), ("", ""), "").json();
    assert_eq!(unknown["message"], format!("No service connection found with identifier {}.", world::APP));
    let got = world.get(&right, &[("authorization", &format!("Bearer {}", world::SYSTEM_ACCESS_TOKEN))]);
    assert_eq!((got.status, got.header("allow")), (405, "POST"));
    // Who does not say that it is no browser is sent to sign in.
    let sent = world.send(Method::POST, &right, &[("authorization", "Bearer wrong")], "");
    assert_eq!(sent.status, 302);
    assert!(sent.header("location").starts_with("https://dev.azure.com/_signin?"));
}
