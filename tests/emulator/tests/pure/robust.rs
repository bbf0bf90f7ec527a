//! Requests made of bits of real ones and of rubbish: there is always an answer, and the same again.

use entrada_core::secret::SecretBytes;
use entrada_core::time::{Mono, Now, Unix};
use entrada_emulator::{Config, Emulator, world};
use http::{Method, Request};
use serde_json::json;

use crate::signing::{Identity, presenting};
use crate::support::World;

const HOSTS: [&str; 11] = [
    "https://login.microsoftonline.com",
    "https://management.azure.com",
    "http://169.254.169.254",
    "https://graph.microsoft.com",
    "http://127.0.0.1:1",
    "https://[::1]:443",
    "https://login.microsoftonline.de",
    "https://westeurope.login.microsoft.com",
    "https://contoso.ciamlogin.com",
    "https://sts.fabrikam.example",
    "https://dev.azure.com",
];
const PIECES: [&str; 38] = [
    "",
    "common",
    world::TENANT,
    "oauth2",
    "v2.0",
    "token",
    "authorize",
    "devicecode",
    "login",
    "devicelogin",
    "metadata",
    "identity",
    "subscriptions",
    world::SUBSCRIPTION,
    "resourceGroups",
    world::RESOURCE_GROUP,
    "providers",
    "Microsoft.MachineLearningServices",
    "workspaces",
    "%00%ff%zz%2",
    "..",
    "v1.0",
    "discovery",
    "instance",
    "compute",
    "location",
    "userrealm",
    world::FEDERATED_USER,
    "adfs",
    "services",
    "trust",
    "mex",
    "13",
    "usernamemixed",
    "dstsv2",
    world::DSTS_TENANT,
    "_apis",
    "oidctoken",
];
const PATHS: [&str; 7] = [
    "/organizations/oauth2/v2.0/token",
    "/organizations/oauth2/v2.0/authorize",
    "/organizations/oauth2/v2.0/devicecode",
    "/subscriptions?api-version=2022-12-01&$skipToken=",
    "/8d6f5c1e-2b7a-4f3d-9c40-1a2b3c4d5e6f/oauth2/v2.0/token",
    "/adfs/oauth2/token",
    "/adfs/services/trust/13/usernamemixed",
];
const FIELDS: [&str; 27] = [
    "grant_type=client_credentials",
    "grant_type=refresh_token",
    "grant_type=authorization_code",
    "grant_type=device_code",
    "client_id=04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "scope=openid",
    "scope=/",
    "scope=%2F.default",
    "claims=%7B%22access_token%22%3A7%7D",
    "claims=%7B%22access_token%22%3A%7B%22nbf%22%3A%7B%22value%22%3A%5B%5D%7D%7D%7D",
    "code=x&redirect_uri=x",
    "refresh_token=x",
    "ctx=x&action=approve",
    "otc=%FF",
    "redirect_uri=http%3A%2F%2Flocalhost%3A1&response_type=code",
    "&&==&%",
    "grant_type=password",
    "username=lin%40fabrikam.example&password=x",
    "username=%40&password=x",
    "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer",
    "grant_type=urn:ietf:params:oauth:grant-type:saml2-bearer",
    "assertion=e30.e30.e30&requested_token_use=on_behalf_of",
    "client_id=b86d2e05-7f41-4c9a-95e3-0a4f6c1d8e18",
    "client_secret=mW3Q8~entrada.emulator-middle_tier",
    "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "client_assertion=eyJhbGciOiJSUzI1NiJ9.e30.e30",
    "api-version=7.1&serviceConnectionId=x",
];

/// Numbers of a fixed sequence (Knuth's multiplier).
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn joined(&mut self, of: &[&str], most: usize, with: &str) -> String {
        let count = self.below(most + 1);
        (0..count).map(|_| of[self.below(of.len())]).collect::<Vec<_>>().join(with)
    }
}

#[test]
fn every_request_has_an_answer() {
    let mut sequence = Sequence(1);
    let mut one = Emulator::new(Config::default(), [1; 32]);
    let mut two = Emulator::new(Config::default(), [1; 32]);
    let mut statuses = std::collections::BTreeSet::new();
    for _ in 0..20_000 {
        let path = match sequence.below(3) {
            0 => PATHS[sequence.below(PATHS.len())].to_owned(),
            _ => format!("/{}", sequence.joined(&PIECES, 9, "/")),
        };
        let query = sequence.joined(&FIELDS, 4, "&");
        let url = format!(
            "{}{path}{}{query}",
            HOSTS[sequence.below(HOSTS.len())],
            if path.contains('?') { "&" } else { "?" }
        );
        let method = [Method::GET, Method::POST, Method::PUT][sequence.below(3)].clone();
        let body = sequence.joined(&FIELDS, 5, "&");
        let request = Request::builder()
            .method(method)
            .uri(&url)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("metadata", "true")
            .header("authorization", ["Bearer a.b.c", "Bearer", "x"][sequence.below(3)])
            .body(SecretBytes::new(body));
        let Ok(request) = request else {
            continue;
        };
        let edge = [i64::MIN, -1, 0, 1_795_497_426, i64::MAX][sequence.below(5)];
        let now = Now { mono: Mono(u64::MAX), unix: Unix(edge) };
        let (first, second) = (one.answer(now, &request), two.answer(now, &request));
        assert_eq!(first.body().expose(), second.body().expose(), "{url}");
        assert_eq!(first.headers(), second.headers(), "{url}");
        statuses.insert(first.status().as_u16());
        // An AD FS says 500 on purpose, in SOAP.
        assert!(first.status() != 500 || url.contains("usernamemixed"), "{url}");
    }
    for status in [200, 302, 400, 401, 404, 405] {
        assert!(statuses.contains(&status), "{status} never came up");
    }
}

#[test]
fn no_bit_of_an_assertion_is_too_much() {
    let mut world = World::new();
    let identity = Identity::of(world::CERTIFICATE_PEM);
    let app = world::CERTIFICATE_APP;
    let audience = format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", world::TENANT);
    let ask = |world: &mut World, assertion: &str| {
        world.token(world::TENANT, &presenting(app, assertion, world::MANAGEMENT_SCOPE)).status
    };
    let times =
        [json!(i64::MIN), json!(i64::MAX), json!(1e300), json!("-1e300"), json!("nan"), json!([]), json!(0)];
    for (exp, nbf) in times.iter().flat_map(|exp| times.iter().map(move |nbf| (exp, nbf))) {
        let claims = json!({ "aud": audience, "iss": app, "sub": app, "jti": "1", "exp": exp, "nbf": nbf });
        let assertion = identity.sign(&identity.header(), &claims);
        for unix in [i64::MIN, 0, i64::MAX] {
            world.now.unix = Unix(unix);
            assert!(matches!(ask(&mut world, &assertion), 200 | 400 | 401), "{exp} {nbf} {unix}");
        }
    }
    world = World::new();
    let claims = json!({ "aud": audience, "iss": app, "sub": app, "jti": "1", "exp": world.now.unix.0 + 60 });
    let assertion = identity.sign(&identity.chained(), &claims);
    assert_eq!(ask(&mut world, &assertion), 200);
    for end in (0..assertion.len()).step_by(7) {
        assert!(matches!(ask(&mut world, &assertion[..end]), 400 | 401), "{end}");
    }
}
