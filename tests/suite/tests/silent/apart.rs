//! What is kept apart, and whose is meant.

use entrada_core::effect::StoreName;
use entrada_core::flows::silent::Memory;
use entrada_emulator::person::Person;
use entrada_emulator::world as w;

use super::support::{Desk, device, error, ok, request, shared, tool};

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
