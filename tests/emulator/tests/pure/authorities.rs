//! Authorities that are not quite Entra: AD FS, dSTS, external tenants, providers, regional hosts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_emulator::world;
use serde_json::{Value, json};

use crate::signing::{Identity, TYPE};
use crate::support::{Answer, LOGIN, World, claims, fault};

const ADFS: &str = "https://sts.fabrikam.example/adfs";
const DSTS: &str = "https://dsts.core.example/dstsv2/7a433bfc-2514-4697-b467-e0933190487f";
const EXTERNAL: &str = "https://contoso.ciamlogin.com";
const LOOPBACK: &str = "http://127.0.0.1:8080";

/// The older header, which these services want.
fn old(identity: &Identity) -> Value {
    json!({ "alg": "RS256", "typ": "JWT", "x5t": URL_SAFE_NO_PAD.encode(identity.x5t()) })
}

fn assertion(world: &World, app: &str, header: &Value, audience: &str) -> String {
    let now = world.now.unix.0;
    let claims = json!({ "aud": audience, "iss": app, "sub": app, "jti": "1", "nbf": now, "exp": now + 600 });
    Identity::of(world::CERTIFICATE_PEM).sign(header, &claims)
}

fn ask(world: &mut World, url: &str, app: &str, proof: (&str, &str)) -> Answer {
    let mut pairs = vec![
        ("grant_type", "client_credentials"),
        ("client_id", app),
        ("scope", world::MANAGEMENT_SCOPE),
        proof,
    ];
    if proof.0 == "client_assertion" {
        pairs.push(("client_assertion_type", TYPE));
    }
    world.form(url, &pairs)
}

#[test]
fn metadata_of_every_kind() {
    let mut world = World::new();
    let tenant = world::TENANT;
    let same = |base: &str| (base.to_owned(), format!("{base}/oauth2/v2.0/token"));
    let external = format!("https://{tenant}.ciamlogin.com/{tenant}/v2.0");
    for (authority, (issuer, token)) in [
        (ADFS.to_owned(), (ADFS.to_owned(), format!("{ADFS}/oauth2/token"))),
        (format!("{LOOPBACK}/ADFS"), (format!("{LOOPBACK}/adfs"), format!("{LOOPBACK}/adfs/oauth2/token"))),
        (DSTS.to_owned(), same(DSTS)),
        (format!("{DSTS}/v2.0"), same(DSTS)),
        (format!("https://issuer.example/{tenant}"), same(&format!("https://issuer.example/{tenant}"))),
        (format!("{LOOPBACK}/{tenant}"), same(&format!("{LOOPBACK}/{tenant}"))),
        (
            format!("{EXTERNAL}/{}/v2.0", world::TENANT_DOMAIN),
            (external.clone(), format!("{EXTERNAL}/{tenant}/oauth2/v2.0/token")),
        ),
        (
            format!("https://{tenant}.ciamlogin.com/{tenant}/v2.0"),
            (external.clone(), format!("https://{tenant}.ciamlogin.com/{tenant}/oauth2/v2.0/token")),
        ),
    ] {
        let answer = world.get(&format!("{authority}/.well-known/openid-configuration"), &[]);
        assert_eq!(answer.status, 200, "{authority}: {}", answer.text());
        let document = answer.json();
        assert_eq!(document["issuer"], issuer, "{authority}");
        assert_eq!(document["token_endpoint"], token, "{authority}");
        let keys = document["jwks_uri"].as_str().unwrap();
        assert_eq!(world.get(keys, &[]).json()["keys"].as_array().map(Vec::len), Some(1), "{keys}");
    }
    for (url, status) in [
        // Those are not AD FS, not dSTS, and nothing of Entra's.
        (format!("{LOGIN}/adfs/.well-known/openid-configuration"), 404),
        (format!("{EXTERNAL}/adfs/.well-known/openid-configuration"), 400),
        (format!("{LOGIN}/dstsv2/{tenant}/v2.0/.well-known/openid-configuration"), 404),
        (format!("https://x.example/dstsv2/{tenant}/v2.0/.well-known/openid-configuration"), 404),
        (format!("https://sts.fabrikam.example/{tenant}/v2.0/.well-known/openid-configuration"), 404),
        (format!("{LOGIN}/{tenant}/.well-known/openid-configuration"), 404),
        (format!("https://other.ciamlogin.com/{tenant}/v2.0/.well-known/openid-configuration"), 400),
        (format!("{EXTERNAL}/common/v2.0/.well-known/openid-configuration"), 400),
        (
            format!("https://westeurope.login.microsoft.com/{tenant}/v2.0/.well-known/openid-configuration"),
            404,
        ),
    ] {
        assert_eq!(world.get(&url, &[]).status, status, "{url}");
    }
}

#[test]
fn adfs_and_dsts_want_the_older_assertion() {
    let mut world = World::new();
    let identity = Identity::of(world::CERTIFICATE_PEM);
    let app = world::CERTIFICATE_APP;
    for (url, issuer) in [
        (format!("{ADFS}/oauth2/token"), ADFS),
        (format!("{DSTS}/oauth2/v2.0/token"), DSTS),
        (format!("{LOOPBACK}/adfs/oauth2/token"), &format!("{LOOPBACK}/adfs")),
    ] {
        let right = assertion(&world, app, &old(&identity), &url);
        let answer = ask(&mut world, &url, app, ("client_assertion", &right));
        assert_eq!(answer.status, 200, "{url}: {}", answer.text());
        let token = claims(&answer.json()["access_token"]);
        assert_eq!((&token["iss"], &token["appid"]), (&json!(issuer), &json!(app)));
        assert_eq!(token.contains_key("tid"), url.contains("dstsv2"));

        let newer = assertion(&world, app, &identity.header(), &url);
        let mut both = old(&identity);
        both["x5t#S256"] = identity.header()["x5t#S256"].clone();
        let both = assertion(&world, app, &both, &url);
        let entras = format!("{LOGIN}/{}/oauth2/v2.0/token", world::TENANT);
        let elsewhere = assertion(&world, app, &old(&identity), &entras);
        for (wrong, code) in [(newer, 700_027), (both, 700_027), (elsewhere, 700_023)] {
            let answer = ask(&mut world, &url, app, ("client_assertion", &wrong));
            if url.contains("dstsv2") {
                assert_eq!(answer.fault(), fault(401, "invalid_client", code));
                continue;
            }
            let document = answer.json();
            assert_eq!((answer.status, &document["error"]), (400, &json!("invalid_client")));
            assert!(document["error_description"].as_str().unwrap().starts_with("MSIS9622: "));
            assert!(document.get("error_codes").is_none() && document.get("trace_id").is_none());
        }
        let secret = ask(&mut world, &url, world::APP, ("client_secret", world::SECRET));
        assert_eq!(secret.status, 200);
        // What dSTS does for people nobody documents.
        let other = world.form(&url, &[("grant_type", "refresh_token"), ("client_id", app)]);
        let known = !url.contains("dstsv2");
        let error = if known { "invalid_client" } else { "unsupported_grant_type" };
        assert_eq!((other.status, &other.json()["error"]), (400, &json!(error)));
    }
    let stray =
        ask(&mut world, "https://sts.fabrikam.example/x/oauth2/v2.0/token", app, ("client_secret", "x"));
    assert_eq!(stray.status, 404);
    // Some clients build an address that an AD FS does not have.
    let built = ask(&mut world, &format!("{ADFS}/oauth2/v2.0/token"), app, ("client_secret", "x"));
    assert_eq!(built.status, 404);
}

#[test]
fn an_external_tenant_has_a_host_of_its_own() {
    let mut world = World::new();
    let proof = ("client_secret", world::SECRET);
    let url = format!("{EXTERNAL}/{}/oauth2/v2.0/token", world::TENANT_DOMAIN);
    let answer = ask(&mut world, &url, world::APP, proof);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let identity = Identity::of(world::CERTIFICATE_PEM);
    let right = assertion(&world, world::CERTIFICATE_APP, &identity.header(), &url);
    assert_eq!(ask(&mut world, &url, world::CERTIFICATE_APP, ("client_assertion", &right)).status, 200);
    let entras = format!("{LOGIN}/{}/oauth2/v2.0/token", world::TENANT);
    let wrong = assertion(&world, world::CERTIFICATE_APP, &identity.header(), &entras);
    let answer = ask(&mut world, &url, world::CERTIFICATE_APP, ("client_assertion", &wrong));
    assert_eq!(answer.fault(), fault(401, "invalid_client", 700_023));
    assert_eq!(world.get(&format!("{EXTERNAL}/devicelogin"), &[]).status, 200);
    let other = url.replace("contoso.ciamlogin", "other.ciamlogin");
    assert_eq!(ask(&mut world, &other, world::APP, proof).fault(), fault(400, "invalid_request", 90_002));
}

#[test]
fn a_policy_of_b2c_gives_tokens_at_its_own_address() {
    let mut world = World::new();
    let (tenant, proof) = (world::TENANT_DOMAIN, ("client_secret", world::SECRET));
    for base in [
        format!("{LOGIN}/tfp/{tenant}/B2C_1_sign_in"),
        format!("{LOGIN}/{tenant}/B2C_1_sign_in"),
        format!("https://contoso.b2clogin.com/{tenant}/b2c_1_sign_in"),
    ] {
        let answer = ask(&mut world, &format!("{base}/oauth2/v2.0/token"), world::APP, proof);
        assert_eq!(answer.status, 200, "{base}: {}", answer.text());
        // The tenant does not come twice, and there are no codes for devices.
        let doubled = format!("{base}/{tenant}/oauth2/v2.0/token");
        assert_eq!(ask(&mut world, &doubled, world::APP, proof).status, 404, "{base}");
        assert_eq!(world.form(&format!("{base}/oauth2/v2.0/devicecode"), &[]).status, 404, "{base}");
    }
    // Its own host serves no other tenant, and nothing without a policy.
    let own = format!("https://contoso.b2clogin.com/{tenant}/oauth2/v2.0/token");
    assert_eq!(ask(&mut world, &own, world::APP, proof).status, 404);
    let foreign = format!("https://fabrikam.b2clogin.com/{tenant}/b2c_1_sign_in/oauth2/v2.0/token");
    assert_eq!(ask(&mut world, &foreign, world::APP, proof).fault(), fault(400, "invalid_request", 90_002));
    let other = format!("{LOGIN}/tfp/nobody.example/b2c_1_x/oauth2/v2.0/token");
    assert_eq!(ask(&mut world, &other, world::APP, proof).fault(), fault(400, "invalid_request", 90_002));
}

#[test]
fn regional_hosts_serve_few() {
    let mut world = World::new();
    let tenant = world::TENANT;
    let identity = Identity::of(world::CERTIFICATE_PEM);
    let central = format!("{LOGIN}/{tenant}/oauth2/v2.0/token");
    let regional = format!("https://westeurope.login.microsoft.com/{tenant}/oauth2/v2.0/token");
    let app = world::CERTIFICATE_APP;
    for audience in [&central, &regional] {
        let right = assertion(&world, app, &identity.header(), audience);
        let answer = ask(&mut world, &regional, app, ("client_assertion", &right));
        assert_eq!(answer.status, 200, "{audience}: {}", answer.text());
        let token = answer.json()["access_token"].clone();
        assert_eq!(claims(&token)["iss"], format!("https://sts.windows.net/{tenant}/"));
    }
    // A renewed certificate with its chain needs no list.
    let renewed = Identity::of(world::RENEWED_CERTIFICATE_PEM);
    let named = world::SUBJECT_NAME_APP;
    let now = world.now.unix.0;
    let chained = renewed.sign(
        &renewed.chained(),
        &json!({ "aud": central, "iss": named, "sub": named, "jti": "1", "exp": now + 600 }),
    );
    assert_eq!(ask(&mut world, &regional, named, ("client_assertion", &chained)).status, 200);
    // Others are refused, and so is every other grant.
    let secret = ("client_secret", world::SECRET);
    assert_eq!(
        ask(&mut world, &regional, world::APP, secret).fault(),
        fault(400, "invalid_request", 100_007)
    );
    let right = assertion(&world, app, &identity.header(), &central);
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", app),
        ("refresh_token", "x"),
        ("client_assertion_type", TYPE),
        ("client_assertion", &right),
    ];
    assert_eq!(world.form(&regional, &pairs).fault(), fault(400, "invalid_request", 100_007));
    // Other clouds have such hosts, under any of their names; not every name is a region's.
    for (host, regional) in [
        ("usgovvirginia.login.microsoftonline.us", true),
        ("chinaeast2.login.partner.microsoftonline.cn", true),
        ("chinaeast2.login.chinacloudapi.cn", true),
        ("westeurope.login.microsoftonline.com", false),
        ("-.login.microsoft.com", false),
        ("a.b.login.microsoft.com", false),
    ] {
        let url = format!("https://{host}/{tenant}/oauth2/v2.0/token");
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_id", world::APP),
            ("client_secret", world::SECRET),
            ("scope", "https://storage.azure.com/.default"),
        ];
        let answer = world.form(&url, &pairs);
        assert_eq!(answer.status, if regional { 400 } else { 200 }, "{host}");
        assert!(!regional || answer.fault().2 == 100_007, "{host}");
    }
}

#[test]
fn the_machine_knows_its_region() {
    let mut world = World::new();
    let base = "http://169.254.169.254/metadata/instance/compute";
    let metadata = [("metadata", "true")];
    let right = world.get(&format!("{base}?api-version=2021-02-01"), &metadata);
    assert_eq!((right.status, &right.json()["location"]), (200, &json!(world::LOCATION)));
    let text = world.get(&format!("{base}/location?api-version=2021-02-01&format=text"), &metadata);
    assert_eq!((text.status, text.text()), (200, world::LOCATION.to_owned()));
    for (query, headers) in [
        ("?api-version=2021-02-01", &[][..]),
        ("?api-version=2021-02-01", &[("metadata", "true"), ("x-forwarded-for", "1.2.3.4")]),
        ("?api-version=2000-01-01", &metadata),
        ("", &metadata),
        ("/location?api-version=2021-02-01", &metadata),
    ] {
        assert_eq!(world.get(&format!("{base}{query}"), headers).status, 400, "{query}");
    }
    let newest = world.get(&format!("{base}?api-version=1"), &metadata).json()["newest-versions"].clone();
    assert_eq!(newest[0], "2023-07-01");
    assert_eq!(world.emulator.token_requests(), 0);
    assert_eq!(
        world.get("http://127.0.0.1:1/metadata/instance/compute?api-version=2021-02-01", &metadata).status,
        200
    );
}
