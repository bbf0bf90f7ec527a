//! Nothing secret is logged, by us or by what we build on, down to the level `debug`.

use std::sync::Mutex;

use entrada_core::endpoint::Route;
use entrada_core::environment::Environment;
use entrada_tests::adapters::{Make, hyper, reqwest, ureq};
use entrada_tests::http_suite::{PATIENT, post};
use entrada_tests::servers::{Server, response};

static LINES: Mutex<String> = Mutex::new(String::new());

struct Collect;

impl log::Log for Collect {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        *LINES.lock().unwrap() += &format!("{}: {}\n", record.target(), record.args());
    }

    fn flush(&self) {}
}

#[test]
fn no_secret_is_logged() {
    log::set_logger(&Collect).unwrap();
    log::set_max_level(log::LevelFilter::Debug);
    for make in [ureq as Make, hyper, reqwest] {
        let send = make(&Environment::new());
        for answer in [response(400, &[("X-Canary", "canary")], b"canary"), b"canary".to_vec()] {
            let server = Server::saying(answer);
            let uri = format!("http://127.0.0.1:{}/?canary", server.port());
            let mut request = post(&uri, "client_secret=canary");
            let mut value: http::HeaderValue = "Bearer canary".parse().unwrap();
            value.set_sensitive(true);
            request.headers_mut().insert("authorization", value);
            request.headers_mut().insert("x-identity-header", "canary".parse().unwrap());
            let _ = send(request, Route::Local, PATIENT, PATIENT);
        }
    }
    let lines = LINES.lock().unwrap();
    assert!(lines.contains("ureq"), "nobody logged anything: {lines}");
    assert!(!lines.contains("canary"), "{lines}");
}
