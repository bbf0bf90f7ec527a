//! What a signer may do.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entrada_core::effect::SignFailure;
use entrada_core::{Error, ErrorKind};

use super::support::{Bench, OTHER_PRINT, PRINT, app, named, request};

#[test]
fn a_key_that_is_replaced_is_looked_at_once_more() {
    let mut bench = Bench::new();
    bench.failures = vec![SignFailure::Changed];
    bench.get(&app(named()), &request()).unwrap();
    assert_eq!((bench.signed.len(), bench.sent.len()), (2, 1));
    // What is sent was made with what the second look saw.
    assert_eq!([0, 1].map(|n| URL_SAFE_NO_PAD.encode(bench.signed[n].2)), [PRINT, OTHER_PRINT]);
    assert_eq!(bench.sent[0].parts()[0]["x5t#S256"], OTHER_PRINT);
    assert_eq!(bench.sent[0].assertion().rsplit_once('.').unwrap().0.as_bytes(), bench.signed[1].1);

    let mut bench = Bench::new();
    bench.failures = vec![SignFailure::Changed; 50];
    let error = bench.get(&app(named()), &request()).unwrap_err();
    assert_eq!((error.kind(), bench.signed.len(), bench.sent.len()), (ErrorKind::Configuration, 2, 0));
    assert!(error.message().contains("replaced"), "{error}");
}

#[test]
fn a_signer_that_fails_is_named() {
    for (failure, kind) in [
        (SignFailure::UnknownKey, ErrorKind::Configuration),
        (SignFailure::WrongAlgorithm, ErrorKind::Configuration),
        (SignFailure::TimedOut, ErrorKind::Timeout),
        (SignFailure::Unsupported, ErrorKind::Unavailable),
        (SignFailure::Failed(Error::new(ErrorKind::Network, "the vault is away")), ErrorKind::Network),
    ] {
        let mut bench = Bench::new();
        bench.failures = vec![failure];
        let error = bench.get(&app(named()), &request()).unwrap_err();
        assert_eq!((error.kind(), bench.signed.len(), bench.sent.len()), (kind, 1, 0), "{error}");
    }
}
