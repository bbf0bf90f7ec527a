//! A blocking call is given up from another thread, whatever it waits for.

use std::sync::mpsc::channel;
use std::time::Duration;

use entrada_blocking::{Cancel, Driver, Environment, ErrorKind, RunOptions};
use entrada_core::effect::EffectKind;
use entrada_core::flow::BoxFlow;
use entrada_host::TraceLine;
use entrada_tests::probes::{nobody, pause, request, steps};
use entrada_tests::servers::Server;

const LONG: Duration = Duration::from_secs(600);

/// Runs the flow on another thread, gives it up as `when` returns, and says how it ended.
fn given_up(flow: BoxFlow<Vec<String>>, until: EffectKind, when: impl FnOnce()) -> ErrorKind {
    let (tell, told) = channel();
    let noted = move |line: &TraceLine| match line {
        TraceLine::Effect { kind, .. } if *kind == until => drop(tell.send(())),
        _ => {}
    };
    let driver = Driver::builder().environment(Environment::new()).trace(noted).build().unwrap();
    let cancel = Cancel::new();
    let given = cancel.clone();
    let call = std::thread::spawn(move || {
        driver.run_with(flow, RunOptions { cancel: Some(&given), ..RunOptions::default() })
    });
    told.recv().unwrap();
    when();
    cancel.cancel();
    call.join().unwrap().unwrap_err().kind()
}

#[test]
fn while_waiting() {
    assert_eq!(given_up(steps(vec![pause(LONG)]), EffectKind::Wait, || {}), ErrorKind::Cancelled);
}

#[test]
fn while_the_server_is_silent() {
    let server = Server::silent();
    let flow = steps(vec![request(server.port(), LONG)]);
    let kind = given_up(flow, EffectKind::Http, || server.wait_for_request());
    assert_eq!(kind, ErrorKind::Cancelled);
}

#[test]
fn while_nobody_comes() {
    assert_eq!(given_up(steps(nobody(LONG)), EffectKind::Loopback, || {}), ErrorKind::Cancelled);
}

#[test]
fn before_it_began() {
    let cancel = Cancel::new();
    cancel.cancel();
    let driver = Driver::builder().environment(Environment::new()).build().unwrap();
    let options = RunOptions { cancel: Some(&cancel), ..RunOptions::default() };
    let error = driver.run_with(steps(vec![pause(LONG)]), options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[test]
fn a_dropped_future_closes_its_connection() {
    // The silent server's thread ends when the client has gone: so `wait_for_end` returns.
    let server = Server::silent();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let driver = entrada_tokio::Driver::builder().environment(Environment::new()).build().unwrap();
        let flow = steps(vec![request(server.port(), LONG)]);
        let call = tokio::spawn(async move { driver.run(flow).await });
        while server.heard().is_empty() {
            tokio::task::yield_now().await;
        }
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
    });
    server.wait_for_end();
}
