//! What goes through a proxy, and what never does.

use std::net::TcpListener;

use entrada_core::effect::HttpFailure;
use entrada_core::endpoint::Route;
use entrada_core::environment::Environment;

use super::{get, patient, post};
use crate::adapters::Make;
use crate::pki::Authority;
use crate::scratch::Scratch;
use crate::servers::{Server, proxy, response};

fn by_way_of(port: u16) -> Environment {
    let proxy = format!("http://us%65r:pass@127.0.0.1:{port}");
    ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "http_proxy"]
        .iter()
        .fold(Environment::new(), |environment, name| environment.with(*name, proxy.clone()))
}

/// What is for this machine, and what is pinned, never sees a proxy.
///
/// # Panics
/// When the adapter does otherwise.
pub fn local_goes_direct(make: Make) {
    let (authority, scratch) = (Authority::new(), Scratch::new());
    let file = scratch.put("ca.pem", authority.pem());
    let identity = authority.issue(&["127.0.0.1"]);
    let trap = proxy(200, 1);
    let send = make(&by_way_of(trap.port()).with("SSL_CERT_FILE", file.to_string_lossy()));
    let plain = Server::saying(response(200, &[], b"ok"));
    let secure = Server::saying_securely(response(200, &[], b"ok"), identity.server());
    for (uri, route) in [
        (format!("http://127.0.0.1:{}/", plain.port()), Route::Local),
        (format!("https://127.0.0.1:{}/", secure.port()), Route::Local),
        (format!("https://127.0.0.1:{}/", secure.port()), Route::Pinned(identity.fingerprint())),
    ] {
        let answer = patient(&send, post(&uri, "a=1"), route).expect("an answer");
        assert_eq!(answer.body().expose(), b"ok");
    }
    assert_eq!(trap.connections(), 0);
}

/// What is for the internet goes through the proxy, encrypted to its end, unless `NO_PROXY` says so.
///
/// # Panics
/// When the adapter does otherwise.
pub fn through_a_proxy(make: Make) {
    let (authority, scratch) = (Authority::new(), Scratch::new());
    let file = scratch.put("ca.pem", authority.pem());
    let identity = authority.issue(&["login.test.invalid", "127.0.0.1"]);
    let server = Server::saying_securely(response(200, &[], b"reached"), identity.server());
    let proxy = proxy(200, server.port());
    let environment = by_way_of(proxy.port()).with("SSL_CERT_FILE", file.to_string_lossy());
    let environment = environment.with("NO_PROXY", "127.0.0.1");
    let send = make(&environment);

    let request = post("https://login.test.invalid/token", "client_secret=canary");
    let answer = patient(&send, request, Route::Internet).expect("an answer");
    assert_eq!(answer.body().expose(), b"reached");
    let heard = String::from_utf8(proxy.heard().remove(0)).expect("text").to_lowercase();
    assert!(heard.starts_with("connect login.test.invalid:443 http/1.1\r\n"), "{heard}");
    assert!(heard.contains("\r\nproxy-authorization: basic dxnlcjpwyxnz\r\n"), "{heard}");
    assert!(!heard.contains("canary"), "the proxy was told the secret");
    assert!(!String::from_utf8_lossy(&server.heard()[0]).to_lowercase().contains("proxy-"));

    let direct = get(&format!("https://127.0.0.1:{}/", server.port()));
    patient(&send, direct, Route::Internet).expect("an answer");
    assert_eq!(proxy.connections(), 1);
}

/// A proxy that refuses or is not there is at fault, not the host.
///
/// # Panics
/// When the adapter says otherwise.
pub fn proxies_that_fail(make: Make) {
    let refusing = [proxy(407, 1), proxy(502, 1), Server::saying("SSH-2.0-OpenSSH_9.6\r\n\r\n")];
    for proxy in &refusing {
        let send = make(&by_way_of(proxy.port()).with("SSL_CERT_FILE", "/nowhere/at/all"));
        let failure = patient(&send, get("https://login.test.invalid/"), Route::Internet).unwrap_err();
        assert_eq!(failure, HttpFailure::Proxy);
    }
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let gone = free.local_addr().expect("an address").port();
    drop(free);
    let send = make(&by_way_of(gone).with("SSL_CERT_FILE", "/nowhere/at/all"));
    let failure = patient(&send, get("https://login.test.invalid/"), Route::Internet).unwrap_err();
    // reqwest does not say whose refusal it was.
    assert!(matches!(failure, HttpFailure::Proxy | HttpFailure::Refused), "{failure:?}");
}
