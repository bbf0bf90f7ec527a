//! How long an assertion serves, and whom.

use std::collections::BTreeSet;
use std::time::Duration;

use entrada_core::{AdditionalTenants, Authority, EntraClient, PlainHttp, Tenant, Unix};
use entrada_tests::script::pass;

use super::support::{
    Bench, OTHER_PRINT, PRINT, Sent, app, certificate, named, other_certificate, request, vouched,
};

#[test]
fn an_assertion_serves_for_nine_minutes() {
    // Both clocks, or one of the two alone: what passes, and whether the assertion serves still.
    for (mono, unix, serves) in [
        (539, 539, true),
        (540, 540, false),
        (540, 0, false),
        (0, 540, false),
        (539, 0, true),
        (0, 539, true),
        (660, 660, false),
        (0, -1, false),
    ] {
        let (mut bench, client) = (Bench::new(), app(named()));
        let first = bench.next(&client);
        bench.machine.now.mono = bench.machine.now.mono.after(Duration::from_secs(mono));
        bench.machine.now.unix = Unix(bench.machine.now.unix.0 + unix);
        assert_eq!(bench.next(&client) == first, serves, "{mono} {unix}");
        assert_eq!(bench.signed.len(), if serves { 1 } else { 2 });
    }
}

#[test]
fn an_assertion_serves_nobody_else_and_only_with_its_certificate() {
    let (mut bench, client) = (Bench::new(), app(named()));
    let client = client.allowing(AdditionalTenants::none().allow("*"));
    let first = bench.next(&client);
    bench.get(&client, &request().in_tenant(Tenant::new("other.example").unwrap())).unwrap();
    let there = bench.sent[1].parts()[1]["aud"].clone();
    assert_eq!(there, "https://login.microsoftonline.com/other.example/oauth2/v2.0/token");
    bench.certificate = other_certificate();
    let renewed = bench.next(&client);
    assert_ne!(renewed, first);
    assert_eq!(bench.next(&client), renewed);
    assert_eq!(bench.sent[2].parts()[0]["x5t#S256"], OTHER_PRINT);
    // The same certificate, but the assertion of the old one was the last that was made.
    bench.certificate = certificate();
    assert_ne!(bench.next(&client), renewed);
    assert_eq!(bench.sent[4].parts()[0]["x5t#S256"], PRINT);
}

#[test]
fn two_apps_with_one_certificate_say_who_they_are() {
    let (mut bench, shared) = (Bench::new(), named());
    let other = EntraClient::new("contoso.com", "other").unwrap().with_assertion(shared.clone());
    bench.next(&app(shared));
    bench.next(&other);
    let said = bench.sent.iter().map(|sent| sent.parts()[1]["sub"].clone()).collect::<Vec<_>>();
    assert_eq!(said, ["app", "other"]);
}

#[test]
fn an_assertion_serves_again_where_that_is_promised() {
    let (unknown, known) = (vouched("https://login.example"), Authority::new("usgov", PlainHttp::Refused));
    for (authority, word, serves) in [
        (known.clone().unwrap(), None, true),
        (known.clone().unwrap(), Some(true), true),
        (known.unwrap(), Some(false), false),
        (unknown.clone(), None, false),
        (unknown.clone(), Some(true), true),
        (unknown, Some(false), false),
    ] {
        let certificate = match word {
            Some(word) => named().reusing_assertions(word),
            None => named(),
        };
        let mut bench = Bench::new();
        let client = app(certificate).with_authority(authority.clone());
        let assertions: BTreeSet<_> = (0..3).map(|_| bench.next(&client)).collect();
        assert_eq!(assertions.len(), if serves { 1 } else { 3 }, "{authority:?} {word:?}");
        let ids: BTreeSet<_> = bench.sent.iter().map(Sent::jti).collect();
        assert_eq!(ids.len(), assertions.len());
        let requests: BTreeSet<_> = bench.sent.iter().map(|sent| &sent.id).collect();
        assert_eq!(requests.len(), 3);
    }
}

#[test]
fn every_try_proves_itself_anew() {
    for (authority, ids) in [(vouched("https://login.example"), 3), (vouched("public"), 1)] {
        let mut bench = Bench::new();
        bench.answers = vec![503, 503];
        bench.next(&app(named()).with_authority(authority));
        assert_eq!(bench.sent.len(), 3);
        assert_eq!(bench.sent.iter().map(Sent::jti).collect::<BTreeSet<_>>().len(), ids);
        assert_eq!(bench.sent.iter().map(|sent| &sent.id).collect::<BTreeSet<_>>().len(), 1);
    }
    // Nor is one sent again that died while the authority was left alone.
    let (mut bench, client) = (Bench::new(), app(named()));
    let first = bench.next(&client);
    pass(&mut bench.machine.now, Duration::from_millis(539_900));
    bench.answers = vec![503];
    assert_ne!(bench.next(&client), first);
    assert_eq!(bench.sent[1].assertion(), first);
}
