//! The grants of people at a confidential client that authenticates with an assertion.

use entrada_emulator::person::Person;
use entrada_emulator::world;
use serde_json::json;

use crate::signing::{Identity, TYPE};
use crate::support::{LOGIN, LOOPBACK, USER_SCOPE, VERIFIER, World, authorize, claims, fault};

fn assertion(world: &World, app: &str) -> String {
    let identity = Identity::of(world::CERTIFICATE_PEM);
    let now = world.now.unix.0;
    let claims = json!({
        "aud": format!("{LOGIN}/{}/oauth2/v2.0/token", world::TENANT), "iss": app, "sub": app,
        "jti": "1", "nbf": now, "exp": now + 600,
    });
    identity.sign(&identity.header(), &claims)
}

fn code(world: &mut World, app: &str) -> String {
    let url = authorize(&[("client_id", app)]).replace("organizations", world::TENANT);
    let arrival = world.sign_in(&Person::default(), &url).unwrap();
    arrival.parameter("code").unwrap()
}

#[test]
fn a_code_and_its_refresh_token_need_the_certificate() {
    let mut world = World::new();
    let app = world::CERTIFICATE_APP;
    let (code, proof) = (code(&mut world, app), assertion(&world, app));
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("client_id", app),
        ("code", &code),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
        ("scope", USER_SCOPE),
    ];
    assert_eq!(world.token(world::TENANT, &pairs).fault(), fault(401, "invalid_client", 7_000_218));
    pairs.extend([("client_assertion_type", TYPE), ("client_assertion", &proof)]);
    let document = world.token(world::TENANT, &pairs).json();
    assert_eq!(claims(&document["access_token"])["appidacr"], "2");
    assert_eq!(world.token(world::TENANT, &pairs).fault(), fault(400, "invalid_grant", 54_005));

    let first = document["refresh_token"].as_str().unwrap().to_owned();
    let mut pairs = vec![("grant_type", "refresh_token"), ("client_id", app), ("refresh_token", &first)];
    assert_eq!(world.token(world::TENANT, &pairs).fault(), fault(401, "invalid_client", 7_000_218));
    pairs.extend([("client_assertion_type", TYPE), ("client_assertion", &proof)]);
    let document = world.token(world::TENANT, &pairs).json();
    assert_eq!(claims(&document["access_token"])["upn"], world::USER);
    let second = document["refresh_token"].as_str().unwrap();
    assert_ne!(first, second);
    // The old one goes on, until the session is over.
    assert_eq!(world.token(world::TENANT, &pairs).status, 200);
    assert!(world.emulator.revoke_sessions(world.now, world::USER));
    assert_eq!(world.token(world::TENANT, &pairs).fault(), fault(400, "invalid_grant", 50_173));
}

#[test]
fn a_refresh_token_is_its_clients() {
    let mut world = World::new();
    let (app, code) = (world::CERTIFICATE_APP, code(&mut world, world::CERTIFICATE_APP));
    let proof = assertion(&world, app);
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", app),
        ("code", &code),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
        ("client_assertion_type", TYPE),
        ("client_assertion", &proof),
    ];
    let document = world.token(world::TENANT, &pairs).json();
    let token = document["refresh_token"].as_str().unwrap();
    let mut pairs = vec![
        ("grant_type", "refresh_token"),
        ("client_id", world::API),
        ("client_secret", world::API_SECRET),
        ("refresh_token", token),
    ];
    let answer = world.token(world::TENANT, &pairs);
    assert_eq!(answer.fault(), fault(400, "invalid_grant", 70_000));
    assert_eq!(answer.json()["suberror"], "client_mismatch");
    pairs[1].1 = world::DEVELOPER_CLIENT;
    pairs.remove(2);
    let answer = world.token("organizations", &pairs);
    assert_eq!(answer.fault(), fault(400, "invalid_grant", 70_000));
    // Ninety days without use.
    world.pass(90 * 86_400);
    let proof = assertion(&world, app);
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", app),
        ("refresh_token", token),
        ("client_assertion_type", TYPE),
        ("client_assertion", &proof),
    ];
    assert_eq!(world.token(world::TENANT, &pairs).fault(), fault(400, "invalid_grant", 700_082));
}
