//! Requests and responses come through as they are.

use std::sync::Arc;

use entrada_core::effect::{HttpFailure, MAX_BODY};
use entrada_core::endpoint::Route;

use super::{get, patient, plain_adapter, post};
use crate::adapters::{Make, Send};
use crate::servers::{Server, response};

/// A redirect is an answer, and nobody goes where it points.
///
/// # Panics
/// When the adapter does otherwise.
pub fn redirects(make: Make) {
    let send = plain_adapter(make);
    let trap = Server::saying(response(200, &[], b"trapped"));
    let there = format!("http://127.0.0.1:{}/", trap.port());
    for status in [301, 302, 303, 307, 308] {
        let server = Server::saying(response(status, &[("Location", &there)], b""));
        for request in [
            get(&format!("http://127.0.0.1:{}/", server.port())),
            post(&format!("http://127.0.0.1:{}/", server.port()), "client_secret=canary"),
        ] {
            let answer = patient(&send, request, Route::Local).expect("an answer");
            assert_eq!(answer.status(), status);
            assert_eq!(answer.headers()["location"], there);
        }
    }
    assert_eq!(trap.connections(), 0);
}

/// Every status is an answer, with all of its headers and its body.
///
/// # Panics
/// When the adapter does otherwise.
pub fn every_status(make: Make) {
    let send = plain_adapter(make);
    for status in [200, 201, 204, 400, 401, 403, 404, 410, 429, 500, 503] {
        let body: &[u8] = if status == 204 { b"" } else { br#"{"error":"x"}"# };
        let headers =
            [("WWW-Authenticate", "Bearer a=1"), ("WWW-Authenticate", "Basic"), ("Set-Cookie", "a=b")];
        let server = Server::saying(response(status, &headers, body));
        let uri = format!("http://127.0.0.1:{}/", server.port());
        for _ in 0..2 {
            let answer = patient(&send, get(&uri), Route::Local).expect("an answer");
            assert_eq!((answer.status().as_u16(), answer.body().expose()), (status, body));
            let all: Vec<_> = answer.headers().get_all("www-authenticate").iter().collect();
            assert_eq!(all, ["Bearer a=1", "Basic"]);
        }
        let kept = server.heard().iter().any(|request| has(request, "cookie:"));
        assert!(!kept, "a cookie was kept");
    }
}

fn has(request: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(request).to_lowercase().contains(text)
}

/// The request arrives as it was given, with nothing but what HTTP demands added.
///
/// # Panics
/// When the adapter does otherwise.
pub fn the_request_as_it_is(make: Make) {
    let send = plain_adapter(make);
    let server = Server::saying(response(200, &[], b"ok"));
    let port = server.port();
    let mut request = post(&format!("http://127.0.0.1:{port}/a%20b?x=1&y=%2F"), "a=1&b=%20");
    request.headers_mut().append("x-many", "one".parse().expect("a value"));
    request.headers_mut().append("x-many", "two".parse().expect("a value"));
    patient(&send, request, Route::Local).expect("an answer");
    patient(&send, get(&format!("http://127.0.0.1:{port}")), Route::Local).expect("an answer");

    let host = format!("host: 127.0.0.1:{port}");
    let heard: Vec<_> = server.heard().iter().map(|request| parts(request)).collect();
    let mut posted = vec![
        "accept: application/json",
        "content-length: 9",
        "content-type: application/x-www-form-urlencoded",
        &host,
        "user-agent: entrada/0",
        "x-many: one",
        "x-many: two",
    ];
    posted.sort_unstable();
    assert_eq!(heard[0].0, "POST /a%20b?x=1&y=%2F HTTP/1.1");
    assert_eq!(heard[0].1, posted);
    assert_eq!(heard[0].2, "a=1&b=%20");
    assert_eq!(heard[1].0, "GET / HTTP/1.1");
    assert_eq!(heard[1].1, ["accept: application/json", &host, "user-agent: entrada/0"]);
}

/// The first line, the headers in order with names folded, and the body.
fn parts(request: &[u8]) -> (String, Vec<String>, String) {
    let text = String::from_utf8(request.to_vec()).expect("text");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.split("\r\n").map(str::to_owned);
    let first = lines.next().expect("a line");
    let fold = |line: String| {
        let (name, value) = line.split_once(':').expect("a header");
        format!("{}: {}", name.to_lowercase(), value.trim())
    };
    let mut headers: Vec<_> = lines.map(fold).collect();
    headers.sort_unstable();
    (first, headers, body.to_owned())
}

/// A body may have [`MAX_BODY`] bytes and not one more, announced or not.
///
/// # Panics
/// When the adapter does otherwise.
pub fn bodies_are_capped(make: Make) {
    let send = plain_adapter(make);
    for (size, fits) in [(MAX_BODY, true), (MAX_BODY + 1, false), (MAX_BODY * 3, false)] {
        let body = vec![b'x'; size];
        let unannounced = [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".as_slice(), &body].concat();
        for answer in [response(200, &[], &body), unannounced] {
            let server = Server::saying(answer);
            let uri = format!("http://127.0.0.1:{}/", server.port());
            match patient(&send, get(&uri), Route::Local) {
                Ok(answer) => assert!(fits && answer.body().len() == size, "{size}"),
                Err(failure) => assert!(!fits && failure == HttpFailure::TooLarge, "{size}: {failure:?}"),
            }
        }
    }
}

/// A connection that the server leaves open serves the next request.
///
/// # Panics
/// When the adapter does otherwise.
pub fn connections_serve_again(make: Make) {
    let send = plain_adapter(make);
    let faithful = Server::start(
        None,
        Arc::new(
            |io, _| {
                while io.write_all(STAYING).is_ok() && !crate::servers::read_request(io).is_empty() {}
            },
        ),
    );
    three_times(&send, &faithful, || {});
    assert_eq!(faithful.connections(), 1, "the connection was not kept");
}

/// A connection that the server said it would leave open, and closed, harms no later request.
///
/// # Panics
/// When the adapter does otherwise.
pub fn connections_that_closed(make: Make) {
    let send = plain_adapter(make);
    let fickle = Server::saying(STAYING);
    three_times(&send, &fickle, || fickle.wait_for_end());
    assert_eq!(fickle.connections(), 3);
}

const STAYING: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn three_times(send: &Send, server: &Server, after: impl Fn()) {
    let uri = format!("http://127.0.0.1:{}/", server.port());
    for _ in 0..3 {
        let answer = patient(send, post(&uri, "a=1"), Route::Local).expect("an answer");
        assert_eq!(answer.body().expose(), b"ok");
        after();
    }
}
