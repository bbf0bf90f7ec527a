//! The hosts of managed identities: what each wants, and its own refusals.

use entrada_emulator::config::Expiry;
use entrada_emulator::{Config, world};
use http::Method;

use crate::support::{Answer, World, claims, encode};

const RESOURCE: &str = "https://management.azure.com";

const APP_SERVICE: &str = "http://localhost:4141/MSI/token";
const ARC: &str = "http://localhost:40342/metadata/identity/oauth2/token";
const FABRIC: &str = "https://localhost:2377/metadata/identity/oauth2/token";
const SHELL: &str = "http://localhost:50342/oauth2/token";
const COMPUTE: &str = "http://127.0.0.1:46808/MSI/auth/";

fn get(world: &mut World, url: &str, query: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
    world.get(&format!("{url}?{}", encode(query)), headers)
}

/// Whom a token is for: its client id, or the person.
fn who(answer: &Answer) -> String {
    let document = answer.json();
    let claims = claims(&document["access_token"]);
    claims.get("upn").unwrap_or(&claims["appid"]).as_str().unwrap().to_owned()
}

fn app_service(world: &mut World, query: &[(&str, &str)]) -> Answer {
    let mut all = vec![("api-version", "2019-08-01"), ("resource", RESOURCE)];
    all.extend(query);
    get(world, APP_SERVICE, &all, &[("x-identity-header", world::IDENTITY_HEADER)])
}

#[test]
fn app_service_takes_its_own_names() {
    let mut world = World::new();
    let answer = app_service(&mut world, &[]);
    assert_eq!(who(&answer), world::SYSTEM_IDENTITY);
    assert!(answer.json()["expires_on"].is_string() && answer.json().get("expires_in").is_none());
    let ids = [world::USER_IDENTITY, world::USER_IDENTITY_OBJECT, world::USER_IDENTITY_RESOURCE];
    for (name, id) in
        [("client_id", ids[0]), ("object_id", ids[1]), ("principal_id", ids[1]), ("mi_res_id", ids[2])]
    {
        assert_eq!(who(&app_service(&mut world, &[(name, id)])), world::USER_IDENTITY, "{name}");
    }
    // Another host's name for it is ignored, and the answer is for another identity.
    for (name, id) in [("msi_res_id", ids[2]), ("clientid", ids[0]), ("resource_id", ids[2])] {
        assert_eq!(who(&app_service(&mut world, &[(name, id)])), world::SYSTEM_IDENTITY, "{name}");
    }
    assert_eq!(app_service(&mut world, &[("client_id", world::APP)]).status, 400);
    assert_eq!(app_service(&mut world, &[("client_id", ids[0]), ("object_id", ids[1])]).status, 400);
    let right = [("api-version", "2019-08-01"), ("resource", RESOURCE)];
    let header = [("x-identity-header", world::IDENTITY_HEADER)];
    for (query, headers, status) in [
        (&right[..], &[][..], 401),
        (&right, &[("x-identity-header", "wrong")], 401),
        (&right, &[("secret", world::IDENTITY_HEADER)], 401),
        (&right[1..], &header, 400),
        (&right[..1], &header, 400),
        (&[("api-version", "2017-09-01"), right[1]], &header, 400),
        (&[right[0], ("resource", "https://nothing.example")], &header, 500),
    ] {
        assert_eq!(get(&mut world, APP_SERVICE, query, headers).status, status, "{query:?} {headers:?}");
    }
    assert_eq!(world.send(Method::POST, APP_SERVICE, &header, "").status, 405);
}

#[test]
fn arc_gives_a_token_to_who_can_read_its_key() {
    let mut world = World::new();
    let ask = |world: &mut World, extra: &[(&str, &str)], key: Option<&str>| {
        let mut query = vec![("api-version", "2020-06-01"), ("resource", RESOURCE)];
        query.extend(extra);
        let proof = format!("Basic {}", key.unwrap_or_default());
        let mut headers = vec![("metadata", "true")];
        headers.extend(key.map(|_| ("authorization", proof.as_str())));
        get(world, ARC, &query, &headers)
    };
    let key = |world: &World, answer: &Answer| {
        let path = answer.header("www-authenticate").strip_prefix("Basic realm=").unwrap().to_owned();
        assert!(path.starts_with("/var/opt/azcmagent/tokens/") && path.ends_with(".key"), "{path}");
        let found = world.emulator.arc_keys().find(|(known, _)| *known == path);
        found.unwrap().1.expose().to_owned()
    };
    let challenge = ask(&mut world, &[], None);
    assert_eq!(challenge.status, 401);
    let first = key(&world, &challenge);
    assert_eq!(ask(&mut world, &[], Some("wrong")).status, 401);
    let answer = ask(&mut world, &[], Some(&first));
    assert_eq!(who(&answer), world::SYSTEM_IDENTITY);
    assert_eq!(answer.json()["client_id"], world::SYSTEM_IDENTITY);
    assert_eq!(ask(&mut world, &[], Some(&first)).status, 401, "a key serves once");

    let token = |world: &mut World, extra: &[(&str, &str)]| {
        let challenge = ask(world, extra, None);
        let key = key(world, &challenge);
        ask(world, extra, Some(&key))
    };
    let resource = [("msi_res_id", world::USER_IDENTITY_RESOURCE)];
    assert_eq!(token(&mut world, &resource).json()["msi_res_id"], world::USER_IDENTITY_RESOURCE);
    let misspelt = [("mi_res_id", world::USER_IDENTITY_RESOURCE)];
    assert_eq!(who(&token(&mut world, &misspelt)), world::SYSTEM_IDENTITY);
    assert_eq!(ask(&mut world, &[("client_id", world::APP)], None).status, 400);
    world.emulator.config_mut().hosts.old_agent = true;
    let answer = token(&mut world, &resource);
    assert_eq!(who(&answer), world::SYSTEM_IDENTITY);
    assert!(answer.json().get("client_id").is_none());
    assert_eq!(world.get(&format!("{ARC}?api-version=2020-06-01&resource=x"), &[]).status, 400);
}

#[test]
fn service_fabric_says_what_is_wrong() {
    let mut world = World::new();
    let code = |answer: &Answer| answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned();
    let right = [("api-version", "2019-07-01-preview"), ("resource", RESOURCE)];
    let secret = [("secret", world::IDENTITY_HEADER)];
    for (query, headers, status, expected) in [
        (&right[..], &[][..], 400, "SecretHeaderNotFound"),
        (&right, &[("secret", "wrong")], 404, "ManagedIdentityNotFound"),
        (&right[1..], &secret, 400, "InvalidApiVersion"),
        (&right[..1], &secret, 400, "ArgumentNullOrEmpty"),
        (&[right[0], ("resource", "https://nothing.example")], &secret, 500, "InternalServerError"),
    ] {
        let answer = get(&mut world, FABRIC, query, headers);
        assert_eq!((answer.status, code(&answer).as_str()), (status, expected));
    }
    // The application's identity, whatever is named.
    let named = [right[0], right[1], ("client_id", world::USER_IDENTITY)];
    assert_eq!(who(&get(&mut world, FABRIC, &named, &secret)), world::SYSTEM_IDENTITY);
    world.emulator.config_mut().identities.clear();
    let answer = get(&mut world, FABRIC, &right, &secret);
    assert_eq!(code(&answer), "ManagedIdentityNotFound");
}

#[test]
fn service_fabric_keeps_a_token_until_it_is_due_or_refused() {
    let mut world = World::new();
    let secret = [("secret", world::IDENTITY_HEADER)];
    let token = |world: &mut World, resource: &str, more: &[(&str, &str)]| {
        let right = [("api-version", "2019-07-01-preview"), ("resource", resource)];
        let answer = get(world, FABRIC, &[&right[..], more].concat(), &secret).json();
        (answer["access_token"].as_str().unwrap().to_owned(), answer["expires_on"].as_i64().unwrap())
    };
    let hash = |token: &str| {
        let digest = <sha2::Sha256 as sha2::Digest>::digest(token);
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let (first, dies) = token(&mut world, RESOURCE, &[]);
    world.pass(60);
    assert_eq!(token(&mut world, RESOURCE, &[]), (first.clone(), dies));
    assert_ne!(token(&mut world, "https://vault.azure.net", &[]).0, first);
    // Another token's hash, or one in capitals, says nothing of this one.
    let other = hash("another");
    for wrong in [other.as_str(), &hash(&first).to_uppercase(), ""] {
        let named = [("token_sha256_to_refresh", wrong)];
        assert_eq!(token(&mut world, RESOURCE, &named).0, first, "{wrong}");
    }
    let (second, _) = token(&mut world, RESOURCE, &[("token_sha256_to_refresh", &hash(&first))]);
    assert_ne!(second, first);
    assert_eq!(token(&mut world, RESOURCE, &[]).0, second);
    world.pass(86_399 - 200);
    assert_ne!(token(&mut world, RESOURCE, &[]).0, second);
}

#[test]
fn cloud_shell_is_a_person() {
    let mut world = World::new();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let body = format!("resource={RESOURCE}");
    let answer = world.send(Method::POST, SHELL, &[kind, ("metadata", "true")], &body);
    assert_eq!(who(&answer), world::USER);
    assert!(answer.json()["expires_in"].is_string());
    for (method, headers, body, status) in [
        (Method::GET, &[kind, ("metadata", "true")][..], body.as_str(), 405),
        (Method::POST, &[kind], &body, 400),
        (Method::POST, &[("metadata", "true")], &body, 400),
        (Method::POST, &[kind, ("metadata", "true")], "", 400),
        (Method::POST, &[kind, ("metadata", "true")], "resource=https://ml.azure.com", 400),
    ] {
        assert_eq!(world.send(method, SHELL, headers, body).status, status, "{headers:?} {body}");
    }
}

#[test]
fn a_compute_instance_answers_for_its_person_unless_an_identity_is_named() {
    let mut config = Config::default();
    config.hosts.single_sign_on = true;
    let mut world = World::of(config);
    let secret = [("secret", world::MSI_SECRET)];
    let ask = |world: &mut World, extra: &[(&str, &str)]| {
        let mut query = vec![("api-version", "2017-09-01"), ("resource", RESOURCE)];
        query.extend(extra);
        get(world, COMPUTE, &query, &secret)
    };
    assert_eq!(who(&ask(&mut world, &[])), world::USER);
    assert!(ask(&mut world, &[]).json()["expires_on"].is_number());
    for (name, id, expected) in [
        ("clientid", world::USER_IDENTITY, world::USER_IDENTITY),
        ("clientid", "clientid", world::USER),
        ("client_id", world::USER_IDENTITY, world::USER),
    ] {
        assert_eq!(who(&ask(&mut world, &[(name, id)])), expected, "{name} {id}");
    }
    let unknown = ask(&mut world, &[("clientid", world::APP)]);
    assert_eq!((unknown.status, unknown.text().contains("status code: 404")), (404, true));
    world.emulator.config_mut().hosts.person = "nobody@contoso.example".into();
    assert!(ask(&mut world, &[]).text().starts_with("SSO failure"));
    world.emulator.config_mut().hosts.single_sign_on = false;
    assert_eq!(who(&ask(&mut world, &[])), world::SYSTEM_IDENTITY);
    let right = [("api-version", "2017-09-01"), ("resource", RESOURCE)];
    let answer = get(&mut world, COMPUTE, &right, &[("x-identity-header", world::MSI_SECRET)]);
    assert_eq!((answer.status, answer.text().as_str()), (401, "Invalid secret token header: ."));
}

#[test]
fn expiry_in_every_form() {
    let at = 1_795_497_426 + 86_399;
    for (form, expected) in [
        (Expiry::Usual, serde_json::json!(at.to_string())),
        (Expiry::Number, serde_json::json!(at)),
        (Expiry::Text, serde_json::json!(at.to_string())),
        (Expiry::Linux, "11/25/2026 05:17:05 +00:00".into()),
        (Expiry::Windows, "11/25/2026 5:17:05 AM +00:00".into()),
        (Expiry::Iso, "2026-11-25T05:17:05.0000000+00:00".into()),
    ] {
        let mut config = Config::default();
        config.hosts.expiry = form;
        let answer = app_service(&mut World::of(config), &[]);
        assert_eq!(answer.json()["expires_on"], expected, "{form:?}");
    }
}

#[test]
fn throttled_for_a_while() {
    let mut world = World::new();
    world.emulator.config_mut().hosts.throttled = 2;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(app_service(&mut world, &[]).status);
    }
    assert_eq!(statuses, [429, 429, 200]);
    assert_eq!(world.emulator.token_requests(), 3);
}

#[test]
fn each_at_its_own_place() {
    let mut world = World::new();
    let query = encode(&[("api-version", "2019-08-01"), ("resource", RESOURCE)]);
    let header = [("x-identity-header", world::IDENTITY_HEADER)];
    for (place, status) in [
        ("http://127.0.0.1:8080/app-service/MSI/token", 200),
        ("http://[::1]:8080/App-Service/msi/token", 404),
        ("http://[::1]:8080/app-service/msi/token", 200),
        ("http://localhost:8080/MSI/token", 404),
        ("http://localhost:4141/app-service/MSI/token", 200),
        ("http://localhost:4141/arc/MSI/token", 404),
        ("http://10.0.0.1:4141/MSI/token", 404),
    ] {
        assert_eq!(world.get(&format!("{place}?{query}"), &header).status, status, "{place}");
    }
}
