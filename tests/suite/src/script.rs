//! A driver that answers by a script: for tests that look at one exchange more closely than a world does.

use std::time::Duration;

use entrada_core::effect::{Effect, HttpCall, HttpResponse, Reply};
use entrada_core::flow::BoxFlow;
use entrada_core::{AccessToken, Error, Now, Product, Run, Secret, Step, Unix};

use crate::choices::Seeded;
use crate::sim::START;

/// Everything that a flow asked for, in order.
#[derive(Debug, Default)]
pub struct Told {
    /// The summaries of its effects.
    pub effects: Vec<String>,
    /// How long it waited, each time.
    pub waits: Vec<Duration>,
}

/// The clocks and the randomness of a machine, for several runs one after the other.
#[derive(Debug)]
pub struct Machine {
    /// Both clocks.
    pub now: Now,
    /// The program that requests name, if any.
    pub product: Option<Product>,
    entropy: Seeded,
}

impl Default for Machine {
    fn default() -> Machine {
        Machine { now: START, product: None, entropy: Seeded(11) }
    }
}

impl Machine {
    /// Runs a flow to its end, as [`run`] does.
    pub fn run<T>(
        &mut self,
        flow: BoxFlow<T>,
        mut answer: impl FnMut(Effect, &mut Now) -> Reply,
    ) -> (Result<T, Error>, Told) {
        let (mut run, Machine { now, product, entropy }) = (Run::new(flow), self);
        if let Some(product) = product {
            run = run.on_account_of(product.clone());
        }
        let mut told = Told::default();
        let mut step = run.start(*now, entropy);
        loop {
            let reply = match step {
                Step::Done(result) => return (result, told),
                Step::Do(Effect::Wait(wait)) => {
                    told.waits.push(wait.span());
                    pass(now, wait.span());
                    wait.ticket().done()
                }
                Step::Do(effect) => {
                    told.effects.push(effect.summary());
                    answer(effect, now)
                }
            };
            step = run.resume(*now, entropy, reply);
        }
    }
}

/// Runs a flow to its end on a fresh machine. `answer` makes the reply to an effect other than a wait,
/// and may move the clocks; waits pass by themselves.
pub fn run<T>(flow: BoxFlow<T>, answer: impl FnMut(Effect, &mut Now) -> Reply) -> (Result<T, Error>, Told) {
    Machine::default().run(flow, answer)
}

/// Lets time pass, on both clocks.
pub fn pass(now: &mut Now, span: Duration) {
    *now = Now { mono: now.mono.after(span), unix: now.unix.after(span) };
}

/// The reply to a call: this status, these headers, this body.
///
/// # Panics
/// When a header is none.
#[must_use]
pub fn respond(call: Box<HttpCall>, status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
    let mut response: HttpResponse = http::Response::new(body.as_bytes().to_vec().into());
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    for (name, value) in headers {
        response.headers_mut().append(*name, value.parse().expect("a header"));
    }
    call.split().1.reply(Ok(response))
}

/// A token of this text that lives for an hour.
///
/// # Panics
/// When the text is no token.
#[must_use]
pub fn token(text: &str) -> AccessToken {
    let ends = Unix(START.unix.0 + 3600);
    AccessToken::new(Secret::new(text), ends, START, "script").expect("a token")
}
