//! A kept token that is due for renewal while the authority cannot be had; and a refresh token that is refused while
//! there may be another.

use std::time::Duration;

use entrada_core::cache::HOLD_OFF;
use entrada_core::cache::accounts::{AccountSource, Arrival, Change};
use entrada_core::effect::{Effect, FileContents, FileFailure, HttpFailure, StoreAction, StoreFailure};
use entrada_core::flow::{BoxFlow, Credential};
use entrada_core::flows::silent::{self, Memory, Remembered, RememberedApp, SharedTokenCacheCredential};
use entrada_core::token::TokenResponse;
use entrada_core::{
    AccessToken, AzureCliCredential, ClientSecretCredential, DeviceCodeCredential, EntraClient, Environment,
    Error, ErrorKind, SecretBytes, TokenRequest, Unix,
};
use entrada_tests::script::{Machine, pass, respond, token};
use entrada_tests::sim::START;
use serde_json::{Value, json};

const SCOPE: &str = "https://vault.azure.net/.default";
const TENANT: &str = "6b2c9d3e-0f40-4b71-9c82-3d0e1f2a4b99";

/// `{"uid":"u","utid":"home"}` and `{"uid":"v","utid":"home"}`.
const ADA: &str = "eyJ1aWQiOiJ1IiwidXRpZCI6ImhvbWUifQ";
const BOB: &str = "eyJ1aWQiOiJ2IiwidXRpZCI6ImhvbWUifQ";

/// What comes of a request, by its body.
type Authority<'a> = &'a mut dyn FnMut(&str, &mut SecretBytes) -> Result<(u16, String), HttpFailure>;

/// One machine, on which processes run one after the other.
struct Desk {
    machine: Machine,
    kept: SecretBytes,
    profile: String,
    /// Another program keeps the document locked against changes.
    locked: bool,
}

/// What a process got, how many requests it sent, and how long that took.
type Ended = (Result<AccessToken, Error>, usize, Duration);

impl Desk {
    fn new() -> Desk {
        let (kept, profile) = (SecretBytes::default(), String::new());
        Desk { machine: Machine::default(), kept, profile, locked: false }
    }

    fn keep(&mut self, arrival: Arrival) {
        let now = self.machine.now.unix;
        self.kept = Change::Keep(arrival).apply_to_bytes(self.kept.expose(), now).unwrap();
    }

    fn run<T>(&mut self, flow: BoxFlow<T>, authority: Authority<'_>) -> (Result<T, Error>, usize, Duration) {
        let (began, mut posts) = (self.machine.now, 0);
        let Desk { machine, kept, profile, locked } = self;
        let (result, _) = machine.run(flow, |effect, now| {
            let until = effect.deadline().unwrap_or(now.mono);
            match effect {
                Effect::Http(call) => {
                    posts += 1;
                    let body = String::from_utf8_lossy(call.request().body().expose()).into_owned();
                    match authority(&body, kept) {
                        Ok((status, text)) => respond(call, status, &[], &text),
                        Err(failure) => {
                            if failure == HttpFailure::TimedOut {
                                pass(now, now.mono.until(call.deadline()));
                            }
                            call.split().1.reply(Err(failure))
                        }
                    }
                }
                Effect::Store(using) => {
                    let (_, action, ticket) = using.split();
                    if *locked && matches!(action, StoreAction::Change(_)) {
                        pass(now, now.mono.until(until));
                        return ticket.reply(Err(StoreFailure::Locked));
                    }
                    if let StoreAction::Change(change) = action {
                        *kept = change.apply_to_bytes(kept.expose(), now.unix).unwrap();
                    }
                    ticket.reply(Ok(kept.clone()))
                }
                Effect::ReadFile(read) => {
                    let (resolved, ticket) = read.split();
                    ticket.reply(match resolved.ends_with("azureProfile.json") {
                        true => Ok(FileContents { bytes: SecretBytes::new(profile.clone()), resolved }),
                        false => Err(FileFailure::NotFound),
                    })
                }
                other => other.unsupported(),
            }
        });
        (result, posts, Duration::from_millis(self.machine.now.mono.0 - began.mono.0))
    }

    fn token(&mut self, credential: &dyn Credential, authority: Authority<'_>) -> Ended {
        self.run(credential.begin(&request()), authority)
    }

    fn wait(&mut self, span: Duration) {
        pass(&mut self.machine.now, span);
    }

    /// The access tokens that are kept, as they stand there.
    fn entries(&self) -> Vec<Value> {
        let document: Value = serde_json::from_slice(self.kept.expose()).unwrap();
        document["AccessToken"].as_object().unwrap().values().cloned().collect()
    }
}

fn request() -> TokenRequest {
    TokenRequest::new([SCOPE]).unwrap()
}

fn other() -> TokenRequest {
    TokenRequest::new(["https://other.example/.default"]).unwrap()
}

fn app(client_id: &str) -> EntraClient {
    EntraClient::new(TENANT, client_id).unwrap()
}

fn tool() -> EntraClient {
    app(EntraClient::developer().unwrap().client_id())
}

fn silently(client: EntraClient) -> SharedTokenCacheCredential {
    SharedTokenCacheCredential::of(client, Memory::shared())
}

/// What the authority gives to who signs in.
fn response(access: AccessToken, refresh_token: &str, who: &str) -> TokenResponse {
    TokenResponse {
        access,
        refresh_token: Some(refresh_token.into()),
        id_token: None,
        client_info: Some(who.into()),
        family: None,
    }
}

fn signed_in(client: &EntraClient, response: &TokenResponse) -> Arrival {
    Arrival::of_sign_in(client, &request(), AccountSource::DeviceCode, response).unwrap()
}

/// Somebody who signed in and has a token for something else.
fn known(client: &EntraClient, refresh_token: &str, who: &str) -> Arrival {
    let response = TokenResponse { family: Some("1".into()), ..response(token("other"), refresh_token, who) };
    Arrival::of_sign_in(client, &other(), AccountSource::DeviceCode, &response).unwrap()
}

/// A token with so many seconds to live that has been due for a minute.
fn due(lives: i64) -> AccessToken {
    let ends = Unix(START.unix.0 + lives);
    let token = AccessToken::new("kept".into(), ends, START, "script").unwrap();
    token.refreshed_on(Some(Unix(START.unix.0 - 60)))
}

fn granted(access: &str) -> Result<(u16, String), HttpFailure> {
    let body = json!({"token_type": "Bearer", "access_token": access, "expires_in": 3600,
        "refresh_token": "refresh-next", "client_info": ADA});
    Ok((200, body.to_string()))
}

fn refused(error: &str, number: u64) -> Result<(u16, String), HttpFailure> {
    Ok((400, json!({"error": error, "error_description": format!("AADSTS{number}: no")}).to_string()))
}

/// Every credential that keeps tokens, and a desk on which a token of it is due, with so many seconds to live.
fn all(lives: i64) -> Vec<(Desk, Box<dyn Credential>)> {
    let with = |arrival: Arrival| {
        let mut desk = Desk::new();
        desk.keep(arrival);
        desk
    };
    let person = || with(signed_in(&tool(), &response(due(lives), "refresh", ADA)));
    let own = Arrival::of_app(&app("own"), &request(), &due(lives)).unwrap();
    let secret = ClientSecretCredential::of(app("own"), "s").unwrap();
    let mut native = person();
    native.profile = json!({"subscriptions": [{"id": "s", "name": "s", "state": "Enabled", "isDefault": true,
        "user": {"name": "ada@contoso.example", "type": "user"}, "tenantId": TENANT,
        "environmentName": "AzureCloud", "homeTenantId": TENANT}]})
    .to_string();
    // A name is what the tool knows its user by.
    let mut document: Value = serde_json::from_slice(native.kept.expose()).unwrap();
    for account in document["Account"].as_object_mut().unwrap().values_mut() {
        account["username"] = "ada@contoso.example".into();
    }
    native.kept = SecretBytes::new(document.to_string());
    let environment = Environment::new().with("AZURE_CONFIG_DIR", "/home/ada/.azure");
    vec![
        (person(), Box::new(silently(tool()))),
        (person(), Box::new(Remembered::of(DeviceCodeCredential::of(tool()), Memory::shared()))),
        (with(own), Box::new(RememberedApp::of(app("own"), secret, Memory::shared()))),
        (native, Box::new(AzureCliCredential::new().natively(&environment))),
    ]
}

#[track_caller]
fn text((result, posts, took): Ended) -> (String, usize, Duration) {
    (result.unwrap().secret().expose().to_owned(), posts, took)
}

#[test]
fn a_token_that_lives_is_had_within_two_seconds_whatever_the_network_does() {
    for failure in [HttpFailure::TimedOut, HttpFailure::Refused, HttpFailure::Broken] {
        for (mut desk, credential) in all(1500) {
            let name = credential.name();
            let gone: Authority<'_> = &mut |_, _| Err(failure);
            let (token, posts, took) = text(desk.token(&credential, gone));
            assert_eq!((token.as_str(), posts), ("kept", 1), "{name}, {failure:?}");
            assert!(took <= Duration::from_secs(2), "{name}, {failure:?}: {took:?}");
            // The next process knows.
            for _ in 0..3 {
                let next = text(desk.token(&credential, gone));
                assert_eq!(next, ("kept".to_owned(), 0, Duration::ZERO), "{name}, {failure:?}");
            }
            desk.wait(HOLD_OFF);
            assert_eq!(text(desk.token(&credential, gone)).1, 1, "{name}, {failure:?}");
            desk.wait(HOLD_OFF);
            let renewed = text(desk.token(&credential, &mut |_, _| granted("new")));
            assert_eq!((renewed.0.as_str(), renewed.1), ("new", 1), "{name}, {failure:?}");
        }
    }
}

/// The change of what is kept is waited for no longer than the renewal, but for an instant.
#[test]
fn a_document_that_is_locked_delays_a_token_that_is_there_by_an_instant() {
    let most = Duration::from_millis(2500);
    for (mut desk, credential) in all(1500) {
        let name = credential.name();
        desk.locked = true;
        let (token, _, took) = text(desk.token(&credential, &mut |_, _| granted("new")));
        assert!(token == "new" && took <= most, "{name}: {token} {took:?}");
        for failure in [HttpFailure::TimedOut, HttpFailure::Refused] {
            let (token, _, took) = text(desk.token(&credential, &mut |_, _| Err(failure)));
            assert!(token == "kept" && took <= most, "{name}, {failure:?}: {token} {took:?}");
        }
    }
}

#[test]
fn where_nobody_waits_a_renewal_has_all_its_tries() {
    for (mut desk, credential) in all(1500) {
        let gone: Authority<'_> = &mut |_, _| Err(HttpFailure::Refused);
        let (token, posts, took) = text(desk.run(credential.renew(&request()), gone));
        assert_eq!((token.as_str(), posts), ("kept", 4), "{}", credential.name());
        assert!(took > Duration::from_secs(3), "{}: {took:?}", credential.name());
    }
}

/// Nothing is there to go on with, so it is worth waiting.
#[test]
fn a_token_that_is_about_to_die_is_renewed_with_patience() {
    for (mut desk, credential) in all(2) {
        let gone: Authority<'_> = &mut |_, _| Err(HttpFailure::Refused);
        let (result, posts, _) = desk.token(&credential, gone);
        assert_eq!((result.unwrap_err().kind(), posts), (ErrorKind::Network, 4), "{}", credential.name());
    }
}

#[test]
fn what_is_noted_is_the_time_of_renewal_alone() {
    let (mut desk, credential) = all(1500).remove(0);
    let mut before = desk.entries().remove(0);
    let (result, ..) = desk.token(&credential, &mut |_, _| Err(HttpFailure::TimedOut));
    let due = result.unwrap().refresh_due();
    assert_eq!(due, desk.machine.now.unix.after(HOLD_OFF));
    let after = desk.entries().remove(0);
    assert_eq!(after["refresh_on"], due.0.to_string());
    before["refresh_on"] = after["refresh_on"].clone();
    assert_eq!(after, before);
}

#[test]
fn a_refresh_token_that_took_the_place_of_a_dead_one_is_tried() {
    let signs_in = |kept: &mut SecretBytes, refresh_token: &str| {
        let again = known(&tool(), refresh_token, ADA);
        *kept = Change::Keep(again).apply_to_bytes(kept.expose(), START.unix).unwrap();
    };
    let mut desk = Desk::new();
    desk.keep(known(&tool(), "refresh-1", ADA));
    let mut sent = Vec::new();
    let (result, posts, _) = desk.token(&silently(tool()), &mut |body, kept| {
        let secret = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "refresh_token");
        sent.push(secret.unwrap().1.into_owned());
        match sent.len() {
            // Meanwhile another process puts the next one there.
            1 => signs_in(kept, "refresh-2"),
            2 => signs_in(kept, "refresh-3"),
            _ => return granted("new"),
        }
        refused("invalid_grant", 70_008)
    });
    assert_eq!((result.unwrap().secret().expose(), posts), ("new", 3));
    assert_eq!(sent, ["refresh-1", "refresh-2", "refresh-3"]);
}

#[test]
fn no_refresh_token_is_tried_twice() {
    let mut desk = Desk::new();
    desk.keep(known(&tool(), "refresh-1", ADA));
    let (result, posts, _) = desk.token(&silently(tool()), &mut |_, kept| {
        // Somebody else insists.
        let again = known(&tool(), "refresh-1", ADA);
        *kept = Change::Keep(again).apply_to_bytes(kept.expose(), START.unix).unwrap();
        refused("invalid_grant", 70_008)
    });
    assert_eq!((result.unwrap_err().kind(), posts), (ErrorKind::InteractionRequired, 1));
}

/// A service principal's client id is in the environment, and a person of the developer tools is kept.
#[test]
fn an_app_that_is_no_relative_is_told_so() {
    let mut desk = Desk::new();
    desk.keep(known(&tool(), "refresh", ADA));
    let mut renewable = |client: EntraClient| {
        let kept = desk.run(silent::accounts(&client, &Memory::shared()), &mut |_, _| panic!()).0.unwrap();
        kept[0].renewable
    };
    assert!(!renewable(app("principal")), "nobody knows that it is of the family");
    assert!(renewable(tool()));
    let (result, posts, _) =
        desk.token(&silently(app("principal")), &mut |_, _| refused("invalid_client", 7_000_218));
    let error = result.unwrap_err();
    assert_eq!((error.kind(), posts), (ErrorKind::InteractionRequired, 1));
    assert!(error.remedy().unwrap().contains("AZURE_CLIENT_ID"), "{error}");

    // An app that has to prove itself says so of its own sign-in as before.
    let mut desk = Desk::new();
    desk.keep(known(&app("principal"), "refresh", ADA));
    let (result, ..) =
        desk.token(&silently(app("principal")), &mut |_, _| refused("invalid_client", 7_000_218));
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Refused);
}

/// Of two accounts the one that is sure to get a token is meant, and not one whose app may be a relative.
#[test]
fn an_own_sign_in_goes_before_that_of_what_may_be_a_relative() {
    let mut desk = Desk::new();
    desk.keep(known(&tool(), "bob", BOB));
    let (result, posts, _) = desk.token(&silently(app("own")), &mut |body, _| {
        assert!(body.contains("refresh_token=bob"));
        granted("of-bob")
    });
    assert!(result.is_ok() && posts == 1, "alone it is tried: {result:?}");
    let mut desk = Desk::new();
    // An app of no family.
    let ada = response(token("other"), "ada", ADA);
    desk.keep(known(&tool(), "bob", BOB));
    desk.keep(Arrival::of_sign_in(&app("own"), &other(), AccountSource::DeviceCode, &ada).unwrap());
    let (result, posts, _) = desk.token(&silently(app("own")), &mut |body, _| {
        assert!(body.contains("refresh_token=ada"), "{body}");
        granted("of-ada")
    });
    assert_eq!((result.unwrap().secret().expose(), posts), ("of-ada", 1));
}
