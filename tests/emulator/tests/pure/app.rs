//! Client credentials, and what every token request goes through.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_core::jwt::Jwt;
use entrada_emulator::{Config, world};
use http::Method;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use crate::support::{LOGIN, World, claims, fault, with};

const RIGHT: [(&str, &str); 4] = [
    ("grant_type", "client_credentials"),
    ("client_id", world::APP),
    ("client_secret", world::SECRET),
    ("scope", world::MANAGEMENT_SCOPE),
];

/// The right request with one thing changed; an empty value leaves it out.
fn but(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    with(&RIGHT, &[(name, value)])
}

#[test]
fn a_token_with_the_claims_of_an_app() {
    let mut world = World::new();
    let answer = world.token(world::TENANT, &RIGHT);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let document = answer.json();
    assert_eq!(document["token_type"], "Bearer");
    assert_eq!(document["expires_in"], 3599);
    assert_eq!(document["ext_expires_in"], 3599);
    assert_eq!(document.as_object().unwrap().len(), 4, "no scope, no refresh token: {document}");
    let claims = claims(&document["access_token"]);
    assert_eq!(claims["aud"], "https://management.azure.com");
    assert_eq!(claims["iss"], format!("https://sts.windows.net/{}/", world::TENANT));
    assert_eq!(claims["appid"], world::APP);
    assert_eq!(claims["appidacr"], "1");
    assert_eq!(claims["oid"], world::APP_OBJECT);
    assert_eq!(claims["sub"], world::APP_OBJECT);
    assert_eq!(claims["tid"], world::TENANT);
    assert_eq!(claims["idtyp"], "app");
    assert_eq!(claims["ver"], "1.0");
    assert_eq!(claims["exp"].as_i64().unwrap(), world.now.unix.0 + 3599);
    assert!(!claims.contains_key("xms_cc") && !claims.contains_key("scp"));
    assert_eq!(world.emulator.token_requests(), 1);
}

#[test]
fn others_can_check_the_signature() {
    let mut world = World::new();
    let token = world.app_token(world::MANAGEMENT_SCOPE, &[]);
    let keys = world.get(&format!("{LOGIN}/{}/discovery/v2.0/keys", world::TENANT), &[]).json();
    let header = Jwt::decode(&token).unwrap().header;
    let key = &keys["keys"][0];
    assert_eq!(header["kid"], key["kid"]);
    assert_eq!(header["x5t"], key["x5t"]);
    assert_eq!(header["typ"], "JWT");
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let public = RsaPublicKeyComponents { n: part("n"), e: part("e") };
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    public.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).unwrap();
    assert!(public.verify(&RSA_PKCS1_2048_8192_SHA256, b"another", &signature).is_err());
}

#[test]
fn the_audience_is_what_was_asked_for() {
    let mut world = World::new();
    for (scope, audience) in [
        ("https://management.core.windows.net//.default", "https://management.core.windows.net/"),
        ("https://management.core.windows.net/.default", "https://management.core.windows.net"),
        ("https://ml.azure.com/.default", "https://ml.azure.com"),
        ("797f4846-ba00-4fd7-ba43-dac1f8f63013/.default", "797f4846-ba00-4fd7-ba43-dac1f8f63013"),
        ("https://graph.microsoft.com/.default openid offline_access profile", "https://graph.microsoft.com"),
    ] {
        let token = world.app_token(scope, &[]);
        assert_eq!(Jwt::decode(&token).unwrap().text("aud"), Some(audience));
    }
    // A resource that wants tokens of version 2 is named by its id.
    let token = world.app_token("api://AzureADTokenExchange/.default", &[]);
    let jwt = Jwt::decode(&token).unwrap();
    assert_eq!(jwt.text("ver"), Some("2.0"));
    assert_eq!(jwt.text("aud"), Some("fb60f99c-7a34-4190-8149-302f77469936"));
    assert_eq!(jwt.text("azp"), Some(world::APP));
    assert_eq!(jwt.text("iss"), Some(&*format!("{LOGIN}/{}/v2.0", world::TENANT)));
}

#[test]
fn claims_and_capabilities() {
    let mut world = World::new();
    let asked = r#"{"access_token":{"xms_cc":{"values":["cp1"]},"acrs":{"essential":true,"values":["p1"]}}}"#;
    let mut pairs = RIGHT.to_vec();
    pairs.push(("claims", asked));
    let document = world.token(world::TENANT, &pairs).json();
    assert_eq!(document["expires_in"], 28 * 3600);
    let claims = claims(&document["access_token"]);
    assert_eq!(claims["xms_cc"], serde_json::json!(["CP1"]));
    assert_eq!(claims["acrs"], serde_json::json!(["p1"]));
    pairs.pop();
    pairs.push(("claims", "not json"));
    assert_eq!(world.token(world::TENANT, &pairs).fault(), fault(400, "invalid_request", 9_002_313));
}

#[test]
fn refusals_of_the_app() {
    let mut world = World::new();
    let mut refused = |pairs: &[(&str, &str)]| world.token(world::TENANT, pairs).fault();
    assert_eq!(refused(&but("client_secret", "wrong")), fault(401, "invalid_client", 7_000_215));
    assert_eq!(refused(&but("client_secret", "")), fault(401, "invalid_client", 7_000_216));
    assert_eq!(
        refused(&but("client_id", "11111111-2222-4333-8444-555555555555")),
        fault(400, "unauthorized_client", 700_016)
    );
    assert_eq!(refused(&but("client_id", world::DEVELOPER_CLIENT)), fault(401, "invalid_client", 700_025));
    assert_eq!(refused(&but("grant_type", "")), fault(400, "invalid_request", 900_144));
    assert_eq!(refused(&but("client_id", "")), fault(400, "invalid_request", 900_144));
    assert_eq!(refused(&but("scope", "")), fault(400, "invalid_request", 900_144));
    assert_eq!(refused(&but("grant_type", "implicit")), fault(400, "unsupported_grant_type", 70_003));
    let mut twice = RIGHT.to_vec();
    twice.push(("scope", "https://graph.microsoft.com/.default"));
    assert_eq!(refused(&twice), fault(400, "invalid_request", 9_000_411));
    let mut assertion = but("client_secret", "");
    assertion.push(("client_assertion", "a.b.c"));
    assert_eq!(refused(&assertion), fault(400, "invalid_request", 900_144));
    assertion.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    assert_eq!(refused(&assertion), fault(400, "invalid_request", 50_027));
}

#[test]
fn refusals_of_the_scope() {
    let mut world = World::new();
    for (scope, expected) in [
        ("https://management.azure.com", fault(400, "invalid_scope", 1_002_012)),
        ("https://management.azure.com/user_impersonation", fault(400, "invalid_scope", 1_002_012)),
        ("openid", fault(400, "invalid_scope", 70_011)),
        ("https://nobody.example/.default", fault(400, "invalid_resource", 500_011)),
        (
            "https://management.azure.com/.default https://graph.microsoft.com/.default",
            fault(400, "invalid_request", 28_002),
        ),
        // That is another cloud's.
        ("https://management.chinacloudapi.cn/.default", fault(400, "invalid_resource", 500_011)),
    ] {
        assert_eq!(world.token(world::TENANT, &but("scope", scope)).fault(), expected, "{scope}");
    }
}

#[test]
fn refusals_of_the_tenant() {
    let mut world = World::new();
    for (tenant, expected) in [
        ("11111111-2222-4333-8444-555555555555", fault(400, "invalid_request", 90_002)),
        ("fabrikam.onmicrosoft.com", fault(400, "invalid_request", 90_002)),
        ("not_a_tenant", fault(400, "invalid_request", 900_023)),
        ("..", fault(400, "invalid_request", 900_023)),
        ("common", fault(400, "invalid_request", 50_059)),
        ("organizations", fault(400, "invalid_request", 50_059)),
    ] {
        assert_eq!(world.token(tenant, &RIGHT).fault(), expected, "{tenant}");
    }
    assert_eq!(world.token(world::TENANT_DOMAIN, &RIGHT).status, 200);
    assert_eq!(world.token(&world::TENANT.to_uppercase(), &RIGHT).status, 200);
}

#[test]
fn an_app_of_another_directory_is_not_found() {
    let mut config = Config::default();
    config.tenants[0].id = "11111111-2222-4333-8444-555555555555".into();
    let mut world = World::of(config);
    let refusal = world.token(world::TENANT_DOMAIN, &RIGHT).fault();
    assert_eq!(refusal, fault(400, "unauthorized_client", 700_016));
}

#[test]
fn a_secret_expires() {
    let mut config = Config::default();
    let mut world = World::new();
    config.apps[0].secrets[0].expires = Some(world.now.unix.0 + 10);
    world = World::of(config);
    world.pass(9);
    assert_eq!(world.token(world::TENANT, &RIGHT).status, 200);
    world.pass(1);
    assert_eq!(world.token(world::TENANT, &RIGHT).fault(), fault(401, "invalid_client", 7_000_222));
}

#[test]
fn refusals_of_the_request() {
    let mut world = World::new();
    let url = format!("{LOGIN}/{}/oauth2/v2.0/token", world::TENANT);
    let body = crate::support::encode(&RIGHT);
    let form = ("content-type", "application/x-www-form-urlencoded");
    let wrong_verb = world.get(&url, &[]);
    assert_eq!(wrong_verb.fault(), fault(405, "invalid_request", 900_561));
    assert_eq!(wrong_verb.header("allow"), "POST, OPTIONS");
    let json = world.send(Method::POST, &url, &[("content-type", "application/json")], &body);
    assert_eq!(json.fault(), fault(400, "invalid_request", 900_144));
    let leak = world.send(Method::POST, &format!("{url}?client_secret=x"), &[form], &body);
    assert_eq!(leak.fault(), fault(400, "invalid_request", 9_002_313));
    assert_eq!(world.send(Method::POST, &url, &[form], &body).status, 200);
}

#[test]
fn the_error_document_is_entras() {
    let mut world = World::new();
    let url = format!("{LOGIN}/{}/oauth2/v2.0/token", world::TENANT);
    let id = "fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7";
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("client-request-id", id),
        ("return-client-request-id", "true"),
    ];
    let answer = world.send(Method::POST, &url, &headers, "grant_type=x");
    let document = answer.json();
    assert_eq!(document["correlation_id"], id);
    assert_eq!(answer.header("client-request-id"), id);
    assert_eq!(document["trace_id"], answer.header("x-ms-request-id"));
    assert_eq!(document["timestamp"], "2026-11-24 05:17:06Z");
    assert_eq!(document["error_uri"], format!("{LOGIN}/error?code=900144"));
    let description = document["error_description"].as_str().unwrap();
    for part in ["\r\nTrace ID: ", "\r\nCorrelation ID: ", "\r\nTimestamp: 2026-11-24 05:17:06Z"] {
        assert!(description.contains(part), "{description}");
    }
    assert_eq!(answer.header("cache-control"), "no-store, no-cache");
    world.emulator.config_mut().policy.line_breaks = false;
    let document = world.send(Method::POST, &url, &headers, "grant_type=x").json();
    let description = document["error_description"].as_str().unwrap();
    assert!(description.contains(" Trace ID: ") && !description.contains(['\r', '\n']));
}

#[test]
fn the_seed_decides_every_token() {
    let (mut one, mut two) = (World::new(), World::new());
    assert_eq!(one.app_token(world::MANAGEMENT_SCOPE, &[]), two.app_token(world::MANAGEMENT_SCOPE, &[]));
    assert_ne!(one.app_token(world::MANAGEMENT_SCOPE, &[]), one.app_token(world::MANAGEMENT_SCOPE, &[]));
}
