//! A service that acts for several people at once, with one app and one cache: nobody gets another's token.

use std::time::Duration;

use entrada_core::cache::{Plan, TokenCache};
use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::jwt::Jwt;
use entrada_core::{AccessToken, EntraClient, Error, ErrorKind, Now, OnBehalfOfCredential, TokenRequest};
use entrada_emulator::config::{Config, User};
use entrada_emulator::{Emulator, world as w};
use entrada_tests::script::{Machine, pass, run};
use entrada_tests::sim::START;
use entrada_tests::world::earlier::{asked, text};

const OTHER: &str = "kay@contoso.onmicrosoft.com";
const OTHER_OBJECT: &str = "1c7d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f";

/// The services, with one person more.
fn emulator() -> Emulator {
    let mut config = Config::default();
    let usual = config.users.iter().find(|user| user.username == w::USER).unwrap().clone();
    config.users.push(User { username: OTHER.into(), object_id: OTHER_OBJECT.into(), ..usual });
    Emulator::new(config, [7; 32])
}

/// The token that a person's client sends to the service.
fn sent_by(emulator: &mut Emulator, username: &str) -> String {
    let form = [
        ("grant_type", "password"),
        ("client_id", w::DEVELOPER_CLIENT),
        ("username", username),
        ("password", w::PASSWORD),
        ("scope", w::API_SCOPE),
    ];
    text(&asked(emulator, START, &form), "access_token")
}

/// What the service does for one request of its own clients: a credential of that moment, the shared cache.
fn token_for(emulator: &mut Emulator, cache: &mut TokenCache, user_assertion: &str) -> (AccessToken, usize) {
    let app = EntraClient::new(w::TENANT, w::API).unwrap().with_secret(w::API_SECRET).unwrap();
    let credential = OnBehalfOfCredential::of(app, user_assertion).unwrap();
    let request = TokenRequest::new([w::MANAGEMENT_SCOPE]).unwrap();
    match cache.plan(&credential.partition(), &request, START) {
        Plan::Use(token) => (token, 0),
        Plan::Lead(permit) => {
            let mut requests = 0;
            let (result, _) = run(credential.begin(&request), |effect, now| match effect {
                Effect::Http(call) => {
                    requests += 1;
                    let (request, ticket) = call.split();
                    ticket.reply(Ok(emulator.answer(*now, &request)))
                }
                other => panic!("{other:?}"),
            });
            (cache.settle(permit, START, 0, result).result.unwrap(), requests)
        }
        other => panic!("{other:?}"),
    }
}

fn whose(token: &AccessToken) -> String {
    Jwt::decode(token.secret().expose()).unwrap().text("oid").unwrap().to_owned()
}

#[test]
fn everybody_gets_a_token_of_their_own() {
    let (mut emulator, mut cache) = (emulator(), TokenCache::new(16));
    let (ada, kay) = (sent_by(&mut emulator, w::USER), sent_by(&mut emulator, OTHER));
    for (assertion, object, requests) in [
        (&ada, w::USER_OBJECT, 1),
        (&kay, OTHER_OBJECT, 1),
        // The same tokens again need no request, by whichever credential.
        (&ada, w::USER_OBJECT, 0),
        (&kay, OTHER_OBJECT, 0),
    ] {
        let (token, made) = token_for(&mut emulator, &mut cache, assertion);
        assert_eq!((whose(&token).as_str(), made), (object, requests));
    }
    // Another token of the same person: the service cannot know that, so it is asked for.
    let again = sent_by(&mut emulator, w::USER);
    assert_ne!(again, ada);
    assert_eq!(token_for(&mut emulator, &mut cache, &again).1, 1);
}

#[test]
fn what_people_are_told_by_is_no_secret() {
    let mut emulator = emulator();
    let assertion = sent_by(&mut emulator, w::USER);
    let app = EntraClient::new(w::TENANT, w::API).unwrap().with_secret(w::API_SECRET).unwrap();
    let credential = OnBehalfOfCredential::of(app, assertion.as_str()).unwrap();
    let shown = format!("{:?} {credential:?}", credential.partition());
    let pieces = assertion.split('.').flat_map(|part| [&part[..20], &part[part.len() - 20..]]);
    for piece in pieces.chain([w::API_SECRET]) {
        assert!(!shown.contains(piece), "{shown}");
    }
}

/// What a credential does at this time: the token, and the grants that it asked for.
fn acting(
    emulator: &mut Emulator,
    credential: &OnBehalfOfCredential,
    now: Now,
) -> (Result<AccessToken, Error>, Vec<String>) {
    let request = TokenRequest::new([w::MANAGEMENT_SCOPE]).unwrap();
    let mut machine = Machine::default();
    machine.now = now;
    let mut grants = Vec::new();
    let (result, _) = machine.run(credential.begin(&request), |effect, now| match effect {
        Effect::Http(call) => {
            let (request, ticket) = call.split();
            let form = url::form_urlencoded::parse(request.body().expose());
            grants.extend(form.filter(|(name, _)| name == "grant_type").map(|(_, grant)| grant.into_owned()));
            ticket.reply(Ok(emulator.answer(*now, &request)))
        }
        other => panic!("{other:?}"),
    });
    (result, grants)
}

fn later(hours: u64) -> Now {
    let mut now = START;
    pass(&mut now, Duration::from_secs(3600 * hours));
    now
}

const ASSERTION: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const RENEWAL: &str = "refresh_token";

fn service(assertion: &str) -> OnBehalfOfCredential {
    let app = EntraClient::new(w::TENANT, w::API).unwrap().with_secret(w::API_SECRET).unwrap();
    OnBehalfOfCredential::of(app, assertion).unwrap()
}

#[test]
fn work_that_outlasts_the_persons_token_goes_on() {
    let mut emulator = emulator();
    let credential = service(&sent_by(&mut emulator, w::USER));
    for (now, grant) in [(START, ASSERTION), (later(0), ASSERTION), (later(2), RENEWAL), (later(30), RENEWAL)]
    {
        let (result, grants) = acting(&mut emulator, &credential.clone(), now);
        assert_eq!(whose(&result.unwrap()), w::USER_OBJECT);
        assert_eq!(grants, [grant]);
    }
    // Each redemption brings the one that is redeemed next.
    assert_eq!(emulator.refresh_tokens().count(), 4);
    emulator.revoke_sessions(later(31), w::USER);
    let (result, grants) = acting(&mut emulator, &credential, later(32));
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.source_name()), (ErrorKind::InteractionRequired, Some("on-behalf-of")));
    assert!(error.remedy().is_some_and(|remedy| remedy.contains("client")), "{error}");
    assert_eq!(grants, [RENEWAL]);
    // It is of no use any more, so that what is left is the person's own.
    assert_eq!(acting(&mut emulator, &credential, later(32)).1, [ASSERTION]);
}

#[test]
fn what_is_left_of_one_person_is_nobody_elses() {
    let mut emulator = emulator();
    let (ada, kay) = (sent_by(&mut emulator, w::USER), sent_by(&mut emulator, OTHER));
    assert!(acting(&mut emulator, &service(&ada), START).0.is_ok());
    // Neither somebody else's credential nor another for the same token has it.
    for assertion in [&kay, &ada] {
        let (result, grants) = acting(&mut emulator, &service(assertion), later(2));
        assert_eq!(result.unwrap_err().aadsts(), [500_133]);
        assert_eq!(grants, [ASSERTION]);
    }
}

#[test]
fn a_clock_that_is_behind_does_not_matter() {
    let mut emulator = emulator();
    let credential = service(&sent_by(&mut emulator, w::USER));
    assert!(acting(&mut emulator, &credential, START).0.is_ok());
    let request = TokenRequest::new([w::MANAGEMENT_SCOPE]).unwrap();
    let mut grants = 0;
    let (result, _) = run(credential.begin(&request), |effect, _| match effect {
        Effect::Http(call) => {
            grants += 1;
            let (request, ticket) = call.split();
            ticket.reply(Ok(emulator.answer(later(2), &request)))
        }
        other => panic!("{other:?}"),
    });
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(grants, 2, "the person's token, then what is left of it");
}
