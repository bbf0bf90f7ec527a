//! The refresh token grant.

use entrada_emulator::world;
use serde_json::Value;

use crate::support::{Answer, World, claims, fault};

fn first(world: &mut World) -> String {
    let code = world.code(&[]);
    token(&world.redeem(&code, &[]).json())
}

fn token(document: &Value) -> String {
    document["refresh_token"].as_str().expect("a refresh token").to_owned()
}

fn refresh(world: &mut World, token: &str, extra: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
    if !extra.iter().any(|(name, _)| *name == "client_id") {
        pairs.push(("client_id", world::DEVELOPER_CLIENT));
    }
    pairs.extend(extra);
    world.token("organizations", &pairs)
}

#[test]
fn each_use_gives_a_new_one_and_the_old_goes_on() {
    let mut world = World::new();
    let old = first(&mut world);
    let document = refresh(&mut world, &old, &[]).json();
    let new = token(&document);
    assert_ne!(old, new);
    assert_eq!(claims(&document["access_token"])["upn"], world::USER);
    assert_eq!(refresh(&mut world, &old, &[]).status, 200);
    assert_eq!(refresh(&mut world, &new, &[]).status, 200);
    // Another resource, another tenant form.
    let graph = [("scope", "https://graph.microsoft.com/.default openid")];
    let document = refresh(&mut world, &new, &graph).json();
    assert_eq!(claims(&document["access_token"])["aud"], "https://graph.microsoft.com");
    assert!(document["id_token"].is_string());
    let pairs =
        [("grant_type", "refresh_token"), ("refresh_token", &new), ("client_id", world::DEVELOPER_CLIENT)];
    assert_eq!(world.token(world::TENANT, &pairs).status, 200);
}

#[test]
fn families_share() {
    let mut world = World::new();
    let token = first(&mut world);
    assert_eq!(refresh(&mut world, &token, &[("client_id", world::FAMILY_CLIENT)]).status, 200);
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str()),
        ("client_id", world::APP),
        ("client_secret", world::SECRET),
    ];
    let answer = world.token(world::TENANT, &pairs);
    assert_eq!(answer.fault(), fault(400, "invalid_grant", 70_000));
    assert_eq!(answer.json()["suberror"], "client_mismatch");
}

#[test]
fn revoked_and_expired() {
    let mut world = World::new();
    let token = first(&mut world);
    world.pass(90 * 86_400);
    assert_eq!(refresh(&mut world, &token, &[]).fault(), fault(400, "invalid_grant", 700_082));
    let token = first(&mut world);
    assert!(world.emulator.revoke_sessions(world.now, world::USER));
    let answer = refresh(&mut world, &token, &[]);
    assert_eq!(answer.fault(), fault(400, "invalid_grant", 50_173));
    assert_eq!(answer.json()["suberror"], "bad_token");
    world.pass(1);
    let token = first(&mut world);
    assert_eq!(refresh(&mut world, &token, &[]).status, 200);
    assert!(world.emulator.revoke(&token));
    assert_eq!(refresh(&mut world, &token, &[]).fault(), fault(400, "invalid_grant", 50_173));
    assert!(!world.emulator.revoke("unknown"));
    assert_eq!(refresh(&mut world, "unknown", &[]).fault().0, 400);
    world.emulator.config_mut().users[0].disabled = true;
    let token = {
        world.emulator.config_mut().users[0].disabled = false;
        let token = first(&mut world);
        world.emulator.config_mut().users[0].disabled = true;
        token
    };
    assert_eq!(refresh(&mut world, &token, &[]).fault(), fault(400, "invalid_grant", 50_057));
}

#[test]
fn a_demand_beyond_the_session_needs_the_person() {
    let mut world = World::new();
    let token = first(&mut world);
    let demand = r#"{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}"#;
    let answer = refresh(&mut world, &token, &[("claims", demand)]);
    assert_eq!(answer.fault(), fault(400, "interaction_required", 50_076));
    assert_eq!(answer.json()["suberror"], "basic_action");
    assert_eq!(answer.json()["claims"], demand);
    // The person signs in with the demand, and the session has it from then on.
    let code = world.code(&[("claims", demand)]);
    let document = world.redeem(&code, &[]).json();
    assert_eq!(claims(&document["access_token"])["acrs"], serde_json::json!(["p1"]));
    let token = self::token(&document);
    assert_eq!(refresh(&mut world, &token, &[("claims", demand)]).status, 200);
    // A session that is too old.
    let newer = format!(r#"{{"access_token":{{"nbf":{{"value":"{}"}}}}}}"#, world.now.unix.0 + 1);
    let answer = refresh(&mut world, &token, &[("claims", &newer)]);
    assert_eq!(answer.fault(), fault(400, "invalid_grant", 50_173));
    assert_eq!(answer.json()["claims"], newer);
}

#[test]
fn capability_makes_tokens_live_long() {
    let mut world = World::new();
    let token = first(&mut world);
    let claims_text = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;
    let document = refresh(&mut world, &token, &[("claims", claims_text)]).json();
    assert_eq!(document["expires_in"], 28 * 3600);
    assert_eq!(claims(&document["access_token"])["xms_cc"], serde_json::json!(["CP1"]));
}

#[test]
fn a_work_account_is_none_of_the_consumers() {
    let mut world = World::new();
    let token = first(&mut world);
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str()),
        ("client_id", world::DEVELOPER_CLIENT),
    ];
    assert_eq!(world.token("consumers", &pairs).fault(), fault(400, "invalid_grant", 50_020));
    assert_eq!(world.token("common", &pairs).status, 200);
}
