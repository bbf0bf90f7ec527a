//! Served from what is kept, and by what renews it.

use entrada_core::claims::Claims;
use entrada_core::effect::StoreName;
use entrada_core::flows::silent::{Memory, SharedTokenCacheCredential};
use entrada_core::{EntraClient, ErrorKind, SecretBytes};
use entrada_emulator::world as w;

use super::support::{Desk, VAULT, device, error, ok, request, shared, tool};

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
    assert!(!other.message().contains("not seen"), "{other}");
    desk.wait(3700);
    let dead = error(desk.token(&shared(Memory::shared()), &management));
    assert!(dead.message().contains("nobody is signed in"), "{dead}");
    // Nor elsewhere, where somebody may think that it looks.
    assert!(
        dead.message().contains("of Visual Studio") && dead.message().ends_with("are not seen"),
        "{dead}"
    );
}
