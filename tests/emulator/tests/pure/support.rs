//! A world, a clock, and short ways to ask.

use std::convert::Infallible;
use std::time::Duration;

use entrada_core::effect::{HttpRequest, HttpResponse};
use entrada_core::jwt::Jwt;
use entrada_core::secret::SecretBytes;
use entrada_core::time::{Mono, Now, Unix};
use entrada_emulator::config::Tenant;
use entrada_emulator::person::{Arrival, Person, Stuck};
use entrada_emulator::{Config, Emulator, world};
use http::{Method, Request};
use serde_json::Value;
use url::form_urlencoded;

pub(crate) const LOGIN: &str = "https://login.microsoftonline.com";
pub(crate) const ARM: &str = "https://management.azure.com";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const USER_SCOPE: &str = "https://management.azure.com/.default openid profile offline_access";
pub(crate) const LOOPBACK: &str = "http://localhost:49152";

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) now: Now,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) response: HttpResponse,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(self.response.body().expose()).expect("a JSON body")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.response.body().expose().to_vec()).expect("a text")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status, error and number of a refusal.
    pub(crate) fn fault(&self) -> (u16, String, u64) {
        let document = self.json();
        let code = document["error_codes"][0].as_u64().unwrap();
        let description = document["error_description"].as_str().unwrap();
        assert!(description.starts_with(&format!("AADSTS{code}: ")), "{description}");
        (self.status, document["error"].as_str().unwrap().to_owned(), code)
    }

    /// Status and code of a refusal of Azure Resource Manager.
    pub(crate) fn arm_fault(&self) -> (u16, String) {
        (self.status, self.json()["error"]["code"].as_str().unwrap().to_owned())
    }
}

pub(crate) fn fault(status: u16, error: &str, code: u64) -> (u16, String, u64) {
    (status, error.to_owned(), code)
}

pub(crate) fn encode(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

pub(crate) fn claims(token: &Value) -> serde_json::Map<String, Value> {
    Jwt::decode(token.as_str().expect("a token")).expect("a JWT").claims
}

impl World {
    pub(crate) fn new() -> World {
        World::of(Config::default())
    }

    pub(crate) fn of(config: Config) -> World {
        let now = Now { mono: Mono(1_000_000), unix: Unix(1_795_497_426) };
        World { emulator: Emulator::new(config, [7; 32]), now }
    }

    /// Another tenant, `fabrikam.onmicrosoft.com`; its id.
    pub(crate) fn add_tenant(&mut self) -> &'static str {
        let id = "11111111-2222-4333-8444-555555555555";
        let domains = vec!["fabrikam.onmicrosoft.com".into()];
        let tenant = Tenant { id: id.into(), domains, name: "Fabrikam".into() };
        self.emulator.config_mut().tenants.push(tenant);
        id
    }

    pub(crate) fn pass(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
    }

    pub(crate) fn send(&mut self, method: Method, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request: HttpRequest = request.body(SecretBytes::new(body)).unwrap();
        let response = self.emulator.answer(self.now, &request);
        Answer { status: response.status().as_u16(), response }
    }

    pub(crate) fn get(&mut self, url: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, url, headers, "")
    }

    pub(crate) fn form(&mut self, url: &str, pairs: &[(&str, &str)]) -> Answer {
        let kind = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        self.send(Method::POST, url, &kind, &encode(pairs))
    }

    pub(crate) fn token(&mut self, tenant: &str, pairs: &[(&str, &str)]) -> Answer {
        self.form(&format!("{LOGIN}/{tenant}/oauth2/v2.0/token"), pairs)
    }

    /// An app's own token for this scope.
    pub(crate) fn app_token(&mut self, scope: &str, extra: &[(&str, &str)]) -> String {
        let mut pairs = vec![
            ("grant_type", "client_credentials"),
            ("client_id", world::APP),
            ("client_secret", world::SECRET),
            ("scope", scope),
        ];
        pairs.extend(extra);
        let answer = self.token(world::TENANT, &pairs);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn arm(&mut self, path: &str, token: &str) -> Answer {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{ARM}{path}") };
        self.get(&url, &[("authorization", &format!("Bearer {token}"))])
    }

    pub(crate) fn sign_in(&mut self, person: &Person, url: &str) -> Result<Arrival, Stuck<Infallible>> {
        let now = self.now;
        person.sign_in(url, |request| Ok(self.emulator.answer(now, &request)))
    }

    /// A code for the developer client, with these parameters beside the usual ones.
    pub(crate) fn code(&mut self, extra: &[(&str, &str)]) -> String {
        let arrival = self.sign_in(&Person::default(), &authorize(extra)).unwrap();
        arrival.parameter("code").expect("a code")
    }

    /// Redeems a code with everything right but what is given here.
    pub(crate) fn redeem(&mut self, code: &str, changed: &[(&str, &str)]) -> Answer {
        let right = [
            ("grant_type", "authorization_code"),
            ("client_id", world::DEVELOPER_CLIENT),
            ("code", code),
            ("redirect_uri", LOOPBACK),
            ("code_verifier", VERIFIER),
            ("scope", USER_SCOPE),
            ("client_info", "1"),
        ];
        self.token("organizations", &with(&right, changed))
    }
}

/// The right parameters with these changed; an empty value leaves out.
pub(crate) fn with<'a>(
    right: &[(&'a str, &'a str)],
    changed: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut pairs = right.to_vec();
    for (name, value) in changed {
        pairs.retain(|(known, _)| known != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    pairs
}

/// An authorization address with everything right but what is given here; an empty value leaves out.
pub(crate) fn authorize(changed: &[(&str, &str)]) -> String {
    let right = [
        ("client_id", world::DEVELOPER_CLIENT),
        ("response_type", "code"),
        ("redirect_uri", LOOPBACK),
        ("scope", USER_SCOPE),
        ("state", "st&te"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    format!("{LOGIN}/organizations/oauth2/v2.0/authorize?{}", encode(&with(&right, changed)))
}
