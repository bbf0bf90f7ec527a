//! On-behalf-of: an API asks for tokens of the person who called it.

use entrada_emulator::config::Demand;
use entrada_emulator::person::Person;
use entrada_emulator::world;
use serde_json::json;

use crate::signing::{Identity, TYPE};
use crate::support::{Answer, LOGIN, World, authorize, claims, fault, with};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SCOPE: &str = "https://graph.microsoft.com/User.Read openid profile offline_access";

/// The access token and the id token with which a person calls the API.
fn call(world: &mut World, person: &Person, extra: &[(&str, &str)]) -> (String, String) {
    let scope = format!("{} openid", world::API_SCOPE);
    let mut changed = vec![("scope", scope.as_str())];
    changed.extend(extra);
    let arrival = world.sign_in(person, &authorize(&changed)).unwrap();
    let document = world.redeem(&arrival.parameter("code").unwrap(), &[("scope", &scope)]).json();
    let text = |name: &str| document[name].as_str().unwrap().to_owned();
    (text("access_token"), text("id_token"))
}

/// The right request with these parameters changed; an empty value leaves out.
fn ask(world: &mut World, assertion: &str, changed: &[(&str, &str)]) -> Answer {
    ask_at(world, world::TENANT, assertion, changed)
}

fn ask_at(world: &mut World, tenant: &str, assertion: &str, changed: &[(&str, &str)]) -> Answer {
    let right = [
        ("grant_type", GRANT),
        ("client_id", world::API),
        ("client_secret", world::API_SECRET),
        ("assertion", assertion),
        ("requested_token_use", "on_behalf_of"),
        ("scope", SCOPE),
        ("client_info", "1"),
    ];
    world.token(tenant, &with(&right, changed))
}

#[test]
fn the_new_token_speaks_for_the_same_person() {
    let mut world = World::new();
    let (token, _) = call(&mut world, &Person::default(), &[]);
    let caller = claims(&json!(token));
    assert_eq!((&caller["aud"], &caller["scp"]), (&json!(world::API), &json!("access_as_user")));
    let answer = ask(&mut world, &token, &[]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let document = answer.json();
    let new = claims(&document["access_token"]);
    assert_eq!(new["upn"], world::USER);
    assert_eq!(new["oid"], world::USER_OBJECT);
    assert_eq!(new["appid"], world::API);
    assert_eq!(new["appidacr"], "1");
    assert_eq!(new["aud"], "https://graph.microsoft.com");
    assert_eq!(new["sid"], caller["sid"]);
    assert_eq!(claims(&document["id_token"])["aud"], world::API);
    assert!(document["client_info"].is_string() && document.get("foci").is_none());
    // The refresh token is the API's, with its authentication.
    let refresh = document["refresh_token"].as_str().unwrap();
    let mut pairs =
        vec![("grant_type", "refresh_token"), ("client_id", world::API), ("refresh_token", refresh)];
    assert_eq!(world.token(world::TENANT, &pairs).fault(), fault(401, "invalid_client", 7_000_218));
    pairs.push(("client_secret", world::API_SECRET));
    let renewed = world.token(world::TENANT, &pairs).json();
    assert_eq!(claims(&renewed["access_token"])["upn"], world::USER);
    // Without `offline_access` there is none, nor an id token without `openid`.
    let plain = ask(&mut world, &token, &[("scope", "https://graph.microsoft.com/.default")]).json();
    assert!(plain.get("refresh_token").is_none() && plain.get("id_token").is_none());
}

#[test]
fn with_a_certificate_and_a_token_for_the_uri() {
    let mut world = World::new();
    let identity = Identity::of(world::CERTIFICATE_PEM);
    let now = world.now.unix.0;
    let claims_of_it = json!({
        "aud": format!("{LOGIN}/{}/oauth2/v2.0/token", world::TENANT), "iss": world::API, "sub": world::API,
        "jti": "1", "exp": now + 600,
    });
    let assertion = identity.sign(&identity.header(), &claims_of_it);
    let (token, _) = call(&mut world, &Person::default(), &[]);
    let proof =
        [("client_secret", ""), ("client_assertion_type", TYPE), ("client_assertion", assertion.as_str())];
    let answer = ask(&mut world, &token, &proof);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(claims(&answer.json()["access_token"])["appidacr"], "2");
}

#[test]
fn refusals_of_the_assertion() {
    let mut world = World::new();
    let (token, id_token) = call(&mut world, &Person::default(), &[]);
    let graph = world.code(&[("scope", SCOPE)]);
    let graph = world.redeem(&graph, &[("scope", SCOPE)]).json()["access_token"].as_str().unwrap().to_owned();
    let app = world.app_token(&format!("api://{}/.default", world::API), &[]);
    let federated = world.emulator.federated_token(LOGIN, "s", world::API, world.now);
    let bent = format!("{}AAAA", &token[..token.len() - 4]);
    for (what, assertion, status, error, code) in [
        ("for another resource", graph.as_str(), 400, "invalid_grant", 50_013),
        ("an app's", &app, 400, "invalid_grant", 7_000_114),
        ("an id token", &id_token, 400, "invalid_grant", 240_002),
        ("neither", &federated, 400, "invalid_grant", 240_002),
        ("a changed one", &bent, 400, "invalid_grant", 50_013),
        ("none", "x", 400, "invalid_request", 50_027),
        ("missing", "", 400, "invalid_request", 900_144),
    ] {
        assert_eq!(ask(&mut world, assertion, &[]).fault(), fault(status, error, code), "{what}");
    }
    world.pass(3598);
    assert_eq!(ask(&mut world, &token, &[]).status, 200);
    world.pass(1);
    assert_eq!(ask(&mut world, &token, &[]).fault(), fault(400, "invalid_grant", 500_133));
}

#[test]
fn a_token_of_one_tenant_is_worth_nothing_in_another() {
    let mut world = World::new();
    let other = world.add_tenant();
    let apps = &mut world.emulator.config_mut().apps;
    apps.iter_mut().find(|app| app.client_id == world::API).unwrap().tenant = None;
    let (token, _) = call(&mut world, &Person::default(), &[]);
    for tenant in [other, "fabrikam.onmicrosoft.com"] {
        let answer = ask_at(&mut world, tenant, &token, &[]);
        assert_eq!(answer.fault(), fault(400, "invalid_grant", 50_013), "{tenant}");
    }
    for tenant in [world::TENANT, world::TENANT_DOMAIN, "organizations"] {
        assert_eq!(ask_at(&mut world, tenant, &token, &[]).status, 200, "{tenant}");
    }
}

#[test]
fn refusals_of_the_request() {
    let mut world = World::new();
    let (token, _) = call(&mut world, &Person::default(), &[]);
    for (changed, expected) in [
        (vec![("requested_token_use", "")], fault(400, "invalid_request", 900_144)),
        (vec![("requested_token_use", "x")], fault(400, "invalid_request", 90_023)),
        (vec![("scope", "")], fault(400, "invalid_request", 900_144)),
        (vec![("scope", "https://nobody.example/.default")], fault(400, "invalid_resource", 500_011)),
        (vec![("client_secret", "")], fault(401, "invalid_client", 7_000_216)),
        (vec![("client_secret", "wrong")], fault(401, "invalid_client", 7_000_215)),
        (vec![("client_id", world::APP)], fault(401, "invalid_client", 7_000_215)),
        (
            vec![("client_id", world::APP), ("client_secret", world::SECRET)],
            fault(400, "invalid_grant", 50_013),
        ),
        (
            vec![("client_id", world::DEVELOPER_CLIENT), ("client_secret", "")],
            fault(401, "invalid_client", 7_000_216),
        ),
    ] {
        assert_eq!(ask(&mut world, &token, &changed).fault(), expected, "{changed:?}");
    }
    assert_eq!(ask(&mut world, &token, &[]).status, 200);
    world.emulator.revoke_sessions(world.now, world::USER);
    assert_eq!(ask(&mut world, &token, &[]).fault(), fault(400, "invalid_grant", 50_173));
}

#[test]
fn what_is_demanded_goes_back_to_the_person() {
    let mut world = World::new();
    let (token, _) = call(&mut world, &Person::default(), &[]);
    let demand =
        Demand { scope: "https://graph.microsoft.com/".into(), acrs: Some("c1".into()), newer_than: None };
    world.emulator.config_mut().policy.demands.push(demand);
    let answer = ask(&mut world, &token, &[]);
    assert_eq!(answer.fault(), fault(400, "interaction_required", 50_076));
    assert_eq!(answer.json()["suberror"], "basic_action");
    let demanded = answer.json()["claims"].as_str().unwrap().to_owned();
    assert_eq!(demanded, r#"{"access_token":{"acrs":{"essential":true,"values":["c1"]}}}"#);
    // Another resource is not concerned.
    let management = [("scope", world::MANAGEMENT_SCOPE)];
    assert_eq!(ask(&mut world, &token, &management).status, 200);
    // The app upstream signs the person in with the claims, and calls again.
    let (token, _) = call(&mut world, &Person::default(), &[("claims", &demanded)]);
    let answer = ask(&mut world, &token, &[]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(claims(&answer.json()["access_token"])["acrs"], json!(["c1"]));
    // What the request itself demands is demanded as well.
    let more = r#"{"access_token":{"acrs":{"essential":true,"values":["c2"]}}}"#;
    let answer = ask(&mut world, &token, &[("claims", more)]);
    assert_eq!(answer.json()["claims"], more);
    // Signing in for the resource does it at once; a refresh token of another session does not.
    let code = world.code(&[]);
    let document = world.redeem(&code, &[]).json();
    let refresh = document["refresh_token"].as_str().unwrap();
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", world::DEVELOPER_CLIENT),
        ("refresh_token", refresh),
        ("scope", SCOPE),
    ];
    assert_eq!(world.token("organizations", &pairs).fault(), fault(400, "interaction_required", 50_076));
    let code = world.code(&[("scope", SCOPE)]);
    let document = world.redeem(&code, &[("scope", SCOPE)]).json();
    assert_eq!(claims(&document["access_token"])["acrs"], json!(["c1"]));
}
