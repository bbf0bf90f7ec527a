//! A name and a password without a page.

use entrada_emulator::config::{Demand, User};
use entrada_emulator::world;
use serde_json::json;

use crate::support::{Answer, LOGIN, USER_SCOPE, World, claims, fault, with};

/// The right request with these parameters changed; an empty value leaves out.
fn ask_at(world: &mut World, tenant: &str, changed: &[(&str, &str)]) -> Answer {
    let right = [
        ("grant_type", "password"),
        ("client_id", world::DEVELOPER_CLIENT),
        ("username", world::USER),
        ("password", world::PASSWORD),
        ("scope", USER_SCOPE),
        ("client_info", "1"),
    ];
    world.token(tenant, &with(&right, changed))
}

fn ask(world: &mut World, changed: &[(&str, &str)]) -> Answer {
    ask_at(world, "organizations", changed)
}

#[test]
fn a_password_becomes_tokens() {
    let mut world = World::new();
    for tenant in ["organizations", world::TENANT, world::TENANT_DOMAIN] {
        let answer = ask_at(&mut world, tenant, &[]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let document = answer.json();
        let token = claims(&document["access_token"]);
        assert_eq!((&token["upn"], &token["appidacr"]), (&json!(world::USER), &json!("0")));
        assert_eq!(token["amr"], json!(["pwd"]));
        assert!(document["refresh_token"].is_string() && document["id_token"].is_string());
        assert_eq!(document["foci"], "1");
    }
    // A confidential client may, with its secret.
    let secret = [("client_id", world::APP), ("client_secret", world::SECRET)];
    let answer = ask_at(&mut world, world::TENANT, &secret);
    assert_eq!(claims(&answer.json()["access_token"])["appidacr"], "1");
}

#[test]
fn refusals() {
    let mut world = World::new();
    let mfa = [("username", world::MFA_USER), ("password", world::MFA_PASSWORD)];
    let federated = [("username", world::FEDERATED_USER), ("password", world::FEDERATED_PASSWORD)];
    let app = [("client_id", world::APP)];
    let secret = [("client_secret", "x")];
    let invalid = |code| fault(400, "invalid_grant", code);
    for (tenant, changed, expected) in [
        ("organizations", &[("password", "wrong")][..], invalid(50_126)),
        ("organizations", &[("username", "nobody@contoso.onmicrosoft.com")], invalid(50_034)),
        ("organizations", &mfa, invalid(50_076)),
        ("organizations", &federated, invalid(50_126)),
        ("organizations", &secret, fault(401, "invalid_client", 700_025)),
        ("organizations", &[("username", "")], fault(400, "invalid_request", 900_144)),
        ("organizations", &[("password", "")], fault(400, "invalid_request", 900_144)),
        ("organizations", &[("scope", "")], fault(400, "invalid_request", 900_144)),
        ("common", &[], fault(400, "invalid_request", 9_001_023)),
        ("consumers", &[], fault(400, "invalid_request", 9_001_023)),
        (world::TENANT, &app, fault(401, "invalid_client", 7_000_218)),
    ] {
        assert_eq!(ask_at(&mut world, tenant, changed).fault(), expected, "{tenant} {changed:?}");
    }
    assert_eq!(ask(&mut world, &mfa).json()["suberror"], "basic_action");
}

#[test]
fn refusals_of_the_account() {
    type Change = fn(&mut User);
    let changes: [(Change, u64); 5] = [
        (|user| user.locked = true, 50_053),
        (|user| user.disabled = true, 50_057),
        (|user| user.password_expired = true, 50_055),
        (|user| user.must_register_mfa = true, 50_079),
        (|user| user.tenant = "11111111-2222-4333-8444-555555555555".into(), 50_020),
    ];
    for (change, code) in changes {
        let mut world = World::new();
        change(&mut world.emulator.config_mut().users[0]);
        let answer = ask_at(&mut world, world::TENANT, &[]);
        assert_eq!(answer.fault(), fault(400, "invalid_grant", code));
        assert_eq!(answer.json()["suberror"] == "user_password_expired", code == 50_055);
    }
    let mut world = World::new();
    let acrs = Some("c1".to_owned());
    let demand = Demand { scope: "https://management.azure.com".into(), acrs, newer_than: None };
    world.emulator.config_mut().policy.demands.push(demand);
    assert_eq!(ask(&mut world, &[]).fault(), fault(400, "interaction_required", 50_076));
}

#[test]
fn who_guesses_is_locked_out_for_a_while() {
    let mut world = World::new();
    let wrong = [("password", "wrong")];
    for _ in 0..9 {
        assert_eq!(ask(&mut world, &wrong).fault().2, 50_126);
    }
    assert_eq!(ask(&mut world, &[]).status, 200, "nine are forgiven");
    for _ in 0..10 {
        assert_eq!(ask(&mut world, &wrong).fault().2, 50_126);
    }
    assert_eq!(ask(&mut world, &[]).fault(), fault(400, "invalid_grant", 50_053));
    world.pass(59);
    assert_eq!(ask(&mut world, &[]).fault().2, 50_053);
    world.pass(1);
    assert_eq!(ask(&mut world, &[]).status, 200);
}

#[test]
fn after_a_lock_out_the_count_begins_anew() {
    let mut world = World::new();
    let wrong = [("password", "wrong")];
    for _ in 0..10 {
        assert_eq!(ask(&mut world, &wrong).fault().2, 50_126);
    }
    assert_eq!(ask(&mut world, &wrong).fault().2, 50_053);
    world.pass(60);
    for _ in 0..9 {
        assert_eq!(ask(&mut world, &wrong).fault().2, 50_126);
    }
    assert_eq!(ask(&mut world, &[]).status, 200, "nine are forgiven again");
    // So are ten, with time between them.
    for _ in 0..10 {
        assert_eq!(ask(&mut world, &wrong).fault().2, 50_126);
        world.pass(60);
    }
    assert_eq!(ask(&mut world, &[]).status, 200);
}

#[test]
fn the_realm_of_a_name() {
    let mut world = World::new();
    let mut realm = |base: &str, name: &str| {
        world.get(&format!("{base}/common/UserRealm/{name}?api-version=1.0"), &[]).json()
    };
    let managed = realm(LOGIN, world::USER);
    assert_eq!(managed["account_type"], "Managed");
    assert_eq!(managed["domain_name"], world::TENANT_DOMAIN);
    assert_eq!(managed["cloud_instance_name"], "microsoftonline.com");
    assert_eq!(managed["cloud_audience_urn"], "urn:federation:MicrosoftOnline");
    assert_eq!(
        realm("https://login.microsoftonline.us", world::USER)["cloud_instance_name"],
        "microsoftonline.us"
    );
    assert_eq!(realm(LOGIN, "x@elsewhere.example")["account_type"], "Unknown");
    assert_eq!(realm(LOGIN, "nobody")["account_type"], "Unknown");
    for (base, host) in
        [(LOGIN, "https://sts.fabrikam.example"), ("http://127.0.0.1:8080", "http://127.0.0.1:8080")]
    {
        let federated = realm(base, "lin%40FABRIKAM.example");
        assert_eq!(federated["account_type"], "Federated");
        assert_eq!(federated["domain_name"], world::FEDERATED_DOMAIN);
        assert_eq!(federated["federation_protocol"], "WSTrust");
        assert_eq!(federated["federation_metadata_url"], format!("{host}/adfs/services/trust/mex"));
        let active = format!("{host}/adfs/services/trust/2005/usernamemixed");
        assert_eq!(federated["federation_active_auth_url"], active);
    }
    let url = format!("{LOGIN}/common/userrealm/{}", world::USER);
    assert_eq!(world.get(&url, &[]).fault(), fault(400, "invalid_request", 90_023));
    assert_eq!(
        world.form(&format!("{url}?api-version=1.0"), &[]).fault(),
        fault(405, "invalid_request", 900_561)
    );
}
