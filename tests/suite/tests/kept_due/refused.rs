//! A refresh token that is refused while there may be another, and whose it is.

use entrada_core::cache::accounts::{AccountSource, Arrival, Change};
use entrada_core::flows::silent::{self, Memory};
use entrada_core::{EntraClient, ErrorKind, SecretBytes};
use entrada_tests::script::token;
use entrada_tests::sim::START;

use crate::desk::Desk;
use crate::people::{ADA, BOB, app, granted, known, other, refused, response, silently, tool};

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
