//! What is forgotten, and what cannot be read.

use entrada_core::call::forgetting;
use entrada_core::effect::StoreName;
use entrada_core::flow::Credential;
use entrada_core::flows::silent::{self, Memory, RememberedApp};
use entrada_core::{ClientSecretCredential, EntraClient, SecretBytes};
use entrada_emulator::person::Person;
use entrada_emulator::world as w;
use entrada_tests::script::Told;

use super::support::{Desk, VAULT, device, error, ok, request, shared, tool};

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
fn what_cannot_be_read_is_nobody() {
    let mut desk = Desk::new();
    desk.kept.insert(StoreName::new("msal.cache.nocae").unwrap(), SecretBytes::new("garbage"));
    assert!(error(desk.token(&shared(Memory::shared()), &request(VAULT))).is_unavailable());
}

/// What cannot be read may well hold tokens of whoever signs out.
#[test]
fn signing_out_removes_what_cannot_be_read_in_every_part() {
    let removed = |told: &Told| {
        let all =
            told.effects.iter().filter_map(|effect| effect.strip_prefix("remove what cannot be read of "));
        all.map(str::to_owned).collect::<Vec<_>>()
    };
    let everywhere = ["the token cache msal.cache.nocae", "the token cache msal.cache.cae"];
    let mut desk = Desk::new();
    let (gone, told) = desk.run(silent::forget(&tool(), &Memory::shared()));
    assert_eq!(
        (gone.unwrap().len(), removed(&told)),
        (0, everywhere.map(str::to_owned).to_vec()),
        "nobody is kept"
    );
    ok(desk.token(&device(tool()), &request(w::MANAGEMENT_SCOPE)));
    let (found, told) = desk.run(silent::accounts(&tool(), &Memory::shared()));
    assert_eq!((found.unwrap().len(), removed(&told).len()), (1, 0), "whoever only looks removes nothing");
    let (gone, told) = desk.run(silent::forget(&tool(), &Memory::shared()));
    assert_eq!((gone.unwrap().len(), removed(&told)), (1, everywhere.map(str::to_owned).to_vec()));
    let account = told.effects.iter().position(|effect| effect.starts_with("remove an account"));
    let rest = told.effects.iter().position(|effect| effect.starts_with("remove what cannot be read"));
    assert!(account.is_some() && account < rest, "the account first: {told:?}");
}
