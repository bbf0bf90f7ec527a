//! Somebody signs in once and is served from what is kept, against the emulator.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use entrada_core::cache::accounts::AccountCache;
use entrada_core::call::forgetting;
use entrada_core::claims::Claims;
use entrada_core::effect::{Effect, HttpFailure, Reply, StoreAction, StoreFailure, StoreName};
use entrada_core::flow::{BoxFlow, Credential};
use entrada_core::flows::silent::{self, Memory, Remembered, RememberedApp, SharedTokenCacheCredential};
use entrada_core::{
    AccessToken, Chain, ClientSecretCredential, DeviceCodeCredential, EntraClient, Error, ErrorKind, Now,
    SecretBytes, Tenant, TokenRequest,
};
use entrada_emulator::person::Person;
use entrada_emulator::{Config, Emulator, config, world as w};
use entrada_tests::script::{Machine, Told, pass};

const VAULT: &str = "https://vault.azure.net/.default";

/// A machine with a store, a person at it, and the emulator.
struct Desk {
    machine: Machine,
    emulator: Emulator,
    kept: BTreeMap<StoreName, SecretBytes>,
    person: Person,
    /// Nothing can be kept, or nothing can be sent.
    no_store: bool,
    no_network: bool,
    asked: u32,
}

impl Desk {
    fn new() -> Desk {
        let mut config = Config::default();
        config.policy.device_interval = 1;
        Desk {
            machine: Machine::default(),
            emulator: Emulator::new(config, [7; 32]),
            kept: BTreeMap::new(),
            person: Person::default(),
            no_store: false,
            no_network: false,
            asked: 0,
        }
    }

    fn run<T>(&mut self, flow: BoxFlow<T>) -> (Result<T, Error>, Told) {
        let Desk { machine, emulator, kept, person, no_store, no_network, asked } = self;
        machine.run(flow, |effect, now| {
            answer(effect, now, emulator, kept, person, (*no_store, *no_network), asked)
        })
    }

    /// The token, how many requests it took, and how often somebody was asked.
    fn token(
        &mut self,
        credential: &dyn Credential,
        request: &TokenRequest,
    ) -> (Result<AccessToken, Error>, usize, u32) {
        let before = self.asked;
        let (result, told) = self.run(credential.begin(request));
        let requests = told.effects.iter().filter(|effect| effect.contains("POST")).count();
        (result, requests, self.asked - before)
    }

    fn wait(&mut self, seconds: u64) {
        pass(&mut self.machine.now, Duration::from_secs(seconds));
    }

    fn cache(&self, name: &str) -> AccountCache {
        let kept = self.kept.get(&StoreName::new(name).unwrap()).cloned().unwrap_or_default();
        AccountCache::parse(kept.expose()).unwrap()
    }
}

fn answer(
    effect: Effect,
    now: &mut Now,
    emulator: &mut Emulator,
    kept: &mut BTreeMap<StoreName, SecretBytes>,
    person: &Person,
    (no_store, no_network): (bool, bool),
    asked: &mut u32,
) -> Reply {
    match effect {
        Effect::Http(call) => {
            let (request, ticket) = call.split();
            match no_network {
                true => ticket.reply(Err(HttpFailure::Refused)),
                false => ticket.reply(Ok(emulator.answer(*now, &request))),
            }
        }
        Effect::Prompt(show) => {
            *asked += 1;
            let (prompt, ticket) = show.split();
            let send = |request| Ok::<_, Infallible>(emulator.answer(*now, &request));
            person.approve_device(&prompt.verification_uri, prompt.user_code.expose(), send).unwrap();
            ticket.reply(Ok(()))
        }
        Effect::Forget(forget) => forget.split().1.done(),
        Effect::Store(using) => {
            let (name, action, ticket) = using.split();
            let before = kept.get(&name).cloned().unwrap_or_default();
            if no_store {
                return ticket.reply(Err(StoreFailure::Unavailable("there is no home".into())));
            }
            match action {
                StoreAction::Change(change) => {
                    let after = change.apply_to_bytes(before.expose(), now.unix).unwrap();
                    kept.insert(name, after.clone());
                    ticket.reply(Ok(after))
                }
                _ => ticket.reply(Ok(before)),
            }
        }
        other => panic!("{other:?}"),
    }
}

fn tool() -> EntraClient {
    EntraClient::developer().unwrap()
}

fn device(client: EntraClient) -> Remembered {
    Remembered::of(DeviceCodeCredential::of(client), Memory::shared())
}

fn shared(memory: Memory) -> SharedTokenCacheCredential {
    SharedTokenCacheCredential::of(tool(), memory)
}

fn request(scope: &str) -> TokenRequest {
    TokenRequest::new([scope]).unwrap()
}

#[track_caller]
fn ok((result, requests, asked): (Result<AccessToken, Error>, usize, u32)) -> (String, usize, u32) {
    (result.unwrap().secret().expose().to_owned(), requests, asked)
}

#[track_caller]
fn error((result, _, asked): (Result<AccessToken, Error>, usize, u32)) -> Error {
    assert_eq!(asked, 0, "nobody may be asked");
    result.unwrap_err()
}

#[test]
fn a_person_is_asked_once() {
    let mut desk = Desk::new();
    let (credential, management) = (device(tool()), request(w::MANAGEMENT_SCOPE));
    let (first, _, asked) = ok(desk.token(&credential, &management));
    assert_eq!(asked, 1);
    assert_eq!(
        ok(desk.token(&credential, &management)),
        (first.clone(), 0, 0),
        "the kept one, without a request"
    );
    // Who looks for an account finds it too, from the same place.
    let found = desk.token(&shared(Memory::shared()), &management);
    let token = found.0.as_ref().unwrap();
    assert_eq!((token.source(), token.identity().username.as_deref()), ("shared-cache", Some(w::USER)));
    assert_eq!(ok(found), (first.clone(), 0, 0));
    assert_eq!(ok(desk.token(&credential.clone().asking_anew(), &management)).2, 1, "unless that is wanted");
    let (first, ..) = ok(desk.token(&credential, &management));
    // For another resource, and when it dies, a request is made and nobody asked.
    assert_eq!(ok(desk.token(&credential, &request(VAULT))).1, 1);
    desk.wait(3500);
    let (renewed, requests, asked) = ok(desk.token(&credential, &management));
    assert_eq!((requests, asked), (1, 0));
    assert_ne!(renewed, first);
    assert_eq!(ok(desk.token(&credential, &management)), (renewed, 0, 0));
}

#[test]
fn a_refresh_token_is_rotated_and_the_account_stays() {
    let mut desk = Desk::new();
    let credential = device(tool());
    ok(desk.token(&credential, &request(w::MANAGEMENT_SCOPE)));
    let host = "login.microsoftonline.com";
    let home = format!("{}.{}", w::USER_OBJECT, w::TENANT);
    let token = |desk: &Desk| {
        let tokens = desk.cache("msal.cache.nocae").refresh_tokens(host, &home, w::DEVELOPER_CLIENT);
        assert_eq!(tokens.len(), 1);
        tokens[0].secret.expose().to_owned()
    };
    let first = token(&desk);
    ok(desk.token(&credential, &request(VAULT)));
    assert_ne!(token(&desk), first);
    assert_eq!(desk.cache("msal.cache.nocae").accounts(host)[0].username, w::USER);
}

#[test]
fn a_relative_is_served_by_the_familys_token() {
    let mut desk = Desk::new();
    ok(desk.token(&device(tool()), &request(w::MANAGEMENT_SCOPE)));
    let relative = EntraClient::new("organizations", w::FAMILY_CLIENT).unwrap();
    let credential = SharedTokenCacheCredential::of(relative, Memory::shared());
    assert_eq!(ok(desk.token(&credential, &request(w::MANAGEMENT_SCOPE))).1, 1);
    assert_eq!(ok(desk.token(&credential, &request(w::MANAGEMENT_SCOPE))).1, 0);
    // Somebody else's app is none of the family, and the person is asked.
    let stranger = EntraClient::new(w::TENANT, w::APP).unwrap().with_secret(w::SECRET).unwrap();
    let stranger = SharedTokenCacheCredential::of(stranger, Memory::shared());
    assert_eq!(error(desk.token(&stranger, &request(VAULT))).kind(), ErrorKind::InteractionRequired);
}

#[test]
fn who_is_signed_out_elsewhere_is_asked_again() {
    let mut desk = Desk::new();
    let credential = device(tool());
    ok(desk.token(&credential, &request(w::MANAGEMENT_SCOPE)));
    desk.wait(10);
    assert!(desk.emulator.revoke_sessions(desk.machine.now, w::USER));
    let refused = error(desk.token(&shared(Memory::shared()), &request(VAULT)));
    assert_eq!((refused.kind(), refused.aadsts()), (ErrorKind::InteractionRequired, &[50_173][..]));
    // What was refused for good is gone, so that it is not tried again.
    assert_eq!(error(desk.token(&shared(Memory::shared()), &request(VAULT))).kind(), ErrorKind::Unavailable);
    desk.wait(10);
    assert_eq!(ok(desk.token(&credential, &request(VAULT))).2, 1);
    assert_eq!(ok(desk.token(&shared(Memory::shared()), &request(VAULT))).1, 0);
}

#[test]
fn a_demand_is_passed_on_to_the_person() {
    let mut desk = Desk::new();
    let credential = device(tool());
    ok(desk.token(&credential, &request(w::MANAGEMENT_SCOPE)));
    let demand =
        config::Demand { scope: "https://vault.azure.net".into(), acrs: Some("c1".into()), newer_than: None };
    desk.emulator.config_mut().policy.demands.push(demand);
    let refused = error(desk.token(&shared(Memory::shared()), &request(VAULT)));
    assert_eq!(refused.kind(), ErrorKind::InteractionRequired);
    assert!(refused.claims().is_some());
    assert_eq!(ok(desk.token(&credential, &request(VAULT))).2, 1);
    // The refresh token was not to blame.
    assert_eq!(ok(desk.token(&shared(Memory::shared()), &request(w::MANAGEMENT_SCOPE))).2, 0);
}

#[test]
fn claims_are_answered_by_a_fresh_token() {
    let mut desk = Desk::new();
    let (credential, management) = (device(tool()), request(w::MANAGEMENT_SCOPE));
    let (first, ..) = ok(desk.token(&credential, &management));
    desk.wait(1);
    let claims = Claims::from_json(r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#).unwrap();
    let (fresh, requests, asked) = ok(desk.token(&credential, &management.clone().with_claims(claims)));
    assert!(fresh != first && (requests, asked) == (1, 0));
    assert_eq!(ok(desk.token(&credential, &management)), (fresh, 0, 0), "it takes the place of the other");
}

#[test]
fn a_token_that_lives_is_better_than_an_error() {
    let mut desk = Desk::new();
    let (credential, management) = (device(tool()), request(w::MANAGEMENT_SCOPE));
    let (first, ..) = ok(desk.token(&credential, &management));
    desk.wait(3400);
    desk.no_network = true;
    assert_eq!(ok(desk.token(&credential, &management)).0, first);
    desk.wait(300);
    assert_eq!(error(desk.token(&credential, &management)).kind(), ErrorKind::Network);
}

#[test]
fn without_a_store_everything_works_as_before() {
    let mut desk = Desk::new();
    desk.no_store = true;
    let (credential, management) = (device(tool()), request(w::MANAGEMENT_SCOPE));
    for _ in 0..2 {
        assert_eq!(ok(desk.token(&credential, &management)).2, 1);
    }
    let alone = error(desk.token(&shared(Memory::shared()), &management));
    assert!(alone.is_unavailable() && alone.message().contains("there is no home"), "{alone}");
    // Who would sign in in order to be kept is not bothered.
    let asked = desk.asked;
    let (result, _) = desk.run(credential.sign_in(&management));
    let error = result.unwrap_err();
    assert!(error.is_unavailable() && error.message().contains("could not be kept"), "{error}");
    assert!(error.remedy().is_some() && desk.asked == asked);
}

#[test]
fn tokens_for_claims_challenges_are_apart() {
    let mut desk = Desk::new();
    let (credential, management) = (device(tool()), request(w::MANAGEMENT_SCOPE));
    ok(desk.token(&credential, &management.clone().with_cae()));
    let names: Vec<_> = desk.kept.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["msal.cache.cae"]);
    let with_cae = management.clone().with_cae();
    let (able, requests, _) = ok(desk.token(&shared(Memory::shared()), &with_cae));
    assert_eq!(requests, 0);
    // The sign-in serves both, since a refresh token is of neither kind.
    for _ in 0..2 {
        let (plain, requests, _) = ok(desk.token(&shared(Memory::shared()), &management));
        assert!(plain != able && requests == 1);
        assert_eq!(ok(desk.token(&shared(Memory::shared()), &with_cae)), (able.clone(), 0, 0));
    }
    assert_eq!(desk.kept.len(), 1, "nothing of the one is kept with the other");
}

#[test]
fn several_accounts_and_whose_is_meant() {
    let mut desk = Desk::new();
    let (credential, management) = (device(tool()), request(w::MANAGEMENT_SCOPE));
    let (signed_in, _) = desk.run(credential.sign_in(&management));
    let record = signed_in.unwrap().record.unwrap();
    assert_eq!((record.username.as_str(), record.tenant_id.as_str()), (w::USER, w::TENANT));
    desk.person =
        Person { username: w::MFA_USER.into(), password: w::MFA_PASSWORD.into(), ..Person::default() };
    desk.run(credential.sign_in(&management)).0.unwrap();

    let unclear = error(desk.token(&shared(Memory::shared()), &management));
    assert!(unclear.is_unavailable() && unclear.message().contains("2 accounts"), "{unclear}");
    assert!(unclear.remedy().unwrap().contains(w::MFA_USER));
    let of = |memory: Memory, desk: &mut Desk| {
        let (result, ..) = desk.token(&shared(memory), &management);
        result.map(|token| token.identity().username.clone().unwrap())
    };
    assert_eq!(of(Memory::shared().of_user(w::MFA_USER.to_uppercase()), &mut desk).unwrap(), w::MFA_USER);
    assert_eq!(of(Memory::shared().of_record(&record), &mut desk).unwrap(), w::USER);
    assert_eq!(of(Memory::shared().of_user(w::USER).at_home_in(w::TENANT), &mut desk).unwrap(), w::USER);
    for nobody in [
        Memory::shared().of_user("nobody@contoso.onmicrosoft.com"),
        Memory::shared().of_user(w::USER).at_home_in(w::DSTS_TENANT),
    ] {
        let error = of(nobody, &mut desk).unwrap_err();
        assert!(error.message().contains("not the one that was named"), "{error}");
    }
    assert!(of(Memory::named(StoreName::new("other").unwrap()), &mut desk).is_err(), "kept apart");
}

#[test]
fn forgetting_forgets_everything_and_nobody_else() {
    let mut desk = Desk::new();
    let (credential, management) = (device(tool()), request(w::MANAGEMENT_SCOPE));
    desk.run(credential.sign_in(&management)).0.unwrap();
    desk.run(credential.sign_in(&management.clone().with_cae())).0.unwrap();
    desk.person =
        Person { username: w::MFA_USER.into(), password: w::MFA_PASSWORD.into(), ..Person::default() };
    desk.run(credential.sign_in(&management)).0.unwrap();

    let kept = desk.run(silent::accounts(&tool(), &Memory::shared())).0.unwrap();
    let mut names: Vec<_> = kept.iter().map(|kept| kept.account.username.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, [w::USER, w::MFA_USER]);
    assert!(kept.iter().all(|kept| kept.renewable && kept.expires_on.is_some()));

    let gone = desk.run(silent::forget(&tool(), &Memory::shared().of_user(w::USER))).0.unwrap();
    assert_eq!(gone.iter().map(|kept| kept.account.username.as_str()).collect::<Vec<_>>(), [w::USER]);
    for (name, left) in [("msal.cache.nocae", 1), ("msal.cache.cae", 0)] {
        let bytes = desk.kept[&StoreName::new(name).unwrap()].clone();
        let text = String::from_utf8(bytes.expose().to_vec()).unwrap();
        assert!(!text.contains(w::USER_OBJECT), "{text}");
        assert_eq!(desk.cache(name).accounts("login.microsoftonline.com").len(), left);
    }
    desk.run(silent::forget(&tool(), &Memory::shared())).0.unwrap();
    assert!(desk.run(silent::accounts(&tool(), &Memory::shared())).0.unwrap().is_empty());
    assert!(error(desk.token(&shared(Memory::shared()), &management)).is_unavailable());
}

#[test]
fn an_app_in_a_loop_makes_one_request() {
    let mut desk = Desk::new();
    let client = EntraClient::new(w::TENANT, w::APP).unwrap();
    let app = |secret: &str| {
        let credential = ClientSecretCredential::of(client.clone(), secret).unwrap();
        RememberedApp::of(client.clone(), credential, Memory::shared())
    };
    let management = request(w::MANAGEMENT_SCOPE);
    let (first, requests, _) = ok(desk.token(&app(w::SECRET), &management));
    assert_eq!(requests, 1);
    for _ in 0..3 {
        assert_eq!(ok(desk.token(&app(w::SECRET), &management)), (first.clone(), 0, 0));
    }
    assert_eq!(ok(desk.token(&app(w::SECRET), &request(VAULT))).1, 1, "for another resource");
    let other = EntraClient::new(w::TENANT, w::CERTIFICATE_APP).unwrap();
    let stranger = ClientSecretCredential::of(other.clone(), "none").unwrap();
    let stranger = RememberedApp::of(other, stranger, Memory::shared());
    assert_eq!(
        error(desk.token(&stranger, &management)).kind(),
        ErrorKind::Refused,
        "another app has its own"
    );
    let elsewhere = management.clone().in_tenant(Tenant::new("fabrikam.example").unwrap());
    assert_eq!(error(desk.token(&app(w::SECRET), &elsewhere)).kind(), ErrorKind::Configuration);

    desk.wait(3400);
    desk.no_network = true;
    assert_eq!(ok(desk.token(&app(w::SECRET), &management)).0, first, "it lives still");
    desk.no_network = false;
    desk.wait(30);
    let (renewed, requests, _) = ok(desk.token(&app(w::SECRET), &management));
    assert!(renewed != first && requests == 1);
    desk.no_store = true;
    assert_eq!(ok(desk.token(&app(w::SECRET), &management)).1, 1, "without a store it asks each time");
}

/// What is left of a sign-in whose refresh token is gone still serves, and no longer than it lives.
#[test]
fn a_token_serves_without_anything_to_renew_it() {
    let mut desk = Desk::new();
    let (credential, management) = (device(tool()), request(w::MANAGEMENT_SCOPE));
    let (first, ..) = ok(desk.token(&credential, &management));
    let name = StoreName::new("msal.cache.nocae").unwrap();
    let kept = String::from_utf8(desk.kept[&name].expose().to_vec()).unwrap();
    let mut document: serde_json::Value = serde_json::from_str(&kept).unwrap();
    document.as_object_mut().unwrap().remove("RefreshToken").unwrap();
    desk.kept.insert(name, SecretBytes::new(document.to_string()));
    assert_eq!(ok(desk.token(&shared(Memory::shared()), &management)), (first, 0, 0));
    let other = error(desk.token(&shared(Memory::shared()), &request(VAULT)));
    assert!(other.is_unavailable() && other.message().contains(w::USER), "{other}");
    desk.wait(3700);
    let dead = error(desk.token(&shared(Memory::shared()), &management));
    assert!(dead.message().contains("nobody is signed in"), "{dead}");
}

/// A service rejects a token that is kept: whoever comes next does not get it again.
#[test]
fn a_rejected_token_is_not_kept_either() {
    let mut desk = Desk::new();
    let (credential, management) = (device(tool()), request(w::MANAGEMENT_SCOPE));
    ok(desk.token(&credential, &management));
    let app = EntraClient::new(w::TENANT, w::APP).unwrap();
    let secret = ClientSecretCredential::of(app.clone(), w::SECRET).unwrap();
    let app = RememberedApp::of(app, secret, Memory::shared());
    ok(desk.token(&app, &management));
    let people = shared(Memory::shared());
    for credential in [&people as &dyn Credential, &app] {
        let rejected = desk.token(credential, &management).0.unwrap();
        assert_eq!(rejected.document().unwrap().as_str(), "msal.cache.nocae");
        desk.wait(1);
        desk.run(forgetting(rejected.clone())).0.unwrap();
        let (next, requests, _) = ok(desk.token(credential, &management));
        assert!(next != rejected.secret().expose() && requests == 1);
        // Another came in its place, which stays.
        desk.run(forgetting(rejected)).0.unwrap();
        assert_eq!(ok(desk.token(credential, &management)), (next, 0, 0));
    }
    let rejected = desk.token(&people, &management).0.unwrap();
    desk.no_store = true;
    let error = desk.run(forgetting(rejected)).0.unwrap_err();
    assert!(error.is_unavailable() && error.message().contains("there is no home"), "{error}");
}

/// A token that is due is renewed without anybody who waits, so nobody is asked.
#[test]
fn what_is_renewed_ahead_asks_nobody() {
    let mut desk = Desk::new();
    let (credential, management) = (device(tool()), request(w::MANAGEMENT_SCOPE));
    assert!(credential.partition().ahead());
    let (first, ..) = ok(desk.token(&credential, &management));
    desk.wait(3400);
    let renewed = desk.run(credential.renew(&management)).0.unwrap();
    assert!(renewed.secret().expose() != first);
    desk.kept.clear();
    let chain = Chain::new(vec![Arc::new(credential.clone()), Arc::new(shared(Memory::shared()))]).unwrap();
    for credential in [&credential as &dyn Credential, &chain, &credential.clone().asking_anew()] {
        let error = desk.run(credential.renew(&management)).0.unwrap_err();
        assert_eq!((error.kind(), desk.asked), (ErrorKind::InteractionRequired, 1), "{error}");
    }
}

/// A renewal that fails is not tried again by each caller.
#[test]
fn a_renewal_that_failed_is_left_alone_for_a_while() {
    let mut desk = Desk::new();
    let (credential, management) = (device(tool()), request(w::MANAGEMENT_SCOPE));
    ok(desk.token(&credential, &management));
    desk.wait(3400);
    desk.no_network = true;
    let token = desk.token(&credential, &management).0.unwrap();
    let pause = desk.machine.now.unix.until(token.refresh_due());
    assert_eq!(pause, entrada_core::cache::HOLD_OFF);
}

#[test]
fn what_cannot_be_read_is_nobody() {
    let mut desk = Desk::new();
    desk.kept.insert(StoreName::new("msal.cache.nocae").unwrap(), SecretBytes::new("garbage"));
    assert!(error(desk.token(&shared(Memory::shared()), &request(VAULT))).is_unavailable());
}
