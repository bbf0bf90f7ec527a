//! When a person is asked, and when nobody is.

use std::sync::Arc;

use entrada_core::flow::Credential;
use entrada_core::flows::silent::Memory;
use entrada_core::{Chain, ErrorKind};
use entrada_emulator::config;
use entrada_emulator::world as w;

use super::support::{Desk, VAULT, device, error, ok, request, shared, tool};

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
