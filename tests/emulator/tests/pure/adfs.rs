//! What an AD FS gives people, which is not quite what Entra gives them.

use std::convert::Infallible;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_emulator::person::{Person, Stuck};
use entrada_emulator::world;
use serde_json::{Map, Value, json};

use crate::signing::{Identity, TYPE};
use crate::support::{Answer, CHALLENGE, LOGIN, USER_SCOPE, VERIFIER, World, authorize, claims, encode};

const ADFS: &str = "https://sts.fabrikam.example/adfs";
const LOOPBACK: &str = "http://127.0.0.1:8080/adfs";

fn lin() -> Person {
    let (username, password) = (world::FEDERATED_USER.into(), world::FEDERATED_PASSWORD.into());
    Person { username, password, ..Person::default() }
}

fn page(base: &str, redirect_uri: &str, scope: &str) -> String {
    let pairs = [
        ("client_id", world::DEVELOPER_CLIENT),
        ("response_type", "code"),
        ("redirect_uri", redirect_uri),
        ("scope", scope),
        ("nonce", "n-1"),
        ("client_info", "1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    format!("{base}/oauth2/authorize?{}", encode(&pairs))
}

fn token(world: &mut World, base: &str, pairs: &[(&str, &str)]) -> Answer {
    world.form(&format!("{base}/oauth2/token"), pairs)
}

fn redeem(world: &mut World, base: &str, code: &str, redirect_uri: &str) -> Answer {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", world::DEVELOPER_CLIENT),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", VERIFIER),
        ("client_info", "1"),
    ];
    token(world, base, &pairs)
}

fn signed_in(world: &mut World, base: &str, scope: &str) -> Value {
    let arrival = world.sign_in(&lin(), &page(base, world::ADFS_REDIRECT, scope)).unwrap();
    assert_eq!(arrival.parameter("client_info"), None);
    let answer = redeem(world, base, &arrival.parameter("code").unwrap(), world::ADFS_REDIRECT);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// What is the same of everybody's tokens.
fn is_lin(document: &Value) -> Map<String, Value> {
    for name in ["client_info", "foci"] {
        assert!(document.get(name).is_none(), "{name}");
    }
    let access = claims(&document["access_token"]);
    for token in [claims(&document["id_token"]), access.clone()] {
        assert_eq!(token["upn"], world::FEDERATED_USER);
        assert!(!token["sub"].as_str().unwrap().is_empty());
        for name in ["tid", "oid", "preferred_username"] {
            assert!(!token.contains_key(name), "{name}");
        }
    }
    access
}

#[track_caller]
fn refused(answer: &Answer, error: &str) {
    let document = answer.json();
    assert_eq!((answer.status, &document["error"]), (400, &json!(error)), "{document}");
    let description = document["error_description"].as_str().unwrap();
    assert!(description.starts_with("MSIS") && !description.contains("AADSTS"), "{description}");
    assert!(document.get("error_codes").is_none() && document.get("suberror").is_none());
}

#[test]
fn a_code_with_its_exact_redirect_uri() {
    for base in [ADFS, LOOPBACK] {
        let mut world = World::new();
        let document = signed_in(&mut world, base, USER_SCOPE);
        assert_eq!(is_lin(&document)["iss"], base);
        let id = claims(&document["id_token"]);
        assert_eq!((&id["iss"], &id["nonce"]), (&json!(base), &json!("n-1")));
        // Entra would take any port, and this is not Entra.
        for other in ["http://localhost:8401", "http://localhost:8400/", "http://127.0.0.1:8400"] {
            let stuck = world.sign_in(&lin(), &page(base, other, USER_SCOPE)).unwrap_err();
            assert!(matches!(&stuck, Stuck::Refused(text) if text.contains("MSIS")), "{stuck:?}");
        }
        let entra = authorize(&[("redirect_uri", "http://localhost:8401")]);
        assert!(world.sign_in(&Person::default(), &entra).is_ok());
        let arrival = world.sign_in(&lin(), &page(base, world::ADFS_REDIRECT, USER_SCOPE)).unwrap();
        let code = arrival.parameter("code").unwrap();
        refused(&redeem(&mut world, base, &code, "http://localhost:8401"), "invalid_client");
        assert_eq!(world.redeem(&code, &[("redirect_uri", world::ADFS_REDIRECT)]).fault().2, 700_005);
        assert_eq!(redeem(&mut world, base, &code, world::ADFS_REDIRECT).status, 200);
        refused(&redeem(&mut world, base, &code, world::ADFS_REDIRECT), "invalid_grant");
    }
}

#[test]
fn only_its_own_people_sign_in() {
    for base in [ADFS, LOOPBACK] {
        let mut world = World::new();
        let start = page(base, world::ADFS_REDIRECT, USER_SCOPE);
        let stuck = world.sign_in(&Person::default(), &start).unwrap_err();
        assert!(matches!(&stuck, Stuck::Refused(text) if text.contains("MSIS")), "{stuck:?}");
        let password = |name, password| {
            [
                ("grant_type", "password"),
                ("client_id", world::DEVELOPER_CLIENT),
                ("scope", USER_SCOPE),
                ("client_info", "1"),
                ("username", name),
                ("password", password),
            ]
        };
        let own = password(world::FEDERATED_USER, world::FEDERATED_PASSWORD);
        is_lin(&token(&mut world, base, &own).json());
        for pairs in [password(world::FEDERATED_USER, "another"), password(world::USER, world::PASSWORD)] {
            refused(&token(&mut world, base, &pairs), "invalid_grant");
        }
    }
}

#[test]
fn a_device_has_its_own_page() {
    for base in [ADFS, LOOPBACK] {
        let mut world = World::new();
        let begin = [("client_id", world::DEVELOPER_CLIENT), ("scope", USER_SCOPE)];
        let answer = world.form(&format!("{base}/oauth2/devicecode"), &begin);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let document = answer.json();
        let text = |name: &str| document[name].as_str().unwrap().to_owned();
        assert_eq!(document["verification_uri"], format!("{base}/oauth2/deviceauth"));
        let now = world.now;
        let decide = |world: &mut World, page: &str, person: &Person| {
            person.approve_device(page, &text("user_code"), |request| {
                Ok::<_, Infallible>(world.emulator.answer(now, &request))
            })
        };
        // Entra's page knows nothing of the code, and the AD FS knows nobody else.
        let own = text("verification_uri");
        let entras = own.replace("/adfs/oauth2/deviceauth", "/devicelogin");
        assert!(decide(&mut world, &entras, &lin()).is_err());
        assert!(decide(&mut world, &own, &Person::default()).is_err());
        assert!(decide(&mut world, &own, &lin()).is_ok());
        let grant = "urn:ietf:params:oauth:grant-type:device_code";
        let code = text("device_code");
        let poll =
            [("grant_type", grant), ("client_id", world::DEVELOPER_CLIENT), ("device_code", code.as_str())];
        assert_eq!(world.token(world::TENANT, &poll).fault().2, 700_005);
        is_lin(&token(&mut world, base, &poll).json());
        refused(&token(&mut world, base, &poll), "bad_verification_code");
        refused(&world.form(&format!("{base}/oauth2/devicecode"), &begin[..1]), "invalid_request");
    }
}

#[test]
fn a_refresh_token_is_the_apps_and_the_services() {
    for base in [ADFS, LOOPBACK] {
        let mut world = World::new();
        let kept = signed_in(&mut world, base, USER_SCOPE)["refresh_token"].as_str().unwrap().to_owned();
        let pairs = |client| {
            [
                ("grant_type", "refresh_token"),
                ("client_id", client),
                ("refresh_token", kept.as_str()),
                ("scope", USER_SCOPE),
                ("client_info", "1"),
            ]
        };
        let answer = token(&mut world, base, &pairs(world::DEVELOPER_CLIENT));
        is_lin(&answer.json());
        assert!(answer.json()["refresh_token"].is_string());
        refused(&token(&mut world, base, &pairs(world::FAMILY_CLIENT)), "invalid_grant");
        for tenant in [world::TENANT, "organizations"] {
            assert_eq!(world.token(tenant, &pairs(world::DEVELOPER_CLIENT)).fault().2, 50_020);
        }
        let code = world.code(&[]);
        let entras = world.redeem(&code, &[]).json()["refresh_token"].as_str().unwrap().to_owned();
        let mut foreign = pairs(world::DEVELOPER_CLIENT);
        foreign[2].1 = &entras;
        refused(&token(&mut world, base, &foreign), "invalid_grant");
    }
}

#[test]
fn an_api_for_whoever_called_it() {
    for base in [ADFS, LOOPBACK] {
        let mut world = World::new();
        let scope = format!("{} openid", world::API_SCOPE);
        let caller = signed_in(&mut world, base, &scope)["access_token"].as_str().unwrap().to_owned();
        let identity = Identity::of(world::CERTIFICATE_PEM);
        let now = world.now.unix.0;
        let endpoint = format!("{base}/oauth2/token");
        let said = json!({
            "aud": endpoint, "iss": world::API, "sub": world::API, "jti": "1", "nbf": now, "exp": now + 600,
        });
        let old = json!({ "alg": "RS256", "typ": "JWT", "x5t": URL_SAFE_NO_PAD.encode(identity.x5t()) });
        let (older, newer) = (identity.sign(&old, &said), identity.sign(&identity.header(), &said));
        let ask = |world: &mut World, url: &str, assertion: &str, proof: &[(&str, &str)]| {
            let mut pairs = vec![
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("client_id", world::API),
                ("assertion", assertion),
                ("requested_token_use", "on_behalf_of"),
                ("scope", USER_SCOPE),
                ("client_info", "1"),
            ];
            pairs.extend(proof);
            world.form(url, &pairs)
        };
        let secret = [("client_secret", world::API_SECRET)];
        let by = |assertion| [("client_assertion_type", TYPE), ("client_assertion", assertion)];
        for proof in [&secret[..], &by(older.as_str())] {
            let answer = ask(&mut world, &endpoint, &caller, proof);
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(is_lin(&answer.json())["appid"], world::API);
        }
        refused(&ask(&mut world, &endpoint, &caller, &by(newer.as_str())), "invalid_client");
        refused(&ask(&mut world, &endpoint, &caller, &[]), "invalid_client");
        // Neither takes what the other issued.
        let entra = format!("{LOGIN}/organizations/oauth2/v2.0/token");
        let code = world.code(&[("scope", &scope)]);
        let document = world.redeem(&code, &[("scope", &scope)]).json();
        let entras = document["access_token"].as_str().unwrap().to_owned();
        refused(&ask(&mut world, &endpoint, &entras, &secret), "invalid_grant");
        // The API is of one tenant alone, which is asked first at `organizations`.
        let there = entra.replace("organizations", world::TENANT);
        assert_eq!(ask(&mut world, &there, &caller, &secret).fault().2, 50_013);
        assert_eq!(ask(&mut world, &there, &entras, &secret).status, 200);
    }
}
