//! Tokens of other issuers as client assertions.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_core::jwt::Jwt;
use entrada_emulator::config::FederatedCredential;
use entrada_emulator::world;
use serde_json::{Value, json};

use crate::signing::{Identity, presenting};
use crate::support::{Answer, LOGIN, USER_SCOPE, VERIFIER, World, authorize, claims, fault};

const LOOPBACK: &str = "http://127.0.0.1:8080";

fn present_at(world: &mut World, login: &str, app: &str, scope: &str, assertion: &str) -> Answer {
    world.form(&format!("{login}/{}/oauth2/v2.0/token", world::TENANT), &presenting(app, assertion, scope))
}

fn present(world: &mut World, assertion: &str) -> Answer {
    present_at(world, LOGIN, world::FEDERATED_APP, world::MANAGEMENT_SCOPE, assertion)
}

fn cluster(world: &mut World) -> String {
    let (issuer, subject) = (world::CLUSTER_ISSUER, world::CLUSTER_SUBJECT);
    world.emulator.federated_token(issuer, subject, world::TOKEN_EXCHANGE, world.now)
}

/// A token of the machine's identity, from the metadata service at this origin.
fn machine(world: &mut World, imds: &str, client_id: &str) -> String {
    let path = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=api://AzureADTokenExchange";
    let answer = world.get(&format!("{imds}{path}&client_id={client_id}"), &[("metadata", "true")]);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn a_clusters_token_is_accepted_as_often_as_it_lives() {
    let mut world = World::new();
    let token = cluster(&mut world);
    assert_eq!(Jwt::decode(&token).unwrap().text("sub"), Some(world::CLUSTER_SUBJECT));
    for wait in [0, 1, 3600 + 298] {
        world.pass(wait);
        let answer = present(&mut world, &token);
        assert_eq!(answer.status, 200, "{wait}: {}", answer.text());
        let claims = claims(&answer.json()["access_token"]);
        assert_eq!(claims["oid"], world::FEDERATED_APP_OBJECT);
        assert_eq!(claims["appidacr"], "2");
    }
    world.pass(1);
    assert_eq!(present(&mut world, &token).fault(), fault(401, "invalid_client", 700_024));
}

#[test]
fn the_proxy_of_a_cluster_takes_what_entra_does_not() {
    let mut world = World::new();
    let (issuer, subject) = (world::CLUSTER_ISSUER, world::CLUSTER_SUBJECT);
    let token = |world: &mut World, subject: &str, audience: &str| {
        world.emulator.federated_token(issuer, subject, audience, world.now)
    };
    let bound = token(&mut world, subject, world::IDENTITY_BINDING);
    let own_host = format!("https://{}:8443/some/base", world::TOKEN_PROXY_HOST);
    let shared = format!("{LOOPBACK}/aks-token-proxy");
    let (app, scope) = (world::FEDERATED_APP, world::MANAGEMENT_SCOPE);
    for proxy in [&own_host, &shared] {
        let answer = present_at(&mut world, proxy, app, scope, &bound);
        assert_eq!(answer.status, 200, "{proxy}: {}", answer.text());
        assert_eq!(claims(&answer.json()["access_token"])["oid"], world::FEDERATED_APP_OBJECT);
        // Each of the two takes the tokens that are meant for it, and of those whom it knows.
        for (subject, audience, code) in [
            (subject, world::TOKEN_EXCHANGE, 700_212),
            ("system:serviceaccount:training:other", world::IDENTITY_BINDING, 700_213),
        ] {
            let token = token(&mut world, subject, audience);
            let answer = present_at(&mut world, proxy, app, scope, &token);
            assert_eq!(answer.fault(), fault(401, "invalid_client", code), "{proxy}");
        }
        // Nothing else is to be had there.
        for path in
            ["oauth2/v2.0/authorize", "oauth2/v2.0/devicecode", "v2.0/.well-known/openid-configuration"]
        {
            assert_eq!(world.get(&format!("{proxy}/{}/{path}", world::TENANT), &[]).status, 404, "{path}");
        }
        let secret = [
            ("grant_type", "client_credentials"),
            ("client_id", world::APP),
            ("client_secret", world::SECRET),
            ("scope", scope),
        ];
        let url = format!("{proxy}/{}/oauth2/v2.0/token", world::TENANT);
        assert_eq!(world.form(&url, &secret).status, 400);
    }
    let public = present_at(&mut world, &own_host, app, scope, &bound).json()["access_token"].clone();
    assert_eq!(claims(&public)["iss"], format!("https://sts.windows.net/{}/", world::TENANT));
    assert_eq!(present(&mut world, &bound).fault(), fault(401, "invalid_client", 700_212));
}

#[test]
fn what_does_not_fit_is_named() {
    let mut world = World::new();
    let (issuer, subject, audience) = (world::CLUSTER_ISSUER, world::CLUSTER_SUBJECT, world::TOKEN_EXCHANGE);
    let entra = format!("{LOGIN}/{}/v2.0", world::TENANT);
    for (iss, sub, aud, code) in [
        ("https://other.example/", subject, audience, 700_211),
        (issuer.trim_end_matches('/'), subject, audience, 700_211),
        (&issuer.to_uppercase().replace("HTTPS", "https"), subject, audience, 7_002_138),
        (issuer, "system:serviceaccount:training:other", audience, 700_213),
        (issuer, "system:serviceaccount:Training:pipeline", audience, 7_002_138),
        (issuer, world::USER_IDENTITY_OBJECT, audience, 700_213),
        (issuer, subject, "api://AKSIdentityBinding", 700_212),
        (issuer, subject, "api://azureadtokenexchange", 7_002_138),
        (issuer, "nobody", "api://nothing", 700_212),
        (&entra, subject, audience, 700_213),
    ] {
        let token = world.emulator.federated_token(iss, sub, aud, world.now);
        let answer = present(&mut world, &token);
        assert_eq!(answer.fault(), fault(401, "invalid_client", code), "{iss} {sub} {aud}");
    }
    // An app that trusts nobody.
    let token = cluster(&mut world);
    let answer = present_at(&mut world, LOGIN, world::APP, world::MANAGEMENT_SCOPE, &token);
    assert_eq!(answer.fault(), fault(400, "invalid_request", 70_021));
    assert!(answer.json()["error_description"].as_str().unwrap().contains(world::CLUSTER_SUBJECT));
}

#[test]
fn the_issuers_key_has_to_have_signed() {
    let mut world = World::new();
    let token = cluster(&mut world);
    let identity = Identity::of(world::CERTIFICATE_PEM);
    let claims = Value::Object(Jwt::decode(&token).unwrap().claims);
    let foreign = identity.sign(&json!({ "alg": "RS256", "kid": "1" }), &claims);
    assert_eq!(present(&mut world, &foreign).fault(), fault(401, "invalid_client", 50_013));
    let mut longer = claims.clone();
    longer["exp"] = json!(world.now.unix.0 + 1_000_000);
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    parts[1] = URL_SAFE_NO_PAD.encode(longer.to_string());
    assert_eq!(present(&mut world, &parts.join(".")).fault(), fault(401, "invalid_client", 50_013));
    // An issuer with a key of its own.
    let credential = FederatedCredential {
        issuer: "https://issuer.example".into(),
        subject: "s".into(),
        audience: "a".into(),
        key: Some(world::CERTIFICATE_PEM.into()),
    };
    let apps = &mut world.emulator.config_mut().apps;
    let app = apps.iter_mut().find(|app| app.client_id == world::FEDERATED_APP).unwrap();
    app.federated_credentials.push(credential);
    let exp = world.now.unix.0 + 60;
    let claims = json!({ "iss": "https://issuer.example", "sub": "s", "aud": ["b", "a"], "exp": exp });
    let right = identity.sign(&json!({ "alg": "RS256" }), &claims);
    assert_eq!(present(&mut world, &right).status, 200);
    let ours = world.emulator.federated_token("https://issuer.example", "s", "a", world.now);
    assert_eq!(present(&mut world, &ours).fault(), fault(401, "invalid_client", 50_013));
}

#[test]
fn a_managed_identity_stands_for_the_app() {
    let mut world = World::new();
    for (imds, login) in [("http://169.254.169.254", LOGIN), (LOOPBACK, LOOPBACK), (LOOPBACK, LOGIN)] {
        let token = machine(&mut world, imds, world::USER_IDENTITY);
        let answer = present_at(&mut world, login, world::FEDERATED_APP, world::MANAGEMENT_SCOPE, &token);
        assert_eq!(answer.status, 200, "{imds} {login}: {}", answer.text());
    }
    let token = machine(&mut world, "http://169.254.169.254", world::USER_IDENTITY);
    let jwt = Jwt::decode(&token).unwrap();
    assert_eq!(jwt.text("iss"), Some(&*format!("{LOGIN}/{}/v2.0", world::TENANT)));
    assert_eq!(jwt.text("sub"), Some(world::USER_IDENTITY_OBJECT));
    world.pass(86_399 + 300);
    assert_eq!(present(&mut world, &token).fault(), fault(401, "invalid_client", 700_024));
}

#[test]
fn who_may_not_stand_for_an_app() {
    let mut world = World::new();
    // Another identity, and one that is registered though it is the machine's own.
    let system = machine(&mut world, "http://169.254.169.254", world::SYSTEM_IDENTITY);
    let unfit = fault(401, "invalid_client", 7_002_137);
    assert_eq!(present(&mut world, &system).fault(), unfit);
    let issuer = format!("{LOGIN}/{}/v2.0", world::TENANT);
    let trust = |subject: &str| FederatedCredential {
        issuer: issuer.clone(),
        subject: subject.into(),
        audience: world::TOKEN_EXCHANGE.into(),
        key: None,
    };
    let user = user_token(&mut world);
    let own = claims(&Value::from(user.clone()))["sub"].as_str().unwrap().to_owned();
    let trusted = [trust(world::SYSTEM_IDENTITY_OBJECT), trust(world::FEDERATED_APP_OBJECT), trust(&own)];
    for app in &mut world.emulator.config_mut().apps {
        app.federated_credentials.extend(trusted.clone());
    }
    assert_eq!(present(&mut world, &system).fault(), unfit);
    // A person's token.
    assert_eq!(present(&mut world, &user).fault(), fault(401, "invalid_client", 700_229));
    // A token that was had for such a token.
    let first = cluster(&mut world);
    let scope = "api://AzureADTokenExchange/.default";
    let second = present_at(&mut world, LOGIN, world::FEDERATED_APP, scope, &first).json();
    let second = second["access_token"].as_str().unwrap().to_owned();
    assert_eq!(present(&mut world, &second).fault(), fault(401, "invalid_client", 700_231));
    // The identity of another directory.
    let foreign = "11111111-2222-4333-8444-555555555555";
    world.emulator.config_mut().identities[1].tenant = foreign.into();
    for app in &mut world.emulator.config_mut().apps {
        let mut there = trust(world::USER_IDENTITY_OBJECT);
        there.issuer = format!("{LOGIN}/{foreign}/v2.0");
        app.federated_credentials.push(there);
    }
    let token = machine(&mut world, "http://169.254.169.254", world::USER_IDENTITY);
    assert_eq!(present(&mut world, &token).fault(), fault(401, "invalid_client", 700_211));
}

/// A person's access token for the token exchange.
fn user_token(world: &mut World) -> String {
    let scope = USER_SCOPE.replace("https://management.azure.com", "api://AzureADTokenExchange");
    let url = authorize(&[("scope", &scope)]);
    let arrival = world.sign_in(&Default::default(), &url).unwrap();
    let code = arrival.parameter("code").unwrap();
    let document = world.redeem(&code, &[("scope", &scope), ("code_verifier", VERIFIER)]).json();
    document["access_token"].as_str().unwrap().to_owned()
}
