//! Whatever cryptography other crates bring along, TLS works and nothing panics. Run with the features
//! `ring` and `aws-lc-rs` together, this is the case in which rustls itself cannot choose.

use entrada_core::endpoint::Route;
use entrada_core::environment::Environment;
use entrada_tests::adapters::{Make, hyper, reqwest, ureq};
use entrada_tests::http_suite::{PATIENT, get};
use entrada_tests::pki::Authority;
use entrada_tests::scratch::Scratch;
use entrada_tests::servers::{Server, response};

fn exchange(make: Make) {
    let (authority, scratch) = (Authority::new(), Scratch::new());
    let file = scratch.put("ca.pem", authority.pem());
    let environment = Environment::new().with("SSL_CERT_FILE", file.to_string_lossy());
    let server = Server::saying_securely(response(200, &[], b"ok"), authority.issue(&["localhost"]).server());
    let request = get(&format!("https://localhost:{}/", server.port()));
    let answer = make(&environment)(request, Route::Local, PATIENT, PATIENT).unwrap();
    assert_eq!(answer.body().expose(), b"ok");
}

/// One test, since the provider of the process can be set but once.
#[test]
fn none_installed_and_then_one() {
    for make in [ureq as Make, hyper, reqwest] {
        exchange(make);
    }
    assert!(rustls::crypto::CryptoProvider::get_default().is_none(), "a driver installs nothing");
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let installed = rustls::crypto::CryptoProvider::get_default().unwrap();
    let chosen = entrada_host::tls::provider(None).unwrap();
    assert!(std::sync::Arc::ptr_eq(&chosen, installed), "the installed one wins");
    for make in [ureq as Make, hyper, reqwest] {
        exchange(make);
    }
}
