//! A service that acts for several people at once, with one app and one cache: nobody gets another's token.

use entrada_core::cache::{Plan, TokenCache};
use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::jwt::Jwt;
use entrada_core::{AccessToken, EntraClient, OnBehalfOfCredential, TokenRequest};
use entrada_emulator::config::{Config, User};
use entrada_emulator::{Emulator, world as w};
use entrada_tests::script::run;
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
