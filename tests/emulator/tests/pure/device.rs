//! The device code grant, on a virtual clock.

use std::convert::Infallible;

use entrada_emulator::config::Demand;
use entrada_emulator::person::{Decision, Person, Stuck};
use entrada_emulator::world;
use serde_json::Value;

use crate::support::{Answer, LOGIN, USER_SCOPE, World, claims, fault};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn begin(world: &mut World) -> Value {
    let pairs = [("client_id", world::DEVELOPER_CLIENT), ("scope", USER_SCOPE)];
    let answer = world.form(&format!("{LOGIN}/organizations/oauth2/v2.0/devicecode"), &pairs);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn poll_as(world: &mut World, tenant: &str, grant: &str, client: &str, code: &str) -> Answer {
    world.token(
        tenant,
        &[("grant_type", grant), ("client_id", client), ("device_code", code), ("client_info", "1")],
    )
}

fn poll(world: &mut World, document: &Value) -> Answer {
    let code = document["device_code"].as_str().unwrap();
    poll_as(world, "organizations", GRANT, world::DEVELOPER_CLIENT, code)
}

fn decide(world: &mut World, document: &Value, person: &Person) -> Result<String, Stuck<Infallible>> {
    let now = world.now;
    let text = |name: &str| document[name].as_str().unwrap().to_owned();
    person.approve_device(&text("verification_uri"), &text("user_code"), |request| {
        Ok(world.emulator.answer(now, &request))
    })
}

#[test]
fn the_first_document() {
    let mut world = World::new();
    let document = begin(&mut world);
    assert_eq!(document["verification_uri"], format!("{LOGIN}/devicelogin"));
    assert_eq!(document["expires_in"], 900);
    assert_eq!(document["interval"], 5);
    let code = document["user_code"].as_str().unwrap();
    assert_eq!(code.len(), 9);
    let message = document["message"].as_str().unwrap();
    assert!(message.contains(code) && message.contains("/devicelogin"));
    let device_code = document["device_code"].as_str().unwrap();
    assert_eq!(world.emulator.user_code(device_code), Some(code));
}

#[test]
fn pending_then_tokens_then_nothing() {
    let mut world = World::new();
    let document = begin(&mut world);
    assert_eq!(poll(&mut world, &document).fault(), fault(400, "authorization_pending", 70_016));
    let said = decide(&mut world, &document, &Person::default()).unwrap();
    assert!(said.contains("signed in"), "{said}");
    world.pass(5);
    let answer = poll(&mut world, &document);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let tokens = answer.json();
    assert_eq!(claims(&tokens["access_token"])["upn"], world::USER);
    assert!(tokens["refresh_token"].is_string() && tokens["id_token"].is_string());
    assert!(tokens["client_info"].is_string());
    world.pass(5);
    assert_eq!(poll(&mut world, &document).fault(), fault(400, "bad_verification_code", 70_018));
    let code = document["device_code"].as_str().unwrap();
    assert_eq!(world.emulator.device_redemptions(code), 2);
    assert_eq!(world.emulator.device_polls(code), 3);
}

#[test]
fn polling_too_fast_slows_down_for_good() {
    let mut world = World::new();
    let document = begin(&mut world);
    assert_eq!(poll(&mut world, &document).fault().1, "authorization_pending");
    world.pass(4);
    assert_eq!(poll(&mut world, &document).fault().1, "slow_down");
    world.pass(5);
    assert_eq!(poll(&mut world, &document).fault().1, "slow_down", "the interval is 10 seconds now");
    world.pass(15);
    assert_eq!(poll(&mut world, &document).fault().1, "authorization_pending");
    // Approval does not excuse it.
    decide(&mut world, &document, &Person::default()).unwrap();
    world.pass(14);
    assert_eq!(poll(&mut world, &document).fault().1, "slow_down");
    world.pass(20);
    assert_eq!(poll(&mut world, &document).status, 200);
}

#[test]
fn declined() {
    let mut world = World::new();
    for decision in [Decision::Decline, Decision::Cancel] {
        let document = begin(&mut world);
        let person = Person { decision, ..Person::default() };
        assert!(decide(&mut world, &document, &person).unwrap().contains("declined"));
        assert_eq!(poll(&mut world, &document).fault(), fault(400, "authorization_declined", 70_017));
    }
}

#[test]
fn expired_and_unknown() {
    let mut world = World::new();
    let document = begin(&mut world);
    world.pass(899);
    assert_eq!(poll(&mut world, &document).fault().1, "authorization_pending");
    world.pass(1);
    assert_eq!(poll(&mut world, &document).fault(), fault(400, "expired_token", 70_019));
    let late = decide(&mut world, &document, &Person::default());
    assert!(matches!(late, Err(Stuck::Refused(_))), "{late:?}");
    let client = world::DEVELOPER_CLIENT;
    let answer = poll_as(&mut world, "organizations", GRANT, client, "unknown");
    assert_eq!(answer.fault(), fault(400, "bad_verification_code", 70_018));
    let answer = poll_as(&mut world, "organizations", GRANT, client, "");
    assert_eq!(answer.fault(), fault(400, "invalid_request", 900_144));
}

#[test]
fn the_code_belongs_to_client_and_tenant() {
    let mut world = World::new();
    let document = begin(&mut world);
    let code = document["device_code"].as_str().unwrap();
    let answer = poll_as(&mut world, "organizations", GRANT, world::FAMILY_CLIENT, code);
    assert_eq!(answer.fault(), fault(400, "invalid_grant", 70_000));
    let answer = poll_as(&mut world, world::TENANT, GRANT, world::DEVELOPER_CLIENT, code);
    assert_eq!(answer.fault(), fault(400, "invalid_grant", 700_005));
    let answer = poll_as(&mut world, "organizations", "device_code", world::DEVELOPER_CLIENT, code);
    assert_eq!(answer.fault().1, "authorization_pending", "the old name of the grant is known too");
}

#[test]
fn a_wrong_password_and_a_second_device() {
    let mut world = World::new();
    let document = begin(&mut world);
    let wrong = Person { password: "wrong".into(), ..Person::default() };
    let refused = decide(&mut world, &document, &wrong);
    assert!(matches!(&refused, Err(Stuck::Refused(text)) if text.contains("AADSTS50126")), "{refused:?}");
    let grace = Person {
        username: world::MFA_USER.into(),
        password: world::MFA_PASSWORD.into(),
        decision: Decision::Approve,
    };
    decide(&mut world, &document, &grace).unwrap();
    let tokens = poll(&mut world, &document).json();
    assert_eq!(claims(&tokens["access_token"])["amr"], serde_json::json!(["pwd", "mfa"]));
}

#[test]
fn refusals_of_the_first_request() {
    let mut world = World::new();
    let url = format!("{LOGIN}/organizations/oauth2/v2.0/devicecode");
    assert_eq!(world.get(&url, &[]).fault(), fault(405, "invalid_request", 900_561));
    let scope = ("scope", USER_SCOPE);
    assert_eq!(world.form(&url, &[scope]).fault(), fault(400, "invalid_request", 900_144));
    let client = ("client_id", world::DEVELOPER_CLIENT);
    assert_eq!(world.form(&url, &[client]).fault(), fault(400, "invalid_request", 900_144));
    let unknown = ("client_id", "nobody");
    assert_eq!(world.form(&url, &[unknown, scope]).fault(), fault(400, "unauthorized_client", 700_016));
    let elsewhere = ("scope", "https://nobody.example/.default");
    assert_eq!(world.form(&url, &[client, elsewhere]).fault(), fault(400, "invalid_resource", 500_011));
}

#[test]
fn what_a_resource_demands_is_part_of_the_sign_in() {
    let mut world = World::new();
    let acrs = Some("c1".to_owned());
    let demand = Demand { scope: "https://management.azure.com".into(), acrs, newer_than: None };
    world.emulator.config_mut().policy.demands.push(demand);
    let document = begin(&mut world);
    // Who only gives the password is asked to approve as well.
    decide(&mut world, &document, &Person::default()).unwrap();
    let token = claims(&poll(&mut world, &document).json()["access_token"]);
    assert_eq!(token["acrs"], serde_json::json!(["c1"]));
    assert_eq!(token["amr"], serde_json::json!(["pwd", "mfa"]));
}
