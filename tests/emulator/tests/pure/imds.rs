//! The instance metadata service.

use entrada_emulator::{Config, world};
use http::Method;

use crate::support::{World, claims};

const URL: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
const RIGHT: &str = "api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com";

/// Status and error, or the client id.
fn ask(world: &mut World, query: &str) -> (u16, String) {
    let answer = world.get(&format!("{URL}?{query}"), &[("metadata", "true")]);
    let document = answer.json();
    let told = document.get("error").unwrap_or(&document["client_id"]);
    (answer.status, told.as_str().unwrap().to_owned())
}

fn description(world: &mut World, query: &str) -> String {
    let answer = world.get(&format!("{URL}?{query}"), &[("metadata", "true")]);
    answer.json()["error_description"].as_str().unwrap().to_owned()
}

#[test]
fn a_token_with_numbers_as_texts() {
    let mut world = World::new();
    let answer = world.get(&format!("{URL}?{RIGHT}"), &[("metadata", "true")]);
    let document = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(document["expires_in"], "86399");
    assert_eq!(document["ext_expires_in"], "86399");
    assert_eq!(document["expires_on"], (world.now.unix.0 + 86_399).to_string());
    assert_eq!(document["not_before"], world.now.unix.0.to_string());
    assert_eq!(document["resource"], "https://management.azure.com");
    assert_eq!(document["token_type"], "Bearer");
    let claims = claims(&document["access_token"]);
    assert_eq!(claims["oid"], world::SYSTEM_IDENTITY_OBJECT);
    assert_eq!(claims["idtyp"], "app");
    assert_eq!(world.emulator.token_requests(), 1);
}

#[test]
fn a_path_that_ends_with_a_slash() {
    let mut world = World::new();
    let answer = world.get(&format!("{URL}/?{RIGHT}"), &[("metadata", "true")]);
    assert_eq!((answer.status, &answer.json()["client_id"]), (200, &world::SYSTEM_IDENTITY.into()));
    assert_eq!(world.get(&format!("{URL}//?{RIGHT}"), &[("metadata", "true")]).status, 404);
}

#[test]
fn selectors() {
    let mut world = World::new();
    let ok = |id: &str| (200, id.to_owned());
    let resource = world::USER_IDENTITY_RESOURCE;
    for (selector, expected) in [
        (String::new(), ok(world::SYSTEM_IDENTITY)),
        (format!("&client_id={}", world::USER_IDENTITY), ok(world::USER_IDENTITY)),
        (format!("&client_id={}", world::SYSTEM_IDENTITY), ok(world::SYSTEM_IDENTITY)),
        (format!("&object_id={}", world::USER_IDENTITY_OBJECT), ok(world::USER_IDENTITY)),
        (format!("&msi_res_id={resource}"), ok(world::USER_IDENTITY)),
        (format!("&msi_res_id={}", resource.to_lowercase()), ok(world::USER_IDENTITY)),
        (format!("&object_id={}", world::USER_IDENTITY), (400, "invalid_request".into())),
        (
            format!("&client_id={}&object_id={}", world::USER_IDENTITY, world::USER_IDENTITY_OBJECT),
            (400, "invalid_request".into()),
        ),
    ] {
        assert_eq!(ask(&mut world, &format!("{RIGHT}{selector}")), expected, "{selector}");
    }
    assert_eq!(description(&mut world, &format!("{RIGHT}&client_id=nobody")), "Identity not found");
}

#[test]
fn which_identity_without_a_selector() {
    let mut config = Config::default();
    config.identities.remove(0);
    let mut world = World::of(config.clone());
    assert_eq!(ask(&mut world, RIGHT), (200, world::USER_IDENTITY.to_owned()));
    let mut second = config.identities[0].clone();
    second.client_id = "11111111-2222-4333-8444-555555555555".into();
    second.resource_id = Some("/subscriptions/x".into());
    config.identities.push(second);
    let mut world = World::of(config.clone());
    assert!(description(&mut world, RIGHT).contains("Multiple user assigned identities exist"));
    config.identities.clear();
    assert_eq!(description(&mut World::of(config), RIGHT), "Identity not found");
}

#[test]
fn the_metadata_header_has_to_be_exact() {
    let mut world = World::new();
    let url = format!("{URL}?{RIGHT}");
    let with: [&[(&str, &str)]; 3] = [&[], &[("metadata", "True")], &[("metadata", "1")]];
    for headers in with {
        let answer = world.get(&url, headers);
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["error_description"], "Required metadata header not specified");
    }
    assert_eq!(world.get(URL, &[]).status, 400, "the probe of the libraries");
    assert_eq!(world.emulator.token_requests(), 0);
    let forwarded = world.get(&url, &[("metadata", "true"), ("x-forwarded-for", "10.0.0.1")]);
    assert_eq!(forwarded.status, 400);
}

#[test]
fn other_refusals() {
    let mut world = World::new();
    let refused = |error: &str| (400, error.to_owned());
    assert_eq!(ask(&mut world, "api-version=2018-02-01"), refused("invalid_request"));
    assert_eq!(ask(&mut world, "resource=https://management.azure.com"), refused("invalid_request"));
    assert_eq!(ask(&mut world, &RIGHT.replace("2018", "1999")), refused("invalid_request"));
    let unknown = "api-version=2018-02-01&resource=https://nobody.example";
    assert_eq!(ask(&mut world, unknown), refused("invalid_resource"));
    assert!(description(&mut world, unknown).starts_with("AADSTS50001: "));
    assert!(description(&mut world, &RIGHT.replace(".com", ".com%2F.default")).starts_with("AADSTS50001"));
    let headers = [("metadata", "true")];
    assert_eq!(world.send(Method::POST, &format!("{URL}?{RIGHT}"), &headers, "").status, 405);
    assert_eq!(world.get("http://169.254.169.254/metadata/identity/oauth2/tokens", &headers).status, 404);
}
