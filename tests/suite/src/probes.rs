//! Small flows that ask a driver for one thing, or for everything.

use std::fmt;
use std::sync::mpsc::Sender;
use std::time::Duration;

use entrada_core::effect::{
    CommandFailure, CommandOutput, DevicePrompt, LoopbackAction, LoopbackEvent, LoopbackHosts, Reply,
    SignAction, SigningKey,
};
use entrada_core::endpoint::{Endpoint, PlainHttp};
use entrada_core::error::{Error, ErrorKind};
use entrada_core::exchange::RequestSpec;
use entrada_core::flow::{BoxFlow, Command, Credential, Cx, Flow, ready};
use entrada_core::request::TokenRequest;
use entrada_core::time::{Mono, Now, Unix};
use entrada_core::token::AccessToken;
use entrada_core::{Step, check};

/// Asks step by step; gives what each reply comes to, on one line.
struct Steps {
    asks: std::vec::IntoIter<Ask>,
    told: Vec<String>,
}

type Ask = Box<dyn FnOnce(&mut Cx<'_>) -> Step<Vec<String>> + Send>;

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Steps(after {:?})", self.told)
    }
}

impl Flow for Steps {
    type Output = Vec<String>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Vec<String>> {
        self.told.extend(reply.map(|reply| reply.summary()));
        match self.asks.next() {
            Some(ask) => ask(cx),
            None => Step::Done(Ok(std::mem::take(&mut self.told))),
        }
    }
}

/// A flow of these steps, which ends in the summaries of the replies.
#[must_use]
pub fn steps(asks: Vec<Ask>) -> BoxFlow<Vec<String>> {
    Box::new(Steps { asks: asks.into_iter(), told: Vec::new() })
}

/// One request to this port of the machine.
///
/// # Panics
/// When the address is none.
#[must_use]
pub fn request(port: u16, limit: Duration) -> Ask {
    let endpoint = Endpoint::authority(&format!("http://127.0.0.1:{port}/x"), PlainHttp::OnLoopback);
    let spec = RequestSpec::get(endpoint.expect("an address"), "the probe").limits(limit, limit);
    Box::new(move |cx| cx.http(&spec))
}

/// A pause.
#[must_use]
pub fn pause(span: Duration) -> Ask {
    Box::new(move |cx| cx.wait(span, "for the probe"))
}

/// Waiting for a browser that never comes.
#[must_use]
pub fn nobody(limit: Duration) -> Vec<Ask> {
    let listen = LoopbackAction::Listen { port: None, hosts: LoopbackHosts::Both };
    vec![
        Box::new(move |cx| cx.loopback(listen, limit)),
        Box::new(move |cx| cx.loopback(LoopbackAction::Accept, limit)),
    ]
}

/// Everything that a driver can be asked, once each; the listener apart.
#[must_use]
pub fn everything(file: std::path::PathBuf, port: u16) -> BoxFlow<Vec<String>> {
    let prompt = DevicePrompt {
        user_code: "CODE".into(),
        verification_uri: "https://microsoft.com/devicelogin".to_owned(),
        message: "Enter CODE".to_owned(),
        expires_on: Unix(0),
    };
    let missing = file.with_extension("missing");
    let folder = file.parent().map(std::path::Path::to_owned).unwrap_or_default();
    let command = |program| Command {
        program,
        arguments: vec!["a b".to_owned(), "$(id)".to_owned()],
        variables: &[("ENTRADA_PROBE", "set")],
        limit: Duration::from_secs(60),
    };
    let (known, unknown) = (command("entrada-probe"), command("entrada-no-such-program"));
    steps(vec![
        request(port, Duration::from_secs(60)),
        pause(Duration::from_millis(1)),
        Box::new(move |cx| cx.read_file(file, 100)),
        Box::new(move |cx| cx.read_file(missing, 100)),
        Box::new(move |cx| cx.read_file(folder, 100)),
        Box::new(move |cx| cx.run_command(known)),
        Box::new(move |cx| cx.run_command(unknown)),
        Box::new(|cx| cx.sign(SigningKey::Named("key".into()), SignAction::Certificate)),
        Box::new(move |cx| cx.prompt(prompt)),
        Box::new(|cx| {
            let url = check!("https://x/?state=1".parse().map_err(|_| failed()));
            cx.open_browser(&url)
        }),
        Box::new(|cx| cx.token(check!(TokenRequest::new(["https://x/.default"])))),
        Box::new(|cx| cx.loopback(LoopbackAction::Accept, Duration::from_secs(60))),
    ])
}

fn failed() -> Error {
    Error::new(ErrorKind::Configuration, "the probe is wrong")
}

/// Runs a program and gives what came of it.
#[derive(Debug)]
struct Program(Option<Command>);

impl Flow for Program {
    type Output = Result<CommandOutput, CommandFailure>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Self::Output> {
        match (self.0.take(), reply) {
            (Some(command), _) => cx.run_command(command),
            (None, reply) => Step::Done(reply.map(Reply::command).ok_or_else(failed)),
        }
    }
}

/// Runs this program and gives what came of it.
#[must_use]
pub fn program(program: &'static str, limit: Duration) -> BoxFlow<Result<CommandOutput, CommandFailure>> {
    Box::new(Program(Some(Command { program, arguments: Vec::new(), variables: &[], limit })))
}

/// Listens, tells its port, answers so many requests, and gives what they were.
#[derive(Debug)]
struct Callback {
    port: Sender<u16>,
    hosts: LoopbackHosts,
    left: usize,
    requests: Vec<String>,
    limit: Duration,
}

impl Flow for Callback {
    type Output = Vec<String>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Vec<String>> {
        let Some(reply) = reply else {
            return cx.loopback(LoopbackAction::Listen { port: None, hosts: self.hosts }, self.limit);
        };
        match reply.loopback() {
            Ok(LoopbackEvent::Listening { port }) => drop(self.port.send(port)),
            Ok(LoopbackEvent::Request(request)) => {
                let text = String::from_utf8_lossy(request.expose()).into_owned();
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
                self.requests.push(text);
                return cx.loopback(LoopbackAction::Answer(answer.into_bytes()), self.limit);
            }
            Ok(_) if self.left == 0 => return Step::Done(Ok(std::mem::take(&mut self.requests))),
            Ok(_) => {}
            Err(failure) => {
                return Step::Done(Err(Error::new(ErrorKind::Network, failure.to_string())));
            }
        }
        self.left -= 1;
        cx.loopback(LoopbackAction::Accept, self.limit)
    }
}

/// Listens, tells its port, answers `requests` requests with themselves, and gives them.
#[must_use]
pub fn callback(
    port: Sender<u16>,
    hosts: LoopbackHosts,
    requests: usize,
    limit: Duration,
) -> BoxFlow<Vec<String>> {
    Box::new(Callback { port, hosts, left: requests, requests: Vec::new(), limit })
}

/// A credential whose token is always the same.
#[derive(Debug)]
pub struct Fixed;

impl Credential for Fixed {
    fn name(&self) -> &'static str {
        "fixed"
    }

    fn begin(&self, _: &TokenRequest) -> BoxFlow<AccessToken> {
        let asked = Now { mono: Mono(0), unix: Unix(0) };
        ready(AccessToken::new("fixed-token".into(), Unix(i64::MAX), asked, "fixed"))
    }
}
