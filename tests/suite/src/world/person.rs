//! The person at the screen, their browser, and whoever else knocks at the listener.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use entrada_core::effect::{
    BrowserFailure, DevicePrompt, Effect, LoopbackAction, LoopbackEvent, LoopbackFailure, PromptFailure,
};
use entrada_core::time::{Mono, Now};
use entrada_emulator::Emulator;
use entrada_emulator::person::{Arrival, Decision, Person};

use super::Answer;
use crate::canaries::{Canaries, Kind};
use crate::choices::Choices;

/// What the person does when asked to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mind {
    /// Signs in.
    Approves,
    /// Says no.
    Refuses,
    /// Does nothing at all.
    Ignores,
    /// Is not there: no browser, nobody to show a code to.
    Absent,
}

/// The person, and what is under way.
#[derive(Clone, Debug)]
pub struct Sitter {
    /// What they do.
    pub mind: Mind,
    /// How long they take.
    pub takes: Duration,
    /// How many others knock first.
    pub strangers: u32,
    /// What the listener does.
    pub listener: Listener,
    /// Who they are.
    pub person: Person,
    errand: Option<Errand>,
    arrived: VecDeque<Vec<u8>>,
}

/// How the listener fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// It works.
    Works,
    /// The port is taken.
    Taken,
    /// It breaks once somebody should come.
    Breaks,
    /// Pages never arrive, but requests do.
    Deaf,
}

#[derive(Clone, Debug)]
struct Errand {
    due: Mono,
    what: Task,
}

#[derive(Clone, Debug)]
enum Task {
    SignIn(String),
    Device(String, String),
}

impl Default for Sitter {
    fn default() -> Sitter {
        Sitter {
            mind: Mind::Approves,
            takes: Duration::from_secs(12),
            strangers: 0,
            listener: Listener::Works,
            person: Person::default(),
            errand: None,
            arrived: VecDeque::new(),
        }
    }
}

impl Sitter {
    pub(super) fn told(&mut self, prompt: &DevicePrompt, now: Now) -> Result<(), PromptFailure> {
        let code = prompt.user_code.expose();
        assert!(prompt.message.contains(code), "the message says what to type in");
        self.begin(Task::Device(prompt.verification_uri.clone(), code.to_owned()), now);
        if self.mind == Mind::Absent { Err(PromptFailure::Nobody) } else { Ok(()) }
    }

    pub(super) fn opens(&mut self, address: &str, now: Now) -> Result<(), BrowserFailure> {
        self.begin(Task::SignIn(address.to_owned()), now);
        if self.mind == Mind::Absent { Err(BrowserFailure::NotFound) } else { Ok(()) }
    }

    fn begin(&mut self, what: Task, now: Now) {
        self.errand = Some(Errand { due: now.mono.after(self.takes), what });
    }

    /// Does what is due by now.
    pub(super) fn act(&mut self, emulator: &mut Emulator, now: Now, canaries: &mut Canaries) {
        let due = self.errand.as_ref().is_some_and(|errand| errand.due <= now.mono);
        if !due || matches!(self.mind, Mind::Ignores | Mind::Absent) {
            return;
        }
        let Some(errand) = self.errand.take() else { return };
        self.person.decision = match (&errand.what, self.mind) {
            (_, Mind::Approves) => Decision::Approve,
            (Task::Device(..), _) => Decision::Decline,
            (Task::SignIn(_), _) => Decision::Cancel,
        };
        let send = |request| Ok::<_, Infallible>(emulator.answer(now, &request));
        match errand.what {
            // Whatever the pages say, there is nothing more that a person can do.
            Task::Device(address, code) => drop(self.person.approve_device(&address, &code, send)),
            Task::SignIn(address) => {
                if let Ok(arrival) = self.person.sign_in(&address, send) {
                    for (name, value) in arrival.parameters() {
                        if let Some(kind) = Kind::of_parameter(&name) {
                            canaries.add(kind, &value);
                        }
                    }
                    self.arrived.push_back(to_bytes(&arrival));
                }
            }
        }
    }

    pub(super) fn loopback(
        &mut self,
        effect: Effect,
        emulator: &mut Emulator,
        now: Now,
        canaries: &mut Canaries,
        choices: &mut Choices<'_>,
    ) -> Answer {
        let Effect::Loopback(step) = effect else { return Answer::silence(effect) };
        let took = Duration::from_millis(1);
        let answer = |step: entrada_core::effect::Loopback, result, took| {
            let (_, ticket) = step.split();
            Answer::Reply { reply: ticket.reply(result), took, exchange: None }
        };
        match (step.action(), self.listener) {
            (LoopbackAction::Listen { .. }, Listener::Taken) => {
                answer(step, Err(LoopbackFailure::PortTaken), took)
            }
            (LoopbackAction::Listen { port, .. }, _) => {
                let port = port.unwrap_or(49_152);
                answer(step, Ok(LoopbackEvent::Listening { port }), took)
            }
            (LoopbackAction::Answer(_), Listener::Deaf) => answer(step, Err(LoopbackFailure::Broken), took),
            (LoopbackAction::Answer(page), _) => {
                let page = String::from_utf8_lossy(page).into_owned();
                assert!(page.starts_with("HTTP/1.1 ") && page.contains("Connection: close\r\n"), "{page}");
                assert_eq!(canaries.leak(&page), None, "a secret in a page for the browser");
                answer(step, Ok(LoopbackEvent::Answered), took)
            }
            (LoopbackAction::Accept, Listener::Breaks) => answer(step, Err(LoopbackFailure::Broken), took),
            (LoopbackAction::Accept, _) if self.strangers > 0 => {
                self.strangers -= 1;
                let bytes = self.stranger(choices);
                answer(step, Ok(LoopbackEvent::Request(bytes.into())), took)
            }
            (LoopbackAction::Accept, _) => {
                let wait = self.errand.as_ref().map_or(Duration::ZERO, |errand| now.mono.until(errand.due));
                self.act(emulator, Now { mono: now.mono.after(wait), unix: now.unix.after(wait) }, canaries);
                match self.arrived.pop_front() {
                    Some(bytes) => answer(step, Ok(LoopbackEvent::Request(bytes.into())), took + wait),
                    None => Answer::silence(Effect::Loopback(step)),
                }
            }
            _ => Answer::silence(Effect::Loopback(step)),
        }
    }

    /// A request that is not the sign-in's.
    fn stranger(&self, choices: &mut Choices<'_>) -> Vec<u8> {
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        match choices.below(9) {
            0 => b"GET /favicon.ico HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
            1 => b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
            2 => b"GET /?code=stolen&state=guessed-state-value HTTP/1.1\r\n\r\n".to_vec(),
            3 => format!("POST / HTTP/1.1\r\n{form}Content-Length: 25\r\n\r\ncode=x&state=wrong-state-")
                .into_bytes(),
            4 => b"GET /?error=access_denied&state=another HTTP/1.1\r\n\r\n".to_vec(),
            5 => b"GET /?error=server_error HTTP/1.1\r\n\r\n".to_vec(),
            6 => choices.bytes(64),
            7 => b"OPTIONS * HTTP/1.1\r\n\r\n".to_vec(),
            _ => b"POST / HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{}".to_vec(),
        }
    }
}

/// What a browser sends for an arrival.
#[must_use]
pub fn to_bytes(arrival: &Arrival) -> Vec<u8> {
    let target = url::Url::parse(&arrival.url)
        .map_or_else(|_| "/".to_owned(), |url| url[url::Position::BeforePath..].to_owned());
    let body = arrival.body.expose();
    let form = if body.is_empty() { "" } else { "Content-Type: application/x-www-form-urlencoded\r\n" };
    let head = format!(
        "{} {target} HTTP/1.1\r\nHost: localhost\r\n{form}Content-Length: {}\r\n\r\n",
        arrival.method,
        body.len()
    );
    [head.as_bytes(), body].concat()
}
