//! A blocking call is given up from another thread, whatever it waits for.

use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use entrada_blocking::{Cancel, Driver, DriverBuilder, Environment, ErrorKind, RunOptions};
use entrada_core::effect::{EffectKind, StoreAction, StoreFailure, StoreName};
use entrada_core::flow::{self, BoxFlow};
use entrada_core::flows::silent::{self, Memory};
use entrada_core::{EntraClient, Unix};
use entrada_host::TraceLine;
use entrada_host::store::{Patience, Stored, TokenStore};
use entrada_tests::probes::{nobody, pause, request, steps};
use entrada_tests::servers::Server;

const LONG: Duration = Duration::from_secs(600);

/// Runs the flow on another thread, gives it up as `when` returns, and says how it ended.
fn given_up(flow: BoxFlow<Vec<String>>, until: EffectKind, when: impl FnOnce()) -> ErrorKind {
    given_up_by(Driver::builder(), flow, until, when)
}

/// The same by a driver of other parts.
fn given_up_by(
    builder: DriverBuilder,
    flow: BoxFlow<Vec<String>>,
    until: EffectKind,
    when: impl FnOnce(),
) -> ErrorKind {
    let (tell, told) = channel();
    let noted = move |line: &TraceLine| match line {
        TraceLine::Effect { kind, .. } if *kind == until => drop(tell.send(())),
        _ => {}
    };
    let driver = builder.environment(Environment::new()).trace(noted).build().unwrap();
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

/// A store whose lock is held by somebody who never lets go.
struct Held(Sender<bool>);

impl TokenStore for Held {
    fn perform(&self, _: &StoreName, _: &StoreAction, _: Unix, patience: &Patience) -> Stored {
        while !patience.is_given_up() && Instant::now() < patience.ends() {
            std::thread::yield_now();
        }
        self.0.send(patience.is_given_up()).unwrap();
        Err(StoreFailure::Locked)
    }

    fn describe(&self) -> String {
        "behind a lock".to_owned()
    }
}

fn kept() -> BoxFlow<Vec<String>> {
    let accounts = silent::accounts(&EntraClient::developer().unwrap(), &Memory::shared());
    flow::map(accounts, |_| Ok(Vec::new()))
}

#[test]
fn while_the_token_cache_is_locked() {
    let (tell, told) = channel();
    let builder = Driver::builder().store(Held(tell));
    assert_eq!(given_up_by(builder, kept(), EffectKind::Store, || {}), ErrorKind::Cancelled);
    assert_eq!(told.recv(), Ok(true), "it did not wait until the time was up");
}

#[test]
fn a_dropped_future_waits_for_no_lock() {
    let (tell, told) = channel();
    let (began, begun) = channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let noted = move |line: &TraceLine| drop(began.send(line.to_string()));
        let driver =
            entrada_tokio::Driver::builder().environment(Environment::new()).store(Held(tell)).trace(noted);
        let driver = driver.build().unwrap();
        let call = tokio::spawn(async move { driver.run(kept()).await });
        while begun.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
    });
    assert_eq!(told.recv(), Ok(true));
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
