//! The browser's return, over real sockets, with strangers before it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, TcpStream};
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use entrada_core::effect::LoopbackHosts;
use entrada_core::environment::Environment;
use entrada_tests::probes::callback;

const LONG: Duration = Duration::from_secs(60);

type Listening = JoinHandle<Result<Vec<String>, entrada_core::error::Error>>;

/// Both drivers, each listening for so many requests on a port.
fn listening(hosts: LoopbackHosts, requests: usize) -> [(u16, Listening); 2] {
    let (tell, told) = channel();
    let flow = callback(tell, hosts, requests, LONG);
    let driver = entrada_blocking::Driver::builder().environment(Environment::new()).build().unwrap();
    let blocking = thread::spawn(move || driver.run(flow));
    let blocking = (told.recv().unwrap(), blocking);

    let (tell, told) = channel();
    let flow = callback(tell, hosts, requests, LONG);
    let driver = entrada_tokio::Driver::builder().environment(Environment::new()).build().unwrap();
    let asynchronous = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(driver.run(flow))
    });
    [blocking, (told.recv().unwrap(), asynchronous)]
}

fn ask(mut stream: TcpStream, parts: &[&str]) -> String {
    for part in parts {
        stream.write_all(part.as_bytes()).unwrap();
        stream.flush().unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn v4(port: u16) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

#[test]
fn silent_connections_hold_up_nobody() {
    for (port, call) in listening(LoopbackHosts::Both, 2) {
        let silent: Vec<_> = (0..3).map(|_| v4(port)).collect();
        let mut half = v4(port);
        half.write_all(b"GET /half HTTP/1.1\r\nHo").unwrap();
        let get = "GET /?code=1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
        assert!(ask(v4(port), &[get]).ends_with(get));
        // The one that was half said is whole now.
        assert!(ask(half, &["st: x\r\n\r\n"]).contains("GET /half"));
        assert_eq!(call.join().unwrap().unwrap().len(), 2);
        drop(silent);
    }
}

#[test]
fn both_addresses() {
    let Ok(_) = std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else { return };
    for (port, call) in listening(LoopbackHosts::Both, 2) {
        let v6 = TcpStream::connect((Ipv6Addr::LOCALHOST, port)).unwrap();
        assert!(ask(v6, &["GET /6 HTTP/1.1\r\n\r\n"]).contains("GET /6"));
        assert!(ask(v4(port), &["GET /4 HTTP/1.1\r\n\r\n"]).contains("GET /4"));
        let requests = call.join().unwrap().unwrap();
        assert!(requests[0].starts_with("GET /6") && requests[1].starts_with("GET /4"));
    }
    for (port, call) in listening(LoopbackHosts::V6, 1) {
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
        let v6 = TcpStream::connect((Ipv6Addr::LOCALHOST, port)).unwrap();
        ask(v6, &["GET / HTTP/1.1\r\n\r\n"]);
        call.join().unwrap().unwrap();
    }
}

#[test]
fn a_body_in_pieces() {
    for (port, call) in listening(LoopbackHosts::V4, 1) {
        let head = "POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n";
        let answer = ask(v4(port), &[head, "code=1", "&st=2"]);
        assert!(answer.ends_with("\r\n\r\ncode=1&st=2"), "{answer}");
        call.join().unwrap().unwrap();
    }
}

#[test]
fn a_crowd_does_not_shut_out_the_right_one() {
    for (port, call) in listening(LoopbackHosts::V4, 1) {
        let crowd: Vec<_> = (0..100).map(|_| v4(port)).collect();
        assert!(ask(v4(port), &["GET /late HTTP/1.1\r\n\r\n"]).contains("GET /late"));
        call.join().unwrap().unwrap();
        drop(crowd);
    }
}

#[test]
fn nothing_listens_after_the_run() {
    for (port, call) in listening(LoopbackHosts::V4, 1) {
        ask(v4(port), &["GET / HTTP/1.1\r\n\r\n"]);
        call.join().unwrap().unwrap();
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
    }
}
