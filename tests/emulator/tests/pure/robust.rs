//! Requests made of bits of real ones and of rubbish: there is always an answer, and the same again.

use entrada_core::secret::SecretBytes;
use entrada_core::time::{Mono, Now, Unix};
use entrada_emulator::{Config, Emulator, world};
use http::{Method, Request};

const HOSTS: [&str; 7] = [
    "https://login.microsoftonline.com",
    "https://management.azure.com",
    "http://169.254.169.254",
    "https://graph.microsoft.com",
    "http://127.0.0.1:1",
    "https://[::1]:443",
    "https://login.microsoftonline.de",
];
const PIECES: [&str; 24] = [
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
];
const PATHS: [&str; 4] = [
    "/organizations/oauth2/v2.0/token",
    "/organizations/oauth2/v2.0/authorize",
    "/organizations/oauth2/v2.0/devicecode",
    "/subscriptions?api-version=2022-12-01&$skipToken=",
];
const FIELDS: [&str; 16] = [
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
        assert!(first.status() != 500, "{url}");
    }
    for status in [200, 302, 400, 401, 404, 405] {
        assert!(statuses.contains(&status), "{status} never came up");
    }
}
