//! The tokens of apps.

use std::time::Duration;

use entrada_core::effect::{Effect, StoreAction, StoreFailure};
use entrada_core::flow::Credential as _;
use entrada_core::flows::silent::{self, Memory, RememberedApp};
use entrada_core::{ClientSecretCredential, EntraClient, ErrorKind, Run, Step, Tenant};
use entrada_emulator::world as w;
use entrada_tests::choices::Seeded;
use entrada_tests::script::pass;

use super::support::{Desk, VAULT, device, error, ok, request, tool};

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

#[test]
fn apps_are_told_and_forgotten() {
    let mut desk = Desk::new();
    let client = EntraClient::new(w::TENANT, w::APP).unwrap();
    let credential = ClientSecretCredential::of(client.clone(), w::SECRET).unwrap();
    let app = RememberedApp::of(client.clone(), credential, Memory::shared());
    ok(desk.token(&app, &request(w::MANAGEMENT_SCOPE)));
    desk.wait(60);
    ok(desk.token(&app, &request(VAULT)));
    ok(desk.token(&app, &request(VAULT).with_cae()));
    ok(desk.token(&device(tool()), &request(w::MANAGEMENT_SCOPE)));
    let told = |desk: &mut Desk| desk.run(silent::apps(client.authority(), &Memory::shared())).0.unwrap();
    let apps = told(&mut desk);
    let now = desk.machine.now.unix;
    let parts = ["msal.cache.nocae", "msal.cache.cae"];
    let ends = parts.map(|part| desk.cache(part).apps("login.windows.net", now)[0].expires_on);
    let last = ends.into_iter().max().unwrap();
    assert_eq!(apps.len(), 1, "each once, wherever its tokens are: {apps:?}");
    assert_eq!((&*apps[0].client_id, &*apps[0].tenant), (w::APP, w::TENANT));
    assert_eq!((apps[0].expires_on, last.is_some()), (last, true), "the token that lives longest counts");
    desk.wait(400_000);
    assert_eq!(told(&mut desk)[0].expires_on, None, "none lives");
    let gone = desk.run(silent::forget_apps(client.authority(), &Memory::shared())).0.unwrap();
    assert_eq!(gone.into_iter().collect::<Vec<_>>(), [w::APP]);
    assert!(told(&mut desk).is_empty());
    let people = desk.run(silent::accounts(&tool(), &Memory::shared())).0.unwrap();
    assert_eq!(people.len(), 1, "no person is an app");
}

/// Whoever keeps the document locked costs time, and no token that is there already.
#[test]
fn a_token_is_kept_in_half_of_the_time_at_most() {
    for (limit, most) in [(None, 10_000), (Some(8), 4_000), (Some(60), 10_000)] {
        let mut desk = Desk::new();
        let client = EntraClient::new(w::TENANT, w::APP).unwrap();
        let credential = ClientSecretCredential::of(client.clone(), w::SECRET).unwrap();
        let app = RememberedApp::of(client, credential, Memory::shared());
        let (mut now, mut entropy) = (desk.machine.now, Seeded(7));
        let mut run = Run::new(app.begin(&request(w::MANAGEMENT_SCOPE)));
        if let Some(limit) = limit {
            run = run.with_deadline(now.mono.after(Duration::from_secs(limit)));
        }
        let mut step = run.start(now, &mut entropy);
        let token = loop {
            let effect = match step {
                Step::Done(result) => break result,
                Step::Do(effect) => effect,
            };
            let deadline = effect.deadline().unwrap();
            let reply = match effect {
                Effect::Http(call) => {
                    let (request, ticket) = call.split();
                    ticket.reply(Ok(desk.emulator.answer(now, &request)))
                }
                Effect::Store(using) => {
                    let (_, action, ticket) = using.split();
                    let failure = match action {
                        StoreAction::Read => StoreFailure::Unavailable("there is no home".into()),
                        _ => {
                            let waited = now.mono.until(deadline);
                            assert_eq!(waited, Duration::from_millis(most));
                            pass(&mut now, waited);
                            StoreFailure::Locked
                        }
                    };
                    ticket.reply(Err(failure))
                }
                other => panic!("{other:?}"),
            };
            step = run.resume(now, &mut entropy, reply);
        };
        assert!(token.is_ok(), "{token:?}");
    }
}
