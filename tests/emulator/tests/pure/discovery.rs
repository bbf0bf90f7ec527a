//! Metadata, instance discovery, and which host answers what.

use entrada_emulator::world;

use crate::support::{ARM, LOGIN, World, fault};

#[test]
fn metadata_names_the_origin() {
    let mut world = World::new();
    let document = world
        .get(&format!("{LOGIN}/{}/v2.0/.well-known/openid-configuration", world::TENANT_DOMAIN), &[])
        .json();
    assert_eq!(document["issuer"], format!("{LOGIN}/{}/v2.0", world::TENANT));
    let base = format!("{LOGIN}/{}", world::TENANT);
    for (name, path) in [
        ("token_endpoint", "oauth2/v2.0/token"),
        ("authorization_endpoint", "oauth2/v2.0/authorize"),
        ("device_authorization_endpoint", "oauth2/v2.0/devicecode"),
        ("jwks_uri", "discovery/v2.0/keys"),
    ] {
        assert_eq!(document[name], format!("{base}/{path}"));
    }
    let document =
        world.get("http://127.0.0.1:8080/common/v2.0/.well-known/openid-configuration", &[]).json();
    assert_eq!(document["issuer"], "http://127.0.0.1:8080/{tenantid}/v2.0");
    let unknown = world.get(&format!("{LOGIN}/nobody.example/v2.0/.well-known/openid-configuration"), &[]);
    assert_eq!(unknown.fault(), fault(400, "invalid_request", 90_002));
}

#[test]
fn instance_discovery() {
    let mut world = World::new();
    let mut ask = |version: &str, endpoint: &str| {
        let query = crate::support::encode(&[("api-version", version), ("authorization_endpoint", endpoint)]);
        world.get(&format!("{LOGIN}/common/discovery/instance?{query}"), &[])
    };
    let known = "https://login.windows.net/contoso.onmicrosoft.com/oauth2/v2.0/authorize";
    let document = ask("1.1", known).json();
    assert_eq!(
        document["tenant_discovery_endpoint"],
        "https://login.windows.net/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration"
    );
    assert_eq!(document["metadata"][0]["preferred_network"], "login.microsoftonline.com");
    assert!(document["metadata"][0]["aliases"].as_array().unwrap().contains(&"sts.windows.net".into()));
    assert!(ask("1.0", known).json().get("metadata").is_none());
    for endpoint in
        ["https://login.evil.example/common/oauth2/v2.0/authorize", "http://login.windows.net/x/", "x"]
    {
        assert_eq!(ask("1.1", endpoint).fault(), fault(400, "invalid_instance", 50_049), "{endpoint}");
    }
}

#[test]
fn a_private_cloud_is_vouched_for_where_the_world_says_so() {
    let mut world = World::new();
    let endpoint = "https://login.private.example/contoso.onmicrosoft.com/oauth2/v2.0/authorize";
    let ask = |world: &mut World, endpoint: &str| {
        world.get(
            &format!("{LOGIN}/common/discovery/instance?api-version=1.1&authorization_endpoint={endpoint}"),
            &[],
        )
    };
    assert_eq!(ask(&mut world, endpoint).fault(), fault(400, "invalid_instance", 50_049));
    world.emulator.config_mut().instances.push("login.private.example".into());
    let document = ask(&mut world, endpoint).json();
    assert_eq!(
        document["tenant_discovery_endpoint"],
        "https://login.private.example/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration"
    );
    for endpoint in [&endpoint.replace("https", "http"), &endpoint.replace(".private", ".private.other")] {
        assert_eq!(ask(&mut world, endpoint).fault(), fault(400, "invalid_instance", 50_049), "{endpoint}");
    }
}

#[test]
fn a_service_answers_only_on_its_host() {
    let mut world = World::new();
    let imds = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com";
    let metadata = [("metadata", "true")];
    assert_eq!(world.get(&format!("{LOGIN}{imds}"), &metadata).status, 404);
    assert_eq!(world.get(&format!("{ARM}{imds}"), &metadata).status, 401);
    assert_eq!(world.get(&format!("http://169.254.169.254{imds}"), &metadata).status, 200);
    assert_eq!(world.get(&format!("http://127.0.0.1:1{imds}"), &metadata).status, 200);
    let subscriptions = "/subscriptions?api-version=2022-12-01";
    assert_eq!(world.get(&format!("{LOGIN}{subscriptions}"), &[]).status, 404);
    assert_eq!(world.get(&format!("http://169.254.169.254{subscriptions}"), &[]).status, 404);
    assert_eq!(world.get(&format!("{ARM}{subscriptions}"), &[]).status, 401);
    assert_eq!(world.get(&format!("http://[::1]:1{subscriptions}"), &[]).status, 401);
    let graph = world.get("https://graph.microsoft.com/v1.0/me", &[]);
    assert_eq!(graph.arm_fault(), (401, "InvalidAuthenticationToken".to_owned()));
    let token = world.app_token("https://graph.microsoft.com/.default", &[]);
    let graph = world.arm("https://graph.microsoft.com/v1.0/me", &token);
    assert_eq!(graph.arm_fault(), (400, "BadRequest".to_owned()), "an app has no /me");
}

#[test]
fn a_request_for_no_host_is_refused() {
    let mut world = World::new();
    assert_eq!(world.get("/common/v2.0/.well-known/openid-configuration", &[]).status, 400);
    let host = [("host", "localhost:5000")];
    let document = world.get("/common/v2.0/.well-known/openid-configuration", &host).json();
    assert_eq!(document["issuer"], "http://localhost:5000/{tenantid}/v2.0");
}
