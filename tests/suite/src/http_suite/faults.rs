//! Faults are told apart.

use std::net::TcpListener;
use std::time::Duration;

use entrada_core::effect::HttpFailure;
use entrada_core::endpoint::Route;
use entrada_core::environment::Environment;

use super::{PATIENT, get, patient, plain_adapter, post};
use crate::adapters::Make;
use crate::servers::Server;

/// Soon enough for a test, late enough for a connection on this machine.
const SHORT: Duration = Duration::from_millis(300);

/// Nobody listens, nobody has the name.
///
/// # Panics
/// When the adapter says otherwise.
pub fn nobody_there(make: Make) {
    let send = plain_adapter(make);
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    for scheme in ["http", "https"] {
        let request = get(&format!("{scheme}://127.0.0.1:{port}/"));
        assert_eq!(patient(&send, request, Route::Local).unwrap_err(), HttpFailure::Refused);
    }
    let request = get("https://no-such-host.invalid/");
    assert_eq!(patient(&send, request, Route::Internet).unwrap_err(), HttpFailure::Resolve);
}

/// Somebody accepts and says nothing: after the request, or before TLS has begun.
///
/// # Panics
/// When the adapter says otherwise.
pub fn silence(make: Make) {
    let send = plain_adapter(make);
    let server = Server::silent();
    let uri = format!("http://127.0.0.1:{}/", server.port());
    let failure = send(post(&uri, "a=1"), Route::Local, PATIENT, SHORT).unwrap_err();
    assert_eq!(failure, HttpFailure::TimedOut);
    server.wait_for_request();

    let mute = TcpListener::bind("127.0.0.1:0").expect("a port");
    let uri = format!("https://127.0.0.1:{}/", mute.local_addr().expect("an address").port());
    let environment = Environment::new().with("SSL_CERT_FILE", "/nowhere/at/all");
    let failure = make(&environment)(get(&uri), Route::Local, SHORT, SHORT).unwrap_err();
    assert!(matches!(failure, HttpFailure::ConnectTimedOut | HttpFailure::TimedOut), "{failure:?}");
}

/// What comes is cut off, or is no HTTP.
///
/// # Panics
/// When the adapter says otherwise.
pub fn broken_answers(make: Make) {
    let send = plain_adapter(make);
    for answer in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"[..],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\0\x01\x02\x03\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"",
    ] {
        let server = Server::saying(answer);
        let uri = format!("http://127.0.0.1:{}/", server.port());
        let failure = patient(&send, post(&uri, "a=1"), Route::Local).unwrap_err();
        assert_eq!(failure, HttpFailure::Broken, "{}", String::from_utf8_lossy(answer));
        assert_eq!(server.heard().len(), 1, "it was sent again");
    }
    // Closed before a word of TLS was said.
    let server = Server::hanging_up();
    let environment = Environment::new().with("SSL_CERT_FILE", "/nowhere/at/all");
    let uri = format!("https://127.0.0.1:{}/", server.port());
    let failure = patient(&make(&environment), get(&uri), Route::Local).unwrap_err();
    assert!(matches!(failure, HttpFailure::Broken | HttpFailure::Tls(_)), "{failure:?}");
}
