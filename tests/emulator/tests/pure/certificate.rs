//! Client assertions by the key of a certificate.

use entrada_emulator::config::AppCertificate;
use entrada_emulator::world;
use serde_json::{Value, json};

use crate::signing::{Identity, TYPE, presenting, spellings};
use crate::support::{Answer, LOGIN, World, claims, fault};

fn endpoint() -> String {
    format!("{LOGIN}/{}/oauth2/v2.0/token", world::TENANT)
}

/// The claims that are right for an app, ten minutes long.
fn right(world: &World, app: &str) -> Value {
    let now = world.now.unix.0;
    json!({ "aud": endpoint(), "iss": app, "sub": app, "jti": "4a1f", "nbf": now, "iat": now, "exp": now + 600 })
}

fn ask_as(world: &mut World, app: &str, assertion: &str) -> Answer {
    world.token(world::TENANT, &presenting(app, assertion, world::MANAGEMENT_SCOPE))
}

fn ask(world: &mut World, assertion: &str) -> Answer {
    ask_as(world, world::CERTIFICATE_APP, assertion)
}

/// Claims with one changed; null leaves it out.
fn changed(mut claims: Value, name: &str, value: Value) -> Value {
    let object = claims.as_object_mut().unwrap();
    object.remove(name);
    if !value.is_null() {
        object.insert(name.to_owned(), value);
    }
    claims
}

#[test]
fn a_certificate_is_as_good_as_a_secret() {
    let mut world = World::new();
    let identity = Identity::of(world::CERTIFICATE_PEM);
    let assertion = identity.sign(&identity.header(), &right(&world, world::CERTIFICATE_APP));
    let answer = ask(&mut world, &assertion);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let token = claims(&answer.json()["access_token"]);
    assert_eq!(token["appidacr"], "2");
    assert_eq!(token["oid"], world::CERTIFICATE_APP_OBJECT);
    assert!(!token.contains_key("xms_ficinfo"));
    // The service does not count how often an assertion comes.
    assert_eq!(ask(&mut world, &assertion).status, 200);
}

#[test]
fn every_spelling_seen_is_accepted() {
    let mut world = World::new();
    let identity = Identity::of(world::CERTIFICATE_PEM);
    let usual = right(&world, world::CERTIFICATE_APP);
    let mut headers = vec![identity.header(), identity.chained()];
    headers.extend(spellings(&identity.x5t_s256()).map(|text| json!({ "alg": "PS256", "x5t#S256": text })));
    headers.extend(spellings(&identity.x5t()).map(|text| json!({ "alg": "RS256", "x5t": text })));
    headers.extend(spellings(&identity.x5t()).map(|text| json!({ "alg": "PS256", "x5t": text })));
    let x5c = identity.chained()["x5c"].clone();
    let broken = x5c[0].as_str().unwrap().replace('M', "M\r\n");
    headers.push(json!({ "alg": "PS256", "x5c": x5c }));
    headers.push(json!({ "alg": "RS256", "x5c": x5c[0] }));
    headers.push(json!({ "alg": "RS256", "x5c": [broken] }));
    for header in headers {
        let answer = ask(&mut world, &identity.sign(&header, &usual));
        assert_eq!(answer.status, 200, "{header}: {}", answer.text());
    }
    let now = world.now.unix.0;
    for (name, value) in [
        ("exp", json!((now + 600).to_string())),
        ("exp", json!(now as f64 + 600.25)),
        ("nbf", json!((now - 1).to_string())),
        ("nbf", Value::Null),
        ("iat", Value::Null),
        ("exp", json!(now - 299)),
        ("nbf", json!(now + 300)),
        ("aud", json!([endpoint()])),
        ("aud", json!(format!("{LOGIN}/{}/oauth2/v2.0/token", world::TENANT_DOMAIN))),
        ("aud", json!(format!("https://login.windows.net/{}/oauth2/v2.0/token", world::TENANT))),
        ("aud", json!(format!("{LOGIN}/{}/v2.0", world::TENANT))),
        ("iss", json!(world::CERTIFICATE_APP.to_uppercase())),
    ] {
        let claims = changed(usual.clone(), name, value.clone());
        let answer = ask(&mut world, &identity.sign(&identity.header(), &claims));
        assert_eq!(answer.status, 200, "{name} {value}: {}", answer.text());
    }
}

#[test]
fn refusals_of_the_claims() {
    let mut world = World::new();
    let identity = Identity::of(world::CERTIFICATE_PEM);
    let usual = right(&world, world::CERTIFICATE_APP);
    let now = world.now.unix.0;
    let other = format!("{LOGIN}/common/oauth2/v2.0/token");
    for (name, value, status, error, code) in [
        ("iss", json!(world::APP), 401, "invalid_client", 700_021),
        ("iss", Value::Null, 401, "invalid_client", 700_021),
        ("sub", json!(world::APP), 401, "invalid_client", 50_048),
        ("sub", Value::Null, 401, "invalid_client", 50_048),
        ("aud", json!(other), 401, "invalid_client", 700_023),
        ("aud", json!(LOGIN), 401, "invalid_client", 700_023),
        ("aud", json!(format!("{}/", endpoint())), 401, "invalid_client", 700_023),
        ("aud", Value::Null, 401, "invalid_client", 700_023),
        ("exp", json!(now - 300), 401, "invalid_client", 700_024),
        ("nbf", json!(now + 301), 401, "invalid_client", 700_024),
        ("exp", Value::Null, 400, "invalid_request", 50_027),
        ("exp", json!("soon"), 400, "invalid_request", 50_027),
        ("nbf", json!([]), 400, "invalid_request", 50_027),
        ("jti", Value::Null, 400, "invalid_request", 50_027),
        ("jti", json!(7), 400, "invalid_request", 50_027),
    ] {
        let claims = changed(usual.clone(), name, value.clone());
        let answer = ask(&mut world, &identity.sign(&identity.header(), &claims));
        assert_eq!(answer.fault(), fault(status, error, code), "{name} {value}");
    }
}

#[test]
fn refusals_of_the_key() {
    let mut world = World::new();
    let (ours, theirs) = (Identity::of(world::CERTIFICATE_PEM), Identity::of(world::RENEWED_CERTIFICATE_PEM));
    let usual = right(&world, world::CERTIFICATE_APP);
    let mixed = changed(ours.chained(), "x5t#S256", theirs.header()["x5t#S256"].clone());
    let right = ours.sign(&ours.header(), &usual);
    let bent = format!("{}AAAA", &right[..right.len() - 4]);
    let unknown = fault(401, "invalid_client", 700_027);
    let chain = fault(401, "invalid_client", 50_012);
    let malformed = fault(400, "invalid_request", 50_027);
    for (what, assertion, expected) in [
        ("a key of another app", theirs.sign(&theirs.header(), &usual), &unknown),
        ("another key under our name", theirs.sign(&ours.header(), &usual), &unknown),
        ("another chain", theirs.sign(&theirs.chained(), &usual), &unknown),
        ("two names that differ", ours.sign(&mixed, &usual), &unknown),
        ("a thumbprint that is none", ours.sign(&json!({ "alg": "PS256", "x5t": "!" }), &usual), &unknown),
        ("no name at all", ours.sign(&json!({ "alg": "PS256" }), &usual), &unknown),
        ("the other padding", ours.sign(&json!({ "alg": "PS256", "x5t": "AAAA" }), &usual), &unknown),
        ("a changed signature", bent, &unknown),
        ("a chain of nothing", ours.sign(&json!({ "alg": "PS256", "x5c": ["AAAA"] }), &usual), &chain),
        ("a chain that is no list", ours.sign(&json!({ "alg": "PS256", "x5c": 1 }), &usual), &chain),
        ("no algorithm", ours.sign(&json!({ "x5t": "AAAA" }), &usual), &malformed),
        (
            "an algorithm of a secret",
            ours.sign(&json!({ "alg": "HS256", "x5t": "AAAA" }), &usual),
            &malformed,
        ),
        ("a line break", format!("{right}\n"), &malformed),
        ("not a token", "a.b.c".to_owned(), &malformed),
    ] {
        assert_eq!(&ask(&mut world, &assertion).fault(), expected, "{what}");
    }
    assert_eq!(ask(&mut world, &right).status, 200);
    // The certificate of the world lives until 2126.
    world.now.unix.0 = 4_922_899_201;
    let claims = self::right(&world, world::CERTIFICATE_APP);
    assert_eq!(ask(&mut world, &ours.sign(&ours.header(), &claims)).fault(), unknown);
}

#[test]
fn a_chain_stands_for_its_names() {
    let mut world = World::new();
    let identity = Identity::of(world::RENEWED_CERTIFICATE_PEM);
    let other = Identity::of(world::CERTIFICATE_PEM);
    let usual = right(&world, world::SUBJECT_NAME_APP);
    let chained = identity.chained();
    let x5c = &chained["x5c"];
    let answer = ask_as(&mut world, world::SUBJECT_NAME_APP, &identity.sign(&chained, &usual));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let twisted = json!({ "alg": "PS256", "x5c": [x5c[1], x5c[0]] });
    let alone = json!({ "alg": "PS256", "x5c": [x5c[0]] });
    let borrowed = json!({ "alg": "PS256", "x5c": [x5c[0], other.chained()["x5c"][0]] });
    let doubled = json!({ "alg": "PS256", "x5c": [other.chained()["x5c"][0], other.chained()["x5c"][0]] });
    let forged = json!({ "alg": "PS256", "x5c": x5c });
    for (assertion, code) in [
        (identity.sign(&identity.header(), &usual), 700_027),
        (identity.sign(&twisted, &usual), 50_012),
        (identity.sign(&alone, &usual), 50_012),
        (identity.sign(&borrowed, &usual), 50_012),
        (other.sign(&doubled, &usual), 700_030),
        (other.sign(&forged, &usual), 700_027),
    ] {
        let answer = ask_as(&mut world, world::SUBJECT_NAME_APP, &assertion);
        assert_eq!(answer.fault(), fault(401, "invalid_client", code));
    }
}

#[test]
fn an_issuer_alone_stands_for_nobody() {
    let mut world = World::new();
    let identity = Identity::of(world::RENEWED_CERTIFICATE_PEM);
    // The issuer's own certificate has the issuer of the one that comes, and another subject.
    let issuer = world::RENEWED_CERTIFICATE_PEM.rsplit_once("-----BEGIN CERTIFICATE-----").unwrap().1;
    let pem = format!("-----BEGIN CERTIFICATE-----{issuer}");
    let apps = &mut world.emulator.config_mut().apps;
    let app = apps.iter_mut().find(|app| app.client_id == world::SUBJECT_NAME_APP).unwrap();
    app.certificates = vec![AppCertificate { pem, ..AppCertificate::default() }];
    let assertion = identity.sign(&identity.chained(), &right(&world, world::SUBJECT_NAME_APP));
    let answer = ask_as(&mut world, world::SUBJECT_NAME_APP, &assertion);
    assert_eq!(answer.fault(), fault(401, "invalid_client", 700_030));
}

#[test]
fn an_assertion_can_be_made_to_work_once() {
    let mut world = World::new();
    world.emulator.config_mut().policy.assertions_once = true;
    let identity = Identity::of(world::CERTIFICATE_PEM);
    let usual = right(&world, world::CERTIFICATE_APP);
    let assertion = identity.sign(&identity.header(), &usual);
    assert_eq!(ask(&mut world, &assertion).status, 200);
    assert_eq!(ask(&mut world, &assertion).fault(), fault(401, "invalid_client", 50_013));
    let another = identity.sign(&identity.header(), &changed(usual, "jti", json!("5b20")));
    assert_eq!(ask(&mut world, &another).status, 200);
}

#[test]
fn who_may_present_an_assertion() {
    let mut world = World::new();
    let identity = Identity::of(world::CERTIFICATE_PEM);
    let assertion = identity.sign(&identity.header(), &right(&world, world::CERTIFICATE_APP));
    let mut pairs = vec![
        ("grant_type", "refresh_token"),
        ("client_id", world::DEVELOPER_CLIENT),
        ("client_assertion_type", TYPE),
        ("client_assertion", &assertion),
        ("refresh_token", "x"),
    ];
    let refused = |world: &mut World, pairs: &[(&str, &str)]| world.token(world::TENANT, pairs).fault();
    assert_eq!(refused(&mut world, &pairs), fault(401, "invalid_client", 700_025));
    pairs[1].1 = world::CERTIFICATE_APP;
    assert_eq!(refused(&mut world, &pairs), fault(400, "invalid_grant", 9_002_313));
    pairs.push(("client_secret", "x"));
    assert_eq!(refused(&mut world, &pairs), fault(400, "invalid_request", 9_002_313));
    pairs.pop();
    pairs[2].1 = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    assert_eq!(refused(&mut world, &pairs), fault(400, "invalid_request", 900_144));
}
