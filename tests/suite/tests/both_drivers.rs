//! The blocking and the tokio driver carry out the same flows with the same results.
#![cfg(unix)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use entrada_core::effect::{BrowserFailure, DevicePrompt, PromptFailure, SignAction, Signed, SigningKey};
use entrada_core::environment::Environment;
use entrada_tests::probes::{Fixed, everything, steps};
use entrada_tests::scratch::Scratch;
use entrada_tests::servers::{Server, response};

/// A person who accepts everything.
struct Agreeable;

impl entrada_blocking::Ui for Agreeable {
    fn prompt(&self, _: &DevicePrompt) -> Result<(), PromptFailure> {
        Ok(())
    }

    fn open(&self, _: &str) -> Result<(), BrowserFailure> {
        Ok(())
    }
}

impl entrada_tokio::Ui for Agreeable {
    async fn prompt(&self, _: &DevicePrompt) -> Result<(), PromptFailure> {
        Ok(())
    }

    async fn open(&self, _: &str) -> Result<(), BrowserFailure> {
        Ok(())
    }
}

fn environment(scratch: &Scratch) -> Environment {
    Environment::new().with("PATH", format!("{}:/usr/bin:/bin", scratch.path().display()))
}

fn on_tokio<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// A trace without the times.
#[derive(Clone, Default)]
struct Transcript(Arc<Mutex<Vec<String>>>);

impl Transcript {
    fn note(&self, line: &entrada_blocking::TraceLine) {
        let line = match line {
            entrada_blocking::TraceLine::Reply { summary, .. } => format!("< {summary}"),
            line => line.to_string(),
        };
        self.0.lock().unwrap().push(line);
    }
}

#[test]
fn everything_a_driver_can_be_asked() {
    let scratch = Scratch::new();
    let file = scratch.put("file.txt", "12345");
    scratch.script("entrada-probe", r#"printf '%s|' "$ENTRADA_PROBE" "$@"; pwd; exit 3"#);
    let server = Server::saying(response(404, &[], b"no"));
    let environment = environment(&scratch);
    let sign = |_: &SigningKey, _: &SignAction| Ok(Signed::Signature(vec![1].into()));

    let blocking = Transcript::default();
    let noted = blocking.clone();
    let driver = entrada_blocking::Driver::builder()
        .environment(environment.clone())
        .ui(Agreeable)
        .signer(sign)
        .trace(move |line| noted.note(line))
        .build()
        .unwrap();
    let credential = entrada_blocking::Credential::with_driver(Fixed, &driver);
    let one = credential.call(everything(file.clone(), server.port())).unwrap();

    let asynchronous = Transcript::default();
    let noted = asynchronous.clone();
    let driver = entrada_tokio::Driver::builder()
        .environment(environment)
        .ui(Agreeable)
        .signer(move |key: &SigningKey, action: &SignAction| std::future::ready(sign(key, action)))
        .trace(move |line| noted.note(line))
        .build()
        .unwrap();
    let credential = entrada_tokio::Credential::with_driver(Fixed, &driver);
    let two = on_tokio(credential.call(everything(file, server.port()))).unwrap();

    assert_eq!(one, two);
    assert_eq!(
        one,
        [
            "404, 2 bytes",
            "waited",
            "5 bytes",
            "there is no such file",
            "it is a folder",
            // `set|a b|$(id)|/usr/bin` or `/bin`, which is a link to it or is not.
            one[5].as_str(),
            "it is not on PATH",
            "a signature",
            "prompted",
            "opened",
            "a token from fixed",
            "the listener broke",
        ]
    );
    assert!(["exit code 3, 19 bytes", "exit code 3, 23 bytes"].contains(&one[5].as_str()), "{}", one[5]);
    assert_eq!(*blocking.0.lock().unwrap(), *asynchronous.0.lock().unwrap());
}

#[test]
fn a_program_is_named_in_each_request() {
    let product = || entrada_core::Product::new("contoso-training/1.2").unwrap();
    let server = Server::saying(response(404, &[], b"no"));
    let ask = || steps(vec![entrada_tests::probes::request(server.port(), Duration::from_secs(10))]);
    let blocking = || entrada_blocking::Driver::builder().environment(Environment::new());
    blocking().on_account_of(product()).build().unwrap().run(ask()).unwrap();
    blocking().build().unwrap().run(ask()).unwrap();
    let asynchronous = || entrada_tokio::Driver::builder().environment(Environment::new());
    on_tokio(asynchronous().on_account_of(product()).build().unwrap().run(ask())).unwrap();
    on_tokio(asynchronous().build().unwrap().run(ask())).unwrap();
    let agents: Vec<_> = server.heard().iter().map(|request| agent(request)).collect();
    let ours = format!("entrada/{}", env!("CARGO_PKG_VERSION"));
    let named = format!("contoso-training/1.2 {ours}");
    assert_eq!(agents, [named.as_str(), &ours, &named, &ours]);
}

/// The header `User-Agent` of a request, as it came over the network.
fn agent(request: &[u8]) -> String {
    let text = String::from_utf8(request.to_vec()).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    let agents: Vec<_> = lines.filter(|(name, _)| name.eq_ignore_ascii_case("user-agent")).collect();
    assert_eq!(agents.len(), 1, "{text}");
    agents[0].1.to_owned()
}

#[test]
fn what_a_bare_driver_cannot_do() {
    let scratch = Scratch::new();
    let file = scratch.put("file.txt", "12345");
    let environment = environment(&scratch);
    let flow = || everything(file.clone(), 1);
    let driver = entrada_blocking::Driver::builder().environment(environment.clone()).build().unwrap();
    let one = driver.run(flow()).unwrap();
    let driver = entrada_tokio::Driver::builder().environment(environment).build().unwrap();
    let two = on_tokio(driver.run(flow())).unwrap();
    assert_eq!(one, two);
    assert_eq!(one[0], "the connection was refused");
    assert_eq!(one[7], "there is no such key");
    assert_eq!(one[8], "this driver has nowhere to show a code");
    assert_eq!(one[9], "this driver opens no browser");
    assert_eq!(one[10], "unsupported", "a driver without a credential has no token to give");
}

#[test]
fn a_limit_ends_the_run() {
    let long = || steps(vec![entrada_tests::probes::pause(Duration::from_secs(600))]);
    let short = Duration::from_millis(20);
    let driver = entrada_blocking::Driver::builder().environment(Environment::new()).build().unwrap();
    let options = entrada_blocking::RunOptions { deadline: Some(short), ..Default::default() };
    assert_eq!(driver.run_with(long(), options).unwrap(), ["waited"]);
    let driver = entrada_tokio::Driver::builder().environment(Environment::new()).build().unwrap();
    let options = entrada_tokio::RunOptions { deadline: Some(short), ..Default::default() };
    assert_eq!(on_tokio(driver.run_with(long(), options)).unwrap(), ["waited"]);
}

#[test]
fn futures_can_be_spawned() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let driver = entrada_tokio::Driver::builder().environment(Environment::new()).build().unwrap();
    let credential = entrada_tokio::Credential::with_driver(Fixed, &driver);
    let token = runtime.block_on(async move {
        tokio::spawn(async move { credential.token(&["https://x/.default"]).await }).await.unwrap()
    });
    assert_eq!(token.unwrap().secret().expose(), "fixed-token");
}
