//! The authorization code grant.

use entrada_emulator::world;

use crate::support::{LOOPBACK, USER_SCOPE, VERIFIER, World, claims, fault};

#[test]
fn a_code_becomes_tokens() {
    let mut world = World::new();
    let code = world.code(&[]);
    let answer = world.redeem(&code, &[]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let document = answer.json();
    assert_eq!(document["token_type"], "Bearer");
    assert_eq!(document["foci"], "1");
    assert_eq!(
        document["scope"],
        "https://management.azure.com/user_impersonation https://management.azure.com/.default"
    );
    assert!(document["refresh_token"].as_str().unwrap().len() > 40);
    let access = claims(&document["access_token"]);
    assert_eq!(access["scp"], "user_impersonation");
    assert_eq!(access["upn"], world::USER);
    assert_eq!(access["oid"], world::USER_OBJECT);
    assert_eq!(access["appid"], world::DEVELOPER_CLIENT);
    assert_eq!(access["idtyp"], "user");
    assert_eq!(access["name"], "Ada Lovelace");
    let id = claims(&document["id_token"]);
    assert_eq!(id["aud"], world::DEVELOPER_CLIENT);
    assert_eq!(id["nonce"], "n-1");
    assert_eq!(id["iss"], format!("https://login.microsoftonline.com/{}/v2.0", world::TENANT));
    assert_eq!(id["preferred_username"], world::USER);
    assert_eq!(id["tid"], world::TENANT);
    for name in ["exp", "iat", "nbf", "sub", "oid", "name"] {
        assert!(id.contains_key(name), "{name}");
    }
    let info = base64::Engine::decode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        document["client_info"].as_str().unwrap(),
    );
    let info: serde_json::Value = serde_json::from_slice(&info.unwrap()).unwrap();
    assert_eq!(info["uid"], world::USER_OBJECT);
    assert_eq!(info["utid"], world::TENANT);
    assert_eq!(world.emulator.code_redemptions(&code), 1);
}

#[test]
fn only_what_was_asked_for_comes_back() {
    let mut world = World::new();
    let scope = "https://management.azure.com/.default";
    let code = world.code(&[("scope", scope)]);
    let document = world.redeem(&code, &[("scope", scope), ("client_info", "")]).json();
    for name in ["refresh_token", "id_token", "client_info", "foci"] {
        assert!(document.get(name).is_none(), "{name}");
    }
}

#[test]
fn a_code_works_once() {
    let mut world = World::new();
    let code = world.code(&[]);
    assert_eq!(world.redeem(&code, &[]).status, 200);
    assert_eq!(world.redeem(&code, &[]).fault(), fault(400, "invalid_grant", 54_005));
    assert_eq!(world.emulator.code_redemptions(&code), 2);
}

#[test]
fn refusals_of_a_code() {
    let mut world = World::new();
    let code = world.code(&[]);
    let wrong = VERIFIER.replace('d', "e");
    for (changed, expected) in [
        (("code_verifier", wrong.as_str()), fault(400, "invalid_grant", 501_481)),
        (("code_verifier", ""), fault(400, "invalid_grant", 50_148)),
        (("redirect_uri", "http://localhost:1"), fault(401, "invalid_client", 500_112)),
        (("redirect_uri", ""), fault(400, "invalid_request", 900_144)),
        (("code", "unknown"), fault(400, "invalid_grant", 9_002_313)),
        (("code", ""), fault(400, "invalid_request", 900_144)),
        (("client_secret", "x"), fault(401, "invalid_client", 700_025)),
        (("client_id", world::FAMILY_CLIENT), fault(400, "invalid_grant", 70_000)),
        (("client_id", world::APP), fault(400, "invalid_request", 50_194)),
    ] {
        assert_eq!(world.redeem(&code, &[changed]).fault(), expected, "{changed:?}");
    }
    assert_eq!(world.emulator.code_redemptions(&code), 0);
    assert_eq!(world.redeem(&code, &[]).status, 200, "a refused attempt does not spend the code");
}

#[test]
fn a_code_belongs_to_the_tenant_form_it_was_made_for() {
    let mut world = World::new();
    let code = world.code(&[]);
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", world::DEVELOPER_CLIENT),
        ("code", &code),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(world.token(world::TENANT, &pairs).fault(), fault(400, "invalid_grant", 700_005));
    assert_eq!(world.token("common", &pairs).fault(), fault(400, "invalid_grant", 700_005));
    assert_eq!(world.token("organizations", &pairs).status, 200);
}

#[test]
fn a_code_lives_ten_minutes() {
    let mut world = World::new();
    let code = world.code(&[]);
    world.pass(600);
    assert_eq!(world.redeem(&code, &[]).fault(), fault(400, "invalid_grant", 70_008));
    let code = world.code(&[]);
    world.pass(599);
    assert_eq!(world.redeem(&code, &[]).status, 200);
}

#[test]
fn a_verifier_without_a_challenge_is_refused() {
    let mut world = World::new();
    let code = world.code(&[("code_challenge", ""), ("code_challenge_method", "")]);
    assert_eq!(world.redeem(&code, &[]).fault(), fault(400, "invalid_grant", 501_481));
    assert_eq!(world.redeem(&code, &[("code_verifier", "")]).status, 200);
}

#[test]
fn a_confidential_app_has_to_say_its_secret() {
    let mut world = World::new();
    let url = crate::support::authorize(&[("client_id", world::APP)]).replace("organizations", world::TENANT);
    let arrival = world.sign_in(&entrada_emulator::person::Person::default(), &url).unwrap();
    let code = arrival.parameter("code").unwrap();
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("client_id", world::APP),
        ("code", &code),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
        ("scope", USER_SCOPE),
    ];
    assert_eq!(world.token(world::TENANT, &pairs).fault(), fault(401, "invalid_client", 7_000_218));
    pairs.push(("client_secret", world::SECRET));
    let answer = world.token(world::TENANT, &pairs);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.json().get("foci").is_none());
    assert_eq!(claims(&answer.json()["access_token"])["appidacr"], "1");
}
